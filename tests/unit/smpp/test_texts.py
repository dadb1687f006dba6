"""What a message says, and which part of a longer one it is."""

import pytest

from gateway.smpp.pdu import coding, part
from gateway.smpp.pdu.messages import Address, DeliverSm
from gateway.smpp.pdu.part import Part
from gateway.smpp.pdu.tlv import Tag, Tlvs

SAR = ((Tag.SAR_MSG_REF_NUM, b"\x12\x34"), (Tag.SAR_TOTAL_SEGMENTS, b"\x02"), (Tag.SAR_SEGMENT_SEQNUM, b"\x01"))


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        pytest.param(b"5 \x1be", 0x00, "5 €", id="default alphabet"),
        pytest.param(b"5 \x1be", 0xF1, "5 €", id="a message class"),
        pytest.param(b"\x01\x02", 0xF5, None, id="a class of data"),
        pytest.param("Баланс 👍".encode("utf-16-be"), 0x08, "Баланс 👍", id="UCS-2 with an emoji"),
        pytest.param("Да".encode("utf-16"), 0x08, "Да", id="marked little-endian"),
        pytest.param(b"\xfe\xff" + "Да".encode("utf-16-be"), 0x08, "Да", id="marked big-endian"),
        pytest.param(b"\x04\x14\x04", 0x08, "Д\ufffd", id="an odd octet"),
        pytest.param("Баланс".encode("iso8859-5"), 0x06, "Баланс", id="ISO 8859-5"),
        pytest.param(b"\xe9", 0x03, "é", id="Latin-1"),
        pytest.param(b"A\x80", 0x01, "A\ufffd", id="ASCII, broken"),
        pytest.param(b"\x01", 0x04, None, id="binary"),
        pytest.param(b"\x01", 0x0F, None, id="reserved"),
    ],
)
def test_texts_as_their_coding_says(octets: bytes, data_coding: int, text: str | None) -> None:
    assert coding.read(octets, data_coding) == text


@pytest.mark.parametrize("text", ["Balance [5 €]", "Баланс 👍", ""])
def test_a_text_that_we_write_reads_the_same(text: str) -> None:
    chosen = coding.coding_of(text)
    assert coding.read(coding.write(text, chosen), chosen) == text


@pytest.mark.parametrize(
    ("esm_class", "octets", "tlvs", "found", "rest"),
    [
        pytest.param(0x40, b"\x05\x00\x03\x2a\x02\x01hi", (), Part(42, 2, 1), b"hi", id="8-bit reference"),
        pytest.param(0x40, b"\x06\x08\x04\x12\x34\x02\x01hi", (), Part(0x1234, 2, 1), b"hi", id="16-bit reference"),
        pytest.param(
            0x44, b"\x09\x24\x02\x01\x00\x00\x03\x2a\x0b\x0bhi", (), Part(42, 11, 11), b"hi", id="behind another"
        ),
        pytest.param(0x00, b"hi", SAR, Part(0x1234, 2, 1), b"hi", id="SAR parameters"),
        pytest.param(0x00, b"hi", SAR[:2], None, b"hi", id="SAR parameters without a number"),
        pytest.param(0x00, b"\x05\x00\x03\x2a\x02\x01hi", (), None, b"\x05\x00\x03\x2a\x02\x01hi", id="not announced"),
        pytest.param(0x40, b"\x05\x00\x03\x2a\x02\x00hi", (), None, b"hi", id="part 0"),
        pytest.param(0x40, b"\x05\x00\x03\x2a\x02\x03hi", (), None, b"hi", id="part 3 of 2"),
        pytest.param(0x40, b"\x04\x05\x02\x23\xf4hi", (), None, b"hi", id="a header about ports"),
        pytest.param(0x40, b"\x30hi", (), None, b"\x30hi", id="longer than the message"),
        pytest.param(0x40, b"\x03\x00\x03\x2ahi", (), None, b"hi", id="torn element"),
        pytest.param(0x40, b"", (), None, b"", id="nothing at all"),
    ],
)
def test_parts(esm_class: int, octets: bytes, tlvs: Tlvs, found: Part | None, rest: bytes) -> None:
    message = DeliverSm(1, Address("7"), Address("6"), octets, esm_class=esm_class, tlvs=tlvs)
    assert part.read(message) == (found, rest)


def test_a_header_that_we_write_reads_the_same() -> None:
    octets = part.header(Part(255, 11, 11)) + b"hi"
    message = DeliverSm(1, Address("7"), Address("6"), octets, esm_class=part.HAS_HEADER)
    assert part.read(message) == (Part(255, 11, 11), b"hi")
