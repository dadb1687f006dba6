"""What spending does to lots, as a member and staff would notice: order, holds, expiry, refunds, claw-backs, debts.

Any sequence of these is compared with plain bookkeeping in `tests/properties/test_ledger.py`; these are rules by name.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.ids import Amount, MemberId, Unit
from gateway.loyalty.ports import Result, Written
from gateway.loyalty.writes import (
    Adjust,
    CaptureHold,
    ClawBack,
    IntoExpired,
    MakeQuote,
    PlaceHold,
    PlaceOrder,
    Refund,
    ReleaseHold,
    Reverse,
    SettleOrder,
    Spend,
)
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.integration.store.traffic import AT, NUMBER, POINTS, YEAR, Connection, earning, enrolled, key, number

pytestmark = pytest.mark.anyio

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
SOON = AT + 10 * DAY
GRACE = timedelta(days=14)
"""The reference programme's."""
LOTS = "select amount, remaining, held from lot where member_id = $1 order by lot_id"


@pytest.fixture
async def member_id(ledger: Ledger) -> MemberId:
    return await enrolled(ledger)


async def given(ledger: Ledger, member_id: MemberId, amount: int, expires_at: datetime | None, name: object) -> int:
    """A lot; the transfer that brought it."""
    written = await ledger.post(member_id, earning(amount, expires_at), key(name), "test", AT)
    return written.ids["transfer_id"]


async def spent(ledger: Ledger, member_id: MemberId, amount: int, at: datetime = AT, name: object = "spend") -> Written:
    return await ledger.write(Spend(member_id, POINTS, Amount(amount), "gift", "test", key(name)), at)


async def held(
    ledger: Ledger, member_id: MemberId, amount: int, expires_at: datetime | None = None, name: object = "hold"
) -> int:
    hold = PlaceHold(member_id, POINTS, Amount(amount), "gift", "test", key(name), expires_at)
    return (await ledger.write(hold, AT)).ids["hold_id"]


async def swept(ledger: Ledger, member_id: MemberId, at: datetime) -> tuple[int, int]:
    """How many points expired, and how many holds ended."""
    item = {"primitive": "expire", "member_id": member_id, "channel": "job", "pack_version_id": await ledger.open(AT)}
    outcome = await ledger.carry_out(item | {"at": at.isoformat(), "grace_s": ledger.items.grace_s})
    return outcome["amount"], outcome["holds"]


async def available(ledger: Ledger, at: datetime, unit: Unit = POINTS) -> int:
    member = await ledger.member(NUMBER, at)
    assert member is not None
    return sum(balance.available for balance in member.balances if balance.unit == unit)


async def lots(connection: Connection, member_id: MemberId) -> list[tuple[int, int, int]]:
    """Amount, what remains, and what is held, of each lot as they came."""
    return [tuple(row) for row in await connection.fetch(LOTS, member_id)]


async def test_what_ends_first_is_spent_first(ledger: Ledger, connection: Connection, member_id: MemberId) -> None:
    for name, expires_at in enumerate((None, AT + YEAR, SOON, SOON)):
        await given(ledger, member_id, 10, expires_at, name)
    await spent(ledger, member_id, 25)
    assert await lots(connection, member_id) == [(10, 10, 0), (10, 5, 0), (10, 0, 0), (10, 0, 0)]


async def test_what_is_pending_is_not_spent_before_its_time(ledger: Ledger, member_id: MemberId) -> None:
    await ledger.post(member_id, replace(earning(10), available_at=SOON), key("pending"), "test", AT)
    assert (await spent(ledger, member_id, 1, SOON - TICK, "early")).result is Result.INSUFFICIENT
    assert (await available(ledger, SOON - TICK), await available(ledger, SOON)) == (0, 10)
    assert (await spent(ledger, member_id, 10, SOON)).result is Result.SPENT


