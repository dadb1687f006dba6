"""A session on the bench, in any state, and what it writes."""

from dataclasses import replace

from gateway.smpp.events import Bound, Event
from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import (
    Address,
    BindMode,
    BindResp,
    CommandId,
    DataSm,
    DeliverSm,
    Pdu,
    PlainResp,
    SubmitSm,
)
from gateway.smpp.pdu.tlv import Tag
from gateway.smpp.session import Session
from gateway.smpp.settings import LinkSettings
from gateway.smpp.states import BOUND, State

TRX = BindMode.TRANSCEIVER
PHONE, SHORT = Address("79210000001", 1, 1), Address("6111", 3, 0)
LINK = LinkSettings("smsc.example", "bolshe", "pass", not_now=0x14)
DELIVER = DeliverSm(7, PHONE, SHORT, b"hi")
DATA = DataSm(7, PHONE, SHORT, tlvs=((Tag.MESSAGE_PAYLOAD, b"hi"),))
SUBMIT = SubmitSm(0, SHORT, PHONE, b"hi")
NOON = 1000.0


def wire(*pdus: Pdu) -> bytes:
    return b"".join(codec.encode(pdu) for pdu in pdus)


def said(session: Session) -> list[Pdu]:
    """What it wrote."""
    return [codec.decode(frame) for frame in Framer().feed(session.take())]


def hear(session: Session, *pdus: Pdu, at: float = NOON) -> list[Event]:
    return session.receive(wire(*pdus), at)


def opened(state: State = State.BOUND_TRX, settings: LinkSettings = LINK) -> Session:
    """A session in a state, its outbox empty. Its bind was number 1, its goodbye 2."""
    mode = next((mode for mode, bound in BOUND.items() if bound is state), settings.bind)
    session = Session(replace(settings, bind=mode))
    if state is not State.OPEN:
        session.connect(NOON)
    if state not in {State.OPEN, State.BINDING}:
        assert hear(session, BindResp(1, mode, 0, "smsc")) == [Bound("smsc")]
    if state in {State.UNBINDING, State.UNBOUND}:
        session.unbind(NOON)
    if state is State.UNBOUND:
        hear(session, PlainResp(2, CommandId.UNBIND))
    if state is State.CLOSED:
        session.lost()
    assert session.state is state
    session.take()
    return session
