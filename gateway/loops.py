"""What goes on for as long as a process lives, whatever becomes of one turn of it."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.log_events import LogEvent
from gateway.observability import logging

START_AGAIN_S = 1.0
"""Before a loop that a bug ended is begun again: long enough not to fill the log."""


def forever(loop: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
    """A loop that a bug of ours ends is begun again, and the bug is told."""

    async def run() -> None:
        while True:
            try:
                await loop()
            except Exception as error:
                logging.error(LogEvent.UNEXPECTED, error)
            await asyncio.sleep(START_AGAIN_S)

    return asyncio.create_task(run())
