"""An edited ledger row is found, whichever it is; and the journal does not let itself be edited at all."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from gateway.embedded import Servers
from gateway.errors import ConfigurationError
from gateway.ids import Amount, MemberId, Unit
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
from gateway.pack import Pack
from gateway.store import functions, rewards_view
from gateway.store.ledger import Ledger
from gateway.store.tracks import Target, connect
from gateway.store.verify import verify
from tests.conftest import TEMPLATE, copied
from tests.integration.store.traffic import AT, POINTS, charge, deciding, earning, enrolled, key, opened, posted

pytestmark = pytest.mark.anyio

SOON = AT + timedelta(days=10)
LATER = AT + timedelta(days=12)

SUM = "the entries of a transfer sum to zero"
ENTRY = "a transfer has its member's entry"
TRANSFER = "an entry has its transfer"
ACCOUNT_ENTRIES = "an account is the sum of its entries"
ACCOUNT_LOTS = "an account is the sum of its lots"
LOT = "an accrual has its lot"
LOT_ORIGIN = "a lot has its accrual"
KEY = "a transfer has its key, and a key moves points once"
ANSWER = "what a key was answered is what it moved"
EVENT = "what an event was answered is what it earned"
GIVER = "what an event earned comes from whoever gives it"
EVENT_ORIGIN = "what an event earned is what it was answered"


async def earn(ledger: Ledger) -> MemberId:
    """Two accruals of one member: one by hand, one of an event."""
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 30, "a")
    await ledger.record_event(charge("1"), deciding(member_id, earning(12)), AT)
    return member_id


Template = tuple[str, MemberId]
"""The name of a database to copy for each test, and the one member in its books."""


@pytest.fixture(scope="module")
def earned(template: Servers, pack: Pack) -> Iterator[Template]:
    with copied(template, TEMPLATE) as (name, url):
        yield name, asyncio.run(written(url, pack, earn))


async def written(database_url: str, pack: Pack, write: Callable[[Ledger], Awaitable[MemberId]]) -> MemberId:
    """Write books that are right; whose they are."""
    async with opened(database_url, pack) as ledger:
        member_id = await write(ledger)
    assert await verify(database_url) == ()
    return member_id


@pytest.fixture
def books_of_an_earner(template: Servers, earned: Template) -> Iterator[str]:
    with copied(template, earned[0]) as (_, url):
        yield url


async def executed(database_url: str, statements: str) -> None:
    connection = await connect(Target(database_url, "test"))
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def edited(database_url: str, statement: str) -> None:
    """As by somebody who may do everything."""
    await executed(database_url, f"set session_replication_role = replica; {statement}")


BREAKS_OF_EARNING = {
    "update entry set amount = amount + 1 where account = 'member'": {SUM, ENTRY},
    "update entry set amount = sign(amount) * 77": {ENTRY},
    "update entry set unit = 'stars'": {ENTRY, ACCOUNT_ENTRIES},
    "update entry set account = 'partner:kiosk' where account = 'issuance'": {GIVER},
    "delete from entry": {ENTRY, ACCOUNT_ENTRIES},
    "update transfer set amount = amount + 1": {ENTRY, LOT, ANSWER},
    "update transfer set unit = 'stars'": {ENTRY, LOT, ANSWER},
    "update transfer set key = 'x' || key": {KEY, ANSWER},
    "update transfer set key = 'test:a'": {KEY, ANSWER},
    "update transfer set expires_at = expires_at + interval '1 s'": {LOT},
    "update transfer set at = at - interval '1 s'": {LOT},
    "delete from transfer": {TRANSFER, LOT_ORIGIN, ANSWER, EVENT},
    "update lot set remaining = remaining - 1": {ACCOUNT_LOTS},
    "update lot set held = 1": {ACCOUNT_LOTS},
    "update lot set amount = amount + 1": {LOT},
    "update lot set unit = 'stars'": {LOT, ACCOUNT_LOTS},
    "update lot set expires_at = expires_at + interval '1 year'": {LOT},
    "update lot set expires_at = null": {LOT},
    "update lot set earned_at = earned_at - interval '1 s'": {LOT},
    "delete from lot": {LOT, ACCOUNT_LOTS},
    "update account set posted = posted + 1": {ACCOUNT_ENTRIES, ACCOUNT_LOTS},
    "update account set held = 1": {ACCOUNT_LOTS},
    "delete from account": {ACCOUNT_ENTRIES, ACCOUNT_LOTS},
    "delete from idempotency": {KEY},
    "update idempotency set outcome = jsonb_set(outcome, '{amount}', '1')": {ANSWER},
    "update source_event set outcome = jsonb_set(outcome, '{earned,0,amount}', '1')": {EVENT},
    "update source_event set outcome = jsonb_set(outcome, '{earned}', '[]')": {EVENT_ORIGIN},
    "delete from source_event": {EVENT_ORIGIN},
}
"""Edits, and what the proof says of each at least."""


@pytest.mark.parametrize(("statement", "found"), BREAKS_OF_EARNING.items())
async def test_an_edited_row_is_found(
    books_of_an_earner: str, earned: Template, statement: str, found: set[str]
) -> None:
    await edited(books_of_an_earner, statement)
    faults = await verify(books_of_an_earner)
    assert {fault.invariant for fault in faults} >= found
    assert {fault.member_id for fault in faults} == {earned[1]}
    assert all(fault.detail for fault in faults)


async def live(ledger: Ledger) -> MemberId:
    """One member to whom everything has happened that can happen to points."""
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 200, "a")
    await ledger.post(member_id, earning(20, SOON), key("short"), "test", AT)
    await ledger.post(member_id, replace(earning(40), available_at=SOON), key("pending"), "test", AT)
    await _hold(ledger, member_id)
    await _correct(ledger, member_id)
    await _order(ledger, member_id)
    return member_id


@pytest.fixture(scope="module")
def lived(template: Servers, pack: Pack) -> Iterator[Template]:
    with copied(template, TEMPLATE) as (name, url):
        yield name, asyncio.run(written(url, pack, live))


@pytest.fixture
def books_of_a_spender(template: Servers, lived: Template) -> Iterator[str]:
    with copied(template, lived[0]) as (_, url):
        yield url


async def _hold(ledger: Ledger, member_id: MemberId) -> None:
    """A hold of each end; the first one's lot is over when it ends."""

    async def held(name: str, expires_at: datetime | None = None) -> int:
        hold = PlaceHold(member_id, POINTS, Amount(10), "gift", "test", key(name), expires_at)
        return (await ledger.write(hold, AT)).ids["hold_id"]

    released, captured, _ = await held("released"), await held("captured"), await held("timed out", SOON)
    await held("open")
    await ledger.write(CaptureHold(member_id, captured, "test", key("capture"), Amount(7)), AT)
    await ledger.write(ReleaseHold(member_id, released, "test", key("release")), LATER)
    sweep = {"primitive": "expire", "member_id": member_id, "channel": "job", "pack_version_id": 1, "grace_s": 1}
    await ledger.carry_out(sweep | {"at": (LATER + timedelta(days=1)).isoformat()})


