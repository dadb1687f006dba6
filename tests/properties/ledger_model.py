"""What the store must answer to any sequence of calls: members, answers by key and by event, over `ledger_books`.

Knows no SQL, no batches and no clock. Calls name transfers, holds and orders by their numbers in the books.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.ports import (
    Balance,
    Decision,
    Earned,
    Enrolment,
    Event,
    Member,
    Movement,
    Result,
    Status,
    Written,
)
from gateway.loyalty.rules import Earning
from gateway.loyalty.writes import (
    Adjust,
    CaptureHold,
    ChooseLanguage,
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
from gateway.msisdn import Msisdn
from tests.properties.ledger_books import Act, Books, Hold, Lot
from tests.properties.ledger_orders import Shop

CHANNEL = "test"


@dataclass(frozen=True, slots=True)
class Post:
    """One accrual."""

    member_id: MemberId
    earning: Earning
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Record:
    """An event, with what was decided."""

    event: Event
    decision: Decision


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is over of one member expires. It has no key: doing it again does nothing."""

    member_id: MemberId


@dataclass(frozen=True, slots=True)
class Swept:
    """How many points expired, and how many holds ended."""

    points: int
    holds: int


Movements = PlaceHold | CaptureHold | ReleaseHold | Spend | Refund | Reverse | Adjust
Write = Movements | ChooseLanguage | MakeQuote | PlaceOrder | SettleOrder
Keyed = Post | Write
Call = Keyed | Record | Sweep
Body = tuple[object, ...]
Answer = Written | Swept | Result
"""`Result.KEY_REUSED` stands for the error of that name."""

SAME: dict[type[Write], tuple[str, ...]] = {
    ChooseLanguage: ("language",),
    PlaceHold: ("unit", "amount", "reason"),
    CaptureHold: ("hold_id", "amount"),
    ReleaseHold: ("hold_id",),
    Spend: ("unit", "amount", "reason"),
    Refund: ("transfer_id", "amount", "into_expired"),
    Reverse: ("transfer_id", "amount", "claw_back"),
    Adjust: ("unit", "amount", "reason"),
    MakeQuote: ("reward", "unit", "price"),
    PlaceOrder: ("reward", "unit", "price", "quote_key"),
    SettleOrder: ("order_id", "becomes"),
}
"""What of a call a repeat must equal: what is asked for; not when, by which channel, or under which terms."""


@dataclass(slots=True)
class Person:
    """One member."""

    member_id: MemberId
    language: str
    terms_version: str
    status: Status = Status.ACTIVE
    answers: dict[str, tuple[Body, Written]] = field(default_factory=dict)


