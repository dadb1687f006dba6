"""How a text becomes one SMS or several (3GPP TS 23.040, 9.2.3.24.1).

Decides where a long text is cut. Refuses to know headers, but for the octets that they take: how parts are marked is
the protocol's matter.
"""

from gateway.text import gsm7
from gateway.text.segments import Encoding, measure

USER_DATA_OCTETS = 140
"""What one SMS holds: 160 septets, or 70 units of UCS-2."""

HEADER_OCTETS = 6
"""A header with an 8-bit reference: 153 septets or 67 units are left. With a 16-bit reference, 7: 152 or 66."""


def split(text: str, header_octets: int = HEADER_OCTETS) -> tuple[str, ...]:
    """The text in as few parts as hold it; whole when it fits without a header.

    An escape stays with its character and a surrogate with its pair, so a part may end one short of its room. Worked
    example: 161 letters are 153 and 8.
    """
    measured = measure(text)
    if measured.length <= _room(measured.encoding, 0):
        return (text,)
    room = _room(measured.encoding, header_octets)
    parts, start, length = [], 0, 0
    for place, letter in enumerate(text):
        weight = _weight(letter, measured.encoding)
        if length + weight > room:
            parts.append(text[start:place])
            start, length = place, 0
        length += weight
    return (*parts, text[start:])


def _room(encoding: Encoding, header_octets: int) -> int:
    octets = USER_DATA_OCTETS - header_octets
    return octets * 8 // 7 if encoding is Encoding.GSM7 else octets // 2


def _weight(letter: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if letter in gsm7.EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1