async def _correct(ledger: Ledger, member_id: MemberId) -> None:
    """Points that come back, and stars that were spent before they were taken back: a debt, of which some is repaid."""
    stars = Unit("stars")
    spend = await ledger.write(Spend(member_id, POINTS, Amount(10), "gift", "test", key("spend")), LATER)
    await ledger.write(Refund(member_id, spend.ids["transfer_id"], "back", "test", key("refund"), Amount(4)), LATER)
    await ledger.write(Adjust(member_id, POINTS, Amount(5), "sorry", "test", key("more")), LATER)
    await ledger.write(Adjust(member_id, POINTS, Amount(-5), "slip", "test", key("less")), LATER)
    earned = await ledger.post(member_id, replace(earning(9), unit=stars), key("stars"), "test", AT)
    await ledger.write(Spend(member_id, stars, Amount(9), "gift", "test", key("spend stars")), AT)
    reverse = Reverse(
        member_id, earned.ids["transfer_id"], "taken back", "test", key("reverse"), claw_back=ClawBack.UNLIMITED
    )
    await ledger.write(reverse, LATER)
    await ledger.post(member_id, replace(earning(4), unit=stars), key("more stars"), "test", LATER)


async def _order(ledger: Ledger, member_id: MemberId) -> None:
    """An order that waits, one that was refused, one that was delivered, and a voucher."""
    await rewards_view.put_vouchers(ledger, "ticket", ["one"], "staff", AT)
    for name, fulfilment in (
        ("waits", "manual"),
        ("refused", "manual"),
        ("delivered", "manual"),
        ("ticket", "voucher"),
    ):
        quote, until = key(f"quote {name}"), LATER + timedelta(days=1)
        await ledger.write(MakeQuote(member_id, name, POINTS, Amount(6), "9373", quote, until), LATER)
        order = PlaceOrder(member_id, name, fulfilment, POINTS, Amount(6), quote, "test", key(name))
        order_id = (await ledger.write(order, LATER)).ids["order_id"]
        if name in {"refused", "delivered"}:
            await ledger.write(SettleOrder(member_id, order_id, name, "", "test", key(f"settle {name}")), LATER)


