"""Texts in the codings of cell broadcast: each row is octets, their coding, and what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.pdu import cbs

DA = "Да".encode("utf-16-be")


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        pytest.param(b"\x00\x1b\x65", 0x0F, "@€", id="the default alphabet"),
        pytest.param(b"\x00", 0x08, "@", id="a language of the default alphabet"),
        pytest.param(b"ru\r\x00", 0x10, "@", id="a language before the text"),
        pytest.param(b"\xf2\xba" + DA, 0x11, "Да", id="a language before UCS-2"),
        pytest.param(DA, 0x48, "Да", id="UCS-2"),
        pytest.param(DA, 0x59, "Да", id="UCS-2 with a class"),
        pytest.param(b"1", 0x40, "1", id="the general scheme, the default alphabet"),
        pytest.param(b"1", 0xF0, "1", id="a class"),
        pytest.param(b"1", 0x9F, "1", id="reserved"),
        pytest.param(DA, 0x44, None, id="octets"),
        pytest.param(DA, 0x68, None, id="compressed"),
        pytest.param(b"1", 0x4C, None, id="a character set that there is not"),
        pytest.param(b"1", 0xF4, None, id="octets with a class"),
    ],
)
def test_octets_are_read(octets: bytes, data_coding: int, text: str | None) -> None:
    assert cbs.read(octets, data_coding) == text


@given(st.text(st.characters(codec="utf-16-be", exclude_characters="\ufeff\ufffe\x1b"), max_size=80))
def test_what_is_written_is_read(text: str) -> None:
    data_coding = cbs.coding_of(text)
    assert cbs.read(cbs.write(text, data_coding), data_coding) == text
