"""The messages that an SMSC has handed over and that wait for our answer: a task for each.

Decides only that each is answered: by its handler, or, when that fails or forgets, with the link's "not now", so that
the SMSC keeps the message. More than `DELIVERIES_MAX` are not taken in: the connection is not read until there is
room, and what was read already is refused for now.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.smpp.connection import Connection
from gateway.smpp.events import Delivered
from gateway.smpp.pdu.messages import DataSm, DeliverSm

DELIVERIES_MAX = 500
"""A few batches of the store; at 4 s a message at most, an SMSC with a wider window waits and loses nothing."""
RESUMES_AT = DELIVERIES_MAX * 3 // 4

Answer = Callable[[int], bool]
"""Answers a message with a status, once. False: the connection that it came by is gone, or it was answered."""
Deliver = Callable[[DeliverSm | DataSm, Answer], Awaitable[None]]
"""Handles a message, and answers it."""
Notice = Callable[[str, str], None]
"""Told what happened to a link, and why."""


class Deliveries:
    """All of one link, also those whose connection is gone: what has begun goes on."""

    def __init__(self, deliver: Deliver, not_now: int, notice: Notice, changed: Callable[[], None]) -> None:
        self._deliver = deliver
        self._not_now = not_now
        self._notice = notice
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: Connection | None = None

    @property
    def count(self) -> int:
        """How many are in work."""
        return len(self._tasks)

    def take(self, connection: Connection, delivered: Delivered) -> None:
        """Begin with a message, if there is room."""
        if len(self._tasks) >= DELIVERIES_MAX:
            self.refuse(connection, delivered)
            return
        task = asyncio.get_running_loop().create_task(self._handle(connection, delivered))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        if len(self._tasks) >= DELIVERIES_MAX:
            self._held = connection
            connection.hold(True)

    def refuse(self, connection: Connection, delivered: Delivered) -> None:
        """Leave it with the SMSC."""
        connection.answer(delivered.token, self._not_now)

    async def end(self) -> None:
        """Cancel what is left, and wait for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _handle(self, connection: Connection, delivered: Delivered) -> None:
        try:
            await self._deliver(delivered.pdu, partial(connection.answer, delivered.token))
        except Exception as error:
            logging.error(LogEvent.UNEXPECTED, error)
        if connection.answer(delivered.token, self._not_now):
            self._notice("unanswered", "a message was left without an answer: the SMSC keeps it")

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._held is not None and len(self._tasks) <= RESUMES_AT:
            self._held.hold(False)
            self._held = None
        self._changed()