THE_SPEND = "where transfer_id = (select transfer_id from transfer where key = 'test:spend')"
THE_CAPTURE = "where transfer_id = (select transfer_id from transfer where key = 'test:capture')"
REFUSED = """set outcome = '{"result": "insufficient"}'"""

BREAKS = {
    "the other side of a transfer is what its kind says": (
        "update entry set account = 'issuance' where account = 'redemption'",
        "update entry set account = 'issuance' where account = 'breakage'",
        "update entry set account = 'adjustment' where account = 'issuance'",
    ),
    "a debt is the sum of its entries": ("update account set debt = debt + 1 where unit = 'stars'",),
    "a debt is a shortfall that was not let go": (
        "update entry set amount = amount - 1 where account = 'debt' and amount < 0",
    ),
    "an accrual has its lot": (
        "update lot set available_at = null",
        "update transfer set available_at = null",
        "delete from lot where lot_id = (select max(lot_id) from lot)",
    ),
    "a lot has its accrual": ("update transfer set kind = 'spend' where key = 'test:more'",),
    "a transfer brings one lot": (
        """insert into lot (member_id, unit, amount, remaining, earned_at, transfer_id)
           select member_id, unit, amount, amount, earned_at, transfer_id from lot""",
    ),
    "what remains of a lot is what was not used": (
        "update lot set remaining = remaining - 1 where remaining > held",
        f"update lot_use set amount = amount + 1 {THE_SPEND}",
    ),
    "a transfer took of lots what it moved": (
        f"update lot_use set amount = amount + 1 {THE_SPEND}",
        f"delete from lot_use {THE_SPEND}",
        "update lot set amount = amount + 1",
    ),
    "a use of a lot has its transfer": (
        "update lot_use set transfer_id = 0 where amount < 0",
        "update lot set unit = 'stars'",
    ),
    "what was restored of a spend is what was refunded": (
        f"update lot_use set restored = restored + 1 {THE_SPEND}",
        "update lot_use set restored = 0",
    ),
    "a lot lives on only after a return": (
        "update lot set grace_until = earned_at + interval '1 s' where grace_until is null and expires_at is not null",
    ),
    "nothing is spent of a lot that is pending": ("update lot set available_at = expires_at - interval '1 s'",),
    "nothing is spent of a lot that is over": (
        f"update transfer set at = at + interval '2 years' {THE_SPEND}",
        "update lot set expires_at = earned_at + interval '1 s', available_at = null, grace_until = null",
    ),
    "a lot expires after its end": ("update lot set expires_at = expires_at + interval '1 year'",),
    "a hold is the sum of its lots": (
        "update hold set amount = amount + 1 where state = 'open'",
        "update hold_lot set captured = captured - 1 where captured > 0",
    ),
    "an account holds what its open holds do": (
        "update account set held = held - 1 where unit = 'points'",
        "update hold set state = 'open', settled_at = null where state = 'released'",
    ),
    "a lot holds what its open holds do": (
        "update hold set state = 'open', settled_at = null where state = 'released'",
        "update lot set held = held + 1 where held > 0",
    ),
    "a captured hold has one spend, and no other has any": (
        "update hold set state = 'released', captured = 0 where state = 'captured'",
        "update transfer set hold_id = null where hold_id is not null",
        f"update transfer set hold_id = (select hold_id from hold where state = 'released' limit 1) {THE_SPEND}",
        f"update transfer set hold_id = (select hold_id from hold where key = 'test:captured') {THE_SPEND}",
    ),
    "what a spend took of held lots is what was captured": (f"update lot_use set amount = amount - 1 {THE_CAPTURE}",),
    "a spend names a hold that there is": ("update transfer set hold_id = 0 where hold_id is not null",),
    "a hold ends after it was placed, and by its time-out": (
        "update hold set settled_at = settled_at + interval '1 s' where state = 'timed_out'",
        "update hold set settled_at = at - interval '1 s' where state = 'released'",
    ),
    "a correction names what it corrects": (
        "update transfer set of_transfer_id = null where kind = 'refund'",
        "update transfer set of_transfer_id = 0 where kind = 'reversal'",
        "update transfer set shortfall = 1 where kind = 'spend'",
    ),
    "an accrual is not taken back twice": ("update transfer set shortfall = shortfall + 1 where kind = 'reversal'",),
    "a spend is not given back twice": ("update transfer set amount = 11 where kind = 'refund'",),
    "what time did says so": (
        "update transfer set key = 'expiry:0' where kind = 'expiry'",
        "update transfer set key = 'x' where kind = 'repayment'",
    ),
    "what a key was answered is what it moved": (
        """update idempotency set outcome = outcome || '{"shortfall": 1}' where key = 'test:reverse'""",
        """update idempotency set outcome = outcome || '{"amount": 1}' where key = 'test:spend'""",
        """update idempotency set outcome = outcome || '{"result": "posted"}' where key = 'test:spend'""",
    ),
    "what a key moved is what it was answered": (f"update idempotency {REFUSED} where key = 'test:spend'",),
    "what a key was answered is what it holds": (
        f"update idempotency {REFUSED} where key = 'test:open'",
        "delete from hold where state = 'open'",
    ),
    "an order is paid when it is delivered, held for until then, and not otherwise": (
        "update reward_order set state = 'delivered', settled_at = at where state = 'waiting'",
        "update reward_order set state = 'refused', settled_at = at where state = 'waiting'",
        "update reward_order set state = 'waiting', settled_at = null where state = 'delivered'",
        "update reward_order set state = 'waiting', settled_at = null where state = 'refused'",
        "update reward_order set state = 'delivered' where state = 'refused'",
        "update reward_order set transfer_id = null",
        "update reward_order set price = price - 1",
        "update reward_order set price = 0",
    ),
    "a hold is for one order": ("update reward_order set hold_id = (select max(hold_id) from reward_order)",),
    "a quote is confirmed by its order, and by one": (
        "update quote set price = price + 1",
        "update quote set expires_at = at, at = at - interval '1 hour'",
        "update quote set order_id = (select max(order_id) from reward_order)",
    ),
    "an order has its voucher": (
        "update voucher set order_id = null",
        "update reward_order set voucher_id = null",
    ),
    "a voucher goes to its order": (
        "update reward_order set voucher_id = null",
        "update voucher set order_id = order_id - 1",
        "delete from reward_order where fulfilment = 'voucher'",
    ),
    "a key was answered its order": ("update idempotency set outcome = outcome - 'order_id'",),
    "a key that was answered an order has one": ("delete from reward_order where state = 'waiting'",),
    "a segment has as many members as it says": (
        "update member set segments = '{vip}'",
        "insert into segment_size (segment, members) values ('vip', 1)",
    ),
}
"""What the proof says, and edits that make it say so."""


