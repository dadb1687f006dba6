"""Any sequence of calls, over two years of programme time: the store answers as plain bookkeeping does.

A model (`ledger_model`) predicts every reply and every row; after each step the books are proven twice, by the store's
own `ledger_faults` and by comparison with the model's. The seed is printed with a failure and given back by `SEED=`.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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

from gateway.ids import IdempotencyKey, MemberId
from gateway.loyalty.ports import Enrolment, Event, Member, Status
from gateway.loyalty.writes import PlaceOrder, SettleOrder
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.statements import (
    MEMBERS_DUE,
    ORDERS_CLAIM,
    ORDERS_DUE,
    STOCK_CHANGED,
    SWITCH_CLOSED,
    SWITCH_THROWN,
    VOUCHERS_PUT,
)
from tests.properties.ledger_model import CHANNEL, Call, Model, Record, Sweep
from tests.properties.ledger_rig import Rig, model_rows
from tests.properties.ledger_steps import (
    ANYTHING,
    DAY,
    EVENTS,
    LASTS,
    LIMIT_SPAN,
    NUMBERS,
    OWNERS,
    PLACES,
    PROGRAMME,
    SHORT_NUMBERS,
    STARTS,
    SWITCHES,
    TICK,
    UNITS,
    WARES,
    Asked,
    Caller,
    Gift,
    Ware,
    moments,
    otherwise,
)

LONG = os.environ.get("LONG") == "1"
SHARDS, EXAMPLES, STEPS = (4, 500, 200) if LONG else (1, 25, 30)
SEED = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
STAFF = "staff"
PLENTY = 100
"""More than there ever is of what a list shows."""
DISORDERED = ("uses", "accounts", "quotes", "stock", "switches", "messages")
"""Rows that are known by what they say, not by a number."""


class LedgerMachine(RuleBasedStateMachine):
    """Steps of subscribers, operator, staff, adapters, jobs and time; each compared with the model's answer."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        rig.empty()
        self.rig = rig
        self.model = Model()
        self.sent: list[Call] = []
        self.ordinal = 0
        self.fingerprint = rig.fingerprint()

    @initialize(at=st.sampled_from(STARTS), head_start=st.booleans())
    def begin(self, at: datetime, head_start: bool) -> None:
        self.at = at
        self.ends = at + LASTS
        if head_start:
            for number in NUMBERS[:2]:
                self.enrol(number, "ru")
            for place in range(2):
                self._send(self.caller.call(Gift(place, UNITS[0], 50, 40 * DAY, False, IdempotencyKey(f"hop:{place}"))))
            for ware in WARES:
                self.change_stock(ware, 3)

    @property
    def caller(self) -> Caller:
        return Caller(self.model, self.at)

    @rule(number=st.sampled_from(NUMBERS), language=st.sampled_from(["ru", "en"]))
    def enrol(self, number: Msisdn, language: str) -> None:
        enrolment = Enrolment(number, language, PROGRAMME.unit_codes, "1")
        met = {person.member_id for person in self.model.people.values()}
        member_id = self.rig.run(self.rig.ledger.enrol(enrolment, self.at))
        assert (member_id in met) is (number in self.model.people), "one number, one member"
        assert member_id == self.model.enrolled(enrolment, member_id)
        self.fingerprint = self.rig.fingerprint()

    @rule(asked=ANYTHING)
    def ask(self, asked: Asked) -> None:
        self._send(self._call(asked))

    @rule(asked=st.lists(ANYTHING, min_size=2, max_size=6))
    def ask_all_at_once(self, asked: list[Asked]) -> None:
        """What touches a stock goes another way and may overtake: it is asked by itself."""
        calls = [self._call(one) for one in asked]
        self._send(*[call for call in calls if not (isinstance(call, PlaceOrder) and call.counted)])

    @rule(place=PLACES, times=st.integers(1, 3))
    def repeat(self, place: int, times: int) -> None:
        if self.sent and self._may_come_again(call := self.sent[place % len(self.sent)]):
            self._send(*[call] * times)

    @rule(place=PLACES)
    def same_key_other_body(self, place: int) -> None:
        if self.sent and self._may_come_again(call := self.sent[place % len(self.sent)]):
            self._send(otherwise(call))

    @rule(event=EVENTS)
    def decide_for_a_member_who_has_changed(self, event: Event) -> None:
        call = self._call(event)
        assert isinstance(call, Record)
        other = Status.ACTIVE if call.decision.status_seen is Status.BLOCKED else Status.BLOCKED
        self._send(replace(call, decision=replace(call.decision, status_seen=other)))

    @rule()
    def sweep(self) -> None:
        """As the job does: whoever has something due, one by one."""
        due = {person.member_id for person in self.model.people.values() if self._is_due(person.member_id)}
        assert {member_id for (member_id,) in self.rig.fetch(MEMBERS_DUE, self.at, PLENTY)} == due
        for member_id in sorted(due):
            self._send(Sweep(member_id))
        assert self.rig.fetch(MEMBERS_DUE, self.at, PLENTY) == [], "expiring twice is expiring once"

    @rule(place=PLACES)
    def sweep_one(self, place: int) -> None:
        self._send(Sweep(self.caller.member_id(place)))

    @rule(ware=st.sampled_from(WARES), by=st.integers(-2, 4))
    def change_stock(self, ware: Ware, by: int) -> None:
        self.ordinal += 1
        if ware.fulfilment == "voucher":
            self._put_vouchers(ware, max(by, 0))
        elif ware.counted:
            remaining = self.rig.fetch(STOCK_CHANGED, ware.reward, by, f"stock:{self.ordinal}", STAFF, self.at)
            assert remaining == [(self.model.shop.change_stock(ware.reward, by),)]
        self.fingerprint = self.rig.fingerprint()

    @rule(name=st.sampled_from(SWITCHES), thrown=st.booleans())
    def switch(self, name: str, thrown: bool) -> None:
        switches = self.model.shop.switches
        if thrown:
            done = self.rig.fetch(SWITCH_THROWN, name, self.at, STAFF, "a test")
            assert done == [(name not in switches,)]
            switches.add(name)
        else:
            assert self.rig.fetch(SWITCH_CLOSED, name, self.at, STAFF) == [(name in switches,)]
            switches.discard(name)

    @rule(owner=st.sampled_from(OWNERS), count=st.integers(1, 3), lease=st.sampled_from([timedelta(minutes=5), DAY]))
    def claim_orders(self, owner: str, count: int, lease: timedelta) -> None:
        """Leases are machine time, which goes with the programme's here."""
        expected = self.model.shop.claim(["billing"], count, owner, self.at + lease, self.at)
        ids = {row[0]: row for row in self.rig.fetch(ORDERS_CLAIM, ["billing"], count, owner, self.at + lease, self.at)}
        assert [(self.rig.orders.number_of(order_id), *row[-2:]) for order_id, row in ids.items()] == expected
        self.fingerprint = self.rig.fingerprint()

    @rule()
    def settle_what_is_due(self) -> None:
        """As the job does."""
        due = self.model.shop.due(self.at)
        found = self.rig.fetch(ORDERS_DUE, self.at, PLENTY)
        assert sorted(row[0] for row in found) == [self.rig.orders.id_of(number) for number in sorted(due)]
        for number in sorted(due):
            self.ordinal += 1
            member_id = MemberId(self.model.shop.orders[number - 1].member_id)
            key = IdempotencyKey(f"due:{self.ordinal}")
            self._send(SettleOrder(member_id, number, "expired", "nobody came", CHANNEL, key))
        assert self.rig.fetch(ORDERS_DUE, self.at, PLENTY) == []

    @rule(ahead=st.timedeltas(timedelta(), LASTS))
    def look_ahead(self, ahead: timedelta) -> None:
        self._look(self.at + ahead)

    @rule(place=PLACES)
    def look_when_something_ends(self, place: int) -> None:
        if ends := sorted(self._ends()):
            end = ends[place % len(ends)]
            for moment in (end - TICK, end, end + TICK):
                self._look(moment)

    @rule(wait=st.sampled_from([TICK, timedelta(hours=1), DAY]) | st.timedeltas(TICK, timedelta(days=90)))
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

    @rule(place=PLACES, tick=st.sampled_from([-TICK, timedelta()]))
    def wait_until_something_ends(self, place: int, tick: timedelta) -> None:
        ends = sorted(end for end in self._ends() if self.at < end <= self.ends)
        if ends:
            self.at = max(self.at, ends[place % len(ends)] + tick)

    @invariant()
    def everybody_sees_what_is_theirs(self) -> None:
        self._look(self.at)
        members = self.caller.member_ids()
        asks = [(member_id, count) for member_id in members for count in (1, 3, PLENTY)]
        shown = self.rig.run(self.rig.statements(asks))
        assert shown == [self.model.statement(member_id, count) for member_id, count in asks]
        for member_id in members[:1]:
            self._look_in_the_shop(member_id)

    @invariant()
    def the_books_are_right(self) -> None:
        assert self.rig.faults() == []

    @invariant()
    def the_rows_are_the_models(self) -> None:
        self._compare()

    def _compare(self) -> None:
        expected, found = model_rows(self.model), self.rig.rows()
        for name in expected:
            if name in DISORDERED:
                expected[name].sort(key=repr)
                found[name].sort(key=repr)
            assert found[name] == expected[name], f"{name}: the store has other rows than plain bookkeeping"

    def _send(self, *calls: Call) -> None:
        """What was refused, or repeated, leaves every byte of the points as it was."""
        before = self.model.books.changes
        expected = [self.model.answer(call, self.at) for call in calls]
        answers = self.rig.run(self.rig.answers(calls, self.at))
        self._compare()
        assert [self.rig.in_the_models_words(answer) for answer in answers] == expected
        fingerprint = self.rig.fingerprint()
        assert fingerprint == self.fingerprint or self.model.books.changes > before, "a refusal changed something"
        self.fingerprint = fingerprint
        self.sent += calls

    def _call(self, asked: Asked) -> Call:
        if isinstance(asked, Event) and asked.msisdn not in self.model.people:
            self.enrol(asked.msisdn, "ru")
        return self.caller.call(asked)

    def _may_come_again(self, call: Call) -> bool:
        """What was not remembered the service would decide anew: with the old decision its lots may be past already."""
        return self.model.is_known(call) or all(moment > self.at for moment in moments(call))

    def _is_due(self, member_id: int) -> bool:
        return self.model.books.is_due(member_id, self.at)

    def _put_vouchers(self, ware: Ware, count: int) -> None:
        digests = [f"{self.ordinal:08}{n:08}".encode() for n in range(count)]
        put = self.rig.fetch(VOUCHERS_PUT, ware.reward, digests * 2, digests * 2, 1, STAFF, self.at)
        assert put == [(count,)], "a voucher that we have already is left out"
        self.model.shop.vouchers += [(ware.reward, None)] * count

    def _look(self, moment: datetime) -> None:
        seen = self.rig.run(self.rig.members(NUMBERS, moment))
        assert [_in_order(member) for member in seen] == [self.model.seen(number, moment) for number in NUMBERS]

    def _look_in_the_shop(self, member_id: MemberId) -> None:
        rig, shop = self.rig, self.model.shop
        since = self.at - LIMIT_SPAN
        asks = [(ware.reward, since if ware.limit else None) for ware in WARES]
        assert rig.run(rig.ledger.rewards(member_id, asks)) == [shop.seen(member_id, *ask) for ask in asks]
        assert rig.run(rig.orders_shown(member_id, 5)) == shop.shown(member_id, 5)
        keys = [None, *(IdempotencyKey(key) for owner, key in shop.quotes if owner == member_id)][:4]
        for key in keys:
            for short_number in SHORT_NUMBERS:
                meant = rig.run(rig.ledger.open_quote(member_id, key, short_number, self.at))
                assert meant == shop.meant(member_id, key, short_number, self.at)

    def _ends(self) -> Iterator[datetime]:
        """All moments at which something becomes otherwise by itself."""
        books, shop = self.model.books, self.model.shop
        for lot in books.lots:
            yield from (moment for moment in (lot.ends_at, lot.available_at) if moment)
        yield from (hold.expires_at for hold in books.holds if hold.expires_at)
        yield from (quote.expires_at for quote in shop.quotes.values())
        for order in shop.orders:
            yield from (moment for moment in (order.due_at, order.rests_until) if moment)


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
