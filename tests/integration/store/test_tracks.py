"""A track heals: whatever happens to the server, calls answer or say that it is away, and later ones succeed."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from gateway import embedded
from gateway.embedded import Embedded
from gateway.errors import OverloadedError, StoreUnavailableError
from gateway.loyalty.ports import Written
from gateway.pack import Pack
from gateway.store import tracks
from gateway.store.migrate import migrate
from gateway.store.tracks import KeyRotatedError, Target, Track, connect
from gateway.store.verify import verify
from tests.integration.store.traffic import AT, LASTS_MAX_S, Connection, enrolled, opened, points, posted

pytestmark = pytest.mark.anyio

BACKEND = "select pg_backend_pid() as pid"
SLOW = "select 1 as done from pg_sleep(60)"
NOTED = "with n as (insert into notes values ($1) returning pg_backend_pid() as pid) select pid, pg_sleep($2) from n"
"""Takes as long as it is told. Not repeatable, so that the test can count how often it was sent."""


class Events(list[str]):
    """What a track says of itself."""

    def __call__(self, what: str, _: str) -> None:
        self.append(what)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Embedded]:
    """A server that may be killed."""
    with embedded.start(tmp_path / "data") as running:
        yield running


async def eventually(call: Callable[[], Awaitable[Written]]) -> Written:
    """As a client does that was told to come again."""
    async with asyncio.timeout(LASTS_MAX_S):
        while True:
            with suppress(StoreUnavailableError, OverloadedError):
                return await call()
            await asyncio.sleep(0.02)


async def terminate(connection: Connection, pid: int) -> None:
    assert await connection.fetchval("select pg_terminate_backend($1, 5000)", pid)


async def test_a_killed_server_comes_back_and_so_does_the_ledger(own: Embedded, pack: Pack) -> None:
    url = own.servers.postgres_url
    await migrate(url, demo=True, at=AT)
    async with opened(url, pack) as ledger:
        member_id = await enrolled(ledger)
        flying = [asyncio.ensure_future(posted(ledger, member_id, 1, n)) for n in range(300)]
        await flying[0]
        os.kill(own.pid("postgres"), signal.SIGKILL)
        async with asyncio.timeout(LASTS_MAX_S):
            answers = await asyncio.gather(*flying, return_exceptions=True)
        assert all(isinstance(answer, Written | StoreUnavailableError | OverloadedError) for answer in answers)
        for ordinal in range(300):
            await eventually(partial(posted, ledger, member_id, 1, ordinal))
        assert await points(ledger) == 300
    assert await verify(url) == ()


async def test_a_connection_that_was_cut_is_made_again_unnoticed(database_url: str, connection: Connection) -> None:
    events = Events()
    track = Track(Target(database_url), events)
    [first] = await track.fetch(BACKEND)
    await terminate(connection, first["pid"])
    [second] = await track.fetch(BACKEND)
    assert second["pid"] != first["pid"]
    assert events == ["ready", "lost", "ready"]
    await track.close()


async def test_what_was_cut_off_in_the_middle_is_sent_once_more(database_url: str, connection: Connection) -> None:
    await connection.execute("create table notes (word text)")
    track = Track(Target(database_url), Events())
    [row] = await track.fetch(BACKEND)
    call = asyncio.ensure_future(track.fetch(NOTED, "a", 0.5))
    await sleeping(connection)
    await terminate(connection, row["pid"])
    assert len(await call) == 1
    assert await connection.fetchval("select count(*) from notes") == 1, "the first was rolled back, the second stands"
    await track.close()


async def test_what_is_cut_off_twice_is_given_up(database_url: str, connection: Connection) -> None:
    track = Track(Target(database_url), Events())
    call = asyncio.ensure_future(track.fetch(SLOW))
    for _ in range(2):
        await terminate(connection, await sleeping(connection))
    with pytest.raises(StoreUnavailableError):
        await call
    assert len(await track.fetch(BACKEND)) == 1
    await track.close()


async def sleeping(connection: Connection) -> int:
    """The server process that sleeps for a call, as soon as it does."""
    async with asyncio.timeout(LASTS_MAX_S):
        while True:
            pid = await connection.fetchval("select pid from pg_stat_activity where wait_event = 'PgSleep'")
            if pid is not None:
                return int(pid)


async def test_a_statement_that_takes_too_long_is_stopped_and_the_connection_kept(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(tracks, "STATEMENT_TIMEOUT_S", 0.05)
    events = Events()
    track = Track(Target(database_url), events)
    with pytest.raises(StoreUnavailableError, match="took too long"):
        await track.fetch(SLOW)
    assert len(await track.fetch(BACKEND)) == 1
    assert events == ["ready"]
    await track.close()


async def test_a_lock_that_is_not_to_be_had_is_slowness_and_no_rotated_key(
    database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks, "LOCK_TIMEOUT_S", 0.1)
    track = Track(Target(database_url), lambda *_: None)
    async with connection.transaction():
        await connection.execute("lock table member")
        with pytest.raises(StoreUnavailableError, match="took too long") as raised:
            await track.fetch("select count(*) from member")
    await track.close()
    assert not isinstance(raised.value, KeyRotatedError)


async def test_a_server_that_says_nothing_is_given_up_and_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, database_url: str, connection: Connection
) -> None:
    await connection.execute("create table notes (word text)")
    events = Events()
    track = Track(Target(database_url), events)
    with monkeypatch.context() as hasty:
        hasty.setattr(tracks, "REPLY_TIMEOUT_S", 0.1)
        with pytest.raises(StoreUnavailableError, match="does not answer"):
            await track.fetch(NOTED, "a", 60)
    assert events == ["ready", "lost"], "a second try would come after the caller's deadline"
    assert len(await track.fetch(BACKEND)) == 1
    await track.close()


@pytest.mark.parametrize(
    ("statement", "arguments", "error"),
    [
        pytest.param("select nonsense", (), asyncpg.UndefinedColumnError, id="no such column"),
        pytest.param("select 1/$1::int", (0,), asyncpg.DivisionByZeroError, id="an error while it runs"),
        pytest.param("select $1::bigint", (2**63,), asyncpg.DataError, id="an argument too large"),
        pytest.param("select $1::timestamptz", ("now",), asyncpg.DataError, id="an argument of another type"),
    ],
)
async def test_a_statements_own_error_leaves_the_connection(
    database_url: str, statement: str, arguments: tuple[object, ...], error: type[Exception]
) -> None:
    events = Events()
    track = Track(Target(database_url), events)
    [before] = await track.fetch(BACKEND)
    with pytest.raises(error):
        await track.fetch(statement, *arguments)
    [after] = await track.fetch(BACKEND)
    assert before["pid"] == after["pid"]
    assert events == ["ready"]
    await track.close()


async def test_while_the_server_is_away_calls_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "BACKOFF_FIRST_S", 60.0)
    monkeypatch.setattr(tracks, "BACKOFF_MAX_S", 60.0)
    monkeypatch.setattr(random, "uniform", lambda _, most: most)
    knocks = []

    async def knock(target: Target) -> Connection:
        knocks.append(target)
        raise StoreUnavailableError("away")

    monkeypatch.setattr(tracks, "connect", knock)
    track = Track(Target("postgresql://nobody@127.0.0.1:1/nothing"), Events())
    for _ in range(3):
        with pytest.raises(StoreUnavailableError):
            await track.fetch(BACKEND)
    assert len(knocks) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda url: url.replace("test_", "no_such_test_"), "refuses.*does not exist", id="no database"),
        pytest.param(lambda url: url.replace("//gateway@", "//stranger@"), "refuses.*stranger", id="no role"),
        pytest.param(lambda _: "postgresql://a:hunter2@127.0.0.1:1/b", "does not answer", id="no server"),
    ],
)
async def test_whatever_the_reason_there_is_no_connection(
    database_url: str, change: Callable[[str], str], says: str
) -> None:
    with pytest.raises(StoreUnavailableError, match=says) as refusal:
        await connect(Target(change(database_url)))
    assert "hunter2" not in str(refusal.value)
    with pytest.raises(StoreUnavailableError, match=says):
        await migrate(change(database_url), demo=True, at=AT)


async def test_a_server_without_room_is_away_for_now(database_url: str, connection: Connection) -> None:
    name = await connection.fetchval("select current_database()")
    await connection.execute(f"create role guest login; alter database {name} connection limit 0")
    try:
        with pytest.raises(StoreUnavailableError, match="too many connections"):
            await connect(Target(database_url.replace("//gateway@", "//guest@")))
    finally:
        await connection.execute(f"alter database {name} connection limit -1; drop role guest")
