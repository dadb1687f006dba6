"""A little traffic for the store's tests: members, accruals and events in few words."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, TypeAlias

import asyncpg

from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.ports import Decision, Enrolment, Event, Status, Written
from gateway.loyalty.programme import EventType
from gateway.loyalty.rules import Earning
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger, TrackCounts
from gateway.store.tracks import TrackEvent
from tests.conftest import TRACKS, open_ledger

Connection: TypeAlias = "asyncpg.Connection[Any]"

AT = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=366)
NUMBER_KEYS = "1:" + "5a" * 32
NUMBER = Msisdn("+79210000001")
POINTS = Unit("points")
LASTS_MAX_S = 120.0
"""A test that has not ended by then hangs."""
WRITERS = 32
"""So many at once: fewer than a ledger lets wait, more than it has connections."""


def number(ordinal: int) -> Msisdn:
    return Msisdn(f"+7921{ordinal:07d}")


def key(ordinal: object) -> IdempotencyKey:
    return IdempotencyKey(f"test:{ordinal}")


def earning(amount: int, expires_at: datetime | None = AT + YEAR) -> Earning:
    return Earning("gift", POINTS, Amount(amount), expires_at)


def charge(event_id: str, msisdn: Msisdn = NUMBER) -> Event:
    return Event("billing", event_id, EventType.CHARGE, msisdn, Amount(100))


def deciding(member_id: MemberId, *earnings: Earning) -> Decision:
    return Decision(member_id, Status.ACTIVE, Status.ACTIVE, earnings)


def blocking(member_id: MemberId) -> Decision:
    return replace(deciding(member_id), status_becomes=Status.BLOCKED)


async def enrolled(ledger: Ledger, msisdn: Msisdn = NUMBER) -> MemberId:
    return await ledger.enrol(Enrolment(msisdn, "ru", (POINTS,), "1"), AT)


async def posted(ledger: Ledger, member_id: MemberId, amount: int, ordinal: object, at: datetime = AT) -> Written:
    return await ledger.post(member_id, earning(amount, at + YEAR), key(ordinal), "test", at)


async def points(ledger: Ledger, msisdn: Msisdn = NUMBER) -> int:
    member = await ledger.member(msisdn, AT)
    assert member is not None
    return sum(balance.available for balance in member.balances)


def secrets_of(ledger: Ledger, facts: str) -> dict[str, str]:
    """What a message's facts keep sealed."""
    return {
        name: ledger.keys.unseal(bytes.fromhex(cipher), version, bytes.fromhex(bound_to)).decode()
        for name, (cipher, version, bound_to) in json.loads(facts)["sealed"].items()
    }


async def each_sent_at_once(
    operations: Iterable[Callable[[Ledger], Awaitable[Written]]], ledgers: Sequence[Ledger]
) -> list[Written]:
    """What each of these operations is answered, sent to all these ledgers at once, by many writers."""
    left = iter(operations)

    async def writer() -> list[Written]:
        answers: list[Written] = []
        for operation in left:
            answers += await asyncio.gather(*map(operation, ledgers))
        return answers

    async with asyncio.timeout(LASTS_MAX_S):
        return list(chain(*await asyncio.gather(*(writer() for _ in range(WRITERS)))))


@asynccontextmanager
async def opened(
    database_url: str, pack: Pack, counts: TrackCounts = TRACKS, notice: TrackEvent = lambda *_: None
) -> AsyncIterator[Ledger]:
    """A gateway's ledger of its own."""
    ledger = open_ledger(database_url, pack, notice, counts)
    try:
        yield ledger
    finally:
        await ledger.close()
