"""Days are closed and journals sealed by jobs; whoever edits a row afterwards is found."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from gateway.ids import Amount
from gateway.jobs import closing, sealing
from gateway.loyalty.writes import Spend
from gateway.store.ledger import Ledger
from gateway.store.statements import ACCOUNTS_HELD
from gateway.store.tracks import Target, connect
from gateway.store.verify import verify
from tests.integration.store.traffic import AT, POINTS, enrolled, key, posted

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
CLOSES_AFTER = timedelta(hours=1)
"""From the end of a day until it is closed."""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    opened = await connect(Target(database_url))
    yield opened
    await opened.close()


async def sealed(ledger: Ledger, connection: "asyncpg.Connection[Any]") -> int:
    """Seal what there is, as passes a minute apart do: one notes how far a journal has come, the next seals it."""
    done = 0
    for _ in range(3):
        done += (await sealing.run(ledger, AT)).done
        await connection.execute("update seal_mark set noted_lease_until = $1", datetime.now(UTC))
    return done


async def test_days_are_closed_in_their_order_and_sum_up(
    ledger: Ledger, connection: "asyncpg.Connection[Any]", database_url: str
) -> None:
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 100, 1)
    await ledger.write(Spend(member_id, POINTS, Amount(30), "x", "test", key(2)), AT + DAY)
    assert (await closing.run(ledger, AT + timedelta(minutes=1))).done == 0, "the day is not over"
    closed = 0
    while (await closing.run(ledger, AT + 3 * DAY + CLOSES_AFTER)).done:
        closed += 1
    assert closed == 3
    await ledger.write(Spend(member_id, POINTS, Amount(5), "x", "test", key(3)), AT + 3 * DAY)
    rows = await connection.fetch(ACCOUNTS_HELD, AT + 4 * DAY)
    held = {(row["account"], row["unit"]): row["amount"] for row in rows}
    assert held == {("member", "points"): 65, ("issuance", "points"): -100, ("redemption", "points"): 35}
    assert await verify(database_url) == ()


async def test_a_closing_that_is_edited_is_found(
    ledger: Ledger, connection: "asyncpg.Connection[Any]", database_url: str
) -> None:
    await posted(ledger, await enrolled(ledger), 100, 1)
    await closing.run(ledger, AT + 2 * DAY)
    await connection.execute("update closing set amount = amount + 1 where account = 'member'")
    assert {fault.invariant for fault in await verify(database_url)} == {"a closed day is what moved in it"}


async def test_a_row_is_not_sealed_before_all_below_it_must_be_in(
    ledger: Ledger, connection: "asyncpg.Connection[Any]"
) -> None:
    await posted(ledger, await enrolled(ledger), 100, 1)
    assert (await sealing.run(ledger, AT)).done == 0
    assert (await sealing.run(ledger, AT)).done == 0
    assert await sealed(ledger, connection) == 1


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param("update transfer set reason = 'another' where transfer_id = 1", id="a reason"),
        pytest.param("update transfer set at = at + interval '1 second' where transfer_id = 2", id="a time"),
        pytest.param("update entry set account = 'adjustment' where account = 'issuance'", id="an account"),
        pytest.param("update audit_log set facts = '{}'", id="the audit log"),
        pytest.param("delete from audit_log", id="a line of the audit log taken away"),
    ],
)
async def test_an_edited_row_is_found(
    ledger: Ledger, connection: "asyncpg.Connection[Any]", database_url: str, edit: str
) -> None:
    member_id = await enrolled(ledger)
    for ordinal in range(3):
        await posted(ledger, member_id, 100, ordinal)
    await connection.execute(
        "insert into audit_log (at, actor, action, subject, facts) values ($1, 'a', 'b', 'c', $2)", AT, '{"d": 1}'
    )
    assert await sealed(ledger, connection) == 4
    await posted(ledger, member_id, 100, "more")
    assert await sealed(ledger, connection) == 1
    assert await verify(database_url) == ()
    await connection.execute(f"set session_replication_role = replica; {edit}")
    assert "a sealed row is as it was written" in {fault.invariant for fault in await verify(database_url)}
