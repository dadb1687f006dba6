"""What may be asked of a ledger, drawn from what its books are at that moment.

Most calls hit something: a hold that is open, a spend that may be given back, a quote that stands. Some hit what is
another's, what is nobody's, or ask for a little too much.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty import programme_file
from gateway.loyalty.ports import Decision, Event, Status
from gateway.loyalty.programme import AMOUNT_MAX, EventType
from gateway.loyalty.rules import Earning, earn
from gateway.loyalty.writes import (
    Adjust,
    CaptureHold,
    ChooseLanguage,
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
    Told,
)
from gateway.msisdn import Msisdn
from tests.properties.ledger_model import CHANNEL, Call, Model, Post, Record

STARTS = [datetime(2027, 6, 30, 21, 30, tzinfo=UTC), datetime(2027, 2, 27, 12, tzinfo=UTC)]
"""Two years from each hold 29 February 2028, and four changes of Berlin's clocks."""
LASTS = timedelta(days=731)
NUMBERS = [Msisdn(f"+7921000000{digit}") for digit in range(4)]
NOBODY = MemberId(2**40)
NOTHING = 10**6
"""A number that no transfer, hold or order has."""
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

PROGRAMME = programme_file.load(
    "programme.yaml",
    """
name: {ru: Проба}
time_zone: Europe/Berlin
languages: [ru]
enrolment: automatic
terms: {version: "1"}
advertising: {version: "1"}
other_label: {ru: прочее}
units:
  points: {names: {ru: {one: балл, few: балла, many: баллов}}, expires: {months: 6}}
  days: {names: {ru: {one: день, few: дня, many: дней}}, expires: {months: 1, round: none}}
  stars: {names: {ru: {one: звезда, few: звезды, many: звёзд}}}
partners: [{partner: shop, label: {ru: е}}, {partner: kiosk, label: {ru: ё}}]
earning:
  - {rule: topup, label: {ru: а}, event: top_up, unit: points,
     steps: [{from: 100, percent: 1}, {from: 900, percent: 7}]}
  - {rule: bonus, label: {ru: б}, event: top_up, unit: days, give: 2, per: 300, at_most: 5}
  - {rule: promo, label: {ru: в}, event: top_up, unit: stars, give: 1,
     starts: 2028-02-29T00:00:00+01:00, ends: 2028-10-29T03:00:00+01:00}
  - {rule: charge, label: {ru: г}, event: charge, unit: points, give: 3, per: 7, pending_days: 3}
  - {rule: bought, label: {ru: ж}, event: purchase, unit: points, give: 1, per: 6}
  - {rule: kiosk, label: {ru: з}, event: purchase, partner: kiosk, unit: stars, give: 2, per: 99}
  - {rule: welcome, label: {ru: д}, event: activated, unit: days, give: 5, once: true}
""",
)
UNITS = [Unit(code) for code in PROGRAMME.units]


@dataclass(frozen=True, slots=True)
class Ware:
    """A reward of the test's own."""

    reward: str
    fulfilment: str
    price: int
    counted: bool = False
    limit: int | None = None
    due: timedelta | None = None


WARES = [
    Ware("cinema", "billing", 7, counted=True),
    Ware("minutes", "billing", 3, limit=2),
    Ware("mug", "pick_up", 12, counted=True, limit=1, due=20 * DAY),
    Ware("taxi", "manual", 5, due=10 * DAY),
    Ware("ticket", "voucher", 4),
]
LIMIT_SPAN = 30 * DAY
SHORT_NUMBERS = ["9373", "6111"]
SWITCHES = ["action:exchange", "reward:cinema", "reward:ticket", "reward:other"]
OWNERS = ["one", "two"]


