"""Streams: a read is not a PDU."""

import pytest

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.errors import FramingError
from gateway.smpp.pdu.framing import PDU_BYTES_MAX, Framer
from gateway.smpp.pdu.messages import Address, BindMode, BindResp, DeliverSm, EnquireLink, GenericNack

FIRST = codec.encode(BindResp(1, BindMode.TRANSCEIVER, 0, "smsc"))
SECOND = codec.encode(DeliverSm(2, Address("7"), Address("6"), b"OK"))
THIRD = codec.encode(EnquireLink(3))
STREAM = FIRST + SECOND + THIRD


@pytest.mark.parametrize("size", [1, 3, 4, 15, 16, 17, 40, len(STREAM)])
def test_pdus_come_whole_however_the_stream_is_cut(size: int) -> None:
    framer = Framer()
    frames = [frame for at in range(0, len(STREAM), size) for frame in framer.feed(STREAM[at : at + size])]
    assert frames == [FIRST, SECOND, THIRD]


def test_half_a_pdu_waits() -> None:
    framer = Framer()
    assert list(framer.feed(SECOND[:-1])) == []
    assert list(framer.feed(SECOND[-1:])) == [SECOND]


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(0, id="zero"),
        pytest.param(15, id="less than a header"),
        pytest.param(PDU_BYTES_MAX + 1, id="one past the longest"),
        pytest.param(0xFFFFFFFF, id="four gigabytes"),
        pytest.param(int.from_bytes(b"GET "), id="a browser"),
    ],
)
def test_a_length_that_no_pdu_has_ends_the_connection(length: int) -> None:
    framer = Framer()
    frames = framer.feed(THIRD + length.to_bytes(4, "big"))
    assert next(frames) == THIRD, "what came before is still good"
    with pytest.raises(FramingError) as caught:
        next(frames)
    assert codec.refusal(caught.value) == GenericNack(0, 2)


def test_the_longest_pdu_passes() -> None:
    longest = PDU_BYTES_MAX.to_bytes(4, "big") + bytes(PDU_BYTES_MAX - 4)
    assert list(Framer().feed(longest)) == [longest]
