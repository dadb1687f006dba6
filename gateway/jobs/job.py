"""What a job is: a name, a rhythm, and one bounded pass that may be run at any time, also twice at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did: how many were done, how many failed, and whether there is more to do."""

    done: int
    failed: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """`every_s` is machine time between two runs, in all processes together. A pass is handed programme time."""

    name: str
    every_s: float
    run: Callable[[Ledger, datetime], Awaitable[Pass]]


async def done_each(steps: Sequence[Awaitable[object]], count_max: int) -> Pass:
    """Take steps together, each for itself: one that fails is told, and keeps nobody. Full passes have more to do.

    Raises the first failure when nothing at all could be done: it is nobody's own.
    """
    results = await asyncio.gather(*steps, return_exceptions=True)
    failures = [one for one in results if isinstance(one, BaseException)]
    for failure in failures:
        if not isinstance(failure, Exception) or len(failures) == len(results):
            raise failure
        logging.error(LogEvent.UNEXPECTED, failure)
    return Pass(len(results) - len(failures), len(failures), len(results) >= count_max)
