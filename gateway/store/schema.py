"""What a database says of itself before anything is asked of it."""

import asyncpg

from gateway.errors import ConfigurationError
from gateway.store.statements import CLOCK_OFFSET, DEPLOYMENT_SEEN
from gateway.store.tracks import Target, connect

ABSENT = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError)
"""How PostgreSQL says that this release's schema is not there."""


async def agree(database_url: str, number_key_check: bytes, *, demo: bool) -> None:
    """Make sure that the database is of this release, of this kind and under this key; else a `ConfigurationError`."""
    connection = await connect(Target(database_url, "gateway start"))
    try:
        row = await connection.fetchrow(DEPLOYMENT_SEEN, number_key_check)
    except ABSENT:
        row = None
    finally:
        await connection.close()
    if fault := disagreement(row, demo=demo):
        raise ConfigurationError(fault)


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


def disagreement(row: asyncpg.Record | None, *, demo: bool) -> str:
    """Why this process must not serve this database, as a row of `deployment_seen` tells; empty when it may."""
    if row is None:
        return NO_SCHEMA
    if row["demo"] and not demo:
        return "this database was made with --demo: serve it with --demo, or use another database"
    if demo and not row["demo"]:
        return "this database was not made with --demo, so it has no virtual clock: use another database"
    if not row["number_key_agrees"]:
        return (
            "GATEWAY_NUMBER_KEYS (or number.keys in the data folder) is not the key that this database was begun with: "
            "its members would not be found"
        )
    return ""
