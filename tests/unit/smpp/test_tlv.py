"""Optional parameters by name, as networks write them and as we do."""

import pytest
from smpplib import consts

from gateway.smpp.pdu import tlv
from gateway.smpp.pdu.tlv import Tag


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param(b"\x02", 2, id="one octet"),
        pytest.param(b"\x00\x02", 2, id="wider than asked"),
        pytest.param(b"", None, id="length 0"),
    ],
)
def test_numbers(value: bytes, number: int | None) -> None:
    assert tlv.number(((Tag.MESSAGE_STATE, value),), Tag.MESSAGE_STATE) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(b"9A\0", "9A", id="with its NUL"),
        pytest.param(b"9A", "9A", id="without it"),
        pytest.param(b"", "", id="length 0"),
        pytest.param(b"\xd0\0", "Ð", id="beyond ASCII"),
    ],
)
def test_texts(value: bytes, text: str) -> None:
    assert tlv.text(((Tag.RECEIPTED_MESSAGE_ID, value),), Tag.RECEIPTED_MESSAGE_ID) == text


def test_what_is_absent_is_none() -> None:
    assert (tlv.number((), Tag.MESSAGE_STATE), tlv.text((), Tag.CALLBACK_NUM)) == (None, None)


def test_values_are_made_in_the_width_of_the_specification() -> None:
    assert tlv.with_number(Tag.MESSAGE_STATE, 2) == (0x0427, b"\x02")
    assert tlv.with_number(Tag.SAR_MSG_REF_NUM, 2) == (0x020C, b"\x00\x02")
    assert tlv.with_text(Tag.RECEIPTED_MESSAGE_ID, "9A") == (0x001E, b"9A\0")
    with pytest.raises(ValueError, match="MESSAGE_STATE"):
        tlv.with_number(Tag.MESSAGE_STATE, 256)


def test_tags_are_those_of_an_independent_library() -> None:
    theirs = {name.upper(): value for name, value in consts.OPTIONAL_PARAMS.items()}
    assert {tag.name: tag.value for tag in Tag if tag is not Tag.CONGESTION_STATE} == theirs
