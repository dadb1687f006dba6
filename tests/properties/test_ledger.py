"""Any sequence of calls, over two years of programme time: the store answers as plain bookkeeping does.

A model (`ledger_model`) predicts every reply; after every step the books are proven twice, by the store's own
`ledger_faults` and by sums of this test's own. The seed is printed with a failure and given back by `SEED=`.
"""

import asyncio
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gateway.errors import KeyReusedError
from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty import programme_file
from gateway.loyalty.ports import Decision, Enrolment, Event, Member, Movement, Result, Status
from gateway.loyalty.programme import AMOUNT_MAX, EventType
from gateway.loyalty.rules import Earning, earn
from gateway.loyalty.writes import ChooseLanguage
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.statements import LEDGER_FAULTS
from gateway.store.tracks import Target, connect
from tests.conftest import open_ledger
from tests.properties.ledger_model import Answer, Call, Choose, Model, Post, Record

LONG = os.environ.get("LONG") == "1"
SHARDS, EXAMPLES, STEPS = (4, 500, 200) if LONG else (1, 25, 30)
SEED = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))

STARTS = [datetime(2027, 6, 30, 21, 30, tzinfo=UTC), datetime(2027, 2, 27, 12, tzinfo=UTC)]
"""Two years from each hold 29 February 2028, and four changes of Berlin's clocks."""
LASTS = timedelta(days=731)
NUMBERS = [Msisdn(f"+7921000000{digit}") for digit in range(4)]
NOBODY = MemberId(2**40)

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
earning:
  - {rule: topup, label: {ru: а}, event: top_up, unit: points,
     steps: [{from: 100, percent: 1}, {from: 900, percent: 7}]}
  - {rule: bonus, label: {ru: б}, event: top_up, unit: days, give: 2, per: 300, at_most: 5}
  - {rule: promo, label: {ru: в}, event: top_up, unit: stars, give: 1,
     starts: 2028-02-29T00:00:00+01:00, ends: 2028-10-29T03:00:00+01:00}
  - {rule: charge, label: {ru: г}, event: charge, unit: points, give: 3, per: 7}
  - {rule: welcome, label: {ru: д}, event: activated, unit: days, give: 5, once: true}
""",
)

AMOUNTS = st.sampled_from([0, 1, 6, 7, 99, 100, 299, 300, 899, 900, 10**6]) | st.integers(0, 2000)
EVENTS = st.builds(
    Event,
    source=st.sampled_from(["billing", "web"]),
    event_id=st.integers(0, 40).map(str),
    kind=st.sampled_from(EventType),
    msisdn=st.sampled_from(NUMBERS),
    amount=AMOUNTS.map(Amount),
)
KEYS = st.integers(0, 30).map(lambda number: IdempotencyKey(f"hop:{number}"))
PLACES = st.integers(0, 10**6)
"""Chooses among what there is when the step runs, modulo its number."""
TICK = timedelta(microseconds=1)
LIVES = st.none() | st.sampled_from([TICK, timedelta(days=1), timedelta(days=400)]) | st.timedeltas(TICK, LASTS)


@dataclass(frozen=True, slots=True)
class Gift:
    """An accrual that did not come from a rule, for the `place`-th member, or for nobody."""

    place: int
    unit: str
    amount: int
    lives: timedelta | None
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Wish:
    """A choice of language."""

    place: int
    language: str
    key: IdempotencyKey


GIFTS = st.builds(
    Gift, PLACES, st.sampled_from(list(PROGRAMME.units)), st.integers(1, 99) | st.just(AMOUNT_MAX), LIVES, KEYS
)
WISHES = st.builds(Wish, PLACES, st.sampled_from(["ru", "en"]), KEYS)
ANYTHING = EVENTS | EVENTS | GIFTS | WISHES

SUMS = """
select (select count(*) from member) as members,
       (select count(*) from member_number) as numbers,
       (select count(*) from transfer) as transfers,
       (select count(*) from idempotency) as keys,
       (select count(*) from source_event) as events,
       (select count(*) from entry) as entries,
       (select coalesce(sum(amount), 0)::bigint from entry) as entries_sum,
       (select count(*) from (select from entry group by transfer_id having sum(amount) <> 0) as t) as unbalanced,
       (select count(*) from account where least(posted, held, pending, debt, posted - held) < 0) as negative,
       (select count(*) from lot where held <> 0 or remaining <> amount) as spent"""
LOTS = "select member_id, unit, amount, earned_at, expires_at from lot"
POSTED = "select member_id, unit, posted from account where posted <> 0"


class Rig:
    """The real ledger in an event loop of its own, and a connection for the proofs."""

    def __init__(self, runner: asyncio.Runner, database_url: str, pack: Pack) -> None:
        self.run = runner.run
        self.ledger = open_ledger(database_url, pack)
        self.connection: asyncpg.Connection[Any] = self.run(connect(Target(database_url)))

    def empty(self) -> None:
        """Forget every member. Far cheaper than a database for each example; the triggers look away."""
        tables = ("entry", "transfer", "lot", "account", "idempotency", "source_event", "member_number", "member")
        deletions = "; ".join(f"delete from {table}" for table in tables)
        self.run(self.connection.execute(f"set session_replication_role = replica; {deletions}"))

    async def close(self) -> None:
        await self.ledger.close()
        await self.connection.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.run(self.connection.fetch(query))]

    async def answer(self, call: Call, at: datetime) -> Answer:
        """What the store says, in the model's words."""
        try:
            match call:
                case Post(member_id, earning, key):
                    return await self.ledger.post(member_id, earning, key, "test", at)
                case Choose(member_id, language, key):
                    return await self.ledger.write(ChooseLanguage(member_id, language, key), at)
                case Record(event, decision):
                    return await self.ledger.record_event(event, decision, at)
        except KeyReusedError:
            return Result.KEY_REUSED

    async def answers(self, calls: Sequence[Call], at: datetime) -> list[Answer]:
        """Sent at once; they board one flight, in order."""
        return await asyncio.gather(*(self.answer(call, at) for call in calls))

    async def members(self, numbers: Sequence[Msisdn], at: datetime) -> list[Member | None]:
        return await asyncio.gather(*(self.ledger.member(number, at) for number in numbers))

    async def statements(self, asks: Sequence[tuple[MemberId, int]]) -> list[list[Movement]]:
        shown = await asyncio.gather(*(self.ledger.statement(member_id, count) for member_id, count in asks))
        return [list(movements) for movements in shown]


