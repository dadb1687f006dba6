"""PDUs that have killed other programs, over one line to a whole gateway: each is answered, and so is the next text."""

from collections.abc import Sequence

import pytest

from gateway.smpp.pdu import codec, tlv
from gateway.smpp.pdu.messages import Address, DeliverSm, DeliverSmResp, Pdu
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tag
from tests.integration.sms.scene import ANNA, BORIS, Scene

pytestmark = pytest.mark.anyio

PHONE, SHORT = Address(ANNA.removeprefix("+"), 1, 1), Address("6111", 3, 0)
WITH_LETTERS = b"id:0A1 sub:001 dlvrd:001 submit date:2611210101 done date:261121010203 stat:DELIVRD err:0A1 Text:"
PARAMETERS = (tlv.with_text(Tag.RECEIPTED_MESSAGE_ID, "0A1"), tlv.with_number(Tag.MESSAGE_STATE, 2))
DIALLED = ((Tag.USSD_SERVICE_OP, b"\1"), (Tag.ITS_SESSION_INFO, b"\x2a\0"))
VENDORS = ((0x1400, b"\xd0\xff\0"), (0x3FFF, "баланс".encode()))
RECEIPT = 0x04


def torn(pdu: Pdu) -> bytes:
    """Without its last octet, and with a length that says so."""
    octets = codec.encode(pdu)
    return (len(octets) - 1).to_bytes(4, "big") + octets[4:-1]


POISON: Sequence[tuple[str, bytes, int]] = [
    ("a date of twelve digits, letters in err", codec.encode(DeliverSm(11, PHONE, SHORT, WITH_LETTERS, 0, RECEIPT)), 0),
    ("no text, but parameters", codec.encode(DeliverSm(12, PHONE, SHORT, b"", 0, RECEIPT, tlvs=PARAMETERS)), 0),
    ("a torn parameter", torn(DeliverSm(13, PHONE, SHORT, b"hi", tlvs=VENDORS)), Status.RINVOPTPARSTREAM),
    ("vendors' parameters beyond ASCII", codec.encode(DeliverSm(14, PHONE, SHORT, b"Stop", tlvs=VENDORS)), 0),
    ("a name for a sender", codec.encode(DeliverSm(15, Address("Bank", 5, 0), SHORT, b"OK")), 0),
    ("a class coding", codec.encode(DeliverSm(16, PHONE, SHORT, b"Balance", 0xF1)), 0),
    ("USSD", codec.encode(DeliverSm(17, PHONE, SHORT, b"*123#", 0x0F, service_type="USSD", tlvs=DIALLED)), 0),
    ("sequence 0", codec.encode(DeliverSm(0, PHONE, SHORT, b"Balance")), 0),
    ("the first sequence that none should have", codec.encode(DeliverSm(0x8000_0000, PHONE, SHORT, b"Balance")), 0),
    ("the highest sequence", codec.encode(DeliverSm(0xFFFF_FFFF, PHONE, SHORT, b"Balance")), 0),
]  # fmt: skip


async def test_poison_is_answered_and_kills_nothing(stage: Scene) -> None:
    async with stage.gateway():
        (session,) = stage.centre.sessions
        for label, octets, status in POISON:
            session.write(octets)
            stage.server.flush()
            answer = DeliverSmResp(int.from_bytes(octets[12:16], "big"), status)
            await stage.until(lambda answer=answer: answer in said(stage), label)  # type: ignore[misc]  # its default
        stage.text("Баланс", msisdn=BORIS)
        await stage.until(lambda: len(stage.words(BORIS)) == 1, "a text after it is answered")
        assert stage.centre.sessions == [session], "the line stood"


def said(stage: Scene) -> list[Pdu]:
    """What the gateway said."""
    return [codec.decode(seen.octets) for seen in stage.centre.trace.after(0, None) if seen.way == "in"]
