"""The real ledger in an event loop of its own, spoken to in the model's words, and its tables as the model's rows.

The model counts transfers, lots, holds and orders from 1; the store has ids of the same order: one becomes the other.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import asyncpg

from gateway.errors import KeyReusedError
from gateway.ids import MemberId
from gateway.loyalty.ports import Member, Movement, OrderSeen, Result, Written
from gateway.loyalty.writes import CaptureHold, Refund, ReleaseHold, Reverse, SettleOrder
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.statements import LEDGER_FAULTS
from gateway.store.tracks import Target, connect
from tests.conftest import open_ledger
from tests.properties.ledger_books import Books, Hold, Transfer
from tests.properties.ledger_model import CHANNEL, Answer, Call, Model, Post, Record, Sweep, Swept
from tests.properties.ledger_orders import Order

TABLES = (
    "audit_log",
    "outbox",
    "quote",
    "voucher",
    "reward_stock",
    "switch",
    "reward_order",
    "hold_lot",
    "hold",
    "lot_use",
    "entry",
    "transfer",
    "lot",
    "account",
    "idempotency",
    "source_event",
    "member_number",
    "member",
)
POINTS_TABLES = (
    "account",
    "entry",
    "hold",
    "hold_lot",
    "lot",
    "lot_use",
    "reward_order",
    "reward_stock",
    "transfer",
    "voucher",
)
"""What a refused step leaves as it was. Its answer, a quote that ended long ago and the audit log are no points."""

FINGERPRINT = ", ".join(
    f"(select md5(string_agg(t::text, '|' order by t::text)) from {table} as t)" for table in POINTS_TABLES
)

ROWS = {
    "transfers": """
        select t.transfer_id, t.member_id, t.kind, t.unit, t.amount, t.reason, t.channel, t.key, t.at, t.expires_at,
               t.available_at, t.of_transfer_id, t.hold_id, t.shortfall,
               array(select e.account || ' ' || e.amount from entry e
                      where e.member_id = t.member_id and e.month = t.month and e.transfer_id = t.transfer_id
                        and e.unit = t.unit order by 1) as entries
          from transfer t order by t.transfer_id""",
    "lots": """
        select lot_id, member_id, unit, amount, remaining, held, earned_at, expires_at, available_at, grace_until,
               transfer_id
          from lot order by lot_id""",
    "uses": "select transfer_id, lot_id, amount, restored from lot_use",
    "holds": """
        select h.hold_id, h.member_id, h.unit, h.amount, h.captured, h.state, h.reason, h.key, h.at, h.expires_at,
               h.settled_at, array(select i.lot_id::text from hold_lot i where i.member_id = h.member_id
                                      and i.hold_id = h.hold_id order by i.lot_id) as lots,
               array(select i.amount || ' ' || i.captured from hold_lot i where i.member_id = h.member_id
                        and i.hold_id = h.hold_id order by i.lot_id) as parts
          from hold h order by h.hold_id""",
    "accounts": "select member_id, unit, posted, held, debt from account where (posted, held, debt) <> (0, 0, 0)",
    "orders": """
        select order_id, member_id, reward, fulfilment, state, unit, price, hold_id, transfer_id, voucher_id, counted,
               key, at, due_at, settled_at, reason, tries, doubtful, owner, call_lease_until
          from reward_order order by order_id""",
    "quotes": "select member_id, key, reward, unit, price, short_number, at, expires_at, order_id from quote",
    "vouchers": "select voucher_id, reward, order_id from voucher order by voucher_id",
    "stock": "select reward, remaining from reward_stock",
    "switches": "select name from switch",
    "messages": "select member_id, outcome, facts->>'order' as order_id from outbox",
    "counts": """
        select (select count(*) from member), (select count(*) from member_number), (select count(*) from idempotency),
               (select count(*) from source_event), (select coalesce(sum(amount), 0)::bigint from entry)""",
}

EVERYTHING = "select {}, array[{}] as fingerprint".format(
    ", ".join(f"array(select r from ({rows}) as r) as {name}" for name, rows in ROWS.items()), FINGERPRINT
)
"""All rows and the fingerprint in one statement: one snapshot, and one round trip where there would be thirteen."""

UNHURRIED = """
do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$;
set statement_timeout = 0"""
"""No machine fails here: nobody needs to wait for the disk; that is for the ledger's connections, which come later. And
whoever proves the books may look for as long as it takes."""

MONTHS = ("_2027_02", "_2027_03", "_2027_07", "_2028_02", "_2028_03", "_rest")

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Ids:
    """The store's ids of one kind, by their numbers in the model."""

    known: list[int] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)

    def learn(self, known: list[int]) -> None:
        """All there are, in their order."""
        self.known = known
        self.numbers = {store_id: number for number, store_id in enumerate(known, 1)}

    def id_of(self, number: int) -> int:
        """What the store calls it; an id that is nobody's where there is none."""
        return self.known[number - 1] if 0 < number <= len(self.known) else 2**40

    def number_of(self, store_id: int | None) -> int | None:
        """What the model calls it."""
        return None if store_id is None else self.numbers[store_id]


