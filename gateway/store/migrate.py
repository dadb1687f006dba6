"""Brings a database to the current schema: tables by alembic, functions by digest, partitions by month."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.store import functions
from gateway.store.migrations.sql import run_script
from gateway.store.urls import sqlalchemy_url

MIGRATIONS = Path(__file__).parent / "migrations"
PARTITION_MONTHS = 36
"""How far ahead partitions are made, in months; later movements go to the default partition and are not lost."""
ADVISORY_LOCK = 0x6C6F79616C7479
"""Held while migrating, so that several gateways started at once migrate one after the other."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done. `demo` is how the database was created, whatever was asked for now."""

    functions_schema: str
    installed: bool
    partitions_made: int
    demo: bool


async def migrate(database_url: str, *, demo: bool, at: datetime) -> Migrated:
    """Bring the database to the current schema; safe to run again, and by several at once.

    A database is a demo database from its creation or never: asking for the other kind is a `ConfigurationError`.
    """
    engine = create_async_engine(sqlalchemy_url(database_url), poolclass=NullPool)
    try:
        connection = await _connect(engine)
        try:
            return await connection.run_sync(_migrate, demo, at)
        finally:
            await connection.close()
    finally:
        await engine.dispose()


async def _connect(engine: AsyncEngine) -> AsyncConnection:
    try:
        return await engine.connect()
    except DBAPIError as error:
        raise StoreUnavailableError(f"PostgreSQL refuses a connection: {error.orig}") from None
    except OSError as error:
        raise StoreUnavailableError(f"PostgreSQL does not answer: {error}") from None


def migrate_blocking(database_url: str, *, demo: bool, at: datetime) -> Migrated:
    """`migrate` for a caller without an event loop."""
    return asyncio.run(migrate(database_url, demo=demo, at=at))


def _migrate(connection: Connection, demo: bool, at: datetime) -> Migrated:
    connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
    connection.commit()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
    is_demo = _settle_kind(connection, demo)
    partitions = _make_partitions(connection, at)
    installed = _install_functions(connection)
    connection.commit()
    return Migrated(functions.schema_name(), installed, partitions, is_demo)


def _settle_kind(connection: Connection, demo: bool) -> bool:
    connection.execute(text("insert into deployment (demo) values (:demo) on conflict do nothing"), {"demo": demo})
    is_demo = bool(connection.execute(text("select demo from deployment")).scalar_one())
    if demo and not is_demo:
        raise ConfigurationError(
            "this database was not created with --demo, so it has no virtual clock: use another database"
        )
    return is_demo


def _install_functions(connection: Connection) -> bool:
    known = connection.execute(
        text("select 1 from pg_namespace where nspname = :name"), {"name": functions.schema_name()}
    ).scalar()
    if known:
        return False
    run_script(connection, functions.install_script())
    return True


def _make_partitions(connection: Connection, at: datetime) -> int:
    """One partition of each journal for each month from this one on. Months that exist are left alone, and so are
    those whose movements the default partition keeps already: PostgreSQL refuses a partition beside them."""
    made = 0
    first = at.year * 12 + at.month - 1
    for table in ("transfer", "entry"):
        for ahead in range(PARTITION_MONTHS):
            starts, ends = _month(first + ahead), _month(first + ahead + 1)
            name = f"{table}_{starts[:7].replace('-', '_')}"
            if not _month_is_kept(connection, name, starts):
                run_script(
                    connection, f"create table {name} partition of {table} for values from ('{starts}') to ('{ends}')"
                )
                made += 1
    return made


def _month_is_kept(connection: Connection, name: str, starts: str) -> bool:
    kept = text(
        "select to_regclass(:name) is not null or exists (select from transfer_rest where month = :month)"
        " or exists (select from entry_rest where month = :month)"
    )
    facts = {"name": f"public.{name}", "month": date.fromisoformat(starts)}
    return bool(connection.execute(kept, facts).scalar_one())


def _month(ordinal: int) -> str:
    return f"{ordinal // 12:04d}-{ordinal % 12 + 1:02d}-01"
