"""What the use cases need of the store: words and values, no SQL.

Every write names its key and the programme's time; the same key with the same content answers as the first time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.programme import EventType, Fulfilment, Reward
from gateway.loyalty.rules import Earning
from gateway.loyalty.writes import Write
from gateway.msisdn import Msisdn
from gateway.outcome import Fact


class Status(StrEnum):
    """Whether a member may use the programme. `INVITED`: a number that was sent a gift code and has not come yet."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    INVITED = "invited"


@dataclass(frozen=True, slots=True)
class Balance:
    """What can be spent of one unit, and what of it expires next (nothing: 0 and None)."""

    unit: Unit
    available: Amount
    expiring: Amount
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member as seen at one moment. `segments` and `tier` may be some that the programme has no more."""

    member_id: MemberId
    language: str
    status: Status
    terms_version: str
    balances: tuple[Balance, ...]
    segments: frozenset[str] = frozenset()
    tier: str | None = None


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
    """Something that happened to a subscriber, as the operator told us. `amount` is in kopecks; `partner` is where a
    purchase was made.

    Without `occurred_at` it happened when we took it; it is then no part of what a repeat must equal.
    """

    source: str
    event_id: str
    kind: EventType
    msisdn: Msisdn
    amount: Amount
    occurred_at: datetime | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the programme makes of an event for a member whose status was `status_seen`."""

    member_id: MemberId
    status_seen: Status
    status_becomes: Status
    earnings: tuple[Earning, ...]


class Result(StrEnum):
    """How the store answered a write. `STALE`: a guard no longer holds; decide again. `READ`: there was no write.

    Refusals are results too, and are kept under their key as every answer is.
    """

    ACCEPTED = "accepted"
    POSTED = "posted"
    CHOSEN = "chosen"
    RECORDED = "recorded"
    READ = "read"
    STALE = "stale"
    KEY_REUSED = "key_reused"
    NO_MEMBER = "no_member"

    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    SPENT = "spent"
    REFUNDED = "refunded"
    REVERSED = "reversed"
    ADJUSTED = "adjusted"
    EXPIRED = "expired"
    INSUFFICIENT = "insufficient"
    NO_HOLD = "no_hold"
    SETTLED = "settled"
    """The hold or order was resolved before, and not by this write."""
    NO_TRANSFER = "no_transfer"
    TOO_MUCH = "too_much"
    NOT_PENDING = "not_pending"

    QUOTED = "quoted"
    NO_QUOTE = "no_quote"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    READY = "ready"
    SOLD_OUT = "sold_out"
    LIMIT = "limit"
    CLOSED = "closed"
    """A kill switch is thrown."""
    BLOCKED = "blocked"
    NO_ORDER = "no_order"
    REFUSED = "refused"
    PARKED = "parked"
    LATER = "later"

    REDEEMED = "redeemed"
    ALREADY_YOURS = "already_yours"
    LOCKED = "locked"
    PAUSED = "paused"


MOVED = frozenset(
    {Result.POSTED, Result.SPENT, Result.CAPTURED, Result.ORDERED, Result.DELIVERED, Result.READY, Result.REDEEMED}
)
"""The results after which points are no longer where they were: whoever caused one must learn of it."""


@dataclass(frozen=True, slots=True)
class Earned:
    """One accrual that was booked."""

    unit: Unit
    amount: Amount
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a write; `repeated` when the key had been answered before. `facts` are what only the store knew,
    `ids` what it made: `transfer_id`, `hold_id`, `order_id`."""

    result: Result
    repeated: bool = False
    earned: tuple[Earned, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)
    ids: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class RewardSeen:
    """A reward as the store sees it now. `remaining` is its stock, None when none was ever counted; `vouchers` says
    whether one is left; `closed`, that a switch stops it; `had` is how many this member ordered."""

    remaining: int | None
    vouchers: bool
    closed: bool
    had: int

    def sold_out(self, reward: Reward) -> bool:
        """Whether there is none left of what this reward hands out."""
        if reward.fulfilment is Fulfilment.VOUCHER:
            return not self.vouchers
        return reward.counted and not self.remaining


@dataclass(frozen=True, slots=True)
class OpenQuote:
    """What a member was told that a reward costs."""

    key: IdempotencyKey
    reward: str
    unit: str
    price: int


class OrderState(StrEnum):
    """How far an order has come. `PLACED`, `CALLING`: its adapter delivers it; `WAITING`: somebody will; `READY`: the
    member can collect it; `PARKED`: nobody knows whether it was delivered, and staff find out."""

    PLACED = "placed"
    CALLING = "calling"
    WAITING = "waiting"
    READY = "ready"
    PARKED = "parked"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """One order as its member sees it."""

    order_id: int
    reward: str
    state: OrderState
    at: datetime


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

    async def rewards(self, member_id: MemberId, asks: Sequence[tuple[str, datetime | None]]) -> Sequence[RewardSeen]:
        """Each reward as it is now, in the order asked; `had` counts this member's orders since the moment given."""
        ...

    async def open_quote(
        self, member_id: MemberId, key: IdempotencyKey | None, short_number: str, at: datetime
    ) -> OpenQuote | None:
        """The quote of that key, confirmed or not; without a key the latest of this short number that may still be."""
        ...

    async def orders(self, member_id: MemberId, count: int) -> Sequence[OrderSeen]:
        """The latest orders, newest first."""
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
