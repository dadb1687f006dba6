"""Rewards as plain bookkeeping: stock, vouchers, switches, quotes, and what becomes of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import OpenQuote, OrderSeen, OrderState, Result, RewardSeen
from gateway.loyalty.writes import MakeQuote, PlaceOrder, SettleOrder
from tests.properties.ledger_books import Act, Books

ENDED = {OrderState.DELIVERED, OrderState.REFUSED, OrderState.EXPIRED}
BEGINS = {
    "voucher": (Result.DELIVERED, OrderState.DELIVERED),
    "pick_up": (Result.READY, OrderState.READY),
    "manual": (Result.ORDERED, OrderState.WAITING),
    "billing": (Result.ORDERED, OrderState.PLACED),
}
"""What an order is answered, and what it is then, by its fulfilment."""
QUOTE_KEPT = timedelta(days=1)
"""How long a quote that is over can still be found by its key."""


@dataclass(slots=True)
class Quote:
    """What a member was told that a reward costs."""

    member_id: int
    key: str
    reward: str
    unit: str
    price: int
    short_number: str
    at: datetime
    expires_at: datetime
    order: int | None = None


@dataclass(slots=True)
class Order:
    """One reward on its way. `rests_until`: the end of a lease, or of a rest."""

    number: int
    member_id: int
    reward: str
    fulfilment: str
    state: OrderState
    unit: str
    price: int
    hold: int
    transfer: int | None
    voucher: int | None
    counted: bool
    key: str
    at: datetime
    due_at: datetime | None
    settled_at: datetime | None = None
    reason: str = ""
    tries: int = 0
    doubtful: bool = False
    owner: str | None = None
    rests_until: datetime | None = None


class Shop:
    """What is exchanged for points, over the books of the points."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.stock: dict[str, int] = {}
        self.vouchers: list[tuple[str, int | None]] = []
        """Each with its reward, and with the order that it went to."""
        self.switches: set[str] = set()
        self.quotes: dict[tuple[int, str], Quote] = {}
        self.orders: list[Order] = []
        self.messages: list[tuple[int, str, int]] = []
        """What was put in the outbox: to whom, how it went, and of which order it tells."""

    def change_stock(self, reward: str, by: int) -> int | None:
        """What remains; None where it would be less than nothing."""
        remaining = self.stock.setdefault(reward, 0) + by
        if remaining < 0:
            return None
        self.stock[reward] = remaining
        return remaining

    def seen(self, member_id: int, reward: str, since: datetime | None) -> RewardSeen:
        """A reward as a member sees it."""
        free = any(name == reward and order is None for name, order in self.vouchers)
        had = 0 if since is None else self.had(member_id, reward, since)
        return RewardSeen(self.stock.get(reward), free, f"reward:{reward}" in self.switches, had)

    def had(self, member_id: int, reward: str, since: datetime | None) -> int:
        """Orders since a moment, but for those that came to nothing."""
        return sum(
            order.member_id == member_id
            and order.reward == reward
            and since is not None
            and order.at > since
            and order.state not in (OrderState.REFUSED, OrderState.EXPIRED)
            for order in self.orders
        )

    def quote(self, call: MakeQuote, at: datetime) -> Result:
        """Quotes that ended long ago make room."""
        self.quotes = {
            place: known
            for place, known in self.quotes.items()
            if known.member_id != call.member_id or known.expires_at >= at - QUOTE_KEPT
        }
        told = (call.member_id, call.key, call.reward, call.unit, call.price, call.short_number, at, call.expires_at)
        self.quotes[call.member_id, call.key] = Quote(*told)
        return Result.QUOTED

    def meant(self, member_id: int, key: str | None, short_number: str, at: datetime) -> OpenQuote | None:
        """The quote of a key, whatever became of it; without one the latest of a short number, if it still stands."""
        told = [
            known
            for known in self.quotes.values()
            if known.member_id == member_id
            and (known.short_number == short_number if key is None else known.key == key)
        ]
        latest = max(told, key=lambda known: (known.at, known.key), default=None)
        if latest is None or (key is None and (latest.order is not None or latest.expires_at <= at)):
            return None
        return OpenQuote(IdempotencyKey(latest.key), latest.reward, latest.unit, latest.price)

    def _refusal(self, call: PlaceOrder, at: datetime, *, active: bool) -> Result | None:
        known = self.quotes.get((call.member_id, call.quote_key))
        stands = (
            known is not None
            and known.order is None
            and known.expires_at > at
            and (known.reward, known.unit, known.price) == (call.reward, call.unit, call.price)
        )
        if not active:
            return Result.BLOCKED
        if self.switches & {"action:exchange", f"reward:{call.reward}"}:
            return Result.CLOSED
        if not stands:
            return Result.NO_QUOTE
        limit = call.limit_count
        if limit is not None and self.had(call.member_id, call.reward, call.limit_since) >= limit:
            return Result.LIMIT
        if self.books.available(call.member_id, call.unit, at) < call.price:
            return Result.INSUFFICIENT
        return None

    def _handed_out(self, call: PlaceOrder) -> tuple[bool, int | None]:
        """Whether there is one to have; for a voucher, which."""
        if call.counted:
            return self.stock.get(call.reward, 0) > 0, None
        if call.fulfilment == "voucher":
            free = (n for n, (name, order) in enumerate(self.vouchers, 1) if name == call.reward and order is None)
            voucher = next(free, None)
            return voucher is not None, voucher
        return True, None

    def place(self, call: PlaceOrder, act: Act, *, active: bool) -> tuple[Result, Order | None]:
        """Everything is looked at, then held, then ordered; a voucher is paid for and handed over at once."""
        self.books.catch_up(act)
        refused = self._refusal(call, act.at, active=active)
        if refused is not None:
            return refused, None
        there, voucher = self._handed_out(call)
        if not there:
            return Result.SOLD_OUT, None
        result, state = BEGINS[call.fulfilment]
        hold = self.books.place_hold(act, call.unit, call.price, None)
        assert hold is not None, "the price was there a moment ago"
        spend = self.books.capture(act, hold, call.price) if result is Result.DELIVERED else None
        order = Order(
            len(self.orders) + 1,
            call.member_id,
            call.reward,
            call.fulfilment,
            state,
            call.unit,
            call.price,
            hold.number,
            spend and spend.number,
            voucher,
            call.counted,
            call.key,
            act.at,
            call.due_at,
            act.at if spend else None,
        )
        self.orders.append(order)
        self.quotes[call.member_id, call.quote_key].order = order.number
        if voucher is not None:
            self.vouchers[voucher - 1] = (call.reward, order.number)
        if call.counted:
            self.stock[call.reward] -= 1
        if result in call.told:
            self.messages.append((call.member_id, result, order.number))
        return result, order

    def claim(
        self, fulfilments: Sequence[str], count: int, owner: str, until: datetime, now: datetime
    ) -> list[tuple[int, int, bool]]:
        """Orders to deliver, oldest first: number, tries, and whether somebody may have delivered it before he died."""
        mine = [order for order in self.orders if order.owner == owner]
        if not mine:
            able = (order for order in self.orders if order.fulfilment in fulfilments)
            waiting = (order for order in able if order.state in (OrderState.PLACED, OrderState.CALLING))
            mine = [order for order in waiting if order.rests_until is None or order.rests_until <= now][:count]
            for order in mine:
                order.doubtful = order.doubtful or order.state is OrderState.CALLING
                order.state, order.owner, order.rests_until = OrderState.CALLING, owner, until
                order.tries += 1
        return [(order.number, order.tries, order.doubtful) for order in mine]

    def settle(self, call: SettleOrder, act: Act) -> Result:
        """An order ends once, by whoever is delivering it, or by staff when nobody is."""
        order = self.order(call.order_id, call.member_id)
        if order is None:
            return Result.NO_ORDER
        doubted = call.becomes == "expired" and order.doubtful
        if order.state in ENDED or order.owner != call.owner or doubted:
            return Result.SETTLED
        self.books.changes += 1
        order.owner, order.reason = None, call.reason
        if call.becomes in ("parked", "later"):
            order.state = OrderState.PLACED if call.becomes == "later" else OrderState.PARKED
            order.doubtful, order.rests_until = call.doubtful, call.rest_until
            return Result(call.becomes)
        hold = self.books.hold(order.hold, order.member_id)
        assert hold is not None
        if call.becomes == "delivered":
            order.transfer = self.books.capture(act, hold, order.price).number
        else:
            self.books.end_hold(act, hold, "released", act.at)
            if order.counted:
                self.stock[order.reward] += 1
        order.state, order.settled_at, order.rests_until = OrderState(call.becomes), act.at, None
        if call.told is not None:
            self.messages.append((call.member_id, call.becomes, order.number))
        return Result(call.becomes)

    def order(self, number: int, member_id: int) -> Order | None:
        """The member's own order of that number."""
        known = self.orders[number - 1] if 0 < number <= len(self.orders) else None
        return known if known is not None and known.member_id == member_id else None

    def due(self, at: datetime) -> set[int]:
        """Orders that nobody collected or delivered in time."""
        waits = (OrderState.PLACED, OrderState.WAITING, OrderState.READY)
        return {
            order.number
            for order in self.orders
            if order.state in waits and order.due_at is not None and order.due_at <= at and not order.doubtful
        }

    def shown(self, member_id: int, count: int) -> list[OrderSeen]:
        """The latest orders, newest first."""
        own = [order for order in self.orders if order.member_id == member_id]
        return [OrderSeen(order.number, order.reward, order.state, order.at) for order in own[::-1][:count]]
