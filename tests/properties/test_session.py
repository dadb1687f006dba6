"""Whatever a peer sends, however it is cut: nothing raises, each request has one answer, and time leads to an end."""

import random
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequestError
from gateway.smpp import parts, receipt, ussd
from gateway.smpp.choices import UssdDialect
from gateway.smpp.events import Closed, Delivered, Event, Reason
from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import PDU_BYTES_MAX, PDU_BYTES_MIN, Framer
from gateway.smpp.pdu.messages import (
    RESPONSE,
    Address,
    AlertNotification,
    Bind,
    BindMode,
    BindResp,
    CommandId,
    DataSm,
    DeliverSm,
    EnquireLink,
    GenericNack,
    Outbind,
    Pdu,
    PlainResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.tlv import Tag
from gateway.smpp.session import Session
from gateway.smpp.settings import LinkSettings
from tests.conftest import LONG

MUTANTS = 1_000_000 if LONG else 100_000
SEED = 35
LINK = LinkSettings("smsc.example", "bolshe", "pass")
SPEAKING = replace(LINK, ussd=UssdDialect.STANDARD)
TRX = BindMode.TRANSCEIVER
PHONE, SHORT = Address("79210000001", 1, 1), Address("6111", 3, 0)
RECEIPT = b"id:0A1 sub:001 dlvrd:001 submit date:2611210101 done date:261121010203 stat:DELIVRD err:0A1 Text:"

POISON: tuple[Pdu, ...] = (
    DeliverSm(4, PHONE, SHORT, RECEIPT, 0, 4),
    DeliverSm(5, PHONE, SHORT, b"", 0, 4, tlvs=((Tag.RECEIPTED_MESSAGE_ID, b"0A1\0"), (Tag.MESSAGE_STATE, b"\2"))),
    DeliverSm(6, PHONE, SHORT, b"hi", 0xF1, tlvs=((0x1400, b"\xff\xfe"),)),
    DeliverSm(7, Address("BOLSHE", 5, 0), SHORT, b"hi"),
    DeliverSm(0, PHONE, SHORT, b"*123#", 0x0F, service_type="USSD", tlvs=((Tag.USSD_SERVICE_OP, b"\1"),)),
    DeliverSm(0xFFFF_FFFF, PHONE, SHORT, b"\x05\0\3\1\x0b\x0bhi", 0, 0x40),
    DeliverSm(8, PHONE, SHORT, tlvs=((Tag.MESSAGE_PAYLOAD, b"a" * 300),)),
    DataSm(9, PHONE, SHORT, tlvs=((Tag.MESSAGE_PAYLOAD, b"OK"),)),
    AlertNotification(10, PHONE, SHORT),
    Outbind(11, "smsc", "pass"),
    Bind(12, TRX, "smsc", "pass"),
    SubmitSm(13, PHONE, SHORT, b"hi"),
    EnquireLink(14),
    Unbind(15),
)
RESPONSES: tuple[Pdu, ...] = (
    BindResp(1, TRX, 0, "smsc"),
    SubmitSmResp(2, 0, "1"),
    SubmitSmResp(3, 0x58),
    GenericNack(4, 3),
    PlainResp(5, CommandId.ENQUIRE_LINK),
)


def bound() -> Session:
    session = Session(LINK)
    session.connect(0.0)
    session.receive(codec.encode(BindResp(1, TRX)), 0.0)
    session.take()
    return session


def answer_all(session: Session, events: list[Event]) -> None:
    for event in events:
        if isinstance(event, Delivered):
            understand(event.pdu)
            assert session.answer(event.token, 0)


def understand(pdu: DeliverSm | DataSm) -> None:
    """Read a message as the gateway does: as a receipt, as USSD, as a text."""
    receipt.read(pdu)
    with suppress(BadRequestError):
        ussd.read(pdu, SPEAKING)
    piece = parts.read(pdu)
    parts.text_of(piece.octets, piece.data_coding)


@given(st.lists(st.sampled_from(POISON + RESPONSES), max_size=12), st.data(), st.binary(max_size=40))
def test_the_same_however_it_is_cut(pdus: list[Pdu], data: st.DataObject, rubbish: bytes) -> None:
    """Whole, octet by octet and in pieces, with rubbish behind: the same events and the same answers."""
    stream = b"".join(codec.encode(pdu) for pdu in pdus) + rubbish
    whole, single, cut = bound(), bound(), bound()
    expected = whole.receive(stream, 1.0)
    bounds = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    pieces = [stream[start:end] for start, end in zip([0, *bounds], [*bounds, len(stream)], strict=True)]
    assert [event for octet in stream for event in single.receive(bytes((octet,)), 1.0)] == expected
    assert [event for piece in pieces for event in cut.receive(piece, 1.0)] == expected
    assert whole.take() == single.take() == cut.take()


@given(st.lists(st.sampled_from(POISON + RESPONSES), max_size=30), st.randoms(use_true_random=False))
def test_every_submit_has_one_end_and_every_session_too(pdus: list[Pdu], draw: random.Random) -> None:
    """With requests of ours, theirs, answers and time all mixed, until time changes nothing any more."""
    session, now = bound(), 0.0
    events: list[Event] = []
    submitted = []
    for pdu in pdus:
        now += draw.choice((0.0, 0.1, 5.0, 31.0))
        events += session.advance(now) + session.receive(codec.encode(pdu), now)
        if session.is_bound:
            submitted.append(session.submit(SubmitSm(0, SHORT, PHONE, b"hi"), now))
    while (due := session.due()) is not None:
        events += session.advance(due)
    (closed,) = [event for event in events if isinstance(event, Closed)]
    assert events[-1] == closed
    answered = [event.response.sequence for event in events if hasattr(event, "response")]
    assert sorted([*answered, *closed.unanswered]) == sorted(submitted)


def mutated(data: bytes, draw: random.Random) -> bytes:
    """A PDU with its body changed, cut or grown, sometimes its command, and mostly the right length."""
    octets = bytearray(data)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(16, len(octets) + 1)
        taken = draw.randint(0, 3)
        octets[at : at + taken] = draw.randbytes(taken if draw.random() < 0.7 else draw.randint(0, 20))
    if draw.random() < 0.1:
        octets[4:8] = draw.randbytes(4)
    octets[12:16] = draw.randbytes(4)
    length = len(octets) if draw.random() < 0.98 else draw.getrandbits(32)
    octets[:4] = length.to_bytes(4, "big")
    return bytes(octets)


def is_frame(octets: bytes) -> bool:
    length = int.from_bytes(octets[:4], "big")
    return PDU_BYTES_MIN <= length <= PDU_BYTES_MAX


def answers_due(octets: bytes) -> set[int]:
    """How many answers may be: none to a response, one to a request. An alert that can be read has none (4.12)."""
    command_id = int.from_bytes(octets[4:8], "big")
    if command_id & RESPONSE:
        return {0}
    return {0, 1} if command_id == CommandId.ALERT_NOTIFICATION else {1}


def test_mutants_are_answered_once_each_and_reset_nothing() -> None:
    draw = random.Random(SEED)
    parents = [codec.encode(pdu) for pdu in POISON if not isinstance(pdu, Unbind)]
    session, told = bound(), 0
    for _ in range(MUTANTS):
        octets = mutated(draw.choice(parents), draw)
        events = session.receive(octets, 1.0)
        told += len(events)
        answer_all(session, events)
        answers = list(Framer().feed(session.take()))
        if not is_frame(octets):
            assert events == [Closed(Reason.NOT_SMPP, ())]
            assert [codec.decode(answer) for answer in answers] == [GenericNack(0, 2)]
            session = bound()
        elif int.from_bytes(octets[:4], "big") != len(octets):
            session = bound()  # the rest of it never comes
        elif int.from_bytes(octets[4:8], "big") == CommandId.UNBIND:
            assert session.ended
            session = bound()
        else:
            assert not session.ended, f"a reset: {octets.hex()}"
            assert len(answers) in answers_due(octets), f"{len(answers)} answers: {octets.hex()}"
            assert all(answer[12:16] == octets[12:16] for answer in answers), f"another number: {octets.hex()}"
    assert told > MUTANTS // 10, "hardly any was read as a message: this shows too little"


@pytest.mark.parametrize("is_bound", [False, True], ids=["before bind", "after bind"])
@given(octets=st.binary(min_size=200, max_size=200))
def test_rubbish_ends_in_a_nack_or_waits(is_bound: bool, octets: bytes) -> None:
    session = bound() if is_bound else Session(LINK)
    if not is_bound:
        session.connect(0.0)
        session.take()
    events = session.receive(octets, 1.0)
    assert events in ([], [Closed(Reason.NOT_SMPP, ())])
    assert session.ended == bool(events)
