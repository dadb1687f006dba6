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
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gateway.ids import IdempotencyKey, MemberId
from gateway.loyalty.ports import Enrolment, Member, Status, Written
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
from tests.properties.ledger_model import CHANNEL, Answer, Call, Model, Sweep
from tests.properties.ledger_rig import Rig, model_rows
from tests.properties.ledger_steps import (
    DAY,
    LASTS,
    LIMIT_SPAN,
    NUMBERS,
    OWNERS,
    PROGRAMME,
    SHORT_NUMBERS,
    STARTS,
    SWITCHES,
    TICK,
    WARES,
    Caller,
    Ware,
    moments,
    otherwise,
)

LONG = os.environ.get("LONG") == "1"
SHARDS, EXAMPLES, STEPS = (4, 500, 200) if LONG else (2, 8, 80)
HALVES = [range(SHARDS // 2), range(SHARDS // 2, SHARDS)]
"""One for each file, since pytest's workers share files out between them."""
SEED = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
THROW = st.integers(0, 2**64 - 1)
"""Hypothesis chooses the steps, and drops those that a failure does not need. What a step does is a matter of its dice
and of what the books are: hypothesis would do the same again and again."""
STAFF = "staff"
PLENTY = 1000
"""More than there ever is of what a list shows."""
DISORDERED = ("uses", "accounts", "quotes", "stock", "switches", "messages")
"""Rows that are known by what they say, not by a number."""


class LedgerMachine(RuleBasedStateMachine):
    """Steps of subscribers, operator, staff, adapters, jobs and time; each compared with the model's answer."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        rig.empty()
        rig.sequences += 1
        self.rig = rig
        self.model = Model()
        self.sent: list[Call] = []
        self.ordinal = 0

    @initialize(at=st.sampled_from(STARTS), throw=THROW)
    def begin(self, at: datetime, throw: int) -> None:
        """Two members with points, and something on the shelves."""
        dice = self._dice(throw)
        self.at = at
        self.ends = at + LASTS
        for number in NUMBERS[:2]:
            self._enrol(number, "ru")
        self._send(*[self._caller(dice).post() for _ in range(4)])
        for ware in WARES:
            self._change_stock(ware, 2)

    @rule(throw=THROW)
    def ask(self, throw: int) -> None:
        self._ask_one(self._dice(throw))

    @rule(throw=THROW)
    def ask_again_and_again(self, throw: int) -> None:
        dice = self._dice(throw)
        for _ in range(dice.randint(2, 4)):
            self._send(self._caller(dice).call())

    @rule(throw=THROW)
    def ask_all_at_once(self, throw: int) -> None:
        """What touches a stock goes another way and may be overtaken: it is asked by itself."""
        dice = self._dice(throw)
        calls = [self._caller(dice).call() for _ in range(dice.randint(2, 6))]
        self._send(*[call for call in calls if not self._touches_a_stock(call)])

    @rule(throw=THROW)
    def repeat(self, throw: int) -> None:
        dice = self._dice(throw)
        if self._may_come_again(call := dice.choice(self.sent)):
            self._send(*[call] * dice.randint(1, 3))

    @rule(throw=THROW)
    def same_key_other_body(self, throw: int) -> None:
        dice = self._dice(throw)
        if self._may_come_again(call := dice.choice(self.sent)):
            self._send(otherwise(call))

    @rule(throw=THROW)
    def happen_otherwise(self, throw: int) -> None:
        """What comes seldom."""
        dice = self._dice(throw)
        dice.choice([self._enrol_somebody, self._decide_too_late, self._throw_a_switch, self._look_ahead])(dice)

    @rule(throw=THROW)
    def work(self, throw: int) -> None:
        """What staff and jobs do."""
        dice = self._dice(throw)
        works = [self._sweep, self._sweep_one, self._fill_a_shelf, self._claim_orders, self._settle_what_is_due]
        dice.choices(works, [2, 1, 2, 4, 1])[0](dice)

    @rule(throw=THROW)
    def wait(self, throw: int) -> None:
        """A little, until a month ends, until something does, or for long; then, mostly, what that did is seen to."""
        dice = self._dice(throw)
        waits = [TICK, timedelta(hours=1), DAY, timedelta(seconds=dice.randrange(60 * 86_400))]
        [until] = dice.choices(
            [self.at + dice.choice(waits), self._end_of_month(dice), self._end_of_something(dice)], [3, 1, 4]
        )
        self.at = max(self.at, min(until, self.ends))
        note(f"wait until {self.at.isoformat()}")
        dice.choice([self._sweep, self._settle_what_is_due, self._ask_one, self._ask_one, self._look_ahead])(dice)

    @invariant()
    def everybody_sees_what_is_theirs(self) -> None:
        self._look(self.at)
        members = [*(person.member_id for person in self.model.people.values()), MemberId(2**40)]
        asks = [(member_id, count) for member_id in members for count in (1, 3, PLENTY)]
        shown = self.rig.run(self.rig.statements(asks))
        assert shown == [self.model.statement(member_id, count) for member_id, count in asks]

    @invariant()
    def the_books_are_right(self) -> None:
        assert self.rig.faults() == []
        self.rig.steps += 1

    def _ask_one(self, dice: random.Random) -> None:
        self._send(self._caller(dice).call())

    def _enrol(self, number: Msisdn, language: str) -> None:
        enrolment = Enrolment(number, language, PROGRAMME.unit_codes, "1")
        met = {person.member_id for person in self.model.people.values()}
        member_id = self.rig.run(self.rig.ledger.enrol(enrolment, self.at))
        assert (member_id in met) is (number in self.model.people), "one number, one member"
        assert member_id == self.model.enrolled(enrolment, member_id)
        self._compare()

    def _enrol_somebody(self, dice: random.Random) -> None:
        self._enrol(dice.choice(NUMBERS), dice.choice(["ru", "en"]))

    def _decide_too_late(self, dice: random.Random) -> None:
        """The member has changed since."""
        call = self._caller(dice).record()
        other = Status.ACTIVE if call.decision.status_seen is Status.BLOCKED else Status.BLOCKED
        self._send(replace(call, decision=replace(call.decision, status_seen=other)))

    def _throw_a_switch(self, dice: random.Random) -> None:
        """Or close it again, which comes oftener."""
        name, switches = dice.choice(SWITCHES), self.model.shop.switches
        if dice.random() < 0.4:
            assert self.rig.fetch(SWITCH_THROWN, name, self.at, STAFF, "a test") == [(name not in switches,)]
            switches.add(name)
        for name in list(switches) if dice.random() < 0.7 else []:
            assert self.rig.fetch(SWITCH_CLOSED, name, self.at, STAFF) == [(True,)]
            switches.discard(name)
        assert self.rig.fetch(SWITCH_CLOSED, "reward:nothing", self.at, STAFF) == [(False,)]
        self._compare()

    def _sweep(self, dice: random.Random) -> None:
        """As the job does: whoever has something due, one by one."""
        books = self.model.books
        due = {one.member_id for one in self.model.people.values() if books.is_due(one.member_id, self.at)}
        assert {member_id for (member_id,) in self.rig.fetch(MEMBERS_DUE, self.at, PLENTY)} == due
        for member_id in sorted(due):
            self._send(Sweep(member_id))
        assert self.rig.fetch(MEMBERS_DUE, self.at, PLENTY) == [], "expiring twice is expiring once"

    def _sweep_one(self, dice: random.Random) -> None:
        self._send(Sweep(dice.choice(self._caller(dice).member_ids())))

    def _fill_a_shelf(self, dice: random.Random) -> None:
        self._change_stock(dice.choice(WARES), dice.randint(-3, 3))

    def _change_stock(self, ware: Ware, by: int) -> None:
        self.ordinal += 1
        if ware.fulfilment == "voucher":
            self._put_vouchers(ware, max(by, 0))
        elif ware.counted:
            remaining = self.model.shop.change_stock(ware.reward, by)
            once = (STOCK_CHANGED, ware.reward, by, f"stock:{self.ordinal}", STAFF, self.at)
            assert self.rig.fetch(*once) == [(remaining,)]
            if remaining is not None:
                assert self.rig.fetch(*once) == [(remaining,)], "a repeat changes nothing"
        self._compare()

    def _put_vouchers(self, ware: Ware, count: int) -> None:
        digests = [f"{self.ordinal:08}{n:08}".encode() for n in range(count)]
        put = self.rig.fetch(VOUCHERS_PUT, ware.reward, digests * 2, digests * 2, 1, STAFF, self.at)
        assert put == [(count,)], "a voucher that we have already is left out"
        self.model.shop.vouchers += [(ware.reward, None)] * count

    def _claim_orders(self, dice: random.Random) -> None:
        """Leases are machine time, which goes with the programme's here."""
        owner, count, until = (
            dice.choice(OWNERS),
            dice.randint(1, 3),
            self.at + dice.choice([timedelta(minutes=5), DAY]),
        )
        expected = self.model.shop.claim(["billing"], count, owner, until, self.at)
        found = self.rig.fetch(ORDERS_CLAIM, ["billing"], count, owner, until, self.at)
        assert [(self.rig.orders.number_of(row[0]), *row[-2:]) for row in found] == expected
        self._compare()

    def _settle_what_is_due(self, dice: random.Random) -> None:
        """As the job does."""
        due = sorted(self.model.shop.due(self.at))
        found = sorted(row[0] for row in self.rig.fetch(ORDERS_DUE, self.at, PLENTY))
        assert found == [self.rig.orders.id_of(number) for number in due]
        for number in due:
            self.ordinal += 1
            member_id = MemberId(self.model.shop.orders[number - 1].member_id)
            key = IdempotencyKey(f"due:{self.ordinal}")
            self._send(SettleOrder(member_id, number, "expired", "nobody came", CHANNEL, key))
        assert self.rig.fetch(ORDERS_DUE, self.at, PLENTY) == []

    def _look_ahead(self, dice: random.Random) -> None:
        """At any moment to come, around one at which something ends, and into the shop."""
        end = self._end_of_something(dice)
        for moment in (self.at + dice.random() * LASTS, end - TICK, end, end + TICK):
            self._look(max(moment, self.at))
        for person in self.model.people.values():
            self._look_in_the_shop(person.member_id)

    def _end_of_month(self, dice: random.Random) -> datetime:
        """Berlin's month, and then its books' month an hour or two later."""
        local = self.at.astimezone(ZoneInfo("Europe/Berlin"))
        following = (local.replace(day=1) + timedelta(days=32)).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        return following.astimezone(UTC) + dice.choice([-TICK, timedelta(), TICK])

    def _end_of_something(self, dice: random.Random) -> datetime:
        """When something becomes otherwise by itself, or just before."""
        ends = sorted(end for end in self._ends() if self.at < end)
        return dice.choice(ends[:3]) - dice.choice([TICK, timedelta()]) if ends else self.at

    def _ends(self) -> Iterator[datetime]:
        books, shop = self.model.books, self.model.shop
        for lot in books.lots:
            yield from (moment for moment in (lot.ends_at, lot.available_at) if moment and lot.remaining)
        yield from (hold.expires_at for hold in books.holds if hold.expires_at and hold.state == "open")
        yield from (quote.expires_at for quote in shop.quotes.values())
        for order in shop.orders:
            yield from (moment for moment in (order.due_at, order.rests_until) if moment)

    def _dice(self, throw: int) -> random.Random:
        """Other ones at each step, also where hypothesis throws the same."""
        self.ordinal += 1
        return random.Random(f"{throw} {self.ordinal}")

    def _caller(self, dice: random.Random) -> Caller:
        return Caller(self.model, self.at, dice)

    def _send(self, *calls: Call) -> None:
        """What is refused, or repeated, leaves every byte of the points as it was."""
        for call in calls:
            note(f"{self.at.isoformat()} {call}")
        before = self.model.books.changes
        expected = [self.model.answer(call, self.at) for call in calls]
        changed = self.model.books.changes > before
        fingerprint = self.rig.fingerprint
        answers = self.rig.run(self.rig.answers(calls, self.at))
        assert [how(answer) for answer in answers] == [how(answer) for answer in expected]
        self._compare()
        assert [self.rig.in_the_models_words(answer) for answer in answers] == expected
        assert changed or self.rig.fingerprint == fingerprint, "a refusal changed something"
        self.sent += calls

    def _compare(self) -> None:
        """The rows are the model's."""
        expected, found = model_rows(self.model), self.rig.rows()
        for name in expected:
            if name in DISORDERED:
                expected[name].sort()
                found[name].sort()
            assert found[name] == expected[name], f"{name}: the store has other rows than plain bookkeeping"

    def _may_come_again(self, call: Call) -> bool:
        """What was not remembered the service would decide anew: with the old decision its lots may be past already."""
        return self.model.is_known(call) or all(moment > self.at for moment in moments(call))

    def _touches_a_stock(self, call: Call) -> bool:
        if isinstance(call, SettleOrder):
            order = self.model.shop.order(call.order_id, call.member_id)
            return order is not None and order.counted
        return isinstance(call, PlaceOrder) and call.counted

    def _look(self, moment: datetime) -> None:
        seen = self.rig.run(self.rig.members(NUMBERS, moment))
        assert [_in_order(member) for member in seen] == [self.model.seen(number, moment) for number in NUMBERS]

    def _look_in_the_shop(self, member_id: MemberId) -> None:
        rig, shop = self.rig, self.model.shop
        since = self.at - LIMIT_SPAN
        asks = [(ware.reward, since if ware.limit else None) for ware in WARES]
        assert rig.run(rig.ledger.rewards(member_id, asks)) == [shop.seen(member_id, *ask) for ask in asks]
        assert rig.run(rig.orders_shown(member_id, 5)) == shop.shown(member_id, 5)
        for key in [None, *(IdempotencyKey(key) for owner, key in shop.quotes if owner == member_id)]:
            for short_number in SHORT_NUMBERS:
                meant = rig.run(rig.ledger.open_quote(member_id, key, short_number, self.at))
                assert meant == shop.meant(member_id, key, short_number, self.at)


def how(answer: Answer) -> object:
    """The answer without the store's ids, which are known when the rows are."""
    return (answer.result, answer.repeated, answer.earned) if isinstance(answer, Written) else answer


def _in_order(member: Member | None) -> Member | None:
    """The store promises no order of units."""
    return member and replace(member, balances=tuple(sorted(member.balances, key=lambda balance: balance.unit)))


def prove(shard: int, database_url: str, pack: Pack, request: pytest.FixtureRequest) -> None:
    """Play the sequences of one shard; how many they were is said to whoever asks for it, by `--junitxml`."""
    with asyncio.Runner() as runner:
        rig = Rig(runner.get_loop(), database_url, pack)

        class Machine(LedgerMachine):
            def __init__(self) -> None:
                super().__init__(rig)

        profile = settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=set(Phase) - {Phase.explain},  # it would try a failure again for minutes
            suppress_health_check=list(HealthCheck),  # a sequence is a thousand round trips
        )
        try:
            run_state_machine_as_test(seed(SEED + shard)(Machine), settings=profile)
        except Exception as error:
            again = f"{'LONG=1 ' if LONG else ''}SEED={SEED} python -m pytest '{request.node.nodeid}'"
            error.add_note(f"To play it again: {again}")
            raise
        finally:
            rig.run(rig.close())
        request.node.user_properties += [("sequences", rig.sequences), ("steps", rig.steps)]
        assert rig.sequences >= EXAMPLES, "hypothesis gave up early: fewer sequences than the profile promises"