class Model:
    """Everything that the store knows."""

    def __init__(self) -> None:
        self.people: dict[Msisdn, Person] = {}
        self.events: dict[tuple[str, str], tuple[Body, Written]] = {}
        self.books = Books()
        self.shop = Shop(self.books)

    def enrolled(self, enrolment: Enrolment, member_id: MemberId) -> MemberId:
        """Whose member the number is: the first enrolment's. `member_id` is what the store calls a new one."""
        known = Person(member_id, enrolment.language, enrolment.terms_version)
        return self.people.setdefault(enrolment.msisdn, known).member_id

    def person(self, member_id: int) -> Person | None:
        """By the store's id."""
        return next((person for person in self.people.values() if person.member_id == member_id), None)

    def answer(self, call: Call, at: datetime) -> Answer:
        """Apply a call and say what the store answers."""
        member_id = call.decision.member_id if isinstance(call, Record) else call.member_id
        person = self.person(member_id)
        if person is None:
            return Written(Result.NO_MEMBER)
        match call:
            case Sweep():
                return Swept(*self.books.sweep(Act(member_id, "", "", CHANNEL, at)))
            case Record():
                return self._record(person, call, at)
            case _:
                return self._keyed(person, call, at)

    def seen(self, msisdn: Msisdn, at: datetime) -> Member | None:
        """The member as the store shows it at a moment, balances by unit in the alphabet's order."""
        person = self.people.get(msisdn)
        if person is None:
            return None
        units = sorted({lot.unit for lot in self.books.lots if lot.member_id == person.member_id})
        spendable = (self.books.spendable(person.member_id, unit, at) for unit in units)
        balances = tuple(_balance(lots) for lots in spendable if lots)
        return Member(person.member_id, person.language, person.status, person.terms_version, balances)

    def statement(self, member_id: MemberId, count: int) -> list[Movement]:
        """The latest movements, newest first."""
        own = [one for one in self.books.transfers if one.act.member_id == member_id]
        return [Movement(one.act.at, Unit(one.unit), Amount(one.amount), one.act.reason) for one in own[::-1][:count]]

    def is_known(self, call: Call) -> bool:
        """Whether this was answered before, and nothing but the answer will come of it."""
        match call:
            case Record():
                return (call.event.source, call.event.event_id) in self.events
            case Sweep():
                return False
            case _:
                person = self.person(call.member_id)
                return person is None or call.key in person.answers

    def _keyed(self, person: Person, call: Keyed, at: datetime, channel: str = CHANNEL) -> Answer:
        """A refusal is an answer like any other: it is kept, and moves nothing."""
        body = _body(call)
        before = person.answers.get(call.key)
        if before is not None:
            return _again(before, body)
        written = self._first(person, call, Act(person.member_id, call.key, _reason(call), channel, at))
        person.answers[call.key] = (body, written)
        return written

    def _first(self, person: Person, call: Keyed, act: Act) -> Written:
        match call:
            case Post():
                return self._post(call, act)
            case ChooseLanguage():
                person.language = call.language
                return Written(Result.CHOSEN)
            case Refund():
                return self._refund(call, act)
            case Reverse():
                return self._reverse(call, act)
            case PlaceHold() | CaptureHold() | ReleaseHold() | Spend() | Adjust():
                self.books.catch_up(act)
                return self._moved(call, act)
            case MakeQuote():
                return Written(self.shop.quote(call, act.at))
            case PlaceOrder():
                return self._ordered(person, call, act)
            case SettleOrder():
                result = self.shop.settle(call, act)
                settled = result not in (Result.NO_ORDER, Result.SETTLED)
                return Written(result, ids={"order_id": call.order_id} if settled else {})
            case _:
                assert_never(call)

    def _moved(self, call: PlaceHold | CaptureHold | ReleaseHold | Spend | Adjust, act: Act) -> Written:
        match call:
            case PlaceHold():
                hold = self.books.place_hold(act, call.unit, call.amount, call.expires_at)
                return (
                    Written(Result.INSUFFICIENT) if hold is None else Written(Result.HELD, ids={"hold_id": hold.number})
                )
            case CaptureHold() | ReleaseHold():
                return self._resolved(call, self.books.hold(call.hold_id, call.member_id), act)
            case Spend():
                spend = self.books.take(act, "spend", call.unit, call.amount)
                return _transferred(Result.SPENT, spend.number) if spend else Written(Result.INSUFFICIENT)
            case Adjust(amount=amount) if amount > 0:
                given = self.books.book(act, "adjustment", call.unit, amount, expires_at=call.expires_at)
                self.books.make_lot(given, amount)
                self.books.repay(act, call.unit)
                return _transferred(Result.ADJUSTED, given.number)
            case Adjust():
                taken = self.books.take(act, "adjustment", call.unit, -call.amount)
                return _transferred(Result.ADJUSTED, taken.number) if taken else Written(Result.INSUFFICIENT)
            case _:
                assert_never(call)

    def _post(self, call: Post, act: Act) -> Written:
        earning = call.earning
        accrual = self.books.book(
            act,
            "accrual",
            earning.unit,
            earning.amount,
            against=None if earning.partner is None else f"partner:{earning.partner}",
            expires_at=earning.expires_at,
            available_at=earning.available_at,
        )
        self.books.make_lot(accrual, earning.amount)
        self.books.repay(act, earning.unit)
        return _transferred(Result.POSTED, accrual.number)

    def _resolved(self, call: CaptureHold | ReleaseHold, hold: Hold | None, act: Act) -> Written:
        if hold is None:
            return Written(Result.NO_HOLD)
        if hold.state != "open":
            return Written(Result.SETTLED)
        if isinstance(call, ReleaseHold):
            self.books.end_hold(act, hold, "released", act.at)
            return Written(Result.RELEASED)
        amount = hold.amount if call.amount is None else call.amount
        if not 0 < amount <= hold.amount:
            return Written(Result.TOO_MUCH)
        return _transferred(Result.CAPTURED, self.books.capture(act, hold, amount).number)

    def _refund(self, call: Refund, act: Act) -> Written:
        spend = self.books.transfer(call.transfer_id, call.member_id)
        if spend is None or spend.kind != "spend":
            return Written(Result.NO_TRANSFER)
        left = self.books.left_of_spend(spend)
        amount = left if call.amount is None else call.amount
        if not 0 < amount <= left:
            return Written(Result.TOO_MUCH)
        self.books.catch_up(act)
        made = self.books.refund(act, spend, amount, call.into_expired, call.fresh_until)
        return _transferred(Result.REFUNDED, made.number)

    def _reverse(self, call: Reverse, act: Act) -> Written:
        accrual = self.books.transfer(call.transfer_id, call.member_id)
        if accrual is None or accrual.kind not in ("accrual", "adjustment") or accrual.amount < 0:
            return Written(Result.NO_TRANSFER)
        self.books.catch_up(act)
        [lot] = [lot for lot in self.books.lots if lot.origin == accrual.number]
        left = self.books.left_of_accrual(accrual, lot, act.at)
        amount = left if call.amount is None else call.amount
        if not 0 < amount <= left:
            return Written(Result.TOO_MUCH)
        pending = lot.available_at is not None and lot.available_at > act.at
        if call.claw_back is ClawBack.ONLY_PENDING and not pending:
            return Written(Result.NOT_PENDING)
        owed = call.claw_back is ClawBack.UNLIMITED
        return _transferred(Result.REVERSED, self.books.reverse(act, accrual, lot, amount, owed=owed).number)

    def _ordered(self, person: Person, call: PlaceOrder, act: Act) -> Written:
        result, order = self.shop.place(call, act, active=person.status is Status.ACTIVE)
        if order is None:
            return Written(result)
        facts = {"order": order.number, "balance": self.books.available(call.member_id, call.unit, act.at)}
        ids = {"order_id": order.number}
        return Written(result, facts=facts, ids=ids | ({"transfer_id": order.transfer} if order.transfer else {}))

    def _record(self, person: Person, call: Record, at: datetime) -> Answer:
        event, decision = call.event, call.decision
        body: Body = (event.kind, event.msisdn, event.amount, event.occurred_at, event.partner)
        before = self.events.get((event.source, event.event_id))
        if before is not None:
            return _again(before, body)
        if decision.status_seen is not person.status:
            return Written(Result.STALE)
        person.status = decision.status_becomes
        earned = []
        for earning in decision.earnings:
            own = f"event:{event.source}:{event.event_id}:{earning.rule}"
            key = f"once:{earning.rule}" if earning.once else own
            post = Post(person.member_id, earning, IdempotencyKey(key))
            posted = self._keyed(person, post, at, "event")
            if isinstance(posted, Written) and not posted.repeated:
                earned.append(Earned(earning.unit, earning.amount, earning.rule))
        written = Written(Result.ACCEPTED, earned=tuple(earned))
        self.events[event.source, event.event_id] = (body, written)
        return written


