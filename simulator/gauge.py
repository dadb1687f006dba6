"""How full a screen or an SMS is: `74/80 UCS-2`. It decides what a tester sees of a size; sizes themselves are
`gateway.text`.
"""

from dataclasses import dataclass

from gateway.text.gsm7 import strangers
from gateway.text.segments import Encoding, limit, measure, ucs2_units
from gateway.text.sms import HEADER_OCTETS, USER_DATA_OCTETS, split
from gateway.ussd.message import Profile


@dataclass(frozen=True, slots=True)
class Gauge:
    """A text's length in the encoding it travels in, and the most that this carrier holds."""

    length: int
    length_max: int
    encoding: str

    @property
    def fits(self) -> bool:
        """Whether the network carries the text whole."""
        return self.length <= self.length_max

    def __str__(self) -> str:
        return f"{self.length}/{self.length_max} {self.encoding}"


def measured(text: str, profile: Profile) -> Gauge:
    """The gauge of one screen under a dialect's profile."""
    size = measure(text)
    return Gauge(size.length, limit(profile, size.encoding), size.encoding.value)


def measured_sms(text: str, parts: int, *, ucs2: bool) -> Gauge:
    """The gauge of an SMS in the parts it came in, and in the encoding that it was sent in, needed or not.

    Two Russian parts hold 134: each gives 6 octets to its header.
    """
    octets = USER_DATA_OCTETS if parts == 1 else USER_DATA_OCTETS - HEADER_OCTETS
    if ucs2:
        return Gauge(ucs2_units(text), parts * (octets // 2), Encoding.UCS2.value)
    return Gauge(measure(text).length, parts * (octets * 8 // 7), Encoding.GSM7.value)


def measured_typed(text: str) -> tuple[Gauge, int]:
    """The gauge of a text as a phone would send it, and its parts."""
    parts = len(split(text))
    return measured_sms(text, parts, ucs2=measure(text).encoding is Encoding.UCS2), parts


def forcing(text: str) -> str:
    """The first character that is not in GSM-7 and so forces UCS-2 on the whole text; nothing when none does."""
    return next((letter for _, letter in strangers(text)), "")
