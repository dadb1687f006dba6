"""The load of texts: a lean SMSC for one bind, which keeps so many messages under way and checks every answer.

A text is over when its deliver_sm_resp says 0 and the reply's submit_sm has come. Every reply is answered with an id.
A receipt, where receipts are sent, is over when it is answered, and counts among those under way: an SMSC has one
window. It leaves once as many later replies have come: on a phone a message arrives long after its submit_sm_resp.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import (
    Bind,
    BindResp,
    CommandId,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    Pdu,
    PlainResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from tests.benchmarks import texts
from tests.benchmarks.load import Load

BINDS_WITHIN_S = 30.0
ROUND_MAX_S = 60.0
"""For one round of texts; past it something was lost."""


@dataclass(slots=True)
class _Text:
    """One text under way, and what it has had of the two things that end it."""

    number: str
    sent: float
    answered: bool = False
    replied: bool = False


@dataclass(slots=True)
class _Round:
    """One load, from its first text to its last answer."""

    waiting: Iterator[DeliverSm]
    under_way_max: int
    with_receipts: bool
    finished: "asyncio.Future[None]"
    load: Load = field(default_factory=Load)
    texts: dict[str, deque[_Text]] = field(default_factory=dict)
    """By the subscriber's number, which texts again before the answer only where texts go by the clock. Replies to one
    number come in the order of its texts."""
    receipts_waiting: deque[DeliverSm] = field(default_factory=deque)
    receipts_sent: int = 0
    unanswered: dict[int, _Text | None] = field(default_factory=dict)
    """What is behind the sequences of our deliver_sm; receipts are no texts."""
    more_comes: bool = False
    """Whether the last text is still to be sent, by the clock."""
    acknowledged: list[float] = field(default_factory=list)
    """How long each text waited for its deliver_sm_resp, in seconds."""

    @property
    def has_room(self) -> bool:
        """Whether one more may be under way."""
        return len(self.texts) + self.receipts_sent < self.under_way_max

    def next_receipt(self, *, last: bool) -> DeliverSm | None:
        """The receipt that is due; all that wait are, when the last text has left."""
        due = len(self.receipts_waiting) > (0 if last else self.under_way_max)
        return self.receipts_waiting.popleft() if due else None


class Smsc(asyncio.Protocol):
    """One ESME's bind, and what comes and goes over it."""

    def __init__(self) -> None:
        self._bound = asyncio.Event()
        self._gone = asyncio.Event()
        self._framer = Framer()
        self._outgoing: list[bytes] = []
        self._sequence = 0
        self._message_id = 0
        self._round: _Round | None = None

    async def listen(self) -> int:
        """Wait for the ESME on a free port; which."""
        self._server = await asyncio.get_running_loop().create_server(lambda: self, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def until_bound(self) -> None:
        """Return when the ESME is there."""
        async with asyncio.timeout(BINDS_WITHIN_S):
            await self._bound.wait()

    async def hang_up(self) -> None:
        """Cut the connection, and take no other: an ESME that stops would wait for the answer to its goodbye, while we
        wait for its end."""
        self._server.close()
        self._transport.abort()
        await self._gone.wait()

    async def run(self, waiting: Iterator[DeliverSm], outstanding: int, *, receipts: bool) -> Load:
        """Send all texts, so many under way at once; what does not come within `ROUND_MAX_S` is told as wrong."""
        finished = asyncio.get_running_loop().create_future()
        this = self._round = _Round(waiting, outstanding, receipts, finished)
        started = time.perf_counter()
        self._fill(this)
        self._flush()
        _, late = await asyncio.wait((this.finished,), timeout=ROUND_MAX_S)
        this.load.seconds = time.perf_counter() - started
        this.load.wrong += [f"{number}: {text}".encode() for number, text in this.texts.items() if late]
        return this.load

    async def paced(self, waiting: Iterator[DeliverSm], per_s: float) -> tuple[Load, Sequence[float]]:
        """Send texts by the clock, whatever is under way; how long each waited for its acknowledgement, in seconds from
        the moment when it was to be sent."""
        loop = asyncio.get_running_loop()
        this = self._round = _Round(iter(()), 0, False, loop.create_future(), more_comes=True)
        started = time.perf_counter()
        for ordinal, text in enumerate(waiting):
            due = started + ordinal / per_s
            if (early_s := due - time.perf_counter()) > 0:
                self._flush()
                await asyncio.sleep(early_s)  # the pace
            one = _Text(text.source.digits, due)
            this.texts.setdefault(one.number, deque()).append(one)
            self._deliver(this, text, one)
        self._flush()
        this.more_comes = False
        self._fill(this)
        await asyncio.wait((this.finished,), timeout=ROUND_MAX_S)
        this.load.seconds = time.perf_counter() - started
        return this.load, this.acknowledged

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, not isinstance: uvloop's transports have the methods without being subclasses.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        for frame in self._framer.feed(data):
            self._hear(codec.decode(frame), at)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._gone.set()

    def _hear(self, pdu: Pdu, at: float) -> None:
        match pdu:
            case SubmitSm():
                self._replied(pdu, at)
            case DeliverSmResp():
                self._answered(pdu, at)
            case EnquireLink():
                self._say(PlainResp(pdu.sequence, CommandId.ENQUIRE_LINK))
            case Bind():
                self._say(BindResp(pdu.sequence, pdu.mode, 0, "bench"))
                self._bound.set()
            case Unbind():
                self._say(PlainResp(pdu.sequence, CommandId.UNBIND))

    def _replied(self, reply: SubmitSm, at: float) -> None:
        self._message_id += 1
        message_id = str(self._message_id)
        self._say(SubmitSmResp(reply.sequence, 0, message_id))
        this = self._round
        waiting = this.texts.get(reply.destination.digits, ()) if this else ()
        text = next((one for one in waiting if not one.replied), None)
        if this is None or text is None or not texts.is_right(reply):
            self._wrong(this, reply)
            return
        text.replied = True
        this.load.latencies.append(at - text.sent)
        if this.with_receipts:
            this.receipts_waiting.append(texts.receipt(reply, message_id))
        self._look(this, text)

    def _answered(self, response: DeliverSmResp, at: float) -> None:
        this = self._round
        assert this is not None, "only what we sent has answers"
        text = this.unanswered.pop(response.sequence)
        if response.status:
            self._wrong(this, response)
        elif text is None:
            this.receipts_sent -= 1
            self._fill(this)
        else:
            text.answered = True
            this.acknowledged.append(at - text.sent)
            self._look(this, text)

    def _look(self, this: _Round, text: _Text) -> None:
        """Whether this text is over, and the next message leaves."""
        if text.answered and text.replied:
            this.texts[text.number].remove(text)
            if not this.texts[text.number]:
                del this.texts[text.number]
            this.load.answered += 1
            self._fill(this)

    def _fill(self, this: _Round) -> None:
        """Send what there is room for: receipts that are due, then texts. At the end, say so."""
        while this.has_room and not this.finished.done():
            if receipt := this.next_receipt(last=False):
                self._deliver(this, receipt, None)
            elif text := next(this.waiting, None):
                number = text.source.digits
                assert number not in this.texts, f"{number} texts already: fewer outstanding than members, please"
                one = _Text(number, time.perf_counter())
                this.texts[number] = deque([one])
                self._deliver(this, text, one)
            elif receipt := this.next_receipt(last=True):
                self._deliver(this, receipt, None)
            else:
                break
        is_over = not (this.texts or this.receipts_sent or this.more_comes)
        if is_over and not this.finished.done():
            this.finished.set_result(None)

    def _wrong(self, this: _Round | None, pdu: Pdu) -> None:
        """Nothing more is learned from a round in which this came."""
        if this is not None:
            this.load.wrong.append(repr(pdu).encode())
            if not this.finished.done():
                this.finished.set_result(None)

    def _deliver(self, this: _Round, pdu: DeliverSm, text: _Text | None) -> None:
        self._sequence += 1
        this.receipts_sent += text is None
        this.unanswered[self._sequence] = text
        self._say(replace(pdu, sequence=self._sequence))

    def _say(self, pdu: Pdu) -> None:
        self._outgoing.append(codec.encode(pdu))

    def _flush(self) -> None:
        """All that one read brought about leaves in one write."""
        if self._outgoing:
            self._transport.write(b"".join(self._outgoing))
            self._outgoing.clear()
