"""The ledger as plain bookkeeping: what the store must answer to any sequence of calls.

Knows no SQL, no batches and no clock. It is written from the semantics, not from the primitives: lists of lots and
movements, one table of answers by key, one of answers by event.
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
from gateway.msisdn import Msisdn


@dataclass(frozen=True, slots=True)
class Post:
    """One accrual."""

    member_id: MemberId
    earning: Earning
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Choose:
    """A language."""

    member_id: MemberId
    language: str
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Record:
    """An event, with what was decided."""

    event: Event
    decision: Decision


Call = Post | Choose | Record
Body = tuple[object, ...]
Answer = Written | Result
"""`Result.KEY_REUSED` stands for the error of that name."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What was earned together. Nothing spends yet, so all of it remains, expired or not."""

    unit: Unit
    amount: Amount
    earned_at: datetime
    expires_at: datetime | None


@dataclass(slots=True)
class Person:
    """One member."""

    member_id: MemberId
    language: str
    terms_version: str
    status: Status = Status.ACTIVE
    lots: list[Lot] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    answers: dict[str, tuple[Body, Written]] = field(default_factory=dict)


class Model:
    """Everything that the store knows."""

    def __init__(self) -> None:
        self.people: dict[Msisdn, Person] = {}
        self.events: dict[tuple[str, str], tuple[Body, Written]] = {}

    def enrolled(self, enrolment: Enrolment, member_id: MemberId) -> MemberId:
        """Whose member the number is: the first enrolment's. `member_id` is what the store calls a new one."""
        known = Person(member_id, enrolment.language, enrolment.terms_version)
        return self.people.setdefault(enrolment.msisdn, known).member_id

    def person(self, member_id: MemberId) -> Person | None:
        """By the store's id."""
        return next((person for person in self.people.values() if person.member_id == member_id), None)

    def answer(self, call: Call, at: datetime) -> Answer:
        """Apply a call and say what the store answers."""
        member_id = call.decision.member_id if isinstance(call, Record) else call.member_id
        person = self.person(member_id)
        if person is None:
            return Written(Result.NO_MEMBER)
        match call:
            case Post():
                return self._post(person, call, at)
            case Choose():
                return self._choose(person, call)
            case Record():
                return self._record(person, call, at)
            case _:
                assert_never(call)

    def seen(self, msisdn: Msisdn, at: datetime) -> Member | None:
        """The member as the store shows it at a moment, balances by unit in the alphabet's order."""
        person = self.people.get(msisdn)
        if person is None:
            return None
        units = sorted({lot.unit for lot in person.lots})
        balances = tuple(balance for unit in units if (balance := _balance(person.lots, unit, at)))
        return Member(person.member_id, person.language, person.status, person.terms_version, balances)

    def statement(self, member_id: MemberId, count: int) -> list[Movement]:
        """The latest movements, newest first."""
        person = self.person(member_id)
        return [] if person is None else person.movements[::-1][:count]

    def _post(self, person: Person, call: Post, at: datetime) -> Answer:
        earning = call.earning
        body: Body = (earning.rule,) if earning.once else (earning.rule, earning.unit, earning.amount)
        known = _known(person.answers.get(call.key), body)
        if known is not None:
            return known
        person.lots.append(Lot(earning.unit, earning.amount, at, earning.expires_at))
        person.movements.append(Movement(at, earning.unit, earning.amount, earning.rule))
        person.answers[call.key] = (body, Written(Result.POSTED))
        return Written(Result.POSTED)

    def _choose(self, person: Person, call: Choose) -> Answer:
        body: Body = (call.language,)
        known = _known(person.answers.get(call.key), body)
        if known is not None:
            return known
        person.language = call.language
        person.answers[call.key] = (body, Written(Result.CHOSEN))
        return Written(Result.CHOSEN)

    def _record(self, person: Person, call: Record, at: datetime) -> Answer:
        event, decision = call.event, call.decision
        body: Body = (event.kind, event.msisdn, event.amount, event.occurred_at)
        known = _known(self.events.get((event.source, event.event_id)), body)
        if known is not None:
            return known
        if decision.status_seen is not person.status:
            return Written(Result.STALE)
        person.status = decision.status_becomes
        earned = []
        for earning in decision.earnings:
            own = f"event:{event.source}:{event.event_id}:{earning.rule}"
            key = f"once:{earning.rule}" if earning.once else own
            posted = self._post(person, Post(person.member_id, earning, IdempotencyKey(key)), at)
            if posted == Written(Result.POSTED):
                earned.append(Earned(earning.unit, earning.amount, earning.rule))
        written = Written(Result.ACCEPTED, earned=tuple(earned))
        self.events[event.source, event.event_id] = (body, written)
        return written


def _known(before: tuple[Body, Written] | None, body: Body) -> Answer | None:
    """The first answer again, or the error for another body, or None for a new key."""
    if before is None:
        return None
    if before[0] != body:
        return Result.KEY_REUSED
    return Written(before[1].result, repeated=True, earned=before[1].earned)


def _balance(lots: list[Lot], unit: Unit, at: datetime) -> Balance | None:
    live = [lot for lot in lots if lot.unit == unit and (lot.expires_at is None or lot.expires_at > at)]
    if not live:
        return None
    expires_at = min((lot.expires_at for lot in live if lot.expires_at), default=None)
    expiring = sum(lot.amount for lot in live if expires_at and lot.expires_at == expires_at)
    return Balance(unit, Amount(sum(lot.amount for lot in live)), Amount(expiring), expires_at)
