"""Texts as `data_coding` says (5.2.19), unpacked: one character of the SMSC's default alphabet in each octet.

Decides which codings are text at all. Binary ones, and those that nobody here can show, are not: None. Which alphabet
an SMSC means by its default is the caller's to know; nearly all mean GSM 7-bit.
"""

from enum import StrEnum

from gateway.text import gsm7
from gateway.text.segments import Encoding, measure

DEFAULT = 0x00
UCS2 = 0x08

_CODECS = {0x01: "ascii", 0x03: "latin-1", 0x06: "iso8859-5"}
_MESSAGE_CLASS = 0xF0
_EIGHT_BIT = 0x04
"""In a class coding: the octets are data, not the default alphabet (3GPP TS 23.038, clause 4)."""


class DefaultAlphabet(StrEnum):
    """What an SMSC takes `data_coding` 0 for. All but the first are names of Python's codecs."""

    GSM7 = "gsm7"
    LATIN1 = "latin-1"
    ASCII = "ascii"


def read(octets: bytes, data_coding: int, default: DefaultAlphabet = DefaultAlphabet.GSM7) -> str | None:
    """The text, or None where `data_coding` says that it is none. What is broken in it shows as `\ufffd`."""
    if data_coding == UCS2:
        return utf16(octets)
    if data_coding == DEFAULT and default is not DefaultAlphabet.GSM7:
        return octets.decode(default, "replace")
    if data_coding == DEFAULT or (data_coding >= _MESSAGE_CLASS and not data_coding & _EIGHT_BIT):
        return gsm7.decode(octets)
    codec = _CODECS.get(data_coding)
    return None if codec is None else octets.decode(codec, "replace")


def coding_of(text: str, default: DefaultAlphabet = DefaultAlphabet.GSM7) -> int:
    """The coding that a text forces: the default alphabet, or UCS-2 when one letter is outside it.

    Whatever the SMSC's default is, it becomes GSM 7-bit on the air, so a letter must be in both. Parts of one text
    must agree: choose by the whole, then `write` each.
    """
    if measure(text).encoding is Encoding.UCS2:
        return UCS2
    return DEFAULT if default is DefaultAlphabet.GSM7 or _has_all(default, text) else UCS2


def write(text: str, data_coding: int, default: DefaultAlphabet = DefaultAlphabet.GSM7) -> bytes:
    """The octets of a text in one of the two codings that we send."""
    if data_coding == UCS2:
        return text.encode("utf-16-be", "surrogatepass")
    return gsm7.encode(text) if default is DefaultAlphabet.GSM7 else text.encode(default)


def _has_all(default: DefaultAlphabet, text: str) -> bool:
    try:
        text.encode(default)
    except UnicodeEncodeError:
        return False
    return True


def utf16(octets: bytes) -> str:
    """UCS-2 as networks send it: big-endian, sometimes with a mark of its order, sometimes UTF-16."""
    if octets[:2] == b"\xff\xfe":
        return octets[2:].decode("utf-16-le", "replace")
    return octets.removeprefix(b"\xfe\xff").decode("utf-16-be", "replace")
