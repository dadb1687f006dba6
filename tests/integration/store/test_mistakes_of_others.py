"""Mistakes that other ledgers and loyalty suites have made, each by its name.

Elsewhere: a gift card spent twice for want of a lock and a code's check used as an oracle are in `test_code_attacks.py`
and `test_codes.py`. Tiers that follow the balance: there are no tiers yet.
"""

from datetime import timedelta
from typing import get_type_hints

import asyncpg
import pytest

from gateway.errors import KeyReusedError
from gateway.ids import Amount, MemberId
from gateway.loyalty import writes
from gateway.loyalty.ports import Result
from gateway.loyalty.writes import (
    Adjust,
    CaptureHold,
    ClawBack,
    MakeQuote,
    PlaceHold,
    PlaceOrder,
    Refund,
    ReleaseHold,
    Reverse,
    SettleOrder,
    Spend,
)
from gateway.store import rewards_view
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.integration.store.traffic import AT, POINTS, YEAR, earning, enrolled, key, points, posted

pytestmark = pytest.mark.anyio


@pytest.fixture
async def member_id(ledger: Ledger) -> MemberId:
    """A member with a hundred points."""
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 100, "all")
    return member_id


def spend(member_id: MemberId, amount: int, name: object) -> Spend:
    return Spend(member_id, POINTS, Amount(amount), "gift", "test", key(name))


def hold(member_id: MemberId, amount: int, name: object) -> PlaceHold:
    return PlaceHold(member_id, POINTS, Amount(amount), "gift", "test", key(name))


async def test_holds_ignored_in_the_balance_check(ledger: Ledger, member_id: MemberId) -> None:
    await ledger.write(hold(member_id, 70, "hold"), AT)
    assert await points(ledger) == 30
    assert (await ledger.write(spend(member_id, 31, "spend"), AT)).result is Result.INSUFFICIENT
    assert (await ledger.write(hold(member_id, 31, "another"), AT)).result is Result.INSUFFICIENT