class LedgerMachine(RuleBasedStateMachine):
    """Steps of subscribers, operator and time; each compared with the model's answer."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        rig.empty()
        self.rig = rig
        self.model = Model()
        self.sent: list[Call] = []

    @initialize(at=st.sampled_from(STARTS))
    def begin(self, at: datetime) -> None:
        self.at = at
        self.ends = at + LASTS

    @rule(number=st.sampled_from(NUMBERS), language=st.sampled_from(["ru", "en"]))
    def enrol(self, number: Msisdn, language: str) -> None:
        enrolment = Enrolment(number, language, PROGRAMME.unit_codes, "1")
        met = {person.member_id for person in self.model.people.values()}
        member_id = self.rig.run(self.rig.ledger.enrol(enrolment, self.at))
        assert (member_id in met) is (number in self.model.people), "one number, one member"
        assert member_id == self.model.enrolled(enrolment, member_id)

    @rule(asked=ANYTHING)
    def ask(self, asked: Event | Gift | Wish) -> None:
        self._send(self._call(asked))

    @rule(asked=st.lists(ANYTHING, min_size=2, max_size=8))
    def ask_all_at_once(self, asked: list[Event | Gift | Wish]) -> None:
        self._send(*[self._call(one) for one in asked])

    @rule(place=PLACES, times=st.integers(1, 3))
    def repeat(self, place: int, times: int) -> None:
        if self.sent and self._may_come_again(call := self.sent[place % len(self.sent)]):
            self._send(*[call] * times)

    @rule(place=PLACES)
    def same_key_other_body(self, place: int) -> None:
        if self.sent and self._may_come_again(call := self.sent[place % len(self.sent)]):
            self._send(_otherwise(call))

    @rule(event=EVENTS)
    def decide_for_a_member_who_has_changed(self, event: Event) -> None:
        call = self._call(event)
        assert isinstance(call, Record)
        other = Status.ACTIVE if call.decision.status_seen is Status.BLOCKED else Status.BLOCKED
        self._send(replace(call, decision=replace(call.decision, status_seen=other)))

    @rule(ahead=st.timedeltas(timedelta(), LASTS))
    def look_ahead(self, ahead: timedelta) -> None:
        self._look(self.at + ahead)

    @rule(place=PLACES, number=st.sampled_from(NUMBERS))
    def look_when_something_expires(self, place: int, number: Msisdn) -> None:
        if number in self.model.people and (ends := self._ends(number)):
            end = ends[place % len(ends)]
            for moment in (end - TICK, end, end + TICK):
                self._look(moment)

    @rule(wait=st.sampled_from([TICK, timedelta(hours=1), timedelta(days=1)]) | st.timedeltas(TICK, timedelta(days=90)))
    def wait(self, wait: timedelta) -> None:
        self.at = min(self.at + wait, self.ends)

    @rule(tick=st.sampled_from([-TICK, timedelta(), TICK]))
    def wait_for_the_month_to_end(self, tick: timedelta) -> None:
        """Berlin's month, and then its books' month an hour or two later."""
        local = self.at.astimezone(ZoneInfo("Europe/Berlin"))
        following = (local.replace(day=1) + timedelta(days=32)).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        self.at = max(self.at, min(following.astimezone(UTC) + tick, self.ends))

    @rule(place=PLACES, number=st.sampled_from(NUMBERS))
    def wait_until_something_expires(self, place: int, number: Msisdn) -> None:
        ends = [end for end in self._ends(number) if self.at < end <= self.ends]
        if ends:
            self.at = ends[place % len(ends)]

    @invariant()
    def everybody_sees_their_balance(self) -> None:
        self._look(self.at)

    @invariant()
    def everybody_sees_their_statement(self) -> None:
        asks = [(member_id, count) for member_id in self._member_ids() for count in (1, 3, 20)]
        shown = self.rig.run(self.rig.statements(asks))
        assert shown == [self.model.statement(member_id, count) for member_id, count in asks]

    @invariant()
    def the_books_are_right(self) -> None:
        assert self.rig.rows(LEDGER_FAULTS) == []

    @invariant()
    def the_rows_are_the_models(self) -> None:
        people = self.model.people.values()
        moved = sum(len(person.movements) for person in people)
        keys = sum(len(person.answers) for person in people)
        assert self.rig.rows(SUMS) == [
            (len(people), len(people), moved, keys, len(self.model.events), 2 * moved, 0, 0, 0, 0)
        ], "a refused step leaves everything as it was, and every step leaves its rows"
        lots = [(p.member_id, lot.unit, lot.amount, lot.earned_at, lot.expires_at) for p in people for lot in p.lots]
        assert sorted(self.rig.rows(LOTS), key=repr) == sorted(lots, key=repr)
        posted: dict[tuple[int, str], int] = {}
        for member_id, unit, amount, *_ in lots:
            posted[member_id, unit] = posted.get((member_id, unit), 0) + amount
        assert {(member_id, unit): amount for member_id, unit, amount in self.rig.rows(POSTED)} == posted

    def _send(self, *calls: Call) -> None:
        expected = [self.model.answer(call, self.at) for call in calls]
        assert self.rig.run(self.rig.answers(calls, self.at)) == expected
        self.sent += calls

    def _may_come_again(self, call: Call) -> bool:
        """Whether this very call may be sent now. What was refused is not remembered, and the service would decide it
        anew: with the old decision its lots may be past before they are booked, which the store refuses to hold."""
        match call:
            case Choose():
                return True
            case Post():
                person = self.model.person(call.member_id)
                known, earnings = person is None or call.key in person.answers, (call.earning,)
            case Record():
                known = (call.event.source, call.event.event_id) in self.model.events
                earnings = call.decision.earnings
        return known or all(earning.expires_at is None or earning.expires_at > self.at for earning in earnings)

    def _look(self, moment: datetime) -> None:
        seen = self.rig.run(self.rig.members(NUMBERS, moment))
        assert [_in_order(member) for member in seen] == [self.model.seen(number, moment) for number in NUMBERS]

    def _ends(self, number: Msisdn) -> list[datetime]:
        person = self.model.people.get(number)
        return sorted({lot.expires_at for lot in person.lots if lot.expires_at}) if person else []

    def _member_ids(self) -> list[MemberId]:
        """The members', and nobody's."""
        return [*(person.member_id for person in self.model.people.values()), NOBODY]

    def _member_id(self, place: int) -> MemberId:
        members = self._member_ids()
        return members[place % len(members)]

    def _call(self, asked: Event | Gift | Wish) -> Call:
        match asked:
            case Gift(place, unit, amount, lives, key):
                expires_at = None if lives is None else self.at + lives
                earning = Earning("gift", Unit(unit), Amount(amount), expires_at)
                return Post(self._member_id(place), earning, key)
            case Wish(place, language, key):
                return Choose(self._member_id(place), language, key)
            case Event():
                return Record(asked, self._decision(asked))

    def _decision(self, event: Event) -> Decision:
        """As the service decides, from what the member is now."""
        if event.msisdn not in self.model.people:
            self.enrol(event.msisdn, "ru")
        person = self.model.people[event.msisdn]
        becomes = {EventType.BLOCKED: Status.BLOCKED, EventType.UNBLOCKED: Status.ACTIVE}.get(event.kind, person.status)
        active = person.status is Status.ACTIVE
        earned = earn(PROGRAMME, event.kind, event.amount, self.at, self.at) if active else ()
        return Decision(person.member_id, person.status, becomes, earned)


def _otherwise(call: Call) -> Call:
    match call:
        case Post():
            return replace(call, earning=replace(call.earning, amount=Amount(call.earning.amount + 1)))
        case Choose():
            return replace(call, language=call.language + "-latin")
        case Record():
            return replace(call, event=replace(call.event, amount=Amount(call.event.amount + 1)))


def _in_order(member: Member | None) -> Member | None:
    """The store promises no order of units."""
    return member and replace(member, balances=tuple(sorted(member.balances, key=lambda balance: balance.unit)))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_store_answers_as_bookkeeping_does(database_url: str, pack: Pack, shard: int) -> None:
    with asyncio.Runner() as runner:
        rig = Rig(runner, database_url, pack)

        class Machine(LedgerMachine):
            def __init__(self) -> None:
                super().__init__(rig)

        profile = settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=set(Phase) - {Phase.explain},  # it would try a failure again for minutes
            suppress_health_check=list(
                HealthCheck
            ),  # a step is some round trips, and two hundred of them are an example
        )
        try:
            run_state_machine_as_test(seed(SEED + shard)(Machine), settings=profile)
        except Exception as error:
            error.add_note(f"To play it again: SEED={SEED} pytest {__file__} -k {shard}")
            raise
        finally:
            runner.run(rig.close())
