"""Migrating: again, at once, over months that passed, and beside another release."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from gateway.embedded import Servers
from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.pack import Pack
from gateway.store import functions
from gateway.store import migrate as migrating
from gateway.store.clock import VirtualClock
from gateway.store.ledger import Ledger
from gateway.store.migrate import PARTITION_MONTHS, migrate
from gateway.store.schema import Keys, agree, clock_offset_s
from gateway.store.verify import verify
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.store.traffic import AT, NUMBER, Connection, enrolled, opened, points, posted

KEYS = Keys.parse(NUMBER_KEYS, CODE_KEY)

pytestmark = pytest.mark.anyio

NOVEMBER = datetime(2026, 11, 21, 12, tzinfo=UTC)
PARTITIONS = """
select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
 where i.inhparent = $1::regclass order by c.relname"""


@pytest.fixture
def empty_url(servers: Servers, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which nothing was made yet."""
    name = f"empty_{abs(hash(request.node.nodeid))}"
    asyncio.run(_admin(servers.postgres_url, f"create database {name}"))
    head, _, query = servers.postgres_url.partition("?")
    yield head.rpartition("/")[0] + f"/{name}?{query}"
    asyncio.run(_admin(servers.postgres_url, f"drop database {name} with (force)"))


async def _admin(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def partitions(connection: Connection, table: str) -> list[str]:
    return [row["name"] for row in await connection.fetch(PARTITIONS, table)]


async def test_a_new_database_is_brought_to_this_release(empty_url: str) -> None:
    migrated = await migrate(empty_url, demo=False, at=NOVEMBER)
    assert (migrated.installed, migrated.partitions_made, migrated.demo) == (True, 2 * PARTITION_MONTHS, False)
    connection = await asyncpg.connect(empty_url)
    names = await partitions(connection, "transfer")
    assert (names[0], names[-2], names[-1]) == ("transfer_2026_11", "transfer_2029_10", "transfer_rest")
    assert len(names) == PARTITION_MONTHS + 1
    await connection.close()


async def test_migrating_again_changes_nothing(empty_url: str, pack: Pack) -> None:
    await migrate(empty_url, demo=True, at=AT)
    async with opened(empty_url, pack) as ledger:
        await posted(ledger, await enrolled(ledger), 5, "a")
        again = await migrate(empty_url, demo=True, at=AT)
        assert (again.installed, again.partitions_made) == (False, 0)
        assert await points(ledger) == 5


async def test_a_later_month_adds_its_partitions(empty_url: str) -> None:
    await migrate(empty_url, demo=False, at=NOVEMBER)
    later = await migrate(empty_url, demo=False, at=NOVEMBER + timedelta(days=31))
    assert later.partitions_made == 2


MADE_LIKE = """
select array(select tgname::text from pg_trigger where tgrelid = $1::regclass order by 1) as triggers,
       array(select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::regclass and contype <> 'n'
              order by 1) as constraints"""


@pytest.mark.parametrize("journal", ["transfer", "entry"])
async def test_a_month_is_guarded_as_the_rest_is(empty_url: str, journal: str) -> None:
    await migrate(empty_url, demo=False, at=NOVEMBER)
    connection = await asyncpg.connect(empty_url)
    month, rest = [await connection.fetchrow(MADE_LIKE, f"{journal}_{part}") for part in ("2026_12", "rest")]
    await connection.close()
    assert month["triggers"] == rest["triggers"] == ["insert_only"]
    assert month["constraints"] == rest["constraints"]


@pytest.fixture
async def report(empty_url: str) -> AsyncIterator[Connection]:
    """A colleague's connection, in the middle of a transaction."""
    await migrate(empty_url, demo=True, at=AT)
    connection = await asyncpg.connect(empty_url, server_settings={"application_name": "report"})
    await connection.execute("begin")
    yield connection
    await connection.close()


LATER = AT + timedelta(days=31)
SETTLES_S = 20.0
"""Far more than the tries of a migration take."""


async def test_a_long_reader_stops_neither_accruals_nor_the_next_try(
    monkeypatch: pytest.MonkeyPatch, empty_url: str, report: Connection, pack: Pack
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TRIES_MAX", 3)
    monkeypatch.setattr(migrating, "LOCK_PAUSE_S", 0.01)
    async with opened(empty_url, pack) as ledger:
        member_id = await enrolled(ledger)
        await report.fetchval("select count(*) from transfer")
        trying = asyncio.create_task(migrate(empty_url, demo=True, at=LATER))
        accruals = 0
        async with asyncio.timeout(SETTLES_S):
            while not trying.done():
                await posted(ledger, member_id, 1, accruals)
                accruals += 1
        with pytest.raises(StoreUnavailableError, match=r"process \d+ \(report\), since .*run `gateway migrate` again"):
            await trying
        assert await points(ledger) == accruals > 0
    await report.execute("rollback")
    assert (await migrate(empty_url, demo=True, at=LATER)).partitions_made == 2


async def test_a_reader_who_ends_in_time_is_waited_for(empty_url: str, report: Connection) -> None:
    await report.fetchval("select count(*) from transfer")
    trying = asyncio.create_task(migrate(empty_url, demo=True, at=LATER))
    waiting = "select count(*) from pg_locks where not granted and relation = 'transfer_rest'::regclass"
    async with asyncio.timeout(SETTLES_S):
        while not await report.fetchval(waiting):
            pass
        await report.execute("rollback")
        assert (await trying).partitions_made == 2


async def test_what_is_there_already_needs_no_lock(empty_url: str, report: Connection) -> None:
    """A gateway that starts while somebody holds the tables finds them as they should be, and goes on."""
    await report.execute("lock table transfer, entry, transfer_rest, entry_rest, member, account, lot")
    async with asyncio.timeout(SETTLES_S):
        again = await migrate(empty_url, demo=True, at=AT)
    assert (again.installed, again.partitions_made) == (False, 0)


async def test_a_role_that_may_not_migrate_is_told_so(empty_url: str) -> None:
    connection = await asyncpg.connect(empty_url)
    await connection.execute("create role reader login")
    try:
        with pytest.raises(ConfigurationError, match="may not migrate: permission denied"):
            await migrate(empty_url.replace("//gateway@", "//reader@"), demo=False, at=AT)
    finally:
        await connection.execute("drop role reader")
        await connection.close()


async def test_several_gateways_started_at_once(empty_url: str) -> None:
    migrations = await asyncio.gather(*(migrate(empty_url, demo=False, at=NOVEMBER) for _ in range(4)))
    assert sorted(migrated.installed for migrated in migrations) == [False, False, False, True]
    assert sum(migrated.partitions_made for migrated in migrations) == 2 * PARTITION_MONTHS


@pytest.mark.parametrize("made_as", [True, False], ids=["demo", "not a demo"])
async def test_a_database_stays_what_it_was_made_as(empty_url: str, made_as: bool) -> None:
    await migrate(empty_url, demo=made_as, at=AT)
    await agree(empty_url, KEYS, demo=made_as)
    with pytest.raises(ConfigurationError, match="--demo"):
        await agree(empty_url, KEYS, demo=not made_as)
    if made_as:
        assert (await migrate(empty_url, demo=False, at=AT)).demo is True
    else:
        with pytest.raises(ConfigurationError, match="was not created with --demo"):
            await migrate(empty_url, demo=True, at=AT)
    await agree(empty_url, KEYS, demo=made_as)


async def test_a_database_that_was_never_migrated_says_what_to_do(empty_url: str) -> None:
    with pytest.raises(ConfigurationError, match="run `gateway migrate`"):
        await agree(empty_url, KEYS, demo=False)
    with pytest.raises(ConfigurationError, match="run `gateway migrate`"):
        await verify(empty_url)


async def test_movements_beyond_the_last_month_are_kept_and_seen(
    ledger: Ledger, database_url: str, connection: Connection
) -> None:
    member_id = await enrolled(ledger)
    far = AT + timedelta(days=31 * (PARTITION_MONTHS + 1))
    await posted(ledger, member_id, 5, "near")
    await posted(ledger, member_id, 7, "far", far)
    assert await connection.fetchval("select count(*) from transfer_rest") == 1
    assert [(movement.amount, movement.at) for movement in await ledger.statement(member_id, 5)] == [(7, far), (5, AT)]
    assert await points(ledger) == 12
    assert await verify(database_url) == ()
    await connection.execute("set session_replication_role = replica; update transfer_rest set amount = 8")
    assert await verify(database_url) != ()


async def test_months_whose_movements_came_first_do_not_stop_a_migration(
    ledger: Ledger, database_url: str, connection: Connection
) -> None:
    """A service that ran past its last partition must still start with its next release."""
    far = AT + timedelta(days=31 * (PARTITION_MONTHS + 1))
    await posted(ledger, await enrolled(ledger), 7, "far", far)
    before = await partitions(connection, "entry")
    migrated = await migrate(database_url, demo=True, at=far)
    assert f"entry_{far:%Y_%m}" not in await partitions(connection, "entry")
    assert migrated.partitions_made > 0
    assert set(before) < set(await partitions(connection, "entry"))
    assert await points(ledger) == 7
    assert await verify(database_url) == ()


async def test_two_releases_run_side_by_side(
    monkeypatch: pytest.MonkeyPatch, ledger: Ledger, database_url: str, pack: Pack
) -> None:
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 1, "this release")
    ours = functions.schema_name()
    changed = tuple(
        text.replace("'posted', jsonb_build_object(", "'posted', jsonb_build_object('release', 2, ")
        for text in functions.sources()
    )
    monkeypatch.setattr(functions, "sources", lambda: changed)
    monkeypatch.setattr(functions, "schema_name", functions.schema_name.__wrapped__)
    assert functions.schema_name() != ours
    assert (await migrate(database_url, demo=True, at=AT)).installed
    async with opened(database_url, pack) as next_release:
        await posted(next_release, member_id, 2, "next release")
        await posted(ledger, member_id, 4, "this release again")
        assert (await posted(next_release, member_id, 1, "this release")).repeated
        assert await points(next_release) == await points(ledger) == 7
    assert await verify(database_url) == ()


async def test_a_release_whose_functions_are_not_there_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(functions, "schema_name", lambda: "fn_of_tomorrow")
    with pytest.raises(ConfigurationError, match="run `gateway migrate`"):
        await agree(database_url, KEYS, demo=True)
    with pytest.raises(ConfigurationError, match="run `gateway migrate`"):
        await verify(database_url)


async def test_the_virtual_clock_moves_forward_for_every_gateway(ledger: Ledger, database_url: str, pack: Pack) -> None:
    await enrolled(ledger)
    async with opened(database_url, pack) as other:
        assert await VirtualClock(ledger).advance(86_400) == 86_400
        assert await VirtualClock(other).advance(0) == 86_400
        ahead = await VirtualClock(other).at() - datetime.now(UTC)
        assert abs(ahead - timedelta(days=1)) < timedelta(seconds=5)
        with pytest.raises(asyncpg.InvalidParameterValueError, match="only moves forward"):
            await VirtualClock(ledger).advance(-1)
        assert await VirtualClock(ledger).offset_s() == 86_400
    assert await clock_offset_s(database_url) == 86_400
    assert await ledger.member(NUMBER, AT) is not None
