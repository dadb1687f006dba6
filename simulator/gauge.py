"""How full a screen is: `74/80 UCS-2`. It decides what a tester sees of a size; sizes themselves are `gateway.text`."""

from dataclasses import dataclass

from gateway.text.segments import limit, measure
from gateway.ussd.message import Profile


@dataclass(frozen=True, slots=True)
class Gauge:
    """A screen's length in the encoding it forces, and the most that this gateway carries."""

    length: int
    length_max: int
    encoding: str

    @property
    def fits(self) -> bool:
        """Whether the network carries the screen whole."""
        return self.length <= self.length_max

    def __str__(self) -> str:
        return f"{self.length}/{self.length_max} {self.encoding}"


def measured(text: str, profile: Profile) -> Gauge:
    """The gauge of one screen under a dialect's profile."""
    size = measure(text)
    return Gauge(size.length, limit(profile, size.encoding), size.encoding.value)
