"""The queue of screens shown unasked: each is taken once, waits its turn and its rest, and ends in its time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from gateway.ids import MemberId
from gateway.menu.push import PushKind
from gateway.msisdn import Msisdn
from gateway.store import pushes
from gateway.store.idempotent import Answer, Transaction
from gateway.store.ledger import Ledger
from gateway.store.pushes import PushAsked, Pushes, PushSettled, PushState, PushTaken
from gateway.store.tracks import Target
from tests.integration.store.traffic import AT, enrolled, number

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
SMSC = "ussd"
ANNA, BORIS = number(8801), number(8802)


class Queue:
    """The queue as a process with a link has it, and whoever asks for pushes."""

    def __init__(self, ledger: Ledger, transaction: Transaction, connection: "asyncpg.Connection[Any]") -> None:
        self.ledger = ledger
        self.pushes = Pushes(ledger)
        self._transaction = transaction
        self._connection = connection
        self._claims = 0

    async def ask(self, msisdn: Msisdn = ANNA, kind: PushKind = PushKind.SERVICE, smsc: str | None = SMSC) -> int:
        """A push for a member; its number."""
        member_id = await enrolled(self.ledger, msisdn)
        made = 0

        async def do(transaction: Transaction) -> Answer:
            nonlocal made
            made = await pushes.made(transaction, member_id, PushAsked("welcome", kind, smsc, AT + MINUTE), AT)
            return Answer(202, "")

        await self._transaction.whole(do)
        return made

    async def take(self, at: datetime = AT, lease: timedelta = MINUTE, count: int = 10) -> list[PushTaken]:
        self._claims += 1
        return list(await self.pushes.claim([SMSC], count, f"node/{self._claims}", datetime.now(UTC) + lease, at))

    async def state(self, push_id: int) -> tuple[str, str]:
        seen = await pushes.seen(self.ledger, push_id)
        assert seen is not None
        return seen.state, seen.reason

    async def agree(self, member_id: MemberId) -> None:
        await self._connection.execute(
            "insert into consent (member_id, purpose, given, channel, wording, at)"
            " values ($1, 'advertising', true, 'sms', 'w', $2)",
            member_id,
            AT,
        )


@pytest.fixture
async def queue(ledger: Ledger, database_url: str, connection: "asyncpg.Connection[Any]") -> AsyncIterator[Queue]:
    await connection.execute(
        "update ussd_push set state = 'expired', owner = null where state in ('queued', 'sending')"
    )
    transaction = Transaction(Target(database_url, "test"), lambda what, why: None)
    yield Queue(ledger, transaction, connection)
    await transaction.close()


async def test_a_push_is_taken_once_and_in_the_order_of_asking(queue: Queue) -> None:
    first, second = await queue.ask(ANNA), await queue.ask(BORIS)
    taken = await queue.take(count=1) + await queue.take()
    assert [(push.push_id, push.msisdn) for push in taken] == [(first, ANNA), (second, BORIS)]
    assert await queue.take() == []


async def test_one_at_a_time_is_on_its_way_to_a_number(queue: Queue) -> None:
    await queue.ask()
    second = await queue.ask()
    [push] = await queue.take()
    assert await queue.take() == []
    await queue.pushes.settle(push, PushSettled(PushState.SHOWN, session="1"), SMSC, AT)
    assert [one.push_id for one in await queue.take()] == [second]


async def test_only_the_links_that_were_named_take_it_and_any_where_none_was(queue: Queue) -> None:
    await queue.ask(ANNA, smsc="elsewhere")
    anywhere = await queue.ask(BORIS, smsc=None)
    assert [push.push_id for push in await queue.take()] == [anywhere]


async def test_what_was_on_no_wire_rests_and_is_taken_again(queue: Queue) -> None:
    rested, resting = await queue.ask(ANNA), await queue.ask(BORIS)
    for push, rest in zip(await queue.take(), (-MINUTE, MINUTE), strict=True):
        settled = PushSettled(PushState.QUEUED, "away", rest_until=datetime.now(UTC) + rest)
        await queue.pushes.settle(push, settled, SMSC, AT)
    assert [push.push_id for push in await queue.take()] == [rested]
    assert await queue.state(resting) == ("queued", "away")


async def test_advertising_is_taken_by_nobody_without_consent(queue: Queue) -> None:
    refused = await queue.ask(number(8803), PushKind.ADVERTISING)
    assert await queue.take() == []
    assert await queue.state(refused) == ("no_consent", "")
    await queue.agree(await enrolled(queue.ledger, number(8804)))
    shown = await queue.ask(number(8804), PushKind.ADVERTISING)
    assert [push.push_id for push in await queue.take()] == [shown]


async def test_a_push_left_alone_is_in_doubt_and_never_taken_again(queue: Queue) -> None:
    push_id = await queue.ask()
    [push] = await queue.take(lease=-MINUTE)
    await queue.pushes.tidy(AT)
    assert await queue.state(push_id) == ("in_doubt", "whoever showed it has died")
    assert await queue.take() == []
    await queue.pushes.settle(push, PushSettled(PushState.SHOWN, session="1"), SMSC, AT)
    assert (await queue.state(push_id))[0] == "in_doubt", "its owner had its time"
    await queue.pushes.answered(push_id, AT)
    assert (await queue.state(push_id))[0] == "answered", "whoever answers has seen it"


async def test_a_push_is_over_in_its_time(queue: Queue) -> None:
    push_id = await queue.ask()
    assert await queue.take(at=AT + MINUTE) == []
    await queue.pushes.tidy(AT + MINUTE)
    assert await queue.state(push_id) == ("expired", "no link took it in time")


async def test_a_notice_is_confirmed_by_number_and_session(queue: Queue) -> None:
    ids = []
    for _ in range(2):
        ids.append(await queue.ask())
        [push] = await queue.take()
        await queue.pushes.settle(push, PushSettled(PushState.SHOWN, session="7"), SMSC, AT)
    await queue.pushes.confirmed(BORIS, SMSC, "7", AT)
    await queue.pushes.confirmed(ANNA, SMSC, "8", AT)
    assert [(await queue.state(push_id))[0] for push_id in ids] == ["shown", "shown"]
    await queue.pushes.confirmed(ANNA, SMSC, "7", AT)
    assert [(await queue.state(push_id))[0] for push_id in ids] == ["shown", "answered"], "the newest is meant"
