"""What outlasts its hop: an action that is still under way when the subscriber must be answered goes on, is asked again
where the store fails for now, and its result is told when it is known.

Decides how long that is tried. Refuses to know what the work is, and how its result is told. A process that dies
meanwhile loses nothing that was committed: the message that tells it lies in the store and goes out by itself
(decision 0013).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from gateway.errors import GatewayError
from gateway.log_events import LogEvent
from gateway.observability import logging

TRIED_FOR_S = 180.0
"""A store that is started again, or a standby that takes over, is back by then; an answer that comes later than this is
to a question that its subscriber has asked anew."""
PAUSE_FIRST_S, PAUSE_MAX_S = 0.5, 8.0

FINISH_S = 4.0
"""How long it may take when we are asked to stop: longer than any statement."""

Known = TypeVar("Known")


class Finishing:
    """The actions of this process that outlast their hops. `notice` hears `promised`, `told` and `given_up`."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice
        self._tasks: set[asyncio.Task[None]] = set()

    async def within(
        self, work: Callable[[], Awaitable[Known]], seconds: float, tell: Callable[[Known], Awaitable[None]] | None
    ) -> Known | None:
        """See `Finisher.within`."""
        first = asyncio.ensure_future(work())
        try:
            done, _ = await asyncio.wait({first}, timeout=max(seconds, 0.0))
        except asyncio.CancelledError:
            first.cancel()
            raise
        if done:
            return first.result()
        if tell is None:
            first.cancel()
            return None
        self._notice("promised")
        task = asyncio.create_task(self._finish(first, work, tell))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the context lasts; what is under way then may end, and the rest is the store's to tell."""
        try:
            yield
        finally:
            await self._leave()

    async def _leave(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _finish(
        self,
        first: Awaitable[Known],
        work: Callable[[], Awaitable[Known]],
        tell: Callable[[Known], Awaitable[None]],
    ) -> None:
        try:
            async with asyncio.timeout(TRIED_FOR_S):
                known = await _until_known(first, work)
                await _until_known(tell(known), lambda: tell(known))
            self._notice("told")
        except (GatewayError, TimeoutError) as error:
            self._notice("given_up")
            logging.warning(LogEvent.RESULT_UNKNOWN, why=str(error) or "the store did not answer in time")
        except Exception as error:
            self._notice("given_up")
            logging.error(LogEvent.UNEXPECTED, error)


async def _until_known(first: Awaitable[Known], again: Callable[[], Awaitable[Known]]) -> Known:
    """What the first try comes to, or a later one where it failed for now. Raises what no other try would change."""
    trying, pause_s = first, PAUSE_FIRST_S
    while True:
        try:
            return await trying
        except GatewayError as error:
            if not error.retryable:
                raise
        await asyncio.sleep(pause_s)  # the store is away, or slow: it is not asked faster for that
        pause_s = min(2 * pause_s, PAUSE_MAX_S)
        trying = again()