def _transferred(result: Result, number: int) -> Written:
    return Written(result, ids={"transfer_id": number})


def _again(before: tuple[Body, Written], body: Body) -> Answer:
    """The first answer, or the error for another body."""
    known, written = before
    if known != body:
        return Result.KEY_REUSED
    return Written(written.result, True, written.earned, written.facts, written.ids)


def _body(call: Keyed) -> Body:
    if isinstance(call, Post):
        earning = call.earning
        return (earning.rule,) if earning.once else (earning.rule, earning.unit, earning.amount)
    kind = type(call) if isinstance(call, Movements) else None
    return (kind, *(getattr(call, name) for name in SAME[type(call)]))


def _reason(call: Keyed) -> str:
    """What the statement calls it."""
    match call:
        case Post():
            return call.earning.rule
        case PlaceOrder():
            return call.reward
        case PlaceHold() | Spend() | Refund() | Reverse() | Adjust():
            return call.reason
        case _:
            return ""


def _balance(lots: list[Lot]) -> Balance:
    """What can be spent of a unit, and what of it ends next."""
    expires_at = min((lot.ends_at for lot in lots if lot.ends_at), default=None)
    expiring = sum(lot.free for lot in lots if expires_at and lot.ends_at == expires_at)
    return Balance(Unit(lots[0].unit), Amount(sum(lot.free for lot in lots)), Amount(expiring), expires_at)
