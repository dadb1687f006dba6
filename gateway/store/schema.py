"""What a database says of itself before anything is asked of it."""

from dataclasses import dataclass

import asyncpg

from gateway.errors import ConfigurationError
from gateway.store import functions
from gateway.store.tracks import Target, connect


@dataclass(frozen=True, slots=True)
class Schema:
    """Whether it is a demo's, and how far its virtual clock runs ahead."""

    demo: bool
    clock_offset_s: int


async def read_schema(database_url: str) -> Schema:
    """What the database is. Raises `ConfigurationError` when this release's schema is not there."""
    connection = await connect(Target(database_url, "gateway start"))
    try:
        row = await connection.fetchrow(
            "select demo, clock_offset_s, to_regnamespace($1) is not null as current from public.deployment",
            functions.schema_name(),
        )
    except asyncpg.UndefinedTableError:
        row = None
    finally:
        await connection.close()
    if row is None or not row["current"]:
        raise ConfigurationError("the database does not have this release's schema: run `gateway migrate`")
    return Schema(row["demo"], row["clock_offset_s"])
