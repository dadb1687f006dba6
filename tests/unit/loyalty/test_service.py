"""The use cases over a ledger that answers what it is told: who is enrolled, what is decided, and when again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import BadRequestError, StoreUnavailableError
from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.ports import Decision, Enrolment, Event, Member, Movement, Result, Status, Written
from gateway.loyalty.programme import EventType
from gateway.loyalty.rules import Earning
from gateway.loyalty.service import AHEAD_MAX, DECISIONS_MAX, Loyalty
from gateway.loyalty.writes import Write
from gateway.msisdn import Msisdn
from gateway.pack import Pack

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
NUMBER = Msisdn("+79210000001")
ACCEPTED = Written(Result.ACCEPTED)
STALE = Written(Result.STALE)


class ToldLedger:
    """Shows the members and gives the answers that a test prepared, and remembers what was asked of it.

    Stands in for a store whose member changes between two statements, which the real one does only by chance;
    `tests/integration/store` has the real one.
    """

    def __init__(self, members: Sequence[Member | None], answers: Sequence[Written] = ()) -> None:
        self.members = list(members)
        self.answers = list(answers)
        self.enrolments: list[Enrolment] = []
        self.decisions: list[Decision] = []

    async def member(self, msisdn: Msisdn, at: datetime) -> Member | None:
        return self.members.pop(0)

    async def enrol(self, enrolment: Enrolment, at: datetime) -> MemberId:
        self.enrolments.append(enrolment)
        return MemberId(7)

    async def record_event(self, event: Event, decision: Decision, at: datetime) -> Written:
        self.decisions.append(decision)
        return self.answers.pop(0)

    async def statement(self, member_id: MemberId, count: int) -> Sequence[Movement]:
        raise NotImplementedError

    async def post(
        self, member_id: MemberId, earning: Earning, key: IdempotencyKey, channel: str, at: datetime
    ) -> Written:
        raise NotImplementedError

    async def write(self, write: Write, at: datetime) -> Written:
        raise NotImplementedError


def member(status: Status = Status.ACTIVE) -> Member:
    return Member(MemberId(7), "ru", status, "2026-11", ())


def event(kind: EventType, amount: int = 0, occurred_at: datetime | None = None) -> Event:
    return Event("billing", "1", kind, NUMBER, Amount(amount), occurred_at)


def earned(decision: Decision) -> list[tuple[str, int]]:
    return [(earning.unit, earning.amount) for earning in decision.earnings]


async def test_a_known_number_is_the_member_it_is(pack: Pack) -> None:
    ledger = ToldLedger([member(Status.BLOCKED)])
    assert await Loyalty(pack.programme, ledger).recognise(NUMBER, AT) == member(Status.BLOCKED)
    assert ledger.enrolments == []


async def test_a_new_number_becomes_a_member_of_the_terms_in_force(pack: Pack) -> None:
    ledger = ToldLedger([None])
    new = await Loyalty(pack.programme, ledger).recognise(NUMBER, AT)
    units = (Unit("points"), Unit("gift_units"))
    assert ledger.enrolments == [Enrolment(NUMBER, "ru", units, pack.programme.terms.version)]
    assert new == Member(MemberId(7), "ru", Status.ACTIVE, pack.programme.terms.version, ())


@pytest.mark.parametrize(
    ("chosen", "hint", "spoken"),
    [
        pytest.param("en", "", "en", id="chosen by staff before the first dial"),
        pytest.param("en", "ru", "en", id="chosen, and the phone's is another"),
        pytest.param("ru", "en", "en", id="nothing was chosen, and the phone's is known"),
        pytest.param("fr", "", "ru", id="no longer among the programme's languages"),
        pytest.param("ru", "fr", "ru", id="the phone's is not among them"),
    ],
)
async def test_whoever_was_invited_comes_to_the_language_that_was_chosen(
    pack: Pack, chosen: str, hint: str, spoken: str
) -> None:
    ledger = ToldLedger([Member(MemberId(7), chosen, Status.INVITED, "", ())])
    assert (await Loyalty(pack.programme, ledger).recognise(NUMBER, AT, hint)).language == spoken
    [enrolment] = ledger.enrolments
    assert enrolment.language == spoken


@pytest.mark.parametrize(
    ("was", "kind", "becomes", "amounts"),
    [
        pytest.param(Status.ACTIVE, EventType.CHARGE, Status.ACTIVE, [("points", 500)], id="a charge"),
        pytest.param(Status.ACTIVE, EventType.ACTIVATED, Status.ACTIVE, [("gift_units", 5)], id="activated"),
        pytest.param(Status.ACTIVE, EventType.BLOCKED, Status.BLOCKED, [], id="blocked"),
        pytest.param(Status.ACTIVE, EventType.UNBLOCKED, Status.ACTIVE, [], id="unblocked, but was active"),
        pytest.param(Status.BLOCKED, EventType.CHARGE, Status.BLOCKED, [], id="a charge while blocked"),
        pytest.param(Status.BLOCKED, EventType.BLOCKED, Status.BLOCKED, [], id="blocked again"),
        pytest.param(Status.BLOCKED, EventType.UNBLOCKED, Status.ACTIVE, [], id="unblocked"),
    ],
)
async def test_what_an_event_does(
    pack: Pack, was: Status, kind: EventType, becomes: Status, amounts: list[tuple[str, int]]
) -> None:
    ledger = ToldLedger([member(was)], [ACCEPTED])
    assert await Loyalty(pack.programme, ledger).take_event(event(kind, 50_000), AT) == ACCEPTED
    [decision] = ledger.decisions
    assert (decision.member_id, decision.status_seen, decision.status_becomes) == (7, was, becomes)
    assert earned(decision) == amounts


async def test_a_member_who_changed_in_between_is_decided_again(pack: Pack) -> None:
    ledger = ToldLedger([member(), member(Status.BLOCKED)], [STALE, ACCEPTED])
    await Loyalty(pack.programme, ledger).take_event(event(EventType.CHARGE, 50_000), AT)
    assert [earned(decision) for decision in ledger.decisions] == [[("points", 500)], []]
    assert [decision.status_seen for decision in ledger.decisions] == [Status.ACTIVE, Status.BLOCKED]


async def test_a_member_who_keeps_changing_is_told_to_come_again(pack: Pack) -> None:
    ledger = ToldLedger([member()] * DECISIONS_MAX, [STALE] * DECISIONS_MAX)
    with pytest.raises(StoreUnavailableError, match="keeps changing"):
        await Loyalty(pack.programme, ledger).take_event(event(EventType.CHARGE), AT)
    assert len(ledger.decisions) == DECISIONS_MAX


async def test_the_last_decision_may_still_be_accepted(pack: Pack) -> None:
    answers = [STALE] * (DECISIONS_MAX - 1) + [ACCEPTED]
    ledger = ToldLedger([member()] * DECISIONS_MAX, answers)
    assert await Loyalty(pack.programme, ledger).take_event(event(EventType.CHARGE), AT) == ACCEPTED


@pytest.mark.parametrize("ahead", [timedelta(), AHEAD_MAX, timedelta(days=-400)], ids=["now", "most ahead", "late"])
async def test_an_event_that_happened_is_taken(pack: Pack, ahead: timedelta) -> None:
    ledger = ToldLedger([member()], [ACCEPTED])
    assert await Loyalty(pack.programme, ledger).take_event(event(EventType.CHARGE, 100, AT + ahead), AT) == ACCEPTED


async def test_an_event_of_the_future_is_refused_before_anything_is_written(pack: Pack) -> None:
    ledger = ToldLedger([])
    future = event(EventType.CHARGE, 100, AT + AHEAD_MAX + timedelta(microseconds=1))
    with pytest.raises(BadRequestError, match="occurred_at lies ahead"):
        await Loyalty(pack.programme, ledger).take_event(future, AT)


async def test_a_purchase_at_somebody_elses_is_refused(pack: Pack) -> None:
    ledger = ToldLedger([member()], [ACCEPTED])
    bought = Event("till", "1", EventType.PURCHASE, NUMBER, Amount(50_000), partner="kinograd")
    assert await Loyalty(pack.programme, ledger).take_event(bought, AT) == ACCEPTED
    assert [(one.amount, one.partner) for one in ledger.decisions[0].earnings] == [(2_500, "kinograd")]
    with pytest.raises(BadRequestError, match="no such partner; there are: kinograd"):
        await Loyalty(pack.programme, ledger).take_event(replace(bought, partner="kiosk"), AT)
