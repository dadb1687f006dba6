"""The slots of a link: how many submits may be on their way, who waits for which answer, and how fast they leave.

Decides what is free: the window less what is reserved and what is unanswered, as fast as the pace allows. A slot is
free again when the SMSC has answered, whether or not anybody still waits for it: until then the SMSC holds it too.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.pace import Pace

Answer = TypeVar("Answer")
"""What the other side answers a submit with."""
Failure = NotSentError | UnansweredError
"""Kept as a value: an exception in a future that its caller has left would be reported as lost."""


class Window(Generic[Answer]):
    """`open` says whether the link takes anything at all now; `on_free` is called, once a turn of the loop at most,
    when there may be free slots that there were not before."""

    def __init__(self, size: int, pace: Pace, is_open: Callable[[], bool], on_free: Callable[[], None]) -> None:
        self._size = size
        self._pace = pace
        self._is_open = is_open
        self._on_free = on_free
        self._loop = asyncio.get_running_loop()
        self._reserved = 0
        self._waiting: dict[int, asyncio.Future[Answer | Failure]] = {}
        self._telling: asyncio.Handle | None = None
        self._waking: asyncio.TimerHandle | None = None

    @property
    def free(self) -> int:
        """How many may be reserved now."""
        return self._pace.ready(self._loop.time(), self._room) if self._is_open() else 0

    @property
    def unanswered(self) -> int:
        """How many are on their way."""
        return len(self._waiting)

    def reserve(self, wanted: int) -> int:
        """Take up to `wanted` free slots; how many. Whoever gets fewer is told when there are more."""
        granted = min(wanted, self.free)
        if granted:
            self._reserved += granted
            self._pace.take(self._loop.time(), granted)
        if granted < wanted:
            self.look()
        return granted

    def release(self, unused: int) -> None:
        """Give reserved slots back."""
        self.use(unused)
        self._pace.give_back(unused)
        self.look()

    def use(self, count: int = 1) -> None:
        """Reserved slots are reserved no more. Using more than were reserved is a bug of the caller's."""
        if not 0 <= count <= self._reserved:
            raise RuntimeError(f"{count} slots, but {self._reserved} are reserved: reserve before a submit")
        self._reserved -= count

    async def answer(self, sequence: int) -> Answer:
        """The answer to a submit that was just made. Raises `NotSentError` or `UnansweredError`."""
        outcome: asyncio.Future[Answer | Failure] = self._loop.create_future()
        self._waiting[sequence] = outcome
        answered = await outcome
        if isinstance(answered, Failure):
            raise answered
        return answered

    def settle(self, sequence: int, outcome: Answer | Failure) -> None:
        """This became of a submit."""
        waiting = self._waiting.pop(sequence, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)
        self.look()

    def look(self) -> None:
        """Something changed: tell, in this turn of the loop, if slots are free, or when the pace will have some."""
        if self._telling is None:
            self._telling = self._loop.call_soon(self._tell)

    def close(self) -> None:
        """No more calls."""
        for handle in (self._telling, self._waking):
            if handle is not None:
                handle.cancel()
        self._telling = self._waking = None

    @property
    def _room(self) -> int:
        return max(self._size - self._reserved - len(self._waiting), 0)

    def _tell(self) -> None:
        self._telling = None
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
        if not self._is_open() or not self._room:
            return
        if self.free:
            self._on_free()
        else:
            self._waking = self._loop.call_at(self._pace.ready_at(self._loop.time()), self._tell)