async def test_a_rejected_hold_that_can_still_be_captured(
    ledger: Ledger, member_id: MemberId, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    rejected = await ledger.write(hold(member_id, 101, "hold"), AT)
    assert rejected.result is Result.INSUFFICIENT
    assert "hold_id" not in rejected.ids
    assert await connection.fetchval("select count(*) from hold") == 0
    captured = await ledger.write(CaptureHold(member_id, 1, "test", key("capture")), AT)
    assert captured.result is Result.NO_HOLD
    assert await points(ledger) == 100


async def test_a_hold_that_is_captured_after_its_release(ledger: Ledger, member_id: MemberId) -> None:
    held = (await ledger.write(hold(member_id, 70, "hold"), AT)).ids["hold_id"]
    await ledger.write(ReleaseHold(member_id, held, "test", key("release")), AT)
    assert (await ledger.write(CaptureHold(member_id, held, "test", key("capture")), AT)).result is Result.SETTLED
    assert await points(ledger) == 100


async def test_a_refund_that_is_not_idempotent(ledger: Ledger, member_id: MemberId) -> None:
    spent = (await ledger.write(spend(member_id, 60, "spend"), AT)).ids["transfer_id"]
    refund = Refund(member_id, spent, "back", "test", key("refund"))
    assert (await ledger.write(refund, AT)).result is Result.REFUNDED
    assert (await ledger.write(refund, AT)).repeated
    other = Refund(member_id, spent, "back", "test", key("again"))
    assert (await ledger.write(other, AT)).result is Result.TOO_MUCH
    assert await points(ledger) == 100


async def test_a_409_that_moves_money(ledger: Ledger, member_id: MemberId, database_url: str) -> None:
    await ledger.write(spend(member_id, 60, "same"), AT)
    with pytest.raises(KeyReusedError):
        await ledger.write(spend(member_id, 10, "same"), AT)
    assert await points(ledger) == 40
    assert await verify(database_url) == ()


async def test_nothing_left_when_it_is_only_held(ledger: Ledger, member_id: MemberId) -> None:
    """What is held, of points or of a stock, is there again when the order fails."""
    await rewards_view.change_stock(ledger, "mug", 1, "one", "test", AT)
    quote = key("quote")
    await ledger.write(MakeQuote(member_id, "mug", POINTS, Amount(100), "", quote, AT + timedelta(minutes=10)), AT)
    order = PlaceOrder(
        member_id, "mug", "manual", POINTS, Amount(100), quote, "test", key("order"), counted=True,
        due_at=AT + timedelta(days=1),
    )  # fmt: skip
    order_id = (await ledger.write(order, AT)).ids["order_id"]
    [seen] = await ledger.rewards(member_id, [("mug", None)])
    assert (await points(ledger), seen.remaining) == (0, 0)
    await ledger.write(SettleOrder(member_id, order_id, "refused", "broken", "test", key("refuse")), AT)
    [seen] = await ledger.rewards(member_id, [("mug", None)])
    assert (await points(ledger), seen.remaining) == (100, 1)


@pytest.mark.parametrize(
    ("claw_back", "left", "owes"),
    [
        pytest.param(ClawBack.WITHIN_BALANCE, 40, 0, id="within the balance"),
        pytest.param(ClawBack.UNLIMITED, 0, 0, id="unlimited"),
    ],
)
async def test_buy_earn_refund_keep(
    ledger: Ledger, connection: "asyncpg.Connection[asyncpg.Record]", claw_back: ClawBack, left: int, owes: int
) -> None:
    """Points are spent before the purchase that earned them is given back: what they bought is paid all the same."""
    member_id = await enrolled(ledger)
    earned = (await posted(ledger, member_id, 100, "purchase")).ids["transfer_id"]
    await ledger.write(spend(member_id, 100, "spend"), AT)
    reverse = Reverse(member_id, earned, "purchase given back", "test", key("reverse"), claw_back=claw_back)
    assert (await ledger.write(reverse, AT)).result is Result.REVERSED
    await posted(ledger, member_id, 40, "first")
    assert await points(ledger) == left
    await posted(ledger, member_id, 60, "second")
    assert await points(ledger) == left + 60 - (60 if claw_back is ClawBack.UNLIMITED else 0)
    assert await connection.fetchval("select debt from account where member_id = $1", member_id) == owes


async def test_an_expired_wallet_that_is_claimable(ledger: Ledger) -> None:
    """The sweep has not come by, and it makes no difference."""
    member_id = await enrolled(ledger)
    await ledger.post(member_id, earning(100, AT + timedelta(days=1)), key("short"), "test", AT)
    late = AT + timedelta(days=1)
    assert (await ledger.write(spend(member_id, 1, "spend"), late)).result is Result.INSUFFICIENT
    assert (await ledger.write(hold(member_id, 1, "hold"), late)).result is Result.INSUFFICIENT


async def test_an_expired_credit_that_vanishes_while_its_debit_stays(ledger: Ledger, database_url: str) -> None:
    member_id = await enrolled(ledger)
    await ledger.post(member_id, earning(100, AT + timedelta(days=1)), key("short"), "test", AT)
    await ledger.write(spend(member_id, 60, "spend"), AT)
    sweep = {
        "primitive": "expire", "member_id": member_id, "channel": "job", "grace_s": 0,
        "pack_version_id": await ledger.open(AT), "at": (AT + YEAR).isoformat(),
    }  # fmt: skip
    assert (await ledger.carry_out(sweep))["amount"] == 40
    assert (await ledger.carry_out(sweep))["amount"] == 0
    assert [one.amount for one in await ledger.statement(member_id, 9)] == [-40, -60, 100]
    assert await verify(database_url) == ()


def test_floats() -> None:
    """No amount is anything but a whole number, in Python and in SQL."""
    for name in ("Spend", "PlaceHold", "CaptureHold", "Refund", "Reverse", "Adjust", "MakeQuote", "PlaceOrder"):
        hints = get_type_hints(getattr(writes, name))
        amounts = [hint for field, hint in hints.items() if field in {"amount", "price"}]
        assert amounts
        assert all(hint in {Amount, Amount | None} for hint in amounts)


async def test_no_column_of_an_amount_is_a_float(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    rows = await connection.fetch(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
    )
    assert not [row for row in rows if row["data_type"] in {"real", "double precision", "numeric", "money"}]


async def test_units_added_instead_of_deducted(ledger: Ledger, member_id: MemberId) -> None:
    await ledger.write(spend(member_id, 10, "spend"), AT)
    await ledger.write(Adjust(member_id, POINTS, Amount(-20), "slip", "test", key("less")), AT)
    await ledger.write(Adjust(member_id, POINTS, Amount(5), "apology", "test", key("more")), AT)
    assert [one.amount for one in await ledger.statement(member_id, 9)] == [5, -20, -10, 100]
    assert await points(ledger) == 75
