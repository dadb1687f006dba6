"""A link: one bind to an SMSC that is there whenever it can be.

Connects, binds, and connects again; hands over what comes and sends what it is given, within the window and the rate.
Decides when to try again and when to leave. Refuses to know what messages say, where they are kept, and what a status
means for a message; of statuses it knows only that the SMSC was overrun, or that only a person can mend a bind.

`notice` is told `bound`, `left`, `lost`, `refused`, `unreachable`, `throttled`, `unanswered`, each with its why.
"""

import asyncio
import random
import ssl
from collections.abc import Callable

from gateway.errors import ConfigurationError
from gateway.smpp.connection import Connection
from gateway.smpp.deliveries import Deliver, Deliveries, Notice
from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.events import Answered, BindRefused, Bound, Closed, Delivered, Event, Reason
from gateway.smpp.pace import RETRY_CONFIGURATION_S, Pace, Retry
from gateway.smpp.pdu.messages import SubmitSm, SubmitSmResp
from gateway.smpp.pdu.status import Verdict, described
from gateway.smpp.settings import LinkSettings
from gateway.smpp.window import Window

STABLE_S = 10.0
"""A bind that held so long was good: after it, the first retry is a fast one again."""
DRAIN_S = 4.5
"""Before a goodbye, for messages in work to be answered and submits to be: handlers have 4 s."""
GOODBYE_S = 2.0
"""For the SMSC to answer it."""


