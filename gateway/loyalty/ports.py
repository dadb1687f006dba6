"""What the use cases need of the store: words and values, no SQL.

Every write names its key and the programme's time; the same key with the same content answers as the first time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.programme import EventType
from gateway.loyalty.rules import Earning
from gateway.loyalty.writes import Write
from gateway.msisdn import Msisdn


class Status(StrEnum):
    """Whether a member may use the programme."""

    ACTIVE = "active"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Balance:
    """What can be spent of one unit, and what of it expires next (nothing: 0 and None)."""

    unit: Unit
    available: Amount
    expiring: Amount
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member as seen at one moment."""

    member_id: MemberId
    language: str
    status: Status
    terms_version: str
    balances: tuple[Balance, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a statement; `amount` is signed."""

    at: datetime
    unit: Unit
    amount: Amount
    reason: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is written when a number becomes a member."""

    msisdn: Msisdn
    language: str
    units: tuple[Unit, ...]
    terms_version: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a subscriber, as the operator told us. `amount` is in kopecks.

    Without `occurred_at` it happened when we took it; it is then no part of what a repeat must equal.
    """

    source: str
    event_id: str
    kind: EventType
    msisdn: Msisdn
    amount: Amount
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the programme makes of an event for a member whose status was `status_seen`."""

    member_id: MemberId
    status_seen: Status
    status_becomes: Status
    earnings: tuple[Earning, ...]


class Result(StrEnum):
    """How the store answered a write. `STALE`: a guard no longer holds; decide again. `READ`: there was no write."""

    ACCEPTED = "accepted"
    POSTED = "posted"
    CHOSEN = "chosen"
    RECORDED = "recorded"
    READ = "read"
    STALE = "stale"
    KEY_REUSED = "key_reused"
    NO_MEMBER = "no_member"


@dataclass(frozen=True, slots=True)
class Earned:
    """One accrual that was booked."""

    unit: Unit
    amount: Amount
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a write; `repeated` when the key had been answered before."""

    result: Result
    repeated: bool = False
    earned: tuple[Earned, ...] = ()


class LedgerPort(Protocol):
    """The store's operations. Each may raise `StoreUnavailableError` or `OverloadedError`."""

    async def member(self, msisdn: Msisdn, at: datetime) -> Member | None:
        """The member with this number, with balances at `at`; None when there is none."""
        ...

    async def enrol(self, enrolment: Enrolment, at: datetime) -> MemberId:
        """Make this number a member, or find that it is one."""
        ...

    async def statement(self, member_id: MemberId, count: int) -> Sequence[Movement]:
        """The latest movements, newest first."""
        ...

    async def post(
        self, member_id: MemberId, earning: Earning, key: IdempotencyKey, channel: str, at: datetime
    ) -> Written:
        """Book one accrual."""
        ...

    async def record_event(self, event: Event, decision: Decision, at: datetime) -> Written:
        """Record an event and book what it earned, in one transaction."""
        ...

    async def write(self, write: Write, at: datetime) -> Written:
        """Carry out what a verb decided."""
        ...
