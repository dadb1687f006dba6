"""Thirty-two writers over two gateways' ledgers want the same thing at once: exactly as many get it as there are.

One bearer code, and a thousand codes sent twice, are in `test_code_attacks.py`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import timedelta
from functools import partial

import pytest

from gateway.ids import Amount, MemberId
from gateway.loyalty.ports import Result, Written
from gateway.loyalty.writes import MakeQuote, PlaceHold, PlaceOrder, Spend
from gateway.pack import Pack
from gateway.store import rewards_view
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.integration.store.traffic import (
    AT,
    POINTS,
    WRITERS,
    each_sent_at_once,
    enrolled,
    key,
    number,
    opened,
    posted,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def gateways(ledger: Ledger, database_url: str, pack: Pack) -> AsyncIterator[Sequence[Ledger]]:
    async with opened(database_url, pack) as other:
        yield ledger, other


async def results(writes: Sequence[Awaitable[Written]]) -> Counter[Result]:
    return Counter(written.result for written in await asyncio.gather(*writes))


async def members(ledger: Ledger, count: int, points: int) -> list[MemberId]:
    found = [await enrolled(ledger, number(3_000_000 + ordinal)) for ordinal in range(count)]
    await asyncio.gather(*(posted(ledger, member_id, points, "all", AT) for member_id in found))
    return found


async def ordered(ledger: Ledger, member_id: MemberId, reward: str, name: object, limit: int | None = None) -> Written:
    """A quote and its confirmation."""
    quote = key(f"quote {name}")
    await ledger.write(MakeQuote(member_id, reward, POINTS, Amount(10), "", quote, AT + timedelta(minutes=10)), AT)
    order = PlaceOrder(
        member_id, reward, "manual", POINTS, Amount(10), quote, "test", key(f"order {name}"), counted=True,
        limit_count=limit, limit_since=None if limit is None else AT - timedelta(days=1),
        due_at=AT + timedelta(days=1),
    )  # fmt: skip
    return await ledger.write(order, AT)


async def test_one_members_points_are_spent_once(gateways: Sequence[Ledger], database_url: str) -> None:
    [member_id] = await members(gateways[0], 1, 100)
    spends = [
        gateways[ordinal % 2].write(Spend(member_id, POINTS, Amount(30), "x", "test", key(ordinal)), AT)
        for ordinal in range(WRITERS)
    ]
    holds = [
        gateways[ordinal % 2].write(PlaceHold(member_id, POINTS, Amount(30), "x", "test", key(f"hold {ordinal}")), AT)
        for ordinal in range(WRITERS)
    ]
    found = await results([*spends, *holds])
    assert found[Result.SPENT] + found[Result.HELD] == 3
    assert found[Result.INSUFFICIENT] == 2 * WRITERS - 3
    assert await verify(database_url) == ()


async def test_the_last_piece_is_sold_once(gateways: Sequence[Ledger], database_url: str) -> None:
    crowd = await members(gateways[0], WRITERS, 100)
    await rewards_view.change_stock(gateways[0], "mug", 1, "one", "test", AT)
    found = await results([ordered(gateways[ordinal % 2], one, "mug", ordinal) for ordinal, one in enumerate(crowd)])
    assert found == {Result.ORDERED: 1, Result.SOLD_OUT: WRITERS - 1}
    assert await verify(database_url) == ()


async def test_a_limit_for_one_member_holds(gateways: Sequence[Ledger], database_url: str) -> None:
    [member_id] = await members(gateways[0], 1, 10_000)
    await rewards_view.change_stock(gateways[0], "mug", 1_000, "many", "test", AT)
    found = await results(
        [ordered(gateways[ordinal % 2], member_id, "mug", ordinal, limit=3) for ordinal in range(WRITERS)]
    )
    assert found == {Result.ORDERED: 3, Result.LIMIT: WRITERS - 3}
    assert await verify(database_url) == ()


async def test_two_stocked_rewards_under_many_writers_meet_no_deadlock(
    gateways: Sequence[Ledger], database_url: str
) -> None:
    """More than there is of both is asked for: exactly what there was is sold, and nobody was told `not now`."""
    crowd = await members(gateways[0], WRITERS, 1_000)
    for reward in ("mug", "visit"):
        await rewards_view.change_stock(gateways[0], reward, 100, reward, "test", AT)

    async def shop(ordinal: int, member_id: MemberId) -> Counter[str]:
        sold: Counter[str] = Counter()
        for turn in range(12):
            reward = ("mug", "visit")[(ordinal + turn) % 2]
            written = await ordered(gateways[ordinal % 2], member_id, reward, f"{ordinal} {turn}")
            sold[f"{reward} {written.result}"] += 1
        return sold

    sold = sum(await asyncio.gather(*(shop(*each) for each in enumerate(crowd))), Counter())
    asked = WRITERS * 12 // 2
    assert sold == {
        "mug ordered": 100, "mug sold_out": asked - 100, "visit ordered": 100, "visit sold_out": asked - 100,
    }  # fmt: skip
    assert await verify(database_url) == ()


async def test_a_thousand_operations_each_sent_twice_at_once_happen_once(
    gateways: Sequence[Ledger], database_url: str
) -> None:
    crowd = await members(gateways[0], 50, 1_000)
    spends = [
        Spend(crowd[ordinal % len(crowd)], POINTS, Amount(1), "x", "test", key(ordinal)) for ordinal in range(1_000)
    ]
    written = await each_sent_at_once([partial(Ledger.write, write=spend, at=AT) for spend in spends], gateways)
    assert {one.result for one in written} == {Result.SPENT}
    assert sum(one.repeated for one in written) == 1_000
    left = [await gateways[0].member(number(3_000_000 + ordinal), AT) for ordinal in range(len(crowd))]
    assert {balance.available for member in left if member for balance in member.balances} == {1_000 - 20}
    assert await verify(database_url) == ()
