"""One connection as the SMSC sees it: which requests its state allows, what is answered at once, what is told on.

Sans I/O: octets go in by `receive`, out by `take`. Time is an argument. The states are those of 2.2; which PDU each
allows is table 2-1, here `_ALLOWED`. An enquire_link is answered in any state, as SMPP 5.0 has it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.errors import FramingError, PduError
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import (
    RESPONSE,
    USSD,
    Bind,
    BindMode,
    BindResp,
    CancelSm,
    CommandId,
    DataSm,
    DataSmResp,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    PlainResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.status import Status

SEQUENCE_MAX = 0x7FFF_FFFF

Asked = Bind | SubmitSm | DataSm | QuerySm | CancelSm | ReplaceSm
Answered = DeliverSmResp | GenericNack
Told = Asked | Answered
"""What a session leaves to the centre: requests that it allows, and answers to our deliveries."""

Watch = Callable[["Session", str, bytes], None]
"""Sees every PDU: the session, `in` or `out`, the octets."""


class State(Enum):
    """Open, bound in one of three modes, or over."""

    OPEN = "open"
    BOUND_RX = BindMode.RECEIVER
    BOUND_TX = BindMode.TRANSMITTER
    BOUND_TRX = BindMode.TRANSCEIVER
    CLOSED = "closed"


_ALWAYS = frozenset({EnquireLink})
_BOUND = _ALWAYS | {Unbind, DataSm}
_SUBMITTING = _BOUND | {SubmitSm, QuerySm, CancelSm, ReplaceSm}
_ALLOWED: Mapping[State, frozenset[type]] = {
    State.OPEN: _ALWAYS | {Bind},
    State.BOUND_RX: _BOUND,
    State.BOUND_TX: _SUBMITTING,
    State.BOUND_TRX: _SUBMITTING,
    State.CLOSED: frozenset(),
}


@dataclass(eq=False, slots=True)
class Session:
    """One connection. `ends` says that it is to be closed when `take` has given out everything."""

    number: int
    watch: Watch
    heard_at: float
    state: State = State.OPEN
    system_id: str = ""
    system_type: str = ""
    ends: bool = False
    stuck: bool = False
    """Half a PDU was sent on purpose: nothing sensible can follow it."""
    enquired_at: float | None = None
    _sequence: int = 0
    _framer: Framer = field(default_factory=Framer)
    _outbox: list[bytes] = field(default_factory=list)

    @property
    def is_bound(self) -> bool:
        """Whether a bind was accepted, and no goodbye said."""
        return self.state not in {State.OPEN, State.CLOSED}

    @property
    def receives(self) -> bool:
        """Whether deliveries may go this way."""
        return self.state in {State.BOUND_RX, State.BOUND_TRX} and not self.stuck

    def takes(self, account: str) -> bool:
        """Whether what is for that account may go this way; with no account named, to whoever is bound, but for those
        that bound for USSD alone (system_type)."""
        return self.receives and (account == self.system_id or (account == "" and self.system_type != USSD))

    def receive(self, data: bytes, at: float) -> Iterator[Told]:
        """What came, as far as the centre must decide. The rest is answered here."""
        self.heard_at, self.enquired_at = at, None
        try:
            for frame in self._framer.feed(data):
                self.watch(self, "in", frame)
                told = self._read(frame)
                if told is not None:
                    yield told
                if self.ends:
                    return
        except FramingError as error:
            self._refuse(error)
            self.close()

    def bind(self, bind: Bind, system_id: str) -> None:
        """Accept a bind."""
        self.state, self.system_id, self.system_type = State(bind.mode), bind.system_id, bind.system_type
        self.send(BindResp(bind.sequence, bind.mode, Status.ROK, system_id))

    def refuse(self, asked: Asked, status: int) -> None:
        """Answer a request with a status that is no success."""
        self.send(refused(asked, status))

    def send(self, pdu: Pdu) -> None:
        """Put a PDU into the outbox."""
        self.write(codec.encode(pdu))

    def write(self, octets: bytes) -> None:
        """Put octets into the outbox, whatever they are."""
        if not self.stuck:
            self.watch(self, "out", octets)
            self._outbox.append(octets)

    @property
    def has_outgoing(self) -> bool:
        """Whether something is to be written."""
        return bool(self._outbox)

    def take(self) -> bytes:
        """What is to be written now, once."""
        octets = b"".join(self._outbox)
        self._outbox.clear()
        return octets

    def take_half(self) -> bytes:
        """Half of the next PDU, after which this connection never says anything again."""
        first = self._outbox[0]
        self._outbox.clear()
        self.stuck = True
        return first[: len(first) // 2]

    def next_sequence(self) -> int:
        """Ours, independent of the other side's (5.1.4)."""
        self._sequence = self._sequence % SEQUENCE_MAX + 1
        return self._sequence

    def close(self) -> None:
        """End the connection after what is in the outbox."""
        self.ends = True
        self.state = State.CLOSED

    def _read(self, frame: bytes) -> Told | None:
        try:
            pdu = codec.decode(frame)
        except PduError as error:
            self._refuse(error)
            return None
        command_id = int.from_bytes(frame[4:8], "big")
        match pdu:
            case DeliverSmResp() | GenericNack():
                return pdu
            case _ if command_id & RESPONSE:
                return None
            case _ if type(pdu) not in _ALLOWED[self.state]:
                why = Status.RALYBND if isinstance(pdu, Bind) else Status.RINVBNDSTS
                self._refuse(PduError("not in this state", why, command_id, pdu.sequence))
            case Bind() | SubmitSm() | DataSm() | QuerySm() | CancelSm() | ReplaceSm():
                return pdu
            case EnquireLink():
                self.send(PlainResp(pdu.sequence, CommandId.ENQUIRE_LINK))
            case Unbind():
                self.send(PlainResp(pdu.sequence, CommandId.UNBIND))
                self.close()
        return None

    def _refuse(self, error: PduError) -> None:
        answer = codec.refusal(error)
        if answer is not None:
            self.send(answer)


def refused(asked: Asked, status: int) -> Pdu:
    """The answer that belongs to a request, with a status."""
    match asked:
        case Bind():
            return BindResp(asked.sequence, asked.mode, status)
        case SubmitSm():
            return SubmitSmResp(asked.sequence, status)
        case DataSm():
            return DataSmResp(asked.sequence, status)
        case QuerySm():
            return QuerySmResp(asked.sequence, status)
        case CancelSm():
            return PlainResp(asked.sequence, CommandId.CANCEL_SM, status)
        case ReplaceSm():
            return PlainResp(asked.sequence, CommandId.REPLACE_SM, status)
