"""Septets as 3GPP TS 23.038 counts them."""

import pytest

from gateway.text import gsm7


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("Balance 100", 11, id="one septet a letter"),
        pytest.param("5 €", 4, id="the euro sign takes two"),
        pytest.param("[]{}\\~^|", 16, id="so does the rest of the extension table"),
        pytest.param("ÄÖÑÜ§¿äöñüàÇÉ", 13, id="accents of the alphabet take one"),
        pytest.param("Ж", None, id="Cyrillic has no form"),
        pytest.param("Mах", None, id="Cyrillic that looks Latin has none either"),
        pytest.param("`", None, id="a backtick is ASCII and yet outside"),
        pytest.param("1\u00a0234", None, id="so is a no-break space"),
        pytest.param("ç", None, id="and the small c with cedilla"),
    ],
)
def test_septets(text: str, length: int | None) -> None:
    assert gsm7.septets(text) == length


def test_the_alphabet_has_every_place_of_its_two_tables() -> None:
    assert (len(gsm7.BASIC), len(gsm7.EXTENSION)) == (127, 10)
    assert not gsm7.BASIC & gsm7.EXTENSION


def test_strangers_are_named_with_their_places() -> None:
    assert gsm7.strangers("To ёлка, ok — yes")[:1] == ((4, "ё"),)
    assert gsm7.strangers("all plain") == ()


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        pytest.param("@£Balance\n", b"\x00\x01Balance\n", id="both ends of ASCII's likeness"),
        pytest.param("5 €", b"5 \x1be", id="the euro sign"),
        pytest.param("[Å]", b"\x1b<\x0e\x1b>", id="brackets"),
        pytest.param("ñüà", b"\x7d\x7e\x7f", id="the last places"),
    ],
)
def test_octets(text: str, octets: bytes) -> None:
    assert gsm7.encode(text) == octets
    assert gsm7.decode(octets) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        pytest.param(b"a\x1bB", "aB", id="an escape to an empty place"),
        pytest.param(b"a\x1b", "a", id="an escape at the end"),
        pytest.param(b"\x1b\x1b", " ", id="an escape of an escape"),
        pytest.param(b"\x80a", "\ufffda", id="beyond seven bits"),
    ],
)
def test_what_phones_send_wrongly_is_shown_all_the_same(octets: bytes, text: str) -> None:
    assert gsm7.decode(octets) == text


def test_every_character_comes_back() -> None:
    alphabet = "".join(sorted(gsm7.ALPHABET))
    assert gsm7.decode(gsm7.encode(alphabet)) == alphabet
    with pytest.raises(ValueError, match="alphabet"):
        gsm7.encode("Ж")