async def test_all_that_there_is_can_be_held_and_captured(
    ledger: Ledger, member_id: MemberId, database_url: str
) -> None:
    await given(ledger, member_id, 10, None, "all")
    hold_id = await held(ledger, member_id, 10)
    assert (await ledger.write(CaptureHold(member_id, hold_id, "test", key("capture")), AT)).result is Result.CAPTURED
    assert await available(ledger, AT) == 0
    assert await verify(database_url) == ()


async def test_a_part_of_a_hold_is_captured_in_spending_order(
    ledger: Ledger, connection: Connection, member_id: MemberId
) -> None:
    await given(ledger, member_id, 10, None, "for ever")
    await given(ledger, member_id, 10, SOON, "soon")
    hold_id = await held(ledger, member_id, 18)
    await ledger.write(CaptureHold(member_id, hold_id, "test", key("capture"), Amount(12)), AT)
    assert await lots(connection, member_id) == [(10, 8, 0), (10, 0, 0)]


async def test_what_is_held_does_not_expire_and_lives_on_after_its_release(ledger: Ledger, member_id: MemberId) -> None:
    await given(ledger, member_id, 10, SOON, "soon")
    hold_id = await held(ledger, member_id, 6)
    late = SOON + DAY
    assert await swept(ledger, member_id, late) == (4, 0)
    await ledger.write(ReleaseHold(member_id, hold_id, "test", key("release")), late)
    assert await available(ledger, late + GRACE - TICK) == 6
    assert (await spent(ledger, member_id, 1, late + GRACE)).result is Result.INSUFFICIENT
    assert await swept(ledger, member_id, late + GRACE) == (6, 0)
    assert await swept(ledger, member_id, late + GRACE) == (0, 0), "expiring twice is expiring once"


async def test_a_hold_ends_when_its_time_is_out_whoever_comes_by(ledger: Ledger, member_id: MemberId) -> None:
    await given(ledger, member_id, 10, None, "all")
    hold_id = await held(ledger, member_id, 10, SOON)
    assert (await spent(ledger, member_id, 10, SOON - TICK, "early")).result is Result.INSUFFICIENT
    assert (await spent(ledger, member_id, 10, SOON)).result is Result.SPENT
    assert (await ledger.write(CaptureHold(member_id, hold_id, "test", key("capture")), SOON)).result is Result.SETTLED


@pytest.mark.parametrize(
    ("policy", "now", "in_a_month"),
    [
        pytest.param(IntoExpired.ORIGINAL, 0, 0, id="into the lot that is over"),
        pytest.param(IntoExpired.GRACE, 10, 0, id="with a period of grace"),
        pytest.param(IntoExpired.FRESH, 10, 10, id="into a fresh lot"),
    ],
)
async def test_a_refund_into_a_lot_that_is_over(
    ledger: Ledger, member_id: MemberId, policy: IntoExpired, now: int, in_a_month: int, database_url: str
) -> None:
    await given(ledger, member_id, 15, SOON, "soon")
    transfer_id = (await spent(ledger, member_id, 10)).ids["transfer_id"]
    refund = Refund(member_id, transfer_id, "back", "test", key("refund"), into_expired=policy, fresh_until=SOON + YEAR)
    assert (await ledger.write(refund, SOON)).result is Result.REFUNDED
    assert await available(ledger, SOON) == now, "what was not spent of the lot is over, whatever comes back to it"
    assert await available(ledger, SOON + 30 * DAY) == in_a_month
    assert await verify(database_url) == ()


async def test_refunds_in_parts_add_up_and_never_exceed(
    ledger: Ledger, connection: Connection, member_id: MemberId
) -> None:
    await given(ledger, member_id, 10, None, "for ever")
    await given(ledger, member_id, 10, SOON, "soon")
    transfer_id = (await spent(ledger, member_id, 15)).ids["transfer_id"]

    async def back(amount: int) -> Result:
        refund = Refund(member_id, transfer_id, "back", "test", key(f"refund {amount}"), Amount(amount))
        return (await ledger.write(refund, AT)).result

    assert await back(7) is Result.REFUNDED
    assert await lots(connection, member_id) == [(10, 10, 0), (10, 2, 0)], "what serves longest comes back first"
    assert await back(9) is Result.TOO_MUCH
    assert await back(8) is Result.REFUNDED
    assert await back(1) is Result.TOO_MUCH
    assert await available(ledger, AT) == 20