class Rig:
    """The store under test."""

    def __init__(self, loop: asyncio.AbstractEventLoop, database_url: str, pack: Pack) -> None:
        self.run = loop.run_until_complete  # `Runner.run` sets the signal's handler anew each time: half a millisecond
        self.ledger = open_ledger(database_url, pack)
        self.connection: asyncpg.Connection[Any] = self.run(connect(Target(database_url)))
        self.run(self.connection.execute(UNHURRIED))
        self.prepared: dict[str, asyncpg.prepared_stmt.PreparedStatement[Any]] = {}
        self.fingerprint: list[str | None] = []
        """Every byte of what points are, as they were when the rows were read last."""
        self.sequences = self.steps = 0
        self.transfers, self.lots, self.holds, self.orders, self.vouchers = (Ids() for _ in range(5))
        self._join_months()
        self.run(self.ledger.open(datetime.now(UTC)))  # else the first calls would wait for it, and overtake each other

    def empty(self) -> None:
        """Forget everybody. Far cheaper than a database for each example; the triggers look away."""
        deletions = "; ".join(f"delete from {table}" for table in TABLES)
        self.run(self.connection.execute(f"set session_replication_role = replica; {deletions}"))
        for ids in (self.transfers, self.lots, self.holds, self.orders, self.vouchers):
            ids.learn([])

    def _join_months(self) -> None:
        """Leave a few partitions, and let the rest hold all other months: the proof opens each of them many times."""
        made = (
            "select inhrelid::regclass::text from pg_inherits where inhparent = any ('{transfer, entry}'::regclass[])"
        )
        for (partition,) in self.fetch(made):
            if not partition.endswith(MONTHS):
                self.run(self.connection.execute(f"drop table {partition}"))

    async def close(self) -> None:
        await self.ledger.close()
        await self.connection.close()

    def fetch(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.run(self._fetch(query, arguments))]

    async def _fetch(self, query: str, arguments: Sequence[object]) -> list[asyncpg.Record]:
        """Planned once: planning the proof takes several times as long as carrying it out.

        By a name, since asyncpg sends a statement without one anew each time.
        """
        if query not in self.prepared:
            self.prepared[query] = await self.connection.prepare(query, name=f"rig_{len(self.prepared)}")
        return await self.prepared[query].fetch(*arguments)

    def faults(self) -> list[tuple[Any, ...]]:
        """What the store itself finds wrong."""
        return self.fetch(LEDGER_FAULTS)

    def rows(self) -> Rows:
        """All that the model knows too, in its words. What the fingerprint is by then is kept."""
        [found] = self.run(self._fetch(EVERYTHING, ()))
        read: Rows = {name: found[name] for name in ROWS}
        self.fingerprint = found["fingerprint"]
        for ids, name in (
            (self.transfers, "transfers"),
            (self.lots, "lots"),
            (self.holds, "holds"),
            (self.orders, "orders"),
            (self.vouchers, "vouchers"),
        ):
            ids.learn([row[0] for row in read[name]])
        translated = {
            "transfers": self._transfer,
            "lots": lambda row: (*row[1:10], self.transfers.number_of(row[10])),
            "uses": lambda row: (self.transfers.number_of(row[0]), self.lots.number_of(row[1]), *row[2:]),
            "holds": lambda row: (*row[1:11], [self.lots.number_of(int(lot)) for lot in row[11]], row[12]),
            "orders": self._order,
            "quotes": lambda row: (*row[:8], self.orders.number_of(row[8])),
            "vouchers": lambda row: (row[1], self.orders.number_of(row[2])),
            "messages": lambda row: (*row[:2], self.orders.number_of(int(row[2]))),
        }
        return {name: [translated.get(name, tuple)(row) for row in rows] for name, rows in read.items()}

    def _transfer(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        head, (key, *middle, of, hold, shortfall, entries) = row[1:7], row[7:]
        if key.startswith("expiry:"):
            key = f"expiry:{self.lots.number_of(int(key.partition(':')[2]))}"
        return *head, key, *middle, self.transfers.number_of(of), self.holds.number_of(hold), shortfall, entries

    def _order(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        hold, transfer, voucher = row[7:10]
        return (
            *row[1:7],
            self.holds.number_of(hold),
            self.transfers.number_of(transfer),
            self.vouchers.number_of(voucher),
            *row[10:],
        )

    async def answer(self, call: Call, at: datetime) -> Answer:
        """What the store says, with its own ids."""
        try:
            match call:
                case Post(member_id, earning, key):
                    return await self.ledger.post(member_id, earning, key, CHANNEL, at)
                case Record(event, decision):
                    return await self.ledger.record_event(event, decision, at)
                case Sweep(member_id):
                    return await self._swept(member_id, at)
                case _:
                    return await self.ledger.write(self._in_the_stores_words(call), at)
        except KeyReusedError:
            return Result.KEY_REUSED

    async def answers(self, calls: Sequence[Call], at: datetime) -> list[Answer]:
        """Sent at once; they board one flight, in order."""
        return await asyncio.gather(*(self.answer(call, at) for call in calls))

    def in_the_models_words(self, answer: Answer) -> Answer:
        """The same answer; the store's ids must be known by now."""
        if not isinstance(answer, Written):
            return answer
        numbers: Mapping[str, Callable[[Any], Any]] = {
            "transfer_id": self.transfers.number_of,
            "hold_id": self.holds.number_of,
            "order_id": self.orders.number_of,
            "order": self.orders.number_of,
        }
        ids = {name: numbers[name](one) for name, one in answer.ids.items()}
        facts = {name: numbers[name](one) if name in numbers else one for name, one in answer.facts.items()}
        return replace(answer, ids=ids, facts=facts)

    def _in_the_stores_words(self, call: Any) -> Any:
        match call:
            case CaptureHold() | ReleaseHold():
                return replace(call, hold_id=self.holds.id_of(call.hold_id))
            case Refund() | Reverse():
                return replace(call, transfer_id=self.transfers.id_of(call.transfer_id))
            case SettleOrder():
                return replace(call, order_id=self.orders.id_of(call.order_id))
            case _:
                return call

    async def _swept(self, member_id: MemberId, at: datetime) -> Answer:
        """As the job does it."""
        pack = await self.ledger.open(at)
        outcome = await self.ledger.carry_out(
            {
                "primitive": "expire",
                "member_id": member_id,
                "channel": CHANNEL,
                "pack_version_id": pack,
                "at": at.isoformat(),
                "grace_s": self.ledger.items.grace_s,
            }
        )
        if outcome["result"] != "expired":
            return Written(Result(outcome["result"]))
        return Swept(outcome["amount"], outcome["holds"])

    async def members(self, numbers: Sequence[Msisdn], at: datetime) -> list[Member | None]:
        return await asyncio.gather(*(self.ledger.member(number, at) for number in numbers))

    async def statements(self, asks: Sequence[tuple[MemberId, int]]) -> list[list[Movement]]:
        shown = await asyncio.gather(*(self.ledger.statement(member_id, count) for member_id, count in asks))
        return [list(movements) for movements in shown]

    async def orders_shown(self, member_id: MemberId, count: int) -> list[OrderSeen]:
        """With the model's numbers."""
        shown = await self.ledger.orders(member_id, count)
        return [replace(order, order_id=self.orders.number_of(order.order_id) or 0) for order in shown]


def model_rows(model: Model) -> Rows:
    """The model's rows as `Rig.rows` has them."""
    shop = model.shop
    keys = sum(len(person.answers) for person in model.people.values())
    return _book_rows(model.books) | {
        "orders": [_order_row(order) for order in shop.orders],
        "quotes": [
            (q.member_id, q.key, q.reward, q.unit, q.price, q.short_number, q.at, q.expires_at, q.order)
            for q in shop.quotes.values()
        ],
        "vouchers": list(shop.vouchers),
        "stock": list(shop.stock.items()),
        "switches": [(name,) for name in shop.switches],
        "messages": [(member_id, str(outcome), order) for member_id, outcome, order in shop.messages],
        "counts": [(len(model.people), len(model.people), keys, len(model.events), 0)],
    }


def _book_rows(books: Books) -> Rows:
    accounts: dict[tuple[int, str], list[int]] = {}
    for lot in books.lots:
        account = accounts.setdefault((lot.member_id, lot.unit), [0, 0, 0])
        account[0] += lot.remaining
        account[1] += lot.held
    for place, owed in books.debts.items():
        accounts.setdefault(place, [0, 0, 0])[2] += owed
    return {
        "transfers": [_transfer_row(transfer) for transfer in books.transfers],
        "lots": [
            (lot.member_id, lot.unit, lot.amount, lot.remaining, lot.held, lot.earned_at, lot.expires_at,
             lot.available_at, lot.grace_until, lot.origin)
            for lot in books.lots
        ],
        "uses": [(*place, use.amount, use.restored) for place, use in books.uses.items()],
        "holds": [_hold_row(hold) for hold in books.holds],
        "accounts": [(*place, *sums) for place, sums in accounts.items() if any(sums)],
    }  # fmt: skip


def _transfer_row(t: Transfer) -> tuple[Any, ...]:
    entries = sorted(f"{account} {amount}" for account, amount in t.entries)
    act = t.act
    return (
        act.member_id, t.kind, t.unit, t.amount, act.reason, act.channel, act.key, act.at, t.expires_at,
        t.available_at, t.corrects, t.hold, t.shortfall, entries,
    )  # fmt: skip


def _hold_row(h: Hold) -> tuple[Any, ...]:
    parts = [f"{held} {h.captured.get(lot, 0)}" for lot, held in sorted(h.parts.items())]
    return (
        h.act.member_id, h.unit, h.amount, sum(h.captured.values()), h.state, h.act.reason, h.act.key, h.act.at,
        h.expires_at, h.settled_at, sorted(h.parts), parts,
    )  # fmt: skip


def _order_row(o: Order) -> tuple[Any, ...]:
    return (
        o.member_id, o.reward, o.fulfilment, o.state, o.unit, o.price, o.hold, o.transfer, o.voucher, o.counted, o.key,
        o.at, o.due_at, o.settled_at, o.reason, o.tries, o.doubtful, o.owner, o.rests_until,
    )  # fmt: skip
