"""How long a text is in the encoding it forces, and whether it fits one USSD screen.

Decides encoding and length, the way a network counts them: GSM 7-bit septets when every character is in the
alphabet, else UCS-2 units for the whole text (3GPP TS 23.038, clauses 5 and 6.2.3). Refuses to know where texts
come from, and how a text that is too long is divided.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.text import gsm7
from gateway.ussd.message import Profile


class Encoding(StrEnum):
    """How a text travels. The values are what people read in findings."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Measure:
    """An encoding, and a length in its own units: septets or UCS-2 units."""

    encoding: Encoding
    length: int


def measure(text: str) -> Measure:
    """The encoding that `text` forces, and its length there."""
    length_septets = gsm7.septets(text)
    if length_septets is not None:
        return Measure(Encoding.GSM7, length_septets)
    return Measure(Encoding.UCS2, ucs2_units(text))


def ucs2_units(text: str) -> int:
    """16-bit units. A character beyond the basic plane (an emoji) takes two."""
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def limit(profile: Profile, encoding: Encoding) -> int:
    """How many units of `encoding` one screen of `profile` holds."""
    return profile.septets_max if encoding is Encoding.GSM7 else profile.ucs2_units_max


def fits(text: str, profile: Profile) -> bool:
    """Whether `text` is one screen. One Cyrillic letter takes the room of a default screen from 182 to 80."""
    length_septets = gsm7.septets(text)
    if length_septets is not None:
        return length_septets <= profile.septets_max
    return ucs2_units(text) <= profile.ucs2_units_max
