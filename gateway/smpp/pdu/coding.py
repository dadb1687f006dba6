"""Texts as `data_coding` says (5.2.19), with GSM 7-bit as the SMSC's default alphabet, unpacked.

Decides which codings are text at all. Binary ones, and those that nobody here can show, are not: None.
"""

from gateway.text import gsm7
from gateway.text.segments import Encoding, measure

DEFAULT = 0x00
UCS2 = 0x08

_CODECS = {0x01: "ascii", 0x03: "latin-1", 0x06: "iso8859-5"}
_MESSAGE_CLASS = 0xF0
_EIGHT_BIT = 0x04
"""In a class coding: the octets are data, not the default alphabet (3GPP TS 23.038, clause 4)."""


def read(octets: bytes, data_coding: int) -> str | None:
    """The text, or None where `data_coding` says that it is none. What is broken in it shows as `\ufffd`."""
    if data_coding == UCS2:
        return _utf16(octets)
    if data_coding == DEFAULT or (data_coding >= _MESSAGE_CLASS and not data_coding & _EIGHT_BIT):
        return gsm7.decode(octets)
    codec = _CODECS.get(data_coding)
    return None if codec is None else octets.decode(codec, "replace")


def coding_of(text: str) -> int:
    """The coding that a text forces: the default alphabet, or UCS-2 when one letter is outside it.

    Parts of one text must agree: choose by the whole, then `write` each.
    """
    return DEFAULT if measure(text).encoding is Encoding.GSM7 else UCS2


def write(text: str, data_coding: int) -> bytes:
    """The octets of a text in one of the two codings that we send."""
    return gsm7.encode(text) if data_coding == DEFAULT else text.encode("utf-16-be", "surrogatepass")


def _utf16(octets: bytes) -> str:
    """UCS-2 as networks send it: big-endian, sometimes with a mark of its order, sometimes UTF-16."""
    if octets[:2] == b"\xff\xfe":
        return octets[2:].decode("utf-16-le", "replace")
    return octets.removeprefix(b"\xfe\xff").decode("utf-16-be", "replace")
