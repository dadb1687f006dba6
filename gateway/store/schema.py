"""What a database says of itself before anything is asked of it: its kind, its release, and its keys."""

from dataclasses import dataclass

import asyncpg

from gateway.errors import ConfigurationError
from gateway.store.code_keys import CodeKeys
from gateway.store.numbers import NumberKeys
from gateway.store.statements import CLOCK_OFFSET, DEPLOYMENT_SEEN, REQUEST_KEY_KEPT
from gateway.store.tracks import Fetch, Target, connect

ABSENT = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError)
"""How PostgreSQL says that this release's schema is not there."""

NUMBERS, CODES = "numbers", "codes"
"""What keys are of."""
NAMED_MAX = 4
"""Versions of each in a process's name, the newest: PostgreSQL cuts a name after 63 octets, and what is cut may read as
another version."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a database that may be served says of itself: its machine clock, in Unix seconds, and its kind."""

    epoch_s: float
    demo: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """The versions that a process holds. Which of them are in force they learn from the database, again and again."""

    numbers: NumberKeys
    codes: CodeKeys

    @classmethod
    def parse(cls, number_keys: str, code_key: str) -> "Keys":
        """See `key_versions.parse`."""
        return cls(NumberKeys.parse(number_keys), CodeKeys.parse(code_key))

    def process_name(self) -> str:
        """`gateway holds n1+2 c1`: so the database's list of connections says which versions this process holds."""
        numbers, codes = ("+".join(map(str, held.versions[-NAMED_MAX:])) for held in (self.numbers, self.codes))
        return f"gateway holds n{numbers} c{codes}"

    async def agree(self, fetch: Fetch, *, demo: bool | None) -> Agreed:
        """Make sure that the database is of this release and kind (None: whichever) and under these keys, and learn
        which are in force. Raises `ConfigurationError`."""
        numbers, codes = self.numbers.checks(), self.codes.checks()
        try:
            rows = await fetch(
                DEPLOYMENT_SEEN, list(numbers), list(numbers.values()), list(codes), list(codes.values())
            )
        except ABSENT:
            rows = []
        row = rows[0] if rows else None
        if fault := disagreement(row, demo=demo):
            raise ConfigurationError(fault)
        assert row is not None
        self.codes.settle(row["code_key"])
        kept = row
        if row["request_key_cipher"] is None:
            self.numbers.put_in_force(row["number_key"])
            [kept] = await fetch(REQUEST_KEY_KEPT, *self.numbers.proposal())
        self.numbers.settle(row["number_key"], kept["request_key_cipher"], kept["request_key_version"])
        return Agreed(float(row["epoch"]), bool(row["demo"]))


def holds(process_name: str, purpose: str, version: int) -> bool:
    """Whether a process holds a version, by what `Keys.process_name` calls it."""
    held = dict(zip((NUMBERS, CODES), process_name.split()[2:], strict=False)).get(purpose, "")
    return str(version) in held[1:].split("+")


async def agree(database_url: str, keys: Keys, *, demo: bool) -> None:
    """`Keys.agree` over a connection of its own."""
    connection = await connect(Target(database_url, "gateway start"))
    try:
        await keys.agree(connection.fetch, demo=demo)
    finally:
        await connection.close()


async def clock_offset_s(database_url: str) -> int:
    """How far the database's programme time runs ahead, in seconds; 0 without a virtual clock."""
    connection = await connect(Target(database_url, "gateway start"))
    try:
        return int(await connection.fetchval(CLOCK_OFFSET) or 0)
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await connection.close()


NO_SCHEMA = "the database does not have this release's schema: run `gateway migrate`"


def disagreement(row: asyncpg.Record | None, *, demo: bool | None) -> str:
    """Why this process must not serve this database, as a row of `deployment_seen` tells; empty when it may."""
    if row is None:
        return NO_SCHEMA
    if row["demo"] and demo is False:
        return "this database was made with --demo: serve it with --demo, or use another database"
    if demo and not row["demo"]:
        return "this database was not made with --demo, so it has no virtual clock: use another database"
    if versions := row["number_keys_missing"]:
        return (
            f"GATEWAY_NUMBER_KEYS (or number.keys in the data folder) lacks version {_listed(versions)}, or has "
            "another key of that name: this database's members would not be found"
        )
    if versions := row["code_keys_missing"]:
        return (
            f"GATEWAY_CODE_KEY (or code.key in the data folder) lacks version {_listed(versions)}, or has another "
            "key of that name: good gift codes would be wrong tries, and lock people out"
        )
    return ""


def _listed(versions: list[int]) -> str:
    return ", ".join(map(str, versions))
