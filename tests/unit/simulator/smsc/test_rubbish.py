"""Mutated requests: every one is answered, under its own sequence, and nothing else happens."""

import random

import pytest

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import (
    AlertNotification,
    Bind,
    BindMode,
    CancelSm,
    DataSm,
    DeliverSm,
    EnquireLink,
    Outbind,
    Pdu,
    QuerySm,
    ReplaceSm,
    SubmitSm,
)
from gateway.smpp.pdu.tlv import Tag
from tests.conftest import LONG
from tests.unit.simulator.smsc.bench import PHONE, SHORT, Bench

MUTANTS = 20_000 if LONG else 2_000

PARENTS: tuple[Pdu, ...] = (
    Bind(1, BindMode.TRANSCEIVER, "esme", "pass"),
    SubmitSm(1, SHORT, PHONE, b"\x05\x00\x03\x01\x02\x01hi", 0, 0x40, 1),
    SubmitSm(1, SHORT, PHONE, "Баланс".encode("utf-16-be"), 8, 0, 1, tlvs=((Tag.SAR_MSG_REF_NUM, b"\0\1"),)),
    DataSm(1, SHORT, PHONE, 0, 0, 1, tlvs=((Tag.MESSAGE_PAYLOAD, b"hi"),)),
    DeliverSm(1, PHONE, SHORT, b"hi"),
    QuerySm(1, "1", SHORT),
    CancelSm(1, "1", SHORT, PHONE),
    ReplaceSm(1, "1", SHORT, b"hi"),
    AlertNotification(1, PHONE, SHORT),
    Outbind(1, "smsc", "pass"),
    EnquireLink(1),
)


def mutated(pdu: Pdu, draw: random.Random) -> bytes:
    """Octets of the body changed, or the body cut or grown; the header says how long it is."""
    body = bytearray(codec.encode(pdu)[16:])
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(body) + 1)
        body[at : at + draw.randint(0, 4)] = draw.randbytes(draw.randint(0, 30))
    head = codec.encode(pdu)[4:8]
    return (16 + len(body)).to_bytes(4, "big") + head + bytes(4) + draw.randbytes(4) + bytes(body)


@pytest.mark.parametrize("bound", [False, True], ids=["before bind", "after bind"])
def test_every_request_is_answered(bound: bool) -> None:
    bench = Bench()
    draw = random.Random(bound)
    esme = bench.connect(BindMode.TRANSCEIVER if bound else None)
    for _ in range(MUTANTS):
        request = mutated(draw.choice(PARENTS), draw)
        bench.centre.receive(esme, request, bench.now)
        answers = [frame[12:16] for frame in Framer().feed(bench.centre.outgoing(esme))]
        assert request[12:16] in answers, f"not answered: {request.hex()}"
        bench.wait(0.001)
        assert not esme.ends