LIVES = [None, None, TICK, DAY, 10 * DAY, 40 * DAY, 100 * DAY, 400 * DAY, LASTS]
AMOUNTS = [0, 1, 6, 7, 99, 100, 299, 300, 899, 900, 10**6]
BECOMES = ["delivered", "delivered", "refused", "expired", "parked", "later"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls by `dice`, as the books are at this moment."""

    model: Model
    at: datetime
    dice: random.Random

    def call(self) -> Call:
        """Any call."""
        kinds: list[tuple[int, Callable[[], Call]]] = [
            (6, self.record),
            (8, self.post),
            (2, self._choose),
            (12, self._want),
            (10, self._end),
            (9, self._refund),
            (8, self._reverse),
            (8, self._ask),
            (12, self._buy),
            (10, self._word),
        ]
        [make] = self.dice.choices([make for _, make in kinds], [weight for weight, _ in kinds])
        return make()

    def post(self) -> Post:
        """An accrual that no rule gave; half of them are pending for a while."""
        lives = self.dice.choice(LIVES)
        amount = AMOUNT_MAX if self._seldom(20) else self.dice.randint(1, 99)
        available_at = None
        if lives != TICK and self.dice.random() < 0.5:
            available_at = self.at + (10 * DAY if lives is None else lives / 2)
        earning = Earning("gift", self._unit(), Amount(amount), self._until(lives), available_at=available_at)
        return Post(self._member_id(), earning, self._key())

    def record(self) -> Record:
        """An event, as the service decides it from what its member is now."""
        [kind] = self.dice.choices(list(EventType), [6, 6, 5, 2, 1, 3])
        event = Event(
            self.dice.choice(["billing", "web"]),
            str(self.dice.randint(0, 60)),
            kind,
            self.dice.choice(list(self.model.people)),
            Amount(self.dice.choice([*AMOUNTS, self.dice.randint(0, 2000)])),
            partner=self.dice.choice(PROGRAMME.partner_codes) if kind.has_partner else None,
        )
        person = self.model.people[event.msisdn]
        becomes = {EventType.BLOCKED: Status.BLOCKED, EventType.UNBLOCKED: Status.ACTIVE}.get(event.kind, person.status)
        active = person.status is Status.ACTIVE
        earned = earn(PROGRAMME, event.kind, event.amount, self.at, self.at, event.partner) if active else ()
        return Record(event, Decision(person.member_id, person.status, becomes, earned))

    def _choose(self) -> ChooseLanguage:
        return ChooseLanguage(self._member_id(), self.dice.choice(["ru", "en"]), self._key())

    def _want(self) -> Call:
        """To hold, to spend, to adjust."""
        member_id, unit, key = self._member_id(), self._unit(), self._key()
        amount = Amount(self._part(self.model.books.available(member_id, unit, self.at)))
        until = self._until(self.dice.choice(LIVES[:6]))
        match self.dice.choice(["hold", "hold", "hold", "spend", "spend", "give", "take"]):
            case "hold":
                return PlaceHold(member_id, unit, amount, "kept", CHANNEL, key, until)
            case "spend":
                return Spend(member_id, unit, amount, "paid", CHANNEL, key)
            case "give":
                return Adjust(member_id, unit, Amount(self.dice.randint(1, 30)), "sorry", CHANNEL, key, until)
            case _:
                return Adjust(member_id, unit, Amount(-amount), "slip", CHANNEL, key)

    def _end(self) -> Call:
        """How a hold ends: one of an order's too, as somebody might try."""
        hold = self._one([one for one in self.model.books.holds if one.state == "open"], self.model.books.holds)
        member_id = self._owner(hold.act.member_id if hold else None)
        number, held = (hold.number, hold.amount) if hold else (NOTHING, 1)
        if hold is not None and any(order.hold == hold.number for order in self.model.shop.orders):
            return self._word()
        if self.dice.random() < 0.4:
            return ReleaseHold(member_id, number, CHANNEL, self._key())
        amount = None if self.dice.random() < 0.3 else Amount(self._part(held))
        return CaptureHold(member_id, number, CHANNEL, self._key(), amount)

    def _refund(self) -> Call:
        books = self.model.books
        spends = [one for one in books.transfers if one.kind == "spend" and books.left_of_spend(one)]
        spend = self._one(spends, books.transfers)
        amount = None if spend is None or self._seldom(3) else self._part(books.left_of_spend(spend))
        return Refund(
            self._owner(spend.act.member_id if spend else None),
            spend.number if spend else NOTHING,
            "back",
            CHANNEL,
            self._key(),
            None if amount is None else Amount(amount),
            self.dice.choice(list(IntoExpired)),
            self._until(self.dice.choice(LIVES)),
        )

    def _reverse(self) -> Call:
        books = self.model.books
        accruals = [one for one in books.transfers if one.kind in ("accrual", "adjustment") and one.amount > 0]
        accrual = self._one(accruals[-12:], books.transfers)
        amount = None if accrual is None or self._seldom(2) else Amount(self._part(accrual.amount))
        return Reverse(
            self._owner(accrual.act.member_id if accrual else None),
            accrual.number if accrual else NOTHING,
            "taken back",
            CHANNEL,
            self._key(),
            amount,
            self.dice.choice([*ClawBack, ClawBack.UNLIMITED]),
        )

    def _ask(self) -> MakeQuote:
        """What a reward costs."""
        ware, expires_at = self.dice.choice(WARES), self.at + self.dice.choice([TICK, timedelta(minutes=10), 3 * DAY])
        price, short_number = Amount(ware.price + self._seldom(9)), self.dice.choice(SHORT_NUMBERS)
        return MakeQuote(self._member_id(), ware.reward, UNITS[0], price, short_number, self._key(), expires_at)

    def _buy(self) -> Call:
        """Confirm a quote: mostly one that stands, for what was quoted, by whom it was told."""
        quotes = list(self.model.shop.quotes.values())
        quote = self._one([one for one in quotes if one.order is None and one.expires_at > self.at], quotes)
        if quote is None:
            return self._ask()
        ware = next(one for one in WARES if one.reward == quote.reward)
        told = {name: Told("voucher", "exchange", name, {}, "ru", ("handover",)) for name in ("delivered", "ready")}
        return PlaceOrder(
            self._owner(quote.member_id),
            ware.reward,
            ware.fulfilment,
            UNITS[0],
            Amount(quote.price - self._seldom(12)),
            "hop:nothing" if self._seldom(20) else quote.key,
            CHANNEL,
            self._key(),
            ware.counted,
            ware.limit,
            None if ware.limit is None else self.at - LIMIT_SPAN,
            self._until(ware.due),
            told=told if self._seldom(2) else {},
        )

    def _word(self) -> SettleOrder:
        """What is said of an order: by whoever has it, by staff, or by somebody else."""
        orders = self.model.shop.orders
        order = self._one([one for one in orders if one.settled_at is None], orders)
        becomes, doubtful = self.dice.choice(BECOMES), bool(self._seldom(2))
        told = Told("result", "order", becomes, {}, "ru") if self._seldom(2) else None
        return SettleOrder(
            self._owner(order.member_id if order else None),
            order.number if order else NOTHING,
            becomes,
            "so it is",
            CHANNEL,
            self._key(),
            self.dice.choice([*OWNERS, None]) if order is None or self._seldom(6) else order.owner,
            doubtful,
            self._until(self.dice.choice([None, timedelta(minutes=5), DAY])),
            told,
        )

    def member_ids(self) -> list[MemberId]:
        """The members', and nobody's."""
        return [*(person.member_id for person in self.model.people.values()), NOBODY]

    def _member_id(self) -> MemberId:
        return NOBODY if self._seldom(40) else self.dice.choice(self.member_ids()[:-1])

    def _owner(self, member_id: int | None) -> MemberId:
        """Whose it is; now and then another."""
        return self._member_id() if member_id is None or self._seldom(15) else MemberId(member_id)

    def _one(self, likely: Sequence[T], any_of: Sequence[T]) -> T | None:
        """Mostly a likely one."""
        if likely and not self._seldom(10):
            return self.dice.choice(likely)
        return self.dice.choice(any_of) if any_of and not self._seldom(10) else None

    def _part(self, whole: int) -> int:
        """Mostly a part of what there is, sometimes all of it, a little more, nothing, or less than nothing."""
        several = self.dice.randint(0, max(whole, 0))
        return self.dice.choices([several, whole, whole + 1, 0, -several], [12, 6, 2, 1, 1])[0]

    def _unit(self) -> Unit:
        return self.dice.choices(UNITS, [6, 1, 1])[0]

    def _key(self) -> IdempotencyKey:
        """Mostly new."""
        return IdempotencyKey(f"hop:{self.dice.randint(0, 4) if self._seldom(40) else self.dice.getrandbits(40)}")

    def _until(self, lives: timedelta | None) -> datetime | None:
        return None if lives is None else self.at + lives

    def _seldom(self, times: int) -> int:
        """1 once in so many times, else 0."""
        return int(self.dice.randrange(times) == 0)


def otherwise(call: Call) -> Call:
    """The same key with another body."""
    match call:
        case Post():
            return replace(call, earning=replace(call.earning, amount=Amount(call.earning.amount + 1)))
        case Record():
            return replace(call, event=replace(call.event, amount=Amount(call.event.amount + 1)))
        case ChooseLanguage():
            return replace(call, language=call.language + "-latin")
        case PlaceHold() | Spend() | Adjust():
            return replace(call, amount=Amount(call.amount + 1 or 1))
        case CaptureHold() | Refund() | Reverse():
            return replace(call, amount=Amount((call.amount or 0) + 1))
        case ReleaseHold():
            return CaptureHold(call.member_id, call.hold_id, CHANNEL, call.key)
        case MakeQuote() | PlaceOrder():
            return replace(call, price=Amount(call.price + 1))
        case SettleOrder():
            return replace(call, becomes="parked" if call.becomes == "later" else "later")
        case _:
            return call


def moments(call: Call) -> list[datetime]:
    """What must lie ahead of a call when it is carried out: the service would decide anew for later."""
    match call:
        case Post():
            earnings: tuple[Earning, ...] = (call.earning,)
        case Record():
            earnings = call.decision.earnings
        case PlaceHold() | Adjust() | MakeQuote():
            return [call.expires_at] if call.expires_at else []
        case Refund():
            return [call.fresh_until] if call.fresh_until else []
        case PlaceOrder():
            return [call.due_at] if call.due_at else []
        case _:
            return []
    return [earning.expires_at for earning in earnings if earning.expires_at]
