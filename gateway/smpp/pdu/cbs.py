"""Texts in the data coding scheme of cell broadcast, which is that of USSD too (3GPP TS 23.038, clause 5), unpacked.

SMPP's own codings (`coding`) are those of SMS: 8 is UCS-2 there, and one of the languages in the default alphabet here.
Which of the two a USSD gateway writes into `data_coding` is the caller's to know.
"""

from gateway.smpp.pdu.coding import utf16
from gateway.text import gsm7
from gateway.text.segments import Encoding, measure

GSM7 = 0x0F
"""The default alphabet, language unspecified."""
UCS2 = 0x48
"""UCS-2, not compressed, no class."""

_LANGUAGE_FIRST = 0x10  # two letters of ISO 639 and a CR, then the default alphabet
_LANGUAGE_FIRST_UCS2 = 0x11  # the same two letters as septets in two octets, then UCS-2
_GENERAL = range(0x40, 0x80)
_COMPRESSED = 0x20
_CHARACTER_SET = 0x0C
_SETS = {0x00: GSM7, 0x08: UCS2}
_CLASSES = range(0xF0, 0x100)
_EIGHT_BIT = 0x04


def read(octets: bytes, data_coding: int) -> str | None:
    """The text, or None where the coding says that it is none. A reserved coding is the default alphabet's."""
    if data_coding == _LANGUAGE_FIRST:
        return gsm7.decode(octets[3:])
    if data_coding == _LANGUAGE_FIRST_UCS2:
        return utf16(octets[2:])
    if data_coding in _GENERAL:
        found = None if data_coding & _COMPRESSED else _SETS.get(data_coding & _CHARACTER_SET)
        return None if found is None else utf16(octets) if found == UCS2 else gsm7.decode(octets)
    if data_coding in _CLASSES and data_coding & _EIGHT_BIT:
        return None
    return gsm7.decode(octets)


def coding_of(text: str) -> int:
    """The coding that a text forces."""
    return UCS2 if measure(text).encoding is Encoding.UCS2 else GSM7


def write(text: str, data_coding: int) -> bytes:
    """The octets of a text in one of the two codings that we send."""
    return text.encode("utf-16-be", "surrogatepass") if data_coding == UCS2 else gsm7.encode(text)
