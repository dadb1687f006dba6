"""What waits, waits in batches, and nobody above sees it.

A `Coalescer` is called with one item and answers with that item's result. Calls that arrive while every line
is busy leave together with the next flight. One call alone leaves at once and pays nothing.

The contract, each line of it a test (`tests/unit/test_batching.py`): answers are matched by ordinal, never by
position; a count mismatch fails the flight; every caller is answered, also when another is cancelled; each
gets an exception of its own; the queue is bounded and an item's wait has a deadline; a flight that failed for
one item's sake is repeated one by one; a flight runs in an empty context; items of one owner are never on two
lines at once, and keep their order.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from copy import copy
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.errors import GatewayError, OverloadedError

Item = TypeVar("Item")
Result = TypeVar("Result")

Fly = Callable[[Sequence[Item]], Awaitable[Sequence[tuple[int, Result | Exception]]]]
"""Carry items, answer each with its ordinal (from 0) and its result or its own exception, in any order."""


class MismatchedAnswersError(Exception):
    """A flight answered other items than it carried. A bug of ours or of the server's; nobody gets a guess."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`batch_max` items leave together; `queue_max` wait; none waits longer than `wait_s` seconds.

    With `one_owner` a flight carries items of one owner only: whoever is slow keeps no stranger.
    """

    batch_max: int = 64
    queue_max: int = 4096
    wait_s: float = 2.0
    one_owner: bool = False


@dataclass(slots=True)
class _Waiting(Generic[Item, Result]):
    item: Item
    owner: Hashable
    answer: "asyncio.Future[Result]"
    leaves_before: float


class Coalescer(Generic[Item, Result]):
    """Joins single calls into flights over one or more lines, each of which carries one flight at a time.

    `owner` says whose an item is, where items of one owner would stand in each other's way; None is nobody's.
    """

    def __init__(
        self,
        name: str,
        lines: Sequence[Fly[Item, Result]],
        limits: Limits,
        owner: Callable[[Item], Hashable] = lambda _: None,
    ) -> None:
        self.name = name
        self.limits = limits
        self._owner = owner
        self._flying: set[Hashable] = set()
        self._idle = list(lines)
        self._queue: deque[_Waiting[Item, Result]] = deque()
        self._flights: set[asyncio.Task[None]] = set()
        self._departure: asyncio.Handle | None = None
        self._patience: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many items wait for a line now."""
        return len(self._queue)

    async def __call__(self, item: Item) -> Result:
        """The item's result, or its own exception. `OverloadedError` when the queue is full or the wait too long."""
        if len(self._queue) >= self.limits.queue_max:
            raise OverloadedError(f"{self.name}: {self.limits.queue_max} calls wait already")
        loop = asyncio.get_running_loop()
        waiting: _Waiting[Item, Result] = _Waiting(
            item, self._owner(item), loop.create_future(), loop.time() + self.limits.wait_s
        )
        self._queue.append(waiting)
        self._depart_soon(loop)
        if self._patience is None:
            self._patience = loop.call_at(waiting.leaves_before, self._turn_away, context=Context())
        return await waiting.answer

    async def drain(self) -> None:
        """Return when nothing waits and nothing flies."""
        while self._flights or self._departure:
            await asyncio.sleep(0)
            if self._flights:
                await asyncio.wait(self._flights)

    def _depart_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let whatever else is ready in this turn of the loop join the same flight."""
        if self._idle and self._departure is None:
            self._departure = loop.call_soon(self._depart, context=Context())

    def _depart(self) -> None:
        self._departure = None
        loop = asyncio.get_running_loop()
        while self._idle and (boarding := self._board(loop.time())):
            line = self._idle.pop()
            self._flying |= {waiting.owner for waiting in boarding if waiting.owner is not None}
            flight = loop.create_task(self._fly(line, boarding), context=Context())
            self._flights.add(flight)
            flight.add_done_callback(self._flights.discard)

    def _board(self, now: float) -> list[_Waiting[Item, Result]]:
        """The next flight's items; those who left are skipped, those who waited too long are told so.

        Whoever may not board yet keeps the place in the queue.
        """
        boarding: list[_Waiting[Item, Result]] = []
        staying: list[_Waiting[Item, Result]] = []
        while self._queue and len(boarding) < self.limits.batch_max:
            waiting = self._queue.popleft()
            if waiting.answer.done():
                continue
            if now > waiting.leaves_before:
                self._refuse(waiting)
            elif waiting.owner in self._flying or (
                self.limits.one_owner and boarding and waiting.owner != boarding[0].owner
            ):
                staying.append(waiting)
            else:
                boarding.append(waiting)
        self._queue.extendleft(reversed(staying))
        return boarding

    def _turn_away(self) -> None:
        """Answer those who waited too long, also while no line comes back. One timer, since they wait in order."""
        loop = asyncio.get_running_loop()
        while self._queue and (self._queue[0].answer.done() or self._queue[0].leaves_before <= loop.time()):
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                self._refuse(waiting)
        self._patience = None
        if self._queue:
            self._patience = loop.call_at(self._queue[0].leaves_before, self._turn_away, context=Context())

    def _refuse(self, waiting: _Waiting[Item, Result]) -> None:
        waiting.answer.set_exception(OverloadedError(f"{self.name}: waited longer than {self.limits.wait_s} s"))

    async def _fly(self, line: Fly[Item, Result], boarding: list[_Waiting[Item, Result]]) -> None:
        try:
            await self._carry(line, boarding)
        finally:
            for waiting in boarding:
                if not waiting.answer.done():
                    waiting.answer.set_exception(OverloadedError(f"{self.name}: the flight was stopped"))
            self._flying -= {waiting.owner for waiting in boarding}
            self._idle.append(line)
            if self._queue:
                self._depart()

    async def _carry(self, line: Fly[Item, Result], boarding: list[_Waiting[Item, Result]]) -> None:
        try:
            answers = _by_ordinal(await line([waiting.item for waiting in boarding]), len(boarding))
        except Exception as error:
            if len(boarding) > 1 and not _everybody_suffers(error):
                for waiting in boarding:
                    await self._carry(line, [waiting])
                return
            answers = [error] * len(boarding)
        for waiting, answer in zip(boarding, answers, strict=True):
            _settle(waiting.answer, answer)


def _everybody_suffers(error: Exception) -> bool:
    """A server that is away is away for each item; a bad item is bad alone."""
    return isinstance(error, GatewayError) and error.retryable


def _by_ordinal(answers: Sequence[tuple[int, Result | Exception]], count: int) -> list[Result | Exception]:
    ordered = dict(answers)
    if len(answers) != count or ordered.keys() != set(range(count)):
        raise MismatchedAnswersError(
            f"{count} items left, answers came for {sorted(ordinal for ordinal, _ in answers)}"
        )
    return [ordered[ordinal] for ordinal in range(count)]


def _settle(future: "asyncio.Future[Result]", answer: Result | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(_own(answer))
    else:
        future.set_result(answer)


def _own(error: Exception) -> Exception:
    """A copy: a shared exception would gather the traceback of every caller.

    Not every exception can be made again from its arguments; such a one is told by its cause.
    """
    try:
        own = copy(error)
    except Exception:
        own = RuntimeError(f"{type(error).__name__}: {error}")
    own.__cause__ = error
    return own
