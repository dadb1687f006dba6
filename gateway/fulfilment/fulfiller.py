"""The loop that delivers orders: takes what waits, calls the adapter, writes down what became of each.

An order is `calling` in the store before its adapter hears of it, and no call begins that its lease would not outlast:
so whoever finds the lease over knows that the order may have been delivered, and that nobody delivers it now. What an
adapter answered is written down before another order is taken in its place; where that cannot be, the lease ends, and
the order is in doubt again.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from gateway.clock import ProgrammeClock
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import GatewayError
from gateway.fulfilment import fate
from gateway.fulfilment.fate import DELIVERED, PARKED, REFUSED, Fate, Patience
from gateway.fulfilment.model import Adapter, Answer, Verdict
from gateway.ids import IdempotencyKey
from gateway.log_events import LogEvent
from gateway.loyalty.ports import Result, Written
from gateway.loyalty.writes import SettleOrder, Told, Write
from gateway.observability import logging
from gateway.settings import Repeats
from gateway.store.orders import ClaimedOrder

CALLS_MAX = 16
"""Orders at once: a billing is seldom made for more, and at 100 ms a call they are 13 million a day."""
SETTLE_AGAIN_S = 0.5
"""While the store is away, what was answered is kept here until it is written down."""
SETTLE_TRIES_MAX = 20
"""Of an error that time does not heal; the store's absence is waited for without end."""
LEASE_MARGIN_S = 5.0
"""Beyond the calls: to write down what came of them."""
CHANNEL = "fulfilment"
TOO_LATE = "too_late"
"""In the log: our lease was over, or staff was quicker, and what stands in the store is somebody else's word."""
PATIENCE = Patience()

Done = TypeVar("Done")
Settle = Callable[[Write, datetime], Awaitable[Written]]
"""Writes how an order ended: `Ledger.write`."""


class OrdersPort(Protocol):
    """What the loop needs of the store."""

    async def claim(
        self, fulfilments: Sequence[str], count: int, owner: str, lease_until: datetime
    ) -> Sequence[ClaimedOrder]:
        """Take what is to be delivered next."""
        ...


@dataclass(frozen=True, slots=True)
class FulfillerParts:
    """What a fulfiller works with. `node` is this process's own name; `called` is told each verdict."""

    orders: OrdersPort
    settle: Settle
    clock: ProgrammeClock
    node: str
    called: Callable[[str], object] = lambda _: None
    reach: Reach = pass_by
    patience: Patience = PATIENCE


