"""One connection to an SMSC: a session on a socket. Octets, timers, and what is written when.

Decides nothing of SMPP. What a turn of the event loop has to say leaves in one write. A peer that does not read is
not read either, so that what waits for it stays small. A session that has ended is closed, and cut if that takes long.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from gateway.smpp.events import Event
from gateway.smpp.pdu.messages import SubmitSm
from gateway.smpp.session import Session
from gateway.smpp.settings import LinkSettings

UNREAD_BYTES_MAX = 256 * 1024
"""What may wait until the peer reads: more than a window of long messages, and a few thousand answers."""
CLOSE_S = 2.0
"""For the last octets to leave."""
CATCH_UP_S = 1.0
"""After a pause in reading, to read what came meanwhile before anything counts as overdue."""


class Connection(asyncio.Protocol):
    """From connecting to the end. `hear` is told every event of the session; `changed`, that the connection is over or
    that there is room to write again. One object is one connection."""

    def __init__(self, settings: LinkSettings, hear: Callable[[Event], None], changed: Callable[[], None]) -> None:
        self.session = Session(settings)
        self.can_write = True
        self.unwritten: set[int] = set()
        """Submits that are not on the wire yet."""
        self._hear = hear
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._writing: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._held = False
        self._reads = True
        self._patient_until = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing is left of it, or nothing ever came of it."""
        return self._transport is None

    def submit(self, pdu: SubmitSm) -> int:
        """Send a message; its number. Raises `ValueError` when it does not fit the wire."""
        sequence = self.session.submit(pdu, self._loop.time())
        self.unwritten.add(sequence)
        self._follow()
        return sequence

    def answer(self, token: int, status: int) -> bool:
        """Answer a message. False when it was answered before, or the connection has ended."""
        answered = self.session.answer(token, status)
        self._follow()
        return answered

    def unbind(self) -> None:
        """Say goodbye."""
        self.session.unbind(self._loop.time())
        self._follow()

    def hold(self, held: bool) -> None:
        """Read no more, or read on. What is not read is not overdue."""
        if self._held and not held:
            self._patient_until = self._loop.time() + CATCH_UP_S
        self._held = held
        self._regulate()

    def abort(self) -> None:
        """Cut it."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls this; TCP_NODELAY is its default."""
        # A cast, not isinstance: uvloop's transports have the methods without being subclasses.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(UNREAD_BYTES_MAX)
        self.session.connect(self._loop.time())
        self._follow()

    def data_received(self, data: bytes) -> None:
        """asyncio calls this. What waits is written first: then what this data ends was either sent or was not."""
        self._write()
        self._tell(self.session.receive(data, self._loop.time()))

    def pause_writing(self) -> None:
        """asyncio calls this."""
        self.can_write = False
        self._regulate()

    def resume_writing(self) -> None:
        """asyncio calls this."""
        self.can_write = True
        self._regulate()
        self._changed()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio calls this, whoever ended it."""
        self._disarm()
        for event in self.session.lost():
            self._hear(event)
        self._transport = None
        self._changed()

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            self._hear(event)
        self._follow()

    def _follow(self) -> None:
        """After any change of the session: what it has to say, when it needs the time, whether it is over."""
        if self._transport is None or self._transport.is_closing():
            return
        if self.session.ended:
            self._write()
            self._transport.close()
            self._arm(self._loop.time() + CLOSE_S, self._transport.abort)
            return
        if self._writing is None and self.session.has_outgoing:
            self._writing = self._loop.call_soon(self._write)
        due = self.session.due()
        # A timer that is too early only looks again; to move it with every PDU would cost more.
        if due is not None and (self._timer is None or due < self._timer_at):
            self._arm(due, self._tick)

    def _write(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        if self._transport is None or self._transport.is_closing() or not self.session.has_outgoing:
            return
        self.unwritten.clear()
        self._transport.write(self.session.take())

    def _tick(self) -> None:
        self._timer = None
        now = self._loop.time()
        if self._held or now < self._patient_until:
            self._arm(now + CATCH_UP_S, self._tick)
            return
        self._write()
        self._tell(self.session.advance(now))

    def _arm(self, when: float, then: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = self._loop.call_at(when, then), when

    def _disarm(self) -> None:
        for handle in (self._timer, self._writing):
            if handle is not None:
                handle.cancel()
        self._timer = self._writing = None

    def _regulate(self) -> None:
        reads = self.can_write and not self._held
        if reads == self._reads or self._transport is None or self._transport.is_closing():
            return
        self._reads = reads
        if reads:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()
