"""Many at once: each call moves points once, a poisoned one fails alone, and nobody waits for a stranger's lock."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from gateway.errors import KeyReusedError, OverloadedError, StoreUnavailableError
from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.ports import Result, Status, Written
from gateway.loyalty.writes import ChooseLanguage
from gateway.pack import Pack
from gateway.store import tracks
from gateway.store.ledger import WRITES_PER_BATCH_MAX, Ledger, WriteFailedError
from gateway.store.verify import verify
from tests.conftest import TRACKS
from tests.integration.store.traffic import (
    AT,
    LASTS_MAX_S,
    NUMBER,
    Connection,
    blocking,
    charge,
    deciding,
    each_sent_at_once,
    earning,
    enrolled,
    key,
    number,
    opened,
    points,
    posted,
)

pytestmark = pytest.mark.anyio

FIRST = Written(Result.POSTED)
AGAIN = Written(Result.POSTED, repeated=True)
LOCK = "select from member where member_id = $1 for update"
OPERATIONS = 1000


def counted(answers: Sequence[Written]) -> tuple[int, int]:
    """How many were done, and how many were found done."""
    assert set(answers) <= {FIRST, AGAIN}
    return answers.count(FIRST), answers.count(AGAIN)


async def test_a_thousand_operations_sent_twice_at_once_happen_once(ledger: Ledger, database_url: str) -> None:
    member_id = await enrolled(ledger)
    posts = [partial(posted, member_id=member_id, amount=1, ordinal=ordinal) for ordinal in range(OPERATIONS)]
    answers = await each_sent_at_once(posts, [ledger, ledger])
    assert counted(answers) == (OPERATIONS, OPERATIONS)
    assert await points(ledger) == OPERATIONS
    assert await verify(database_url) == ()


async def test_two_gateways_post_the_same_at_once(ledger: Ledger, database_url: str, pack: Pack) -> None:
    async with opened(database_url, pack) as other:
        members = [await enrolled(ledger, number(ordinal)) for ordinal in range(4)]
        both = [
            posted(gateway, members[ordinal % 4], 1, ordinal) for ordinal in range(200) for gateway in (ledger, other)
        ]
        assert counted(await asyncio.gather(*both)) == (200, 200)
    assert await verify(database_url) == ()


async def test_two_gateways_take_the_same_events_at_once(ledger: Ledger, database_url: str, pack: Pack) -> None:
    member_id = await enrolled(ledger)
    decision = deciding(member_id, earning(5))
    async with opened(database_url, pack) as other:
        answers = await asyncio.gather(
            *(gateway.record_event(charge(str(n)), decision, AT) for n in range(50) for gateway in (ledger, other))
        )
    assert [answer.repeated for answer in answers].count(False) == 50
    assert {tuple(one.amount for one in answer.earned) for answer in answers} == {(5,)}
    assert await points(ledger) == 250


async def test_an_event_id_that_comes_for_two_members_at_once_is_one_members(
    ledger: Ledger, database_url: str, pack: Pack
) -> None:
    one, two = await enrolled(ledger), await enrolled(ledger, number(2))

    async def send(gateway: Ledger, member_id: MemberId, event_id: int) -> bool:
        event = charge(str(event_id), NUMBER if member_id == one else number(2))
        while True:
            try:
                await gateway.record_event(event, deciding(member_id, earning(1)), AT)
            except KeyReusedError:
                return False
            except OverloadedError:
                continue  # each deadlock takes a second to be found: who waits behind several sends again
            return True

    async with opened(database_url, pack) as other:
        taken = await asyncio.gather(
            *(send(gateway, member_id, n) for n in range(40) for gateway, member_id in ((ledger, one), (other, two)))
        )
    assert taken.count(True) == 40
    assert await points(ledger) + await points(ledger, number(2)) == 40
    assert await verify(database_url) == ()


async def test_one_number_enrolled_by_many_is_one_member(ledger: Ledger, connection: Connection) -> None:
    members = await asyncio.gather(*(enrolled(ledger) for _ in range(16)))
    assert len(set(members)) == 1
    assert await connection.fetchval("select count(*) from member") == 1


async def test_nobody_waits_for_another_members_lock(ledger: Ledger, connection: Connection) -> None:
    locked, free = await enrolled(ledger), await enrolled(ledger, number(2))
    more_than_slow_tracks = 3 * TRACKS.slow
    await ledger.open(AT)  # known from here on, so that both members' calls board the same flights
    async with asyncio.timeout(LASTS_MAX_S):
        async with connection.transaction():
            await connection.execute(LOCK, locked)
            waiting = asyncio.gather(*(posted(ledger, locked, 1, n) for n in range(more_than_slow_tracks)))
            done = await asyncio.gather(*(posted(ledger, free, 1, n) for n in range(200)))
            assert counted(done) == (200, 0)
            assert await points(ledger) == 0, "reading waits for no lock"
            await enrolled(ledger, number(3))
            assert not waiting.done()
        assert counted(await waiting) == (more_than_slow_tracks, 0)
    assert await points(ledger) == more_than_slow_tracks


async def test_who_waits_for_a_lock_waits_for_no_other(
    ledger: Ledger, database_url: str, connection: Connection
) -> None:
    one, two = await enrolled(ledger), await enrolled(ledger, number(2))
    await ledger.open(AT)
    second = await tracks.connect(tracks.Target(database_url))
    async with asyncio.timeout(LASTS_MAX_S), connection.transaction():
        await connection.execute(LOCK, one)
        async with second.transaction():
            await second.execute(LOCK, two)
            calls = [asyncio.create_task(posted(ledger, who, 1, n)) for n in range(20) for who in (one, two)]
            await blocked(connection, 2)
        assert counted(await asyncio.gather(*calls[1::2])) == (20, 0)
        assert not any(call.done() for call in calls[::2])
    assert counted(await asyncio.gather(*calls[::2])) == (20, 0)
    await second.close()


async def blocked(connection: Connection, count: int) -> None:
    """Return when so many of the server's processes wait for a lock."""
    waiting = "select count(*) from pg_locks where not granted"
    while await connection.fetchval(waiting) < count:
        pass