class Link:
    """To be made within a running event loop. `run` it in a task, then `stop` it; once stopped it stays so."""

    def __init__(
        self, settings: LinkSettings, deliver: Deliver, notice: Notice, on_free: Callable[[], None] = lambda: None
    ) -> None:
        self.settings = settings
        self._notice = notice
        self._loop = asyncio.get_running_loop()
        self._tls = tls_context(settings)
        self._pace = Pace(settings.tps, self._loop.time())
        self._window: Window[SubmitSmResp] = Window(settings.window, self._pace, self._takes, on_free)
        self._changed = asyncio.Event()
        self._deliveries = Deliveries(deliver, settings.not_now, notice, self._worked)
        self._retry = Retry()
        self._connection: Connection | None = None
        self._connections = 0
        self._bound_at: float | None = None
        self._needs_a_person = False
        self._paused = False
        self._stopping = False
        self._finished = asyncio.Event()
        self._finished.set()

    @property
    def is_bound(self) -> bool:
        """Whether the SMSC is there for us: messages come, or go, or both, as the link's mode has it."""
        return self._connection is not None and self._connection.session.is_bound

    @property
    def connections(self) -> int:
        """How many there have been, with the one that is: an ordinal of it."""
        return self._connections

    @property
    def free_slots(self) -> int:
        """How many submits may be reserved now; of a receiver's none, ever."""
        return self._window.free

    def reserve(self, wanted: int) -> int:
        """Take up to `wanted` slots; how many. Each is then used by a `submit`, or given back by `release`."""
        return self._window.reserve(wanted)

    def release(self, unused: int) -> None:
        """Give back slots that were reserved."""
        self._window.release(unused)

    async def submit(self, pdu: SubmitSm) -> SubmitSmResp:
        """Send a message in a slot that was reserved, and return the SMSC's answer, whatever its status.

        The PDU's sequence is ours to give. Raises `NotSentError`, `UnansweredError`, and `ValueError` for a message
        that does not fit the wire. A caller who is cancelled leaves the slot taken until the answer comes.
        """
        if not self.settings.bind.submits:
            raise NotSentError(f"{self.settings.shown}: a receiver sends nothing; another link of this smsc does")
        self._window.use()
        if self._connection is None or not self.is_bound:
            raise NotSentError(f"{self.settings.shown} is not bound")
        try:
            sequence = self._connection.submit(pdu)
        except ValueError:
            self._window.look()
            raise
        return await self._window.answer(sequence)

    def pause(self) -> None:
        """Unbind, and stay away until `resume`: what comes meanwhile waits at the SMSC."""
        self._paused = True
        self._changed.set()

    def resume(self) -> None:
        """Bind again, at once."""
        self._paused = False
        self._changed.set()

    async def run(self) -> None:
        """Keep the link up until `stop`, or until cancelled. Raises nothing of the network's."""
        self._finished.clear()
        try:
            while not self._stopping:
                if self._paused:
                    await self._until(lambda: self._stopping or not self._paused)
                    continue
                rest_s = await self._live_once()
                await self._until(lambda: self._leaving, rest_s)
        finally:
            await self._end()

    async def stop(self) -> None:
        """Finish what is in work, say goodbye, and leave nothing behind. Takes `DRAIN_S` and `GOODBYE_S` at most."""
        self._stopping = True
        self._changed.set()
        await self._finished.wait()

    @property
    def _leaving(self) -> bool:
        return self._stopping or self._paused

    def _takes(self) -> bool:
        """Whether submits may begin."""
        connection = self._connection
        return connection is not None and connection.session.submits and not self._leaving and connection.can_write

    async def _live_once(self) -> float:
        """One connection from its beginning to its end; how long to rest after it, in seconds."""
        connection = Connection(self.settings, self._hear, self._refresh)
        self._connections += 1
        self._connection, self._bound_at, self._needs_a_person = connection, None, False
        why = await self._dial(connection)
        if why:
            self._notice("unreachable", why)
        else:
            await self._until(lambda: connection.over or self._leaving)
        await self._say_goodbye(connection)
        if self._bound_at is not None and self._loop.time() - self._bound_at >= STABLE_S:
            self._retry.reset()
        return RETRY_CONFIGURATION_S if self._needs_a_person else self._retry.next(random.random)

    async def _dial(self, connection: Connection) -> str:
        """Connect. Why it was not possible; nothing when it was, and when we left meanwhile."""
        told = self.settings
        dialling = self._loop.create_task(
            self._loop.create_connection(lambda: connection, told.host, told.port, ssl=self._tls)
        )
        dialling.add_done_callback(lambda _: self._changed.set())
        try:
            await self._until(lambda: dialling.done() or self._leaving, told.bind_s)
        finally:
            dialling.cancel()
            await asyncio.wait((dialling,))
        if dialling.cancelled():
            return "" if self._leaving else f"no connection within {told.bind_s:.0f} s"
        error = dialling.exception()
        if error is None or isinstance(error, OSError | UnicodeError):  # the latter for a host that no name can have
            return "" if error is None else str(error) or type(error).__name__
        raise error

    async def _say_goodbye(self, connection: Connection) -> None:
        """Answer what is in work, wait for what is on its way, unbind, and see the end of it."""
        if connection.session.is_bound:
            await self._until(lambda: connection.over or self._is_idle, DRAIN_S)
            connection.unbind()
            await self._until(lambda: connection.over, GOODBYE_S)
        await self._cut(connection)

    async def _cut(self, connection: Connection) -> None:
        connection.abort()
        await self._until(lambda: connection.over)

    @property
    def _is_idle(self) -> bool:
        return not self._window.unanswered and not self._deliveries.count

    async def _end(self) -> None:
        """Leave nothing behind, however `run` ends."""
        if self._connection is not None:
            await self._cut(self._connection)
        await self._deliveries.end()
        self._window.close()
        self._finished.set()

    async def _until(self, reached: Callable[[], bool], within_s: float | None = None) -> None:
        """Return when it is so, or when the time is up. Only `run` waits here, so one event is enough."""
        try:
            async with asyncio.timeout(within_s):
                while not reached():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    def _refresh(self) -> None:
        self._changed.set()
        self._window.look()

    def _worked(self) -> None:
        """One thing less is in work; only a goodbye waits for that."""
        if self._leaving:
            self._changed.set()

    def _hear(self, event: Event) -> None:
        connection = self._connection
        assert connection is not None, "only the connection that we hold has events"
        match event:
            case Bound():
                self._bound_at = self._loop.time()
                self._notice("bound", f"the SMSC calls itself {event.smsc!r}")
                self._window.look()
            case BindRefused():
                self._needs_a_person = self.settings.verdict(event.status) is Verdict.CONFIGURATION
                self._notice("refused", self._advice(event.status))
            case Delivered():
                (self._deliveries.refuse if self._leaving else self._deliveries.take)(connection, event)
            case Answered():
                self._learn(event.response.status)
                self._window.settle(event.response.sequence, event.response)
                self._worked()
            case Closed():
                self._closed(connection, event)

    def _advice(self, status: int) -> str:
        if not self._needs_a_person:
            return f"the SMSC refuses the bind: {described(status)}"
        return (
            f"the SMSC refuses the bind: {described(status)}; compare GATEWAY_SMPP with the operator's form; "
            f"trying again every {RETRY_CONFIGURATION_S:.0f} s"
        )

    def _learn(self, status: int) -> None:
        """How fast the SMSC can be served."""
        match self.settings.verdict(status):
            case Verdict.OK:
                self._pace.passed(self._loop.time())
            case Verdict.THROTTLE:
                pause_s = self._pace.throttled(self._loop.time())
                if pause_s:
                    rate = self._pace.rate or 0.0
                    self._notice(
                        "throttled", f"{described(status)}: nothing for {pause_s:.0f} s, then {rate:.1f} a second"
                    )

    def _closed(self, connection: Connection, closed: Closed) -> None:
        """Tell those who wait. What was not written was not sent; of the rest nothing is known."""
        shown = self.settings.shown
        if closed.reason is not Reason.BIND_REFUSED:  # which was told already, with its status
            what = "left" if closed.reason is Reason.UNBOUND else "lost"
            self._notice(what, f"{closed.reason}; {len(closed.unanswered)} submits unanswered")
        for sequence in closed.unanswered:
            if sequence in connection.unwritten:
                self._window.settle(sequence, NotSentError(f"{shown} was lost before the message was sent"))
            else:
                self._window.settle(sequence, UnansweredError(f"{shown}: {closed.reason}"))


def tls_context(settings: LinkSettings) -> ssl.SSLContext | None:
    """What smpps:// trusts. Raises `ConfigurationError` for a file of certificates that cannot be read."""
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca)
    except OSError as error:
        raise ConfigurationError(
            f"GATEWAY_SMPP: {settings.shown}: ca: no certificates can be read from that file: {error.strerror}"
        ) from None
