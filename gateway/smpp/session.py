"""One connection as the ESME sees it: binding, who answers whom, and when a silent peer is a dead one.

Sans I/O. Octets go in by `receive`, time by `advance`, both answered with events; octets come out by `take`. Time is
an argument, seconds on any clock that only goes forward; `due` says when `advance` is needed next.

Where a session stands, and what may happen to it there, is the table of `states`. A message out of place, before the
bind is answered, after our goodbye, or as deliver_sm to a transmitter, is refused with the link's "not now", so that
the SMSC keeps it; any other request out of place with RINVBNDSTS, and one that no ESME serves with RINVCMDID. Every
request is answered once, under the number it came with, also when two came with the same; responses are never
answered. Only a length that no PDU has ends the connection.

Messages are told to the shell and answered by it in its own time (`answer`); until the connection ends this may also
be after our unbind. Our requests carry numbers of our own (5.1.4), which skip those in flight. Each has the same time
to be answered, so the oldest is the next to be overdue: matching and expiry look at one entry however many there are.
"""

from collections import OrderedDict
from collections.abc import Mapping
from itertools import count

from gateway.smpp.events import Answered, BindRefused, Bound, Closed, Delivered, Event, Reason
from gateway.smpp.pdu import codec
from gateway.smpp.pdu.errors import FramingError, PduError
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import (
    RESPONSE,
    Address,
    Bind,
    BindMode,
    BindResp,
    CommandId,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    PlainResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.status import Status
from gateway.smpp.settings import LinkSettings
from gateway.smpp.states import (
    IS_BOUND,
    OVER,
    SERVED,
    SERVED_BY_AN_ESME,
    SUBMITS,
    TABLE,
    TAKEN,
    Cause,
    State,
    Step,
    after,
)

SEQUENCE_MAX = 0x7FFF_FFFF

_OVERDUE: Mapping[CommandId, Reason] = {
    **dict.fromkeys(map(CommandId, BindMode), Reason.BIND_UNANSWERED),
    CommandId.ENQUIRE_LINK: Reason.ENQUIRE_UNANSWERED,
    CommandId.SUBMIT_SM: Reason.RESPONSE_OVERDUE,
    CommandId.UNBIND: Reason.UNBOUND,
}


class Session:
    """One connection, from its opening to its end; the next one is another session."""

    def __init__(self, settings: LinkSettings) -> None:
        self.state = State.OPEN
        self._settings = settings
        self._framer = Framer()
        self._outbox: list[bytes] = []
        self._sequence = 0
        self._tokens = count(1)
        self._owed: dict[int, DeliverSm | DataSm] = {}
        self._in_flight: OrderedDict[int, tuple[CommandId, float]] = OrderedDict()
        self._heard_at = 0.0
        self._enquiring = False

    @property
    def is_bound(self) -> bool:
        """Whether the SMSC took the bind, and nobody has said goodbye."""
        return self.state in IS_BOUND

    @property
    def submits(self) -> bool:
        """Whether submits may go."""
        return self.state in SUBMITS

    @property
    def ended(self) -> bool:
        """Whether the connection is to be closed once the outbox is written."""
        return self.state in OVER

    def connect(self, at: float) -> None:
        """The connection stands: bind."""
        self.state = after(self.state, Step.BIND)
        self._heard_at = at
        told = self._settings
        address_range = Address(told.address_range, told.address_range_ton, told.address_range_npi)
        sequence = self._ask(CommandId(told.bind), at + told.bind_s)
        self._send(
            Bind(
                sequence, told.bind, told.system_id, told.password, told.system_type, address_range=address_range
            )
        )  # fmt: skip

    def receive(self, data: bytes, at: float) -> list[Event]:
        """What came means this. Nothing is read after the end."""
        events: list[Event] = []
        try:
            for frame in self._framer.feed(data):
                if self.ended:
                    break
                self._heard_at = at
                self._read(frame, events)
        except FramingError as error:
            if not self.ended:
                self._refuse(error)
                events.append(self._close(Step.NOT_SMPP, Reason.NOT_SMPP))
        return events

    def advance(self, at: float) -> list[Event]:
        """Do what is due by now: ask a quiet peer, give up a dead one."""
        if self.ended:
            return []
        if self._in_flight:
            command, deadline = next(iter(self._in_flight.values()))
            if deadline <= at:
                return [self._close(Step.OVERDUE, _OVERDUE[command])]
        if self.is_bound:
            if self._heard_at + self._settings.silence_s <= at:
                return [self._close(Step.SILENCE, Reason.SILENCE)]
            if (asks_at := self._asks_at()) is not None and asks_at <= at:
                self.state = after(self.state, Step.ENQUIRE)
                self._enquiring = True
                self._send(EnquireLink(self._ask(CommandId.ENQUIRE_LINK, at + self._settings.response_s)))
        return []

    def due(self) -> float | None:
        """When `advance` should be called, if nothing happens before; None: time changes nothing."""
        if self.ended:
            return None
        times = [next(iter(self._in_flight.values()))[1]] if self._in_flight else []
        if self.is_bound:
            times.append(self._heard_at + self._settings.silence_s)
            if (asks_at := self._asks_at()) is not None:
                times.append(asks_at)
        return min(times, default=None)

    def submit(self, pdu: SubmitSm, at: float) -> int:
        """Send a message; the number under which it will be answered. Only while bound, and not as a receiver:
        else raises `IllegalStepError`. Raises `ValueError` for a message that does not fit the wire."""
        self.state = after(self.state, Step.SUBMIT)
        sequence = self._ask(CommandId.SUBMIT_SM, at + self._settings.response_s)
        try:
            self._send(pdu, sequence)
        except ValueError:  # it does not fit the wire: nobody waits for an answer
            del self._in_flight[sequence]
            raise
        return sequence

    def answer(self, token: int, status: int) -> bool:
        """Answer a message that was told. False when it was answered before, or the connection has ended."""
        asked = self._owed.pop(token, None)
        if asked is None:
            return False
        kind = DeliverSmResp if isinstance(asked, DeliverSm) else DataSmResp
        self._send(kind(asked.sequence, status))
        return True

    def unbind(self, at: float) -> None:
        """Say goodbye. What was read before may still be answered; submits in flight may still be."""
        if Step.UNBIND in TABLE[self.state]:
            self.state = after(self.state, Step.UNBIND)
            self._send(Unbind(self._ask(CommandId.UNBIND, at + self._settings.response_s)))

    def lost(self) -> list[Event]:
        """The connection is gone. Nothing when its end was told already."""
        if self.state is State.CLOSED:
            return []
        told = self.ended
        closed = self._close(Step.LOST, Reason.LOST)
        return [] if told else [closed]

    @property
    def has_outgoing(self) -> bool:
        """Whether something is to be written."""
        return bool(self._outbox)

    def take(self) -> bytes:
        """What is to be written now, once."""
        octets = b"".join(self._outbox)
        self._outbox.clear()
        return octets

    def _read(self, frame: bytes, events: list[Event]) -> None:
        try:
            pdu = codec.decode(frame)
        except PduError as error:
            self._refuse(error)
            return
        command_id = int.from_bytes(frame[4:8], "big")
        if command_id & RESPONSE:
            self._settle(pdu, events)
        elif type(pdu) in SERVED[self.state]:
            self._serve(pdu, events)
        elif isinstance(pdu, DeliverSm | DataSm):
            self._refuse(PduError("not bound", self._settings.not_now, command_id, pdu.sequence))
        else:
            status = Status.RINVBNDSTS if type(pdu) in SERVED_BY_AN_ESME else Status.RINVCMDID
            self._refuse(PduError("not for an ESME, or not now", status, command_id, pdu.sequence))

    def _serve(self, pdu: Pdu, events: list[Event]) -> None:
        """A request that the state allows. An alert_notification has no answer, and nobody waits for one here."""
        match pdu:
            case DeliverSm() | DataSm():
                token = next(self._tokens)
                self._owed[token] = pdu
                events.append(Delivered(token, pdu))
            case EnquireLink():
                self._send(PlainResp(pdu.sequence, CommandId.ENQUIRE_LINK))
            case Unbind():
                reason = Reason.UNBOUND if self.state is State.UNBINDING else Reason.UNBOUND_BY_PEER
                self._send(PlainResp(pdu.sequence, CommandId.UNBIND))
                events.append(self._close(Unbind, reason))

    def _settle(self, pdu: Pdu, events: list[Event]) -> None:
        """An answer to a request of ours. One of another kind, or to nothing that we asked, is let go."""
        asked = self._in_flight.get(pdu.sequence)
        if asked is None:
            return
        command, _ = asked
        match pdu:
            case SubmitSmResp() if command is CommandId.SUBMIT_SM:
                del self._in_flight[pdu.sequence]
                events.append(Answered(pdu))
            case PlainResp() if command is pdu.command:
                self._settled(pdu.sequence, command, 0, events)
            case BindResp() if command is CommandId(self._settings.bind):
                self._bind_answered(pdu, events)
            case GenericNack():
                self._settled(pdu.sequence, command, pdu.status, events)

    def _settled(self, sequence: int, command: CommandId, status: int, events: list[Event]) -> None:
        """A plain answer, or a nack. A nack of a goodbye is as good as its answer, and one of a question too."""
        match command:
            case CommandId.SUBMIT_SM:
                del self._in_flight[sequence]
                events.append(Answered(SubmitSmResp(sequence, status or Status.RUNKNOWNERR)))
            case CommandId.ENQUIRE_LINK:
                del self._in_flight[sequence]
                self._enquiring = False
            case CommandId.UNBIND:
                events.append(self._close(Step.UNBOUND, Reason.UNBOUND))
            case _:
                events += [BindRefused(status or Status.RUNKNOWNERR), self._close(Step.REFUSED, Reason.BIND_REFUSED)]

    def _bind_answered(self, response: BindResp, events: list[Event]) -> None:
        if response.status:
            events += [BindRefused(response.status), self._close(Step.REFUSED, Reason.BIND_REFUSED)]
            return
        del self._in_flight[response.sequence]
        self.state = after(self.state, TAKEN[self._settings.bind])
        events.append(Bound(response.system_id))

    def _asks_at(self) -> float | None:
        """When a quiet peer is asked; None while it is, or is not to be."""
        if self._enquiring or not self._settings.enquire_s:
            return None
        return self._heard_at + self._settings.enquire_s

    def _ask(self, command: CommandId, deadline: float) -> int:
        """The number of a request of ours, which waits for its answer from now on."""
        while True:
            self._sequence = self._sequence % SEQUENCE_MAX + 1
            if self._sequence not in self._in_flight:
                break
        self._in_flight[self._sequence] = (command, deadline)
        return self._sequence

    def _refuse(self, error: PduError) -> None:
        answer = codec.refusal(error)
        if answer is not None:
            self._send(answer)

    def _send(self, pdu: Pdu, sequence: int | None = None) -> None:
        self._outbox.append(codec.encode(pdu, sequence))

    def _close(self, cause: Cause, reason: Reason) -> Closed:
        self.state = after(self.state, cause)
        asked, self._in_flight = self._in_flight, OrderedDict()
        self._owed.clear()
        return Closed(
            reason, tuple(sequence for sequence, (command, _) in asked.items() if command is CommandId.SUBMIT_SM)
        )