@pytest.mark.parametrize("amount", [0, -1, -10])
async def test_no_amount_but_a_positive_one_moves_anything(
    ledger: Ledger, member_id: MemberId, amount: int, database_url: str
) -> None:
    """A negative refund would be a debit that no lot knows of; a negative spend, a gift."""
    accrual_id = await given(ledger, member_id, 30, None, "all")
    spend_id = (await spent(ledger, member_id, 10)).ids["transfer_id"]
    hold_id = await held(ledger, member_id, 10)
    moved = Amount(amount)
    writes = (
        Spend(member_id, POINTS, moved, "gift", "test", key("a")),
        PlaceHold(member_id, POINTS, moved, "gift", "test", key("b")),
        CaptureHold(member_id, hold_id, "test", key("c"), moved),
        Refund(member_id, spend_id, "back", "test", key("d"), moved),
        Reverse(member_id, accrual_id, "taken back", "test", key("e"), moved),
    )
    refused = [(await ledger.write(write, AT)).result for write in writes]
    assert refused == [Result.INSUFFICIENT] * 2 + [Result.TOO_MUCH] * 3
    assert await available(ledger, AT) == 10
    assert await verify(database_url) == ()


@pytest.mark.parametrize(
    ("claw_back", "at", "result", "left"),
    [
        pytest.param(ClawBack.ONLY_PENDING, SOON - TICK, Result.REVERSED, 5, id="pending: all of it"),
        pytest.param(ClawBack.ONLY_PENDING, SOON, Result.NOT_PENDING, 15, id="not pending any more"),
        pytest.param(ClawBack.WITHIN_BALANCE, SOON, Result.REVERSED, 5, id="within the balance"),
        pytest.param(ClawBack.UNLIMITED, SOON, Result.REVERSED, 5, id="unlimited"),
    ],
)
async def test_an_accrual_is_taken_back(
    ledger: Ledger, member_id: MemberId, claw_back: ClawBack, at: datetime, result: Result, left: int
) -> None:
    accrual = await ledger.post(member_id, replace(earning(10), available_at=SOON), key("pending"), "test", AT)
    await given(ledger, member_id, 5, None, "another")
    reverse = Reverse(member_id, accrual.ids["transfer_id"], "taken back", "test", key("reverse"), claw_back=claw_back)
    assert (await ledger.write(reverse, at)).result is result
    assert await available(ledger, SOON) == left
    again = replace(reverse, key=key("again"), claw_back=ClawBack.UNLIMITED)
    assert (await ledger.write(again, SOON)).result is (Result.TOO_MUCH if left == 5 else Result.REVERSED)


async def test_a_reversal_that_is_refused_leaves_what_is_over_to_the_sweep(ledger: Ledger, member_id: MemberId) -> None:
    transfer_id = await given(ledger, member_id, 10, SOON, "soon")
    reverse = Reverse(member_id, transfer_id, "taken back", "test", key("reverse"), Amount(1))
    assert (await ledger.write(reverse, SOON)).result is Result.TOO_MUCH, "it has expired, swept or not"
    assert len(await ledger.statement(member_id, 9)) == 1
    assert await swept(ledger, member_id, SOON) == (10, 0)


async def test_of_an_accrual_that_is_over_only_what_was_spent_is_asked_for(ledger: Ledger, member_id: MemberId) -> None:
    transfer_id = await given(ledger, member_id, 10, SOON, "soon")
    await given(ledger, member_id, 10, None, "for ever")
    await spent(ledger, member_id, 6)
    taken_back = Reverse(member_id, transfer_id, "taken back", "test", key("reverse"))
    assert (await ledger.write(taken_back, SOON)).result is Result.REVERSED
    assert [one.amount for one in await ledger.statement(member_id, 2)] == [-6, -4], "what is left of it expires first"
    assert await available(ledger, SOON) == 4


