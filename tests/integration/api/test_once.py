"""A write and its answer are one transaction: what breaks off in the middle leaves nothing, and a repeat heals it."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from gateway.errors import BadRequestError, KeyReusedError, OverloadedError
from gateway.store import idempotent
from gateway.store.idempotent import TRANSACTIONS_MAX, Answer, Asked, Requests, Transaction
from gateway.store.statements import AUDITED
from gateway.store.tracks import Target
from tests.integration.store.traffic import AT, LASTS_MAX_S, Connection

pytestmark = pytest.mark.anyio

ASKED = Asked("care", "k", b"d" * 16, AT)
DONE = Answer(200, '{"n": 1}')


@pytest.fixture
async def requests(database_url: str) -> AsyncIterator[Requests]:
    one = Requests(Target(database_url), lambda *_: None)
    yield one
    await one.close()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    one = await asyncpg.connect(database_url)
    yield one
    await one.close()


async def effect(transaction: Transaction) -> Answer:
    """Something that can be counted."""
    await transaction.fetch(AUDITED, AT, "api:care", "act", "member:1", "{}")
    return DONE


async def effects(connection: Connection) -> tuple[int, int]:
    """How often it was done, and how many answers are kept."""
    done = await connection.fetchval("select count(*) from audit_log")
    kept = await connection.fetchval("select count(*) from api_request")
    return done, kept


async def test_what_fails_leaves_nothing_and_uses_up_no_key(requests: Requests, connection: Connection) -> None:
    async def failing(transaction: Transaction) -> Answer:
        await effect(transaction)
        raise BadRequestError("no")

    for _ in range(TRANSACTIONS_MAX + 1):
        with pytest.raises(BadRequestError):
            await requests.once(ASKED, failing)
    assert await effects(connection) == (0, 0)
    assert await requests.once(ASKED, effect) == DONE
    assert await effects(connection) == (1, 1)


async def test_a_statement_that_fails_leaves_nothing(requests: Requests, connection: Connection) -> None:
    async def failing(transaction: Transaction) -> Answer:
        await effect(transaction)
        await transaction.fetch("select 1 / 0 as nothing")
        return DONE

    with pytest.raises(asyncpg.DivisionByZeroError):
        await requests.once(ASKED, failing)
    assert await requests.once(ASKED, effect) == DONE
    assert await effects(connection) == (1, 1)


async def test_what_is_cut_off_is_done_once(requests: Requests, connection: Connection) -> None:
    """The server hangs up in the middle, and once more: the first time it is repeated, whole."""
    cuts = 1

    async def cut_off(transaction: Transaction) -> Answer:
        nonlocal cuts
        answer = await effect(transaction)
        if cuts:
            cuts -= 1
            [row] = await transaction.fetch("select pg_backend_pid() as pid")
            await connection.fetchval("select pg_terminate_backend($1)", row["pid"])
        return answer

    assert await requests.once(ASKED, cut_off) == DONE
    assert await effects(connection) == (1, 1)


async def test_one_that_is_under_way_is_waited_for(requests: Requests, connection: Connection) -> None:
    entered, may_end = asyncio.Event(), asyncio.Event()

    async def slow(transaction: Transaction) -> Answer:
        answer = await effect(transaction)
        entered.set()
        await may_end.wait()
        return answer

    first = asyncio.create_task(requests.once(ASKED, slow))
    await asyncio.wait_for(entered.wait(), LASTS_MAX_S)
    second = asyncio.create_task(requests.once(ASKED, effect))
    waits = "select count(*) from pg_stat_activity where wait_event = 'advisory'"
    async with asyncio.timeout(LASTS_MAX_S):
        while not await connection.fetchval(waits):  # noqa: ASYNC110 - the server has no event to wait for
            await asyncio.sleep(0.01)
    may_end.set()
    assert await first == await second == DONE
    assert await effects(connection) == (1, 1)


async def test_whoever_is_told_to_stop_leaves_nothing(requests: Requests, connection: Connection) -> None:
    entered = asyncio.Event()

    async def endless(transaction: Transaction) -> Answer:
        await effect(transaction)
        entered.set()
        await asyncio.Event().wait()
        return DONE

    task = asyncio.create_task(requests.once(ASKED, endless))
    await asyncio.wait_for(entered.wait(), LASTS_MAX_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await requests.once(ASKED, effect) == DONE
    assert await effects(connection) == (1, 1)


async def test_a_key_belongs_to_one_request_of_one_caller(requests: Requests, connection: Connection) -> None:
    await requests.once(ASKED, effect)
    with pytest.raises(KeyReusedError):
        await requests.once(Asked("care", "k", b"e" * 16, AT), effect)
    await requests.once(Asked("lead", "k", b"e" * 16, AT), effect)
    assert await effects(connection) == (2, 2)


async def test_nobody_waits_for_ever(requests: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotent, "WAIT_S", 0.05)
    stays = asyncio.Event()

    async def slow(transaction: Transaction) -> Answer:
        await stays.wait()
        return DONE

    busy = [
        asyncio.create_task(requests.once(Asked("care", str(ordinal), b"d" * 16, AT), slow))
        for ordinal in range(TRANSACTIONS_MAX)
    ]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await requests.once(ASKED, effect)
    stays.set()
    assert await asyncio.gather(*busy) == [DONE] * TRANSACTIONS_MAX
