"""Hand-over codes: each order that waits at a pick-up point has its own, and its member is told that one."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from gateway.errors import StoreUnavailableError
from gateway.ids import Amount, MemberId
from gateway.loyalty.ports import Result, Written
from gateway.loyalty.writes import MakeQuote, PlaceOrder, SettleOrder, Told
from gateway.pack import Pack
from gateway.store import orders_view
from gateway.store.code_keys import HANDOVER_CANDIDATES, CodeKeys
from gateway.store.ledger import Ledger
from gateway.store.statements import WRITE_BATCH
from gateway.store.verify import verify
from tests.conftest import CODE_KEY
from tests.integration.store.traffic import (
    AT,
    LASTS_MAX_S,
    POINTS,
    Connection,
    enrolled,
    key,
    number,
    opened,
    points,
    posted,
    secrets_of,
)

pytestmark = pytest.mark.anyio

PRICE, EARNED = Amount(300), 1_000
TOLD = {"ready": Told("voucher", "order", "ready", {"reward": "mug"}, "ru", ("handover",))}
DRAWN = tuple(f"{first}000000000" for first in range(1, HANDOVER_CANDIDATES + 1))
MESSAGES = """
select m.facts from outbox m where m.member_id = $1 and m.outcome = 'ready' order by m.message_id"""


class Drawing(CodeKeys):
    """Keys that draw the same codes for every order."""

    def handovers(self, member_id: MemberId, key: str) -> tuple[str, ...]:
        return DRAWN


def draws_the_same(ledger: Ledger) -> None:
    ledger.items = replace(ledger.items, code_keys=Drawing.parse(CODE_KEY))


async def buyer(ledger: Ledger, ordinal: int) -> MemberId:
    """A member with points and a quote."""
    member_id = await enrolled(ledger, number(ordinal))
    await posted(ledger, member_id, EARNED, f"points {ordinal}")
    expires_at = AT + timedelta(minutes=10)
    await ledger.write(MakeQuote(member_id, "mug", POINTS, PRICE, "9373", key("quote"), expires_at), AT)
    return member_id


def order(member_id: MemberId) -> PlaceOrder:
    """Every member's order has the same key."""
    return PlaceOrder(
        member_id, "mug", "pick_up", POINTS, PRICE, key("quote"), "sms", key("order"), due_at=AT + timedelta(days=9),
        told=TOLD,
    )  # fmt: skip


async def told(ledger: Ledger, connection: Connection, member_id: MemberId) -> list[str]:
    """The codes that a member's messages have."""
    rows = await connection.fetch(MESSAGES, member_id)
    return [secrets_of(ledger, row["facts"])["handover"] for row in rows]


async def opens(ledger: Ledger, handover: str) -> int | None:
    return await orders_view.of_handover(ledger, handover, "staff", AT)


async def handed_over(ledger: Ledger, member_id: MemberId, order_id: int, ordinal: object = 1) -> Written:
    settlement = SettleOrder(member_id, order_id, "delivered", "", "staff", key(f"hand over {ordinal}"))
    return await orders_view.settle(ledger, settlement, "staff", AT)


async def test_two_members_orders_of_one_key_have_two_codes(
    ledger: Ledger, connection: Connection, database_url: str
) -> None:
    codes = {}
    for ordinal in (1, 2):
        member_id = await buyer(ledger, ordinal)
        placed = await ledger.write(order(member_id), AT)
        assert placed.result is Result.READY
        [code] = await told(ledger, connection, member_id)
        codes[code] = placed.ids["order_id"]
    assert len(codes) == 2
    assert {code: await opens(ledger, code) for code in codes} == codes
    assert await verify(database_url) == ()


async def test_a_code_that_is_taken_is_passed_over_and_a_repeat_tells_the_same(
    ledger: Ledger, connection: Connection
) -> None:
    draws_the_same(ledger)
    for ordinal, code in enumerate(DRAWN[:2]):
        member_id = await buyer(ledger, ordinal)
        placed = await ledger.write(order(member_id), AT)
        assert await ledger.write(order(member_id), AT) == replace(placed, repeated=True)
        assert await told(ledger, connection, member_id) == [code]
        assert await opens(ledger, code) == placed.ids["order_id"]


async def test_where_all_are_taken_nothing_moves_until_one_is_free(
    ledger: Ledger, connection: Connection, database_url: str
) -> None:
    draws_the_same(ledger)
    members = [await buyer(ledger, ordinal) for ordinal in range(HANDOVER_CANDIDATES + 1)]
    placed = [await ledger.write(order(member_id), AT) for member_id in members[:-1]]
    with pytest.raises(StoreUnavailableError, match="taken"):
        await ledger.write(order(members[-1]), AT)
    assert await points(ledger, number(HANDOVER_CANDIDATES)) == EARNED
    await handed_over(ledger, members[2], placed[2].ids["order_id"])
    assert (await ledger.write(order(members[-1]), AT)).result is Result.READY
    assert await told(ledger, connection, members[-1]) == [DRAWN[2]]
    assert await verify(database_url) == ()


async def test_a_code_that_another_transaction_draws_is_passed_over_and_not_waited_for(
    ledger: Ledger, connection: Connection
) -> None:
    draws_the_same(ledger)
    first, second = await buyer(ledger, 1), await buyer(ledger, 2)
    item = orjson.dumps([ledger.items.of(order(first), AT, await ledger.open(AT))]).decode()
    async with connection.transaction():
        [row] = await connection.fetch(WRITE_BATCH, item, False)
        assert json.loads(row["outcome"])["result"] == "ready"
        async with asyncio.timeout(LASTS_MAX_S):
            assert (await ledger.write(order(second), AT)).result is Result.READY
    assert await told(ledger, connection, first) == [DRAWN[0]]
    assert await told(ledger, connection, second) == [DRAWN[1]]


async def test_two_gateways_that_draw_the_same_codes_at_once_take_each_once(
    ledger: Ledger, connection: Connection, database_url: str, pack: Pack
) -> None:
    members = [await buyer(ledger, ordinal) for ordinal in range(HANDOVER_CANDIDATES)]
    async with opened(database_url, pack) as other, asyncio.timeout(LASTS_MAX_S):
        draws_the_same(ledger)
        draws_the_same(other)
        both = (ledger, other)
        await asyncio.gather(*(both[at % 2].write(order(one), AT) for at, one in enumerate(members)))
    codes = [code for one in members for code in await told(ledger, connection, one)]
    assert sorted(codes) == sorted(DRAWN)
    assert await verify(database_url) == ()


async def test_a_code_whose_order_is_over_opens_nothing_and_may_be_anothers_later(
    ledger: Ledger, connection: Connection
) -> None:
    draws_the_same(ledger)
    first, second = await buyer(ledger, 1), await buyer(ledger, 2)
    old = (await ledger.write(order(first), AT)).ids["order_id"]
    assert (await handed_over(ledger, first, old)).result is Result.DELIVERED
    assert await opens(ledger, DRAWN[0]) == old, "staff are told that it is over"
    assert (await handed_over(ledger, first, old, 2)).result is Result.SETTLED

    new = (await ledger.write(order(second), AT)).ids["order_id"]
    assert await told(ledger, connection, second) == [DRAWN[0]]
    assert await opens(ledger, DRAWN[0]) == new
    assert (await handed_over(ledger, second, new)).result is Result.DELIVERED
    assert await opens(ledger, DRAWN[0]) == new