async def test_an_accrual_that_was_taken_back_and_came_back_and_expired_is_not_asked_for_again(
    ledger: Ledger, member_id: MemberId, database_url: str
) -> None:
    """Both were gone of it: what was taken from another lot instead, and what a refund had put into it."""
    transfer_id = await given(ledger, member_id, 10, SOON, "soon")
    await given(ledger, member_id, 10, None, "for ever")
    spend_id = (await spent(ledger, member_id, 10)).ids["transfer_id"]
    await ledger.write(Reverse(member_id, transfer_id, "taken back", "test", key("reverse")), AT)
    await ledger.write(Refund(member_id, spend_id, "back", "test", key("refund")), AT)
    assert await swept(ledger, member_id, SOON) == (10, 0)
    again = await ledger.write(Reverse(member_id, transfer_id, "taken back", "test", key("again")), SOON)
    assert again.result is Result.TOO_MUCH
    assert await verify(database_url) == ()


@pytest.mark.parametrize("how", ["accrual", "refund", "release", "adjustment"])
async def test_a_debt_is_repaid_from_whatever_comes(
    ledger: Ledger, member_id: MemberId, how: str, database_url: str
) -> None:
    accrual_id = await given(ledger, member_id, 30, None, "all")
    spend_id = (await spent(ledger, member_id, 20)).ids["transfer_id"]
    hold_id = await held(ledger, member_id, 10)
    unlimited = ClawBack.UNLIMITED
    await ledger.write(Reverse(member_id, accrual_id, "taken back", "test", key("owe"), Amount(8), unlimited), AT)
    match how:
        case "accrual":
            await given(ledger, member_id, 10, None, "more")
        case "refund":
            await ledger.write(Refund(member_id, spend_id, "back", "test", key("refund"), Amount(10)), AT)
        case "release":
            await ledger.write(ReleaseHold(member_id, hold_id, "test", key("release")), AT)
        case _:
            await ledger.write(Adjust(member_id, POINTS, Amount(10), "sorry", "test", key("adjust")), AT)
    assert await available(ledger, AT) == 2
    assert (await ledger.statement(member_id, 1))[0].amount == -8
    assert await verify(database_url) == ()


@pytest.mark.parametrize("becomes", ["refused", "expired", "delivered"])
async def test_an_order_that_came_to_nothing_does_not_count_against_the_limit(
    ledger: Ledger, member_id: MemberId, becomes: str
) -> None:
    await given(ledger, member_id, 20, None, "all")
    order_id = (await limited(ledger, member_id, "first")).ids["order_id"]
    await ledger.write(SettleOrder(member_id, order_id, becomes, "", "test", key("settle")), AT)
    expected = Result.LIMIT if becomes == "delivered" else Result.ORDERED
    assert (await limited(ledger, member_id, "second")).result is expected


async def limited(ledger: Ledger, member_id: MemberId, name: str) -> Written:
    """An order of a reward that a member may have once in a while."""
    quote, since = key(f"quote {name}"), AT - DAY
    await ledger.write(MakeQuote(member_id, "taxi", POINTS, Amount(5), "9373", quote, SOON), AT)
    order = PlaceOrder(member_id, "taxi", "manual", POINTS, Amount(5), quote, "test", key(name), False, 1, since)
    return await ledger.write(order, AT)


async def test_two_members_may_use_the_same_key(ledger: Ledger) -> None:
    """A key is its member's: another's order is another order."""
    for ordinal in (1, 2):
        member_id = await enrolled(ledger, number(ordinal))
        await given(ledger, member_id, 10, None, "all")
        quote = MakeQuote(member_id, "taxi", POINTS, Amount(5), "9373", key("quote"), SOON)
        await ledger.write(quote, AT)
        order = PlaceOrder(member_id, "taxi", "manual", POINTS, Amount(5), key("quote"), "test", key("order"))
        assert (await ledger.write(order, AT)).result is Result.ORDERED