@pytest.mark.parametrize(("statement", "found"), [(edit, found) for found, edits in BREAKS.items() for edit in edits])
async def test_an_edited_row_of_a_spender_is_found(books_of_a_spender: str, statement: str, found: str) -> None:
    await edited(books_of_a_spender, statement)
    faults = await verify(books_of_a_spender)
    assert found in {fault.invariant for fault in faults}
    assert all(fault.detail for fault in faults)


def test_every_invariant_has_an_edit_that_breaks_it() -> None:
    """What was never seen to be found is not known to be found."""
    text = (functions.FOLDER / "verify.sql").read_text(encoding="utf-8")
    named = {one.replace("''", "'") for one in re.findall(r"^ *select '((?:[^']|'')+)', ", text, re.MULTILINE)}
    seen = set(BREAKS) | {found for founds in BREAKS_OF_EARNING.values() for found in founds}
    assert named == seen, "add an edit that breaks it to the tables above"


@pytest.mark.parametrize("table", ["transfer", "entry"])
@pytest.mark.parametrize(
    "change",
    ["update {} set amount = amount + 1", "delete from {}", "truncate {}"],
    ids=["update", "delete", "truncate"],
)
async def test_the_journal_is_insert_only(books_of_an_earner: str, table: str, change: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="insert-only: a correction is a new transfer"):
        await executed(books_of_an_earner, change.format(table))


async def test_a_database_of_another_release_says_what_to_do(database_url: str) -> None:
    await executed(database_url, "drop function ledger_faults()")
    with pytest.raises(ConfigurationError, match="run `gateway migrate`"):
        await verify(database_url)
