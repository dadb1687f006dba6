"""Points as plain bookkeeping: lots, transfers, what took what, holds, debts.

Written from the semantics, not from the primitives: each method's sentence is a rule of the programme. Everything has a
number, counted from 1 in the order in which it came; the store's ids have the same order, so a number is an id's rank.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

GRACE = timedelta(days=14)
"""How long points live on that return to a lot which is over: the programme's."""

OTHER_SIDE = {
    "accrual": "issuance",
    "spend": "redemption",
    "refund": "redemption",
    "adjustment": "adjustment",
    "expiry": "breakage",
    "repayment": "debt",
}
"""Against which account each kind of transfer is booked, but for what a partner gives. A reversal goes against that of
what it reverses."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what, when: what every transfer of one call has in common."""

    member_id: int
    key: str
    reason: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement. `corrects` is what a refund or a reversal undoes, `owed` what of a shortfall became a debt."""

    number: int
    act: Act
    kind: str
    unit: str
    amount: int
    expires_at: datetime | None = None
    available_at: datetime | None = None
    corrects: int | None = None
    hold: int | None = None
    shortfall: int = 0
    entries: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Lot:
    """What was earned together."""

    number: int
    member_id: int
    unit: str
    amount: int
    earned_at: datetime
    expires_at: datetime | None
    available_at: datetime | None
    origin: int
    remaining: int
    held: int = 0
    grace_until: datetime | None = None

    @property
    def free(self) -> int:
        """What nobody holds."""
        return self.remaining - self.held

    @property
    def ends_at(self) -> datetime | None:
        """When it is over."""
        if self.expires_at is None or self.grace_until is None:
            return self.expires_at
        return max(self.expires_at, self.grace_until)

    @property
    def place(self) -> tuple[bool, datetime, datetime, int]:
        """Its place in spending order: what ends first goes first, never-ending last."""
        return self.ends_at is None, self.ends_at or self.earned_at, self.earned_at, self.number

    def over(self, at: datetime) -> bool:
        """The end is exclusive."""
        return self.ends_at is not None and self.ends_at <= at

    def spendable(self, at: datetime) -> bool:
        """Whether anything of it can be spent."""
        return self.free > 0 and not self.over(at) and (self.available_at is None or self.available_at <= at)


@dataclass(slots=True)
class Hold:
    """What is kept of which lots; `captured` of each was spent."""

    number: int
    act: Act
    unit: str
    parts: dict[int, int]
    expires_at: datetime | None
    captured: dict[int, int] = field(default_factory=dict)
    state: str = "open"
    settled_at: datetime | None = None

    @property
    def amount(self) -> int:
        """All of it."""
        return sum(self.parts.values())


@dataclass(slots=True)
class Use:
    """What a transfer took of a lot (or gave back to it: less than nothing), and what refunds restored of that."""

    amount: int
    restored: int = 0


class Books:
    """Everybody's points."""

    def __init__(self) -> None:
        self.transfers: list[Transfer] = []
        self.lots: list[Lot] = []
        self.holds: list[Hold] = []
        self.uses: dict[tuple[int, int], Use] = {}
        self.debts: dict[tuple[int, str], int] = {}
        self.changes = 0
        """How often anything was written. A refused call leaves it as it was."""

    def lot(self, number: int) -> Lot:
        return self.lots[number - 1]

    def transfer(self, number: int, member_id: int) -> Transfer | None:
        """The member's own transfer of that number."""
        known = self.transfers[number - 1] if 0 < number <= len(self.transfers) else None
        return known if known is not None and known.act.member_id == member_id else None

    def hold(self, number: int, member_id: int) -> Hold | None:
        """The member's own hold of that number."""
        known = self.holds[number - 1] if 0 < number <= len(self.holds) else None
        return known if known is not None and known.act.member_id == member_id else None

    def spendable(self, member_id: int, unit: str, at: datetime) -> list[Lot]:
        """Lots in spending order."""
        lots = (lot for lot in self.lots if lot.member_id == member_id and lot.unit == unit and lot.spendable(at))
        return sorted(lots, key=lambda lot: lot.place)

    def available(self, member_id: int, unit: str, at: datetime) -> int:
        """What can be spent."""
        return sum(lot.free for lot in self.spendable(member_id, unit, at))

    def book(
        self,
        act: Act,
        kind: str,
        unit: str,
        amount: int,
        *,
        against: str | None = None,
        expires_at: datetime | None = None,
        available_at: datetime | None = None,
        corrects: int | None = None,
        hold: int | None = None,
        shortfall: int = 0,
        owed: int = 0,
    ) -> Transfer:
        """One transfer with its entries, which sum to zero."""
        self.changes += 1
        sides = (("member", amount), (against or OTHER_SIDE[kind], owed - amount), ("debt", -owed))
        entries = tuple((account, signed) for account, signed in sides if signed)
        more = (expires_at, available_at, corrects, hold, shortfall, entries)
        made = Transfer(len(self.transfers) + 1, act, kind, unit, amount, *more)
        self.transfers.append(made)
        if owed:
            self.debts[act.member_id, unit] = self.debts.get((act.member_id, unit), 0) + owed
        return made

    def make_lot(self, origin: Transfer, amount: int) -> None:
        """What a transfer brings."""
        act = origin.act
        self.lots.append(
            Lot(
                len(self.lots) + 1,
                act.member_id,
                origin.unit,
                amount,
                act.at,
                origin.expires_at,
                origin.available_at,
                origin.number,
                amount,
            )
        )

    def use(self, transfer: Transfer, parts: Iterable[tuple[Lot, int]]) -> None:
        """Take from lots what a transfer says."""
        for lot, amount in parts:
            lot.remaining -= amount
            self.uses[transfer.number, lot.number] = Use(amount)

    def take(self, act: Act, kind: str, unit: str, amount: int) -> Transfer | None:
        """All of an amount from what can be spent, or nothing."""
        parts = pick(self.spendable(act.member_id, unit, act.at), amount)
        if amount <= 0 or total(parts) < amount:
            return None
        made = self.book(act, kind, unit, -amount)
        self.use(made, parts)
        return made

    def expire(self, act: Act, lot: Lot) -> int:
        """What is free of a lot that is over becomes breakage."""
        free = lot.free
        if free:
            own = Act(act.member_id, f"expiry:{lot.number}", "expiry", act.channel, act.at)
            self.use(self.book(own, "expiry", lot.unit, -free), [(lot, free)])
        return free

    def give_back(self, act: Act, lot: Lot, at: datetime) -> None:
        """Points come back to a lot. In one that is over they live on for a while, but what else was there expires."""
        if lot.over(at):
            self.expire(act, lot)
            lot.grace_until = at + GRACE

    def repay(self, act: Act, unit: str) -> None:
        """Who owes repays from whatever can be spent."""
        owed = self.debts.get((act.member_id, unit), 0)
        parts = pick(self.spendable(act.member_id, unit, act.at), owed)
        if parts:
            own = Act(act.member_id, "repayment", "repayment", act.channel, act.at)
            self.use(self.book(own, "repayment", unit, -total(parts)), parts)
            self.debts[act.member_id, unit] = owed - total(parts)

    def place_hold(self, act: Act, unit: str, amount: int, expires_at: datetime | None) -> Hold | None:
        """A hold fails when it is placed, or never."""
        parts = pick(self.spendable(act.member_id, unit, act.at), amount)
        if amount <= 0 or total(parts) < amount:
            return None
        self.changes += 1
        for lot, held in parts:
            lot.held += held
        self.holds.append(Hold(len(self.holds) + 1, act, unit, {lot.number: held for lot, held in parts}, expires_at))
        return self.holds[-1]

    def capture(self, act: Act, hold: Hold, amount: int) -> Transfer:
        """Spend so much of a hold, in spending order; the rest returns."""
        lots = sorted((self.lot(number) for number in hold.parts), key=lambda lot: lot.place)
        parts = pick(lots, amount, hold.parts)
        own = Act(act.member_id, act.key, hold.act.reason, act.channel, act.at)
        made = self.book(own, "spend", hold.unit, -amount, hold=hold.number)
        for lot, spent in parts:
            lot.held -= spent
            hold.captured[lot.number] = spent
        self.use(made, parts)
        self.end_hold(act, hold, "captured", act.at)
        return made

    def end_hold(self, act: Act, hold: Hold, state: str, at: datetime) -> None:
        """What was not captured returns to its own lots; who owes repays from it."""
        self.changes += 1
        for number, held in sorted(hold.parts.items()):
            rest = held - hold.captured.get(number, 0)
            if rest:
                self.give_back(act, self.lot(number), at)
                self.lot(number).held -= rest
        hold.state, hold.settled_at = state, at
        self.repay(act, hold.unit)

    def catch_up(self, act: Act) -> int:
        """Holds end when their time is out, by whoever comes by next; how many did."""
        out = [
            (hold.expires_at, hold.number, hold)
            for hold in self.holds
            if hold.act.member_id == act.member_id
            and hold.state == "open"
            and hold.expires_at is not None
            and hold.expires_at <= act.at
        ]
        for at, _, hold in sorted(out, key=lambda one: one[:2]):
            self.end_hold(act, hold, "timed_out", at)
        return len(out)

    def sweep(self, act: Act) -> tuple[int, int]:
        """What is over expires: how many points did of lots that nobody held, and how many holds ended."""
        holds = self.catch_up(act)
        lots = [lot for lot in self.lots if lot.member_id == act.member_id and lot.free > 0 and lot.over(act.at)]
        return sum(self.expire(act, lot) for lot in lots), holds

    def is_due(self, member_id: int, at: datetime) -> bool:
        """Whether the sweep has anything to do for a member."""
        over = any(lot.member_id == member_id and lot.free > 0 and lot.over(at) for lot in self.lots)
        out = any(
            hold.act.member_id == member_id
            and hold.state == "open"
            and hold.expires_at is not None
            and hold.expires_at <= at
            for hold in self.holds
        )
        return over or out

    def left_of_spend(self, spend: Transfer) -> int:
        """What a refund may still give back."""
        return sum(use.amount - use.restored for (number, _), use in self.uses.items() if number == spend.number)

    def refund(self, act: Act, spend: Transfer, amount: int, policy: str, fresh_until: datetime | None) -> Transfer:
        """Back into the lots that it came from, what ends last first; `policy` is for lots that are over."""
        made = self.book(act, "refund", spend.unit, amount, expires_at=fresh_until, corrects=spend.number)
        uses = {lot: use for (number, lot), use in self.uses.items() if number == spend.number}
        lots = sorted((self.lot(number) for number in uses), key=lambda lot: lot.place, reverse=True)
        left = {number: use.amount - use.restored for number, use in uses.items()}
        fresh = 0
        for lot, back in pick(lots, amount, left):
            uses[lot.number].restored += back
            if lot.over(act.at) and policy == "fresh":
                fresh += back
                continue
            if policy == "grace":
                self.give_back(act, lot, act.at)
            self.use(made, [(lot, -back)])
        if fresh:
            self.make_lot(made, fresh)
        self.repay(act, spend.unit)
        return made

    def left_of_accrual(self, accrual: Transfer, lot: Lot, at: datetime) -> int:
        """What of it was not taken back, and has not expired, swept or not."""
        taken = sum(
            t.shortfall - t.amount for t in self.transfers if t.kind == "reversal" and t.corrects == accrual.number
        )
        expired = sum(
            use.amount
            for (number, of), use in self.uses.items()
            if of == lot.number and self.transfers[number - 1].kind == "expiry"
        )
        return lot.amount - taken - expired - (lot.free if lot.over(at) else 0)

    def reverse(self, act: Act, accrual: Transfer, lot: Lot, amount: int, *, owed: bool) -> Transfer:
        """From its own lot first, pending or not, then as a spend; what is not there is recorded, and owed perhaps."""
        if lot.over(act.at):
            self.expire(act, lot)
        others = [one for one in self.spendable(act.member_id, lot.unit, act.at) if one is not lot]
        parts = pick([lot, *others], amount)
        missing = amount - total(parts)
        made = self.book(
            act,
            "reversal",
            lot.unit,
            -total(parts),
            against=next(account for account, _ in accrual.entries if account != "member"),
            corrects=accrual.number,
            shortfall=missing,
            owed=missing if owed else 0,
        )
        self.use(made, parts)
        return made


def pick(lots: Sequence[Lot], amount: int, most: dict[int, int] | None = None) -> list[tuple[Lot, int]]:
    """What to take of lots in their order to make up an amount: at most what is free of each, or what `most` says."""
    parts = []
    for lot in lots:
        taken = min(amount, lot.free if most is None else most[lot.number])
        if taken > 0:
            parts.append((lot, taken))
            amount -= taken
    return parts


def total(parts: Iterable[tuple[Lot, int]]) -> int:
    """Of what was picked."""
    return sum(amount for _, amount in parts)
