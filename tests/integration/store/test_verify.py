"""An edited ledger row is found, whichever it is; and the journal does not let itself be edited at all."""

import asyncpg
import pytest

from gateway.errors import ConfigurationError
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.integration.store.traffic import AT, Connection, charge, deciding, earning, enrolled, posted

pytestmark = pytest.mark.anyio

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
EVENT_ORIGIN = "what an event earned is what it was answered"


@pytest.fixture
async def booked(ledger: Ledger) -> None:
    """Two accruals of one member: one by hand, one of an event."""
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 30, "a")
    await ledger.record_event(charge("1"), deciding(member_id, earning(12)), AT)


@pytest.mark.usefixtures("booked")
async def test_books_that_nobody_touched_have_no_fault(database_url: str) -> None:
    assert await verify(database_url) == ()


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("edit", "found"),
    [
        pytest.param("update entry set amount = amount + 1 where account = 'member'", {SUM, ENTRY}, id="entry.amount"),
        pytest.param("update entry set amount = sign(amount) * 77", {ENTRY}, id="entry.amount, balanced"),
        pytest.param("update entry set unit = 'stars'", {ENTRY, ACCOUNT_ENTRIES}, id="entry.unit"),
        pytest.param("delete from entry", {ENTRY, ACCOUNT_ENTRIES}, id="entry deleted"),
        pytest.param("update transfer set amount = amount + 1", {ENTRY, LOT, ANSWER}, id="transfer.amount"),
        pytest.param("update transfer set unit = 'stars'", {ENTRY, LOT, ANSWER}, id="transfer.unit"),
        pytest.param("update transfer set key = 'x' || key", {KEY, ANSWER}, id="transfer.key"),
        pytest.param("update transfer set key = 'test:a'", {KEY, ANSWER}, id="transfer.key, of another"),
        pytest.param("update transfer set expires_at = expires_at + interval '1 s'", {LOT}, id="transfer.expires_at"),
        pytest.param("update transfer set at = at - interval '1 s'", {LOT}, id="transfer.at"),
        pytest.param("delete from transfer", {TRANSFER, LOT_ORIGIN, ANSWER, EVENT}, id="transfer deleted"),
        pytest.param("update lot set remaining = remaining - 1", {ACCOUNT_LOTS}, id="lot.remaining"),
        pytest.param("update lot set held = 1", {ACCOUNT_LOTS}, id="lot.held"),
        pytest.param("update lot set amount = amount + 1", {LOT}, id="lot.amount"),
        pytest.param("update lot set unit = 'stars'", {LOT, ACCOUNT_LOTS}, id="lot.unit"),
        pytest.param("update lot set expires_at = expires_at + interval '1 year'", {LOT}, id="lot.expires_at"),
        pytest.param("update lot set expires_at = null", {LOT}, id="lot.expires_at, for ever"),
        pytest.param("update lot set earned_at = earned_at - interval '1 s'", {LOT}, id="lot.earned_at"),
        pytest.param("delete from lot", {LOT, ACCOUNT_LOTS}, id="lot deleted"),
        pytest.param("update account set posted = posted + 1", {ACCOUNT_ENTRIES, ACCOUNT_LOTS}, id="account.posted"),
        pytest.param("update account set held = 1", {ACCOUNT_LOTS}, id="account.held"),
        pytest.param("delete from account", {ACCOUNT_ENTRIES, ACCOUNT_LOTS}, id="account deleted"),
        pytest.param("delete from idempotency", {KEY}, id="idempotency deleted"),
        pytest.param(
            "update idempotency set outcome = jsonb_set(outcome, '{amount}', '1')", {ANSWER}, id="idempotency.outcome"
        ),
        pytest.param(
            "update source_event set outcome = jsonb_set(outcome, '{earned,0,amount}', '1')",
            {EVENT},
            id="source_event.outcome, the amount",
        ),
        pytest.param(
            "update source_event set outcome = jsonb_set(outcome, '{earned}', '[]')",
            {EVENT_ORIGIN},
            id="source_event.outcome, nothing earned",
        ),
        pytest.param("delete from source_event", {EVENT_ORIGIN}, id="source_event deleted"),
    ],
)
async def test_an_edited_row_is_found(database_url: str, connection: Connection, edit: str, found: set[str]) -> None:
    await connection.execute(f"set session_replication_role = replica; {edit}")
    faults = await verify(database_url)
    assert {fault.invariant for fault in faults} >= found
    member_id = await connection.fetchval("select member_id from member")
    assert {fault.member_id for fault in faults} == {member_id}
    assert all(fault.detail for fault in faults)


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize("table", ["transfer", "entry"])
@pytest.mark.parametrize(
    "change",
    ["update {} set amount = amount + 1", "delete from {}", "truncate {}"],
    ids=["update", "delete", "truncate"],
)
async def test_the_journal_is_insert_only(connection: Connection, table: str, change: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="insert-only: a correction is a new transfer"):
        await connection.execute(change.format(table))


async def test_a_database_of_another_release_says_what_to_do(database_url: str, connection: Connection) -> None:
    await connection.execute("drop function ledger_faults()")
    with pytest.raises(ConfigurationError, match="run `gateway migrate`"):
        await verify(database_url)
