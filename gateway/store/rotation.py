"""Rotation of keys: a version is offered, put in force, everything is brought under it, and the old one is let go.

Decides the order, in which a service that runs never fails to find a member (decision 0015): nobody may begin to serve
without the version that is coming; whoever serves already must hold it; then it is put in force, and only when every
gateway has heard of it are rows brought over. Each step may be done again: what died half-way goes on where it was.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from cryptography.exceptions import InvalidTag

from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import ConfigurationError
from gateway.msisdn import Msisdn
from gateway.store.ledger import AGREE_EVERY_S, Ledger
from gateway.store.numbers import NumberKeys
from gateway.store.schema import CODES, NUMBERS, holds
from gateway.store.statements import (
    CODE_KEYS_RETIRED,
    GATEWAYS_CONNECTED,
    KEY_OFFERED,
    KEY_PUT_IN_FORCE,
    KEY_VERSIONS_SEEN,
    KEY_WITHDRAWN,
    NUMBER_KEY_DROPPED,
    NUMBER_KEYS_OLD,
    NUMBERS_REKEYED,
    NUMBERS_TO_REKEY,
    REQUEST_KEY_RENEWED,
    SEALS_RENEWED,
    SEALS_TO_RENEW,
)

SEAL_KINDS = ("voucher", "text", "part", "message")
CHUNK_MAX = 1_000
"""Rows of one transaction: some hundredths of a second, so that no dial waits behind it."""
HEARD_S = 2 * AGREE_EVERY_S
"""After which every gateway writes under the version in force. One that was frozen for longer is refused by the
database when it writes a number, or names a version that is gone."""


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a key. `rows`: what is under it, numbers and all that is sealed, or gift codes that are alive."""

    purpose: str
    key_version: int
    in_force: bool
    retired: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done. `put_in_force` names versions that were not before, `gone` those that are no longer needed."""

    put_in_force: list[str]
    rows: int
    gone: list[str]


class Rotation:
    """Over a ledger of its own, whose keys are the versions that all gateways hold by now."""

    def __init__(
        self,
        ledger: Ledger,
        actor: str,
        told: Callable[[int], object] = lambda _: None,
        reach: Reach = pass_by,
    ) -> None:
        self._ledger = ledger
        self._keys = ledger.store_keys
        self._actor = actor
        self._told = told
        self._reach = reach

    async def rotate(self, at: datetime, heard_s: float = HEARD_S) -> Rotated:
        """Bring everything under the highest versions that are held; `told` hears how many rows, as they come over.

        Raises `ConfigurationError` for a gateway that lacks one of them, or a row that no key opens: nothing is lost,
        and it may be run again.
        """
        newest = {NUMBERS: self._keys.numbers.versions[-1], CODES: self._keys.codes.versions[-1]}
        in_force = {NUMBERS: self._keys.numbers.current, CODES: self._keys.codes.current}
        coming = {purpose: version for purpose, version in newest.items() if version > in_force[purpose]}
        if coming:
            await self._offer(coming)
            self._reach(CrashPoint.KEYS_OFFERED)
            for purpose, version in coming.items():
                await self._ledger.one(KEY_PUT_IN_FORCE, purpose, version, self._actor, at)
            self._reach(CrashPoint.KEYS_IN_FORCE)
            await self._ledger.agree()
            if await self._ledger.looks((GATEWAYS_CONNECTED, ())):
                await asyncio.sleep(heard_s)
        rows = await self._rekey_numbers() + await self._renew_seals()
        gone = [f"{NUMBERS} {version}" for version in await self._drop_numbers()]
        self._reach(CrashPoint.KEYS_DROPPED)
        retired = await self._ledger.looks((CODE_KEYS_RETIRED, (self._actor, at)))
        gone += [f"{CODES} {row['key_version']}" for row in retired]
        return Rotated([f"{purpose} {version}" for purpose, version in coming.items()], rows, gone)

    async def _offer(self, coming: dict[str, int]) -> None:
        """Nobody begins to serve without these from now on; whoever serves already must hold them."""
        checks = {NUMBERS: self._keys.numbers.checks(), CODES: self._keys.codes.checks()}
        for purpose, version in coming.items():
            row = await self._ledger.one(KEY_OFFERED, purpose, version, checks[purpose][version])
            if not row["done"]:
                raise ConfigurationError(
                    f"version {version} of the key of {purpose} was used before with another key: give a new key a "
                    "higher version"
                )
        if lacking := await self._lacking(coming):
            for purpose, version in coming.items():
                await self._ledger.one(KEY_WITHDRAWN, purpose, version)
            raise ConfigurationError(
                f"not every gateway holds {_named(coming)}: {'; '.join(lacking)}. Give the new keys to all of them "
                "beside the old ones, restart them one after another, and run this again; nothing was changed"
            )

    async def _lacking(self, coming: dict[str, int]) -> list[str]:
        rows = await self._ledger.looks((GATEWAYS_CONNECTED, ()))
        return [
            f"{row['process_name']} at {row['address']} ({row['connections']} connections)"
            for row in rows
            if not all(holds(row["process_name"], purpose, version) for purpose, version in coming.items())
        ]

    async def _rekey_numbers(self) -> int:
        keys, after, done = self._keys.numbers, 0, 0
        while rows := await self._ledger.looks((NUMBERS_TO_REKEY, (keys.current, after, CHUNK_MAX))):
            after = rows[-1]["id"]
            numbers = [Msisdn(_opened(keys, "member", row).decode()) for row in rows]
            row = await self._ledger.one(
                NUMBERS_REKEYED,
                [row["id"] for row in rows],
                [row["bound_to"] for row in rows],
                [keys.digests(number)[0] for number in numbers],
                [keys.encrypt(number) for number in numbers],
                keys.current,
            )
            done += self._brought(row["count"])
        return done

    async def _renew_seals(self) -> int:
        """Every secret that waits somewhere: vouchers, what must be looked at, what is told."""
        done = 0
        for kind in SEAL_KINDS:
            after = 0
            current = self._keys.numbers.current
            while rows := await self._ledger.looks((SEALS_TO_RENEW, (kind, current, after, CHUNK_MAX))):
                done += await self._renew(kind, rows)
                # A message may have more secrets than one: the last one is looked at again, and then has none left.
                after = rows[-1]["id"] - 1
        return done

    async def _renew(self, kind: str, rows: Sequence[asyncpg.Record]) -> int:
        keys = self._keys.numbers
        contents = [_opened(keys, kind, row) for row in rows]
        row = await self._ledger.one(
            SEALS_RENEWED,
            kind,
            [row["place"] for row in rows],
            [row["cipher"] for row in rows],
            [keys.seal(content, row["bound_to"]) for content, row in zip(contents, rows, strict=True)],
            keys.current,
        )
        return self._brought(row["count"])

    def _brought(self, count: int) -> int:
        """So many rows have come over, and stay."""
        self._told(count)
        self._reach(CrashPoint.ROWS_RENEWED)
        return count

    async def _drop_numbers(self) -> list[int]:
        """The key of requests is sealed anew, and versions that nothing is under are forgotten."""
        await self._ledger.one(REQUEST_KEY_RENEWED, *self._keys.numbers.proposal())
        gone = []
        for version in (row["key_version"] for row in await self._ledger.looks((NUMBER_KEYS_OLD, ()))):
            row = await self._ledger.one(NUMBER_KEY_DROPPED, version)
            gone += [version] if row["done"] else []
        return gone


async def versions(ledger: Ledger, at: datetime) -> list[VersionView]:
    """All versions that the database knows, and what is under each. Raises what the ledger raises."""
    return [VersionView(**dict(row)) for row in await ledger.looks((KEY_VERSIONS_SEEN, (at,)))]


def _opened(keys: NumberKeys, kind: str, row: asyncpg.Record) -> bytes:
    try:
        return keys.unseal(row["cipher"], row["key_version"], row["bound_to"])
    except (InvalidTag, KeyError):
        raise ConfigurationError(
            f"{kind} {row['id']} cannot be opened with version {row['key_version']} of the key of numbers: its row was "
            "changed by somebody else. Bring it back from a backup, and run this again; what was brought over stays so"
        ) from None


def _named(coming: dict[str, int]) -> str:
    return " and ".join(f"version {version} of the key of {purpose}" for purpose, version in coming.items())
