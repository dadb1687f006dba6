"""One connection: what each state allows, and what rubbish gets."""

import random

import pytest

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import (
    Address,
    AlertNotification,
    Bind,
    BindMode,
    BindResp,
    CommandId,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    PlainResp,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.status import Status
from simulator.smsc.session import SEQUENCE_MAX, Session, State, Told

PHONE, SHORT = Address("79210000001", 1, 1), Address("6111", 3, 0)
RX, TX, TRX = BindMode.RECEIVER, BindMode.TRANSMITTER, BindMode.TRANSCEIVER
SUBMIT = SubmitSm(7, SHORT, PHONE, b"hi")


def new_session(mode: BindMode | None = None) -> Session:
    session = Session(1, lambda *_: None, heard_at=0.0)
    if mode is not None:
        session.bind(Bind(1, mode, "esme", "pass"), "smsc")
        session.take()
    return session


def told(session: Session, *pdus: Pdu) -> list[Told]:
    return list(session.receive(b"".join(codec.encode(pdu) for pdu in pdus), 1.0))


def answers(session: Session) -> list[Pdu]:
    return [codec.decode(frame) for frame in Framer().feed(session.take())]


@pytest.mark.parametrize(
    ("mode", "asked", "answer"),
    [
        pytest.param(None, SUBMIT, SubmitSmResp(7, Status.RINVBNDSTS), id="submit before bind"),
        pytest.param(RX, SUBMIT, SubmitSmResp(7, Status.RINVBNDSTS), id="submit by a receiver"),
        pytest.param(RX, QuerySm(7, "1"), QuerySmResp(7, Status.RINVBNDSTS), id="query by a receiver"),
        pytest.param(TRX, Bind(7, TX, "esme", ""), BindResp(7, TX, Status.RALYBND), id="bind when bound"),
        pytest.param(None, EnquireLink(7), PlainResp(7, CommandId.ENQUIRE_LINK), id="enquire_link before bind"),
        pytest.param(TX, EnquireLink(7), PlainResp(7, CommandId.ENQUIRE_LINK), id="enquire_link"),
        pytest.param(None, Unbind(7), PlainResp(7, CommandId.UNBIND, Status.RINVBNDSTS), id="unbind before bind"),
        pytest.param(TRX, DeliverSm(7, PHONE, SHORT), DeliverSmResp(7, Status.RINVBNDSTS), id="the SMSC's own request"),
        pytest.param(TRX, AlertNotification(7, PHONE, SHORT), GenericNack(7, Status.RINVBNDSTS), id="alert"),
    ],
)
def test_answered_at_once(mode: BindMode | None, asked: Pdu, answer: Pdu) -> None:
    session = new_session(mode)
    assert told(session, asked) == []
    assert answers(session) == [answer]
    assert not session.ends


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        pytest.param(None, Bind(7, TRX, "esme", "pass"), id="bind"),
        pytest.param(TX, SUBMIT, id="submit by a transmitter"),
        pytest.param(TRX, SUBMIT, id="submit by a transceiver"),
        pytest.param(RX, DataSm(7, SHORT, PHONE), id="data_sm by a receiver"),
        pytest.param(RX, DeliverSmResp(7), id="an answer to our delivery"),
        pytest.param(RX, GenericNack(7, 3), id="a nack of our delivery"),
    ],
)
def test_left_to_the_centre(mode: BindMode | None, asked: Pdu) -> None:
    session = new_session(mode)
    assert told(session, asked) == [asked]
    assert answers(session) == []


def test_unbind_is_answered_and_ends_it() -> None:
    session = new_session(TRX)
    assert told(session, Unbind(7), SUBMIT) == [], "what follows a goodbye is not read"
    assert answers(session) == [PlainResp(7, CommandId.UNBIND)]
    assert session.ends
    assert session.state is State.CLOSED


def test_an_unknown_command_is_nacked_and_the_connection_stays() -> None:
    session = new_session(TRX)
    list(session.receive(bytes.fromhex("00000010 0000DEAD 00000000 00000009"), 1.0))
    assert answers(session) == [GenericNack(9, Status.RINVCMDID)]
    assert told(session, SUBMIT) == [SUBMIT]


def test_a_response_is_never_answered() -> None:
    session = new_session(TRX)
    list(session.receive(bytes.fromhex("00000010 8000DEAD 00000000 00000009"), 1.0))
    assert told(session, PlainResp(9, CommandId.ENQUIRE_LINK)) == []
    assert answers(session) == []


@pytest.mark.parametrize("mode", [None, TRX], ids=["before bind", "after bind"])
@pytest.mark.parametrize("seed", range(50))
def test_rubbish_gets_a_nack_and_a_close_at_most(mode: BindMode | None, seed: int) -> None:
    session = new_session(mode)
    list(session.receive(random.Random(seed).randbytes(200), 1.0))
    assert answers(session) in ([], [GenericNack(0, Status.RINVCMDLEN)])


def test_our_sequence_goes_round_to_1() -> None:
    session = new_session(TRX)
    assert (session.next_sequence(), session.next_sequence()) == (1, 2)
    session._sequence = SEQUENCE_MAX
    assert session.next_sequence() == 1