async def test_a_lock_that_is_never_let_go_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch, database_url: str, pack: Pack, connection: Connection
) -> None:
    monkeypatch.setattr(tracks, "LOCK_TIMEOUT_S", 0.05)
    lost = []
    async with opened(database_url, pack, notice=lambda what, _: lost.append(what)) as ledger:
        locked = await enrolled(ledger)
        async with connection.transaction():
            await connection.execute(LOCK, locked)
            with pytest.raises(StoreUnavailableError):
                await posted(ledger, locked, 1, "a")
        assert await posted(ledger, locked, 1, "a") == FIRST
    assert "lost" not in lost, "the connection is kept"


async def test_a_poisoned_item_fails_alone(ledger: Ledger, database_url: str) -> None:
    member_id = await enrolled(ledger)
    poison = [
        ledger.post(member_id, earning(-5), key("negative"), "test", AT),
        ledger.post(member_id, earning(0), key("nothing"), "test", AT),
        ledger.post(member_id, earning(2**63), key("huge"), "test", AT),
        ledger.post(member_id, earning(5, AT - timedelta(seconds=1)), key("expired"), "test", AT),
    ]
    healthy = [posted(ledger, member_id, 1, ordinal) for ordinal in range(20)]
    answers = await asyncio.gather(*healthy[:10], *poison, *healthy[10:], return_exceptions=True)
    assert [type(answer) for answer in answers[10:14]] == [WriteFailedError] * 4
    assert set(answers[:10] + answers[14:]) == {FIRST}
    assert await points(ledger) == 20
    assert await verify(database_url) == ()


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"], ids=["nul", "half a character"])
async def test_a_text_that_postgres_cannot_hold_fails_alone(ledger: Ledger, text: str) -> None:
    """It breaks the whole call, not only its item: the flight is repeated one by one."""
    member_id = await enrolled(ledger)
    answers = await asyncio.gather(
        posted(ledger, member_id, 1, "a"),
        ledger.write(ChooseLanguage(member_id, text, key("b")), AT),
        posted(ledger, member_id, 1, "c"),
        return_exceptions=True,
    )
    assert isinstance(answers[1], Exception)
    assert [answers[0], answers[2]] == [FIRST, FIRST]


async def test_more_than_a_batch_holds(ledger: Ledger) -> None:
    member_id = await enrolled(ledger)
    count = 3 * WRITES_PER_BATCH_MAX + 1
    assert counted(await asyncio.gather(*(posted(ledger, member_id, 1, n) for n in range(count)))) == (count, 0)
    seen = await asyncio.gather(*(ledger.member(number(1000) if n % 2 else NUMBER, AT) for n in range(200)))
    assert [member is None for member in seen] == [n % 2 == 1 for n in range(200)]


async def test_a_key_that_comes_again_with_other_content_moves_nothing(ledger: Ledger) -> None:
    member_id = await enrolled(ledger)
    assert await posted(ledger, member_id, 1, "a") == FIRST
    answers = await asyncio.gather(
        posted(ledger, member_id, 2, "a"),
        ledger.write(ChooseLanguage(member_id, "en", key("a")), AT),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [KeyReusedError] * 2
    assert await points(ledger) == 1


async def test_an_event_whose_posting_is_refused_leaves_nothing(ledger: Ledger, connection: Connection) -> None:
    member_id = await enrolled(ledger)
    taken = replace(earning(7), rule="taken")
    events_own = IdempotencyKey("event:billing:1:taken")
    await ledger.post(member_id, replace(taken, amount=Amount(1)), events_own, "test", AT)
    with pytest.raises(KeyReusedError):
        await ledger.record_event(charge("1"), replace(blocking(member_id), earnings=(earning(5), taken)), AT)
    member = await ledger.member(NUMBER, AT)
    assert member is not None
    assert (member.status, await points(ledger)) == (Status.ACTIVE, 1)
    assert await connection.fetchval("select count(*) from source_event") == 0


async def test_a_member_who_is_not_there(ledger: Ledger) -> None:
    nobody = MemberId(2**40)
    assert await posted(ledger, nobody, 1, "a") == Written(Result.NO_MEMBER)
    assert await ledger.record_event(charge("1"), deciding(nobody), AT) == Written(Result.NO_MEMBER)
    assert await ledger.statement(nobody, 5) == []
    assert await ledger.member(number(404), AT) is None


async def test_an_unknown_primitive_says_so(ledger: Ledger, connection: Connection) -> None:
    item = json.dumps([{"primitive": "steal", "member_id": await enrolled(ledger)}])
    outcome = json.loads(await connection.fetchval("select outcome from write_batch($1, true)", item))
    assert (outcome["result"], outcome["message"]) == ("failed", "no such primitive: steal")


async def test_a_unit_that_came_after_the_member_enrolled(ledger: Ledger) -> None:
    member_id = await enrolled(ledger)
    await ledger.post(member_id, replace(earning(3), unit=Unit("stars")), key("a"), "test", AT)
    member = await ledger.member(NUMBER, AT)
    assert member is not None
    assert [(balance.unit, balance.available) for balance in member.balances] == [("stars", 3)]
