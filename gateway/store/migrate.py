"""Brings a database to the current schema: tables by alembic, functions by digest, partitions by month.

Decides how not to stand in the way of a service that runs: what is there already takes no lock, and what needs one is
a short transaction that waits a moment for it, gives way, and tries again. Refuses to know what the SQL says.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection as AlchemyConnection
from sqlalchemy.exc import DBAPIError

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.store import functions, urls

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
JOURNALS = ("transfer", "entry")
PARTITION_MONTHS = 36
"""How far ahead partitions are made, in months; later movements go to the default partition and are not lost."""
ADVISORY_LOCK = 0x6C6F79616C7479
"""Held while migrating, so that several gateways started at once migrate one after the other."""
LOCK_WAIT_MS = 500
"""Who waits for a table's lock makes everybody behind him wait: well below what a subscriber's answer may take."""
LOCK_TRIES_MAX = 10
LOCK_PAUSE_S = 1.0
"""Between two tries the service works. Ten tries outlast a report of some seconds, and find what was forgotten."""
SETTINGS = {"application_name": "gateway migrate", "search_path": "public", "timezone": "UTC", "statement_timeout": "0"}

KEPT_IN_REST = """
select exists (select from transfer_rest where month = $1) or exists (select from entry_rest where month = $1)"""
HOLDERS = """
select distinct a.pid, a.application_name, a.xact_start
  from pg_locks l join pg_stat_activity a using (pid)
 where l.granted and a.pid <> pg_backend_pid() and a.xact_start is not null
   and l.relation in (select t::regclass from unnest($1::text[]) as t)
 order by a.xact_start limit 5"""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done. `demo` is how the database was created, whatever was asked for now."""

    functions_schema: str
    installed: bool
    partitions_made: int
    demo: bool


async def migrate(database_url: str, *, demo: bool, at: datetime) -> Migrated:
    """Bring the database to the current schema; safe to run again, and by several at once, beside a running service.

    A database is a demo database from its creation or never: asking for the other kind is a `ConfigurationError`.
    Raises `StoreUnavailableError` when another transaction keeps a table locked; what was made by then stays.
    """
    connection = await urls.connect(database_url, SETTINGS)
    try:
        await connection.execute("select pg_advisory_lock($1)", ADVISORY_LOCK)
        await _patiently(connection, lambda: _bring_tables(database_url))
        is_demo = await _settle_kind(connection, demo)
        installed = await _install_functions(connection)
        partitions = await _make_partitions(connection, at)
        return Migrated(functions.schema_name(), installed, partitions, is_demo)
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigurationError(f"the role of GATEWAY_DATABASE_URL may not migrate: {error}") from None
    except (
        OSError,
        asyncpg.InterfaceError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
    ) as error:
        raise StoreUnavailableError(f"PostgreSQL hung up: {error}; run `gateway migrate` again") from error
    finally:
        await connection.close()


def migrate_blocking(database_url: str, *, demo: bool, at: datetime) -> Migrated:
    """`migrate` for a caller without an event loop."""
    return asyncio.run(migrate(database_url, demo=demo, at=at))


async def _patiently(connection: "asyncpg.Connection[Any]", step: Callable[[], Awaitable[T]]) -> T:
    """Do `step`, one transaction that waits for locks no longer than `LOCK_WAIT_MS`; again while it gets none."""
    for attempt in range(LOCK_TRIES_MAX):
        if attempt:
            await asyncio.sleep(LOCK_PAUSE_S)
        try:
            return await step()
        except asyncpg.LockNotAvailableError:
            continue
    raise StoreUnavailableError(
        f"the tables are in use: {await _holders(connection)}. End that, and run `gateway migrate` again; "
        "what it made so far stays, and the service was not stopped"
    )


async def _holders(connection: "asyncpg.Connection[Any]") -> str:
    """Who holds locks on the journals, and since when, without their texts: those may hold numbers."""
    rows = await connection.fetch(HOLDERS, [*JOURNALS, *(f"{journal}_rest" for journal in JOURNALS)])
    told = [
        f"process {row['pid']} ({row['application_name'] or 'no name'}), since {row['xact_start']:%H:%M:%S} UTC"
        for row in rows
    ]
    return "; ".join(told) or "by somebody who has just left"


async def _bring_tables(database_url: str) -> None:
    settings = {**SETTINGS, "lock_timeout": f"{LOCK_WAIT_MS}ms"}
    engine = urls.engine(lambda: urls.connect(database_url, settings))
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
            await connection.commit()
    except DBAPIError as error:
        raise (getattr(error.orig, "__cause__", None) or error) from None
    finally:
        await engine.dispose()


def _upgrade(connection: AlchemyConnection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _settle_kind(connection: "asyncpg.Connection[Any]", demo: bool) -> bool:
    is_demo = await connection.fetchval("select demo from deployment")
    if is_demo is None:
        await connection.execute("insert into deployment (demo) values ($1)", demo)
        return demo
    if demo and not is_demo:
        raise ConfigurationError(
            "this database was not created with --demo, so it has no virtual clock: use another database"
        )
    return bool(is_demo)


async def _install_functions(connection: "asyncpg.Connection[Any]") -> bool:
    if await connection.fetchval("select to_regnamespace($1) is not null", functions.schema_name()):
        return False
    async with connection.transaction():
        await connection.execute(functions.install_script())
    return True


async def _make_partitions(connection: "asyncpg.Connection[Any]", at: datetime) -> int:
    """One partition of each journal for each month from this one on."""
    first = at.year * 12 + at.month - 1
    made = 0
    for journal in JOURNALS:
        for ahead in range(PARTITION_MONTHS):
            starts, ends = _month(first + ahead), _month(first + ahead + 1)
            made += await _patiently(connection, partial(_make_partition, connection, journal, starts, ends))
    return made


async def _make_partition(connection: "asyncpg.Connection[Any]", journal: str, starts: date, ends: date) -> bool:
    """One month of a journal; False when it is left alone: it exists, or the default partition keeps movements of it
    already, beside which PostgreSQL refuses a partition.

    Made aside and attached: that lets accruals go on, where `create table … partition of` would lock them out. Only
    readers of the default partition wait, while it is proved to hold nothing of the month.
    """
    name = f"{journal}_{starts:%Y_%m}"
    if await connection.fetchval("select to_regclass($1) is not null", f"public.{name}"):
        return False  # asked of the catalogue, so that a month that is there needs no table's lock
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = {LOCK_WAIT_MS}")
        if await connection.fetchval(KEPT_IN_REST, starts):
            return False
        await connection.execute(f"create table {name} (like {journal} including all)")
        await connection.execute(
            f"alter table {journal} attach partition {name} for values from ('{starts}') to ('{ends}')"
        )
    return True


def _month(ordinal: int) -> date:
    return date(ordinal // 12, ordinal % 12 + 1, 1)
