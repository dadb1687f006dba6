"""What a verb may ask the store to write: values, each with the key that makes a repeat find its first answer.

Amounts are whole units; times are programme time. A write says what is wanted; whether it may be is decided under the
member's lock, and a refusal is an answer like any other (`ports.Result`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.code_limits import CodeLimits
from gateway.outcome import Fact


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """The language in which the programme speaks to a member."""

    member_id: MemberId
    language: str
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """What a member said to advertising: by which channel, and to which version of the words."""

    member_id: MemberId
    given: bool
    channel: str
    wording: str
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Keep an amount from being spent otherwise, until it is captured or released, or `expires_at` comes."""

    member_id: MemberId
    unit: Unit
    amount: Amount
    reason: str
    channel: str
    key: IdempotencyKey
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaptureHold:
    """Spend what is held, all of it or `amount`; the rest returns to its own lots."""

    member_id: MemberId
    hold_id: int
    channel: str
    key: IdempotencyKey
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Let what is held be spent again."""

    member_id: MemberId
    hold_id: int
    channel: str
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Spend:
    """Spend at once: a hold and its capture in one."""

    member_id: MemberId
    unit: Unit
    amount: Amount
    reason: str
    channel: str
    key: IdempotencyKey


class IntoExpired(StrEnum):
    """What a refund does whose lot has expired: back to it all the same, with a grace period, or into a fresh lot."""

    ORIGINAL = "original"
    GRACE = "grace"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Refund:
    """Give back what a spend took, all that is left of it or `amount`, into the lots that it came from.

    `fresh_until` is when a fresh lot ends, for the policy that makes one; None is never.
    """

    member_id: MemberId
    transfer_id: int
    reason: str
    channel: str
    key: IdempotencyKey
    amount: Amount | None = None
    into_expired: IntoExpired = IntoExpired.GRACE
    fresh_until: datetime | None = None


class ClawBack(StrEnum):
    """How far an accrual that has been spent is taken back: only while it is pending; what the balance has; or all,
    the rest as a debt that later accruals repay."""

    ONLY_PENDING = "only_pending"
    WITHIN_BALANCE = "within_balance"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class Reverse:
    """Take an accrual back, all that is left of it or `amount`. What had expired of it is gone already."""

    member_id: MemberId
    transfer_id: int
    reason: str
    channel: str
    key: IdempotencyKey
    amount: Amount | None = None
    claw_back: ClawBack = ClawBack.WITHIN_BALANCE


@dataclass(frozen=True, slots=True)
class Adjust:
    """A correction by staff: `amount` is signed and not 0; what is given ends at `expires_at` (None: never)."""

    member_id: MemberId
    unit: Unit
    amount: Amount
    reason: str
    channel: str
    key: IdempotencyKey
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MakeQuote:
    """What a reward costs this member now; whoever confirms it before `expires_at` pays exactly that, once."""

    member_id: MemberId
    reward: str
    unit: Unit
    price: Amount
    short_number: str
    key: IdempotencyKey
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a member is told by SMS with a write, whatever the mouth. `kind` is one of `sms.kinds`. `sealed` names the
    secrets that the text speaks of (`handover`): the store knows them, and keeps them encrypted until they are sent."""

    kind: str
    reply: str
    outcome: str
    facts: Mapping[str, Fact]
    language: str
    sealed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Exchange points for a reward, bound to the quote of that key; without a quote it is free (a code granted it).

    `fulfilment` says how it gets to the member, `terms` what its adapter needs. `counted`: it has a stock.
    `limit_count` orders of this reward since `limit_since` are the most that one member may have.
    `told` is by the result: `delivered`, `ready`.
    """

    member_id: MemberId
    reward: str
    fulfilment: str
    unit: Unit
    price: Amount
    quote_key: str
    channel: str
    key: IdempotencyKey
    counted: bool = False
    limit_count: int | None = None
    limit_since: datetime | None = None
    due_at: datetime | None = None
    terms: Mapping[str, Fact] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettleOrder:
    """How an order ended (`delivered`, `refused`), or that it did not: `parked` for staff, `later` to be tried again.

    `owner` is whoever claimed it; without one it is staff's word. `rest_until` is machine time. `doubtful`: the other
    side may have it.
    """

    member_id: MemberId
    order_id: int
    becomes: str
    reason: str
    channel: str
    key: IdempotencyKey
    owner: str | None = None
    doubtful: bool = False
    rest_until: datetime | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class RedeemCode:
    """Redeem a gift code as it was typed: digits only. `number_range` is the beginning of the member's number, by which
    the breaker acts. `expires_at` is when a granted unit's lot would end, by unit; `time_zone` is the one in which a
    member is told a day. `told` as in `PlaceOrder`."""

    member_id: MemberId
    gift_code: str = field(repr=False)
    number_range: str
    channel: str
    key: IdempotencyKey
    limits: CodeLimits
    time_zone: str
    expires_at: Mapping[str, datetime | None]
    told: Mapping[str, Told] = field(default_factory=dict)


Write = (
    ChooseLanguage
    | RecordConsent
    | PlaceHold
    | CaptureHold
    | ReleaseHold
    | Spend
    | Refund
    | Reverse
    | Adjust
    | MakeQuote
    | PlaceOrder
    | SettleOrder
    | RedeemCode
)