class Fulfiller:
    """Delivers the orders of one kind of fulfilment by one adapter."""

    def __init__(self, fulfilment: str, adapter: Adapter, parts: FulfillerParts) -> None:
        self._fulfilment = fulfilment
        self._adapter = adapter
        self._parts = parts
        self._ordinals = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()
        # An order in doubt is asked for, and then delivered: two calls under one lease.
        self._lease = timedelta(seconds=2 * adapter.call_s_max + LEASE_MARGIN_S)

    async def run(self) -> None:
        """Until cancelled: deliver what waits."""
        while True:
            if not await self._take():
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._parts.patience.look_s):
                        await self._freed.wait()
            self._freed.clear()

    async def finish(self, patience_s: float) -> None:
        """`run` is cancelled: let calls be answered and written down. What is not by then is in doubt for others."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self) -> bool:
        """Take as many as there is room for; whether there were any."""
        room = CALLS_MAX - len(self._tasks)
        if room == 0:
            return False
        owner = f"{self._parts.node}/{next(self._ordinals)}"
        lease_until = datetime.now(UTC) + self._lease
        try:
            taken = await self._parts.orders.claim([self._fulfilment], room, owner, lease_until)
        except GatewayError as error:
            if not error.retryable:
                raise
            return False
        for order in taken:
            task = asyncio.create_task(self._deliver(order, lease_until))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return bool(taken)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """A bug of ours is loud; its order stays leased, and is in doubt when the lease ends."""
        self._tasks.discard(task)
        self._freed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            logging.error(LogEvent.UNEXPECTED, error)

    async def _deliver(self, order: ClaimedOrder, lease_until: datetime) -> None:
        """One order, from its claim to what is written down of it."""
        self._parts.reach(CrashPoint.ORDER_CLAIMED)
        answer, doubtful = await self._call(order, lease_until)
        self._parts.reach(CrashPoint.ORDER_CALLED)
        self._parts.called(answer.verdict)
        decided, at = await self._patiently(partial(self._decide, order, answer, doubtful=doubtful))
        settled = settlement(order, decided, answer.verdict)
        written = await self._patiently(partial(self._parts.settle, settled, at))
        self._parts.reach(CrashPoint.ORDER_SETTLED)
        self._log(order, answer, decided.becomes if written.result is not Result.SETTLED else TOO_LATE)

    async def _patiently(self, step: Callable[[], Awaitable[Done]]) -> Done:
        """Do `step`, however long the store is away: what was answered must not be asked again without need."""
        for attempt in itertools.count(1):
            try:
                return await step()
            except Exception as error:
                if not (isinstance(error, GatewayError) and error.retryable):
                    logging.error(LogEvent.UNEXPECTED, error)
                    if attempt >= SETTLE_TRIES_MAX:
                        raise
            await asyncio.sleep(SETTLE_AGAIN_S)
        raise AssertionError("counting has no end")

    async def _call(self, order: ClaimedOrder, lease_until: datetime) -> tuple[Answer, bool]:
        """What the adapter says of an order, and whether it may have been delivered before that."""
        if order.msisdn is None:
            return Answer(Verdict.NOT_NOW, "nobody has this order's number", misconfigured=True), order.doubtful
        if order.doubtful and self._adapter.repeats is Repeats.NEVER:
            return Answer(Verdict.UNKNOWN, "whoever called had no answer"), True
        doubtful = order.doubtful
        if doubtful and self._adapter.repeats is Repeats.ASKABLE:
            answer = await self._adapter.ask(order)
            if answer.verdict is not Verdict.ABSENT:
                return answer, True
            doubtful = False
        if datetime.now(UTC) + timedelta(seconds=self._adapter.call_s_max) >= lease_until:
            # This machine stood still, or the store was slow: another process may take the order while we call.
            return Answer(Verdict.NOT_NOW, "not called: its lease was nearly over"), doubtful
        return await self._adapter.deliver(order), doubtful

    async def _decide(self, order: ClaimedOrder, answer: Answer, *, doubtful: bool) -> tuple[Fate, datetime]:
        """What becomes of it, and when that was decided."""
        at = await self._parts.clock.at()
        return fate.fate(order, answer, self._adapter.repeats, self._parts.patience, at, doubtful=doubtful), at

    def _log(self, order: ClaimedOrder, answer: Answer, decided: str) -> None:
        tell = logging.warning if answer.misconfigured or decided in {PARKED, TOO_LATE} else logging.info
        theirs = answer.verdict in {Verdict.DELIVERED, Verdict.REFUSED}  # words of another's system stay out of our log
        tell(
            LogEvent.ORDER,
            order_id=order.order_id,
            reward=order.reward,
            verdict=answer.verdict,
            reason="" if theirs else answer.reason,
            becomes=decided,
            tries=order.tries,
        )


def settlement(order: ClaimedOrder, decided: Fate, verdict: Verdict) -> SettleOrder:
    """What is written; the member is told how it ended, and not that it did not yet."""
    told = None
    if decided.becomes in {DELIVERED, REFUSED}:
        told = Told("result", "order", decided.becomes, {"reward": order.reward}, order.language)
    rest_until = None
    if decided.rest_s:
        rest_s = random.uniform(decided.rest_s / 2, decided.rest_s)  # noqa: S311 - spreads load, hides nothing
        rest_until = datetime.now(UTC) + timedelta(seconds=rest_s)
    return SettleOrder(
        order.member_id,
        order.order_id,
        decided.becomes,
        decided.reason,
        CHANNEL,
        IdempotencyKey(f"order:{order.order_id}:{order.tries}:{verdict}"),
        order.owner,
        decided.doubtful,
        rest_until,
        told,
    )
