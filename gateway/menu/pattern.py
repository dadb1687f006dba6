"""The form of a text that is typed, as `[A-Z]{2}[0-9]{6}`: letters and classes of letters, each so many times.

Decides how little of regular expressions is needed: no groups, no alternatives, no repetition without end. So the
longest text of a form is known, and none takes long to compare. Letters match in any case.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.errors import ConfigurationError
from gateway.text import gsm7

PATTERN_LENGTH_MAX = 100  # characters of the pattern itself
PATTERNS_REMEMBERED_MAX = 256

_ITEM = re.compile(
    r"(?:\[(?P<letters>[^\[\]\\^]+)\]|(?P<letter>[^\[\](){}?*+|^$.\\]))"
    r"(?:\{(?P<least>[0-9]{1,2})(?:,(?P<most>[0-9]{1,2}))?\}|(?P<maybe>\?))?"
)
ADVICE = "write letters and classes, each with how often, such as [A-Z]{2}[0-9]{6}"


class PatternError(ConfigurationError):
    """A pattern that cannot be read."""

    code = "pattern"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One form. `longest` is the text of that form which takes the most room."""

    source: str
    longest: str
    _compiled: re.Pattern[str] = field(repr=False)

    def matches(self, text: str) -> bool:
        """Whether a text is of this form."""
        return self._compiled.fullmatch(text) is not None


@lru_cache(maxsize=PATTERNS_REMEMBERED_MAX)
def parse(source: str) -> Pattern:
    """The pattern. Raises `PatternError`."""
    if len(source) > PATTERN_LENGTH_MAX:
        raise PatternError(f"is longer than {PATTERN_LENGTH_MAX} characters")
    at, longest = 0, ""
    while at < len(source):
        found = _ITEM.match(source, at)
        if found is None:
            raise PatternError(f"cannot be read from {source[at : at + 12]!r} on")
        least = int(found["least"] or 1)
        most = int(found["most"] or least)
        if most < least or most == 0:
            raise PatternError(f"{found[0]!r} can never be there so often")
        longest += _widest(found["letters"] or found["letter"]) * most
        at = found.end()
    try:
        return Pattern(source, longest, re.compile(source, re.IGNORECASE))
    except re.error as error:
        raise PatternError(f"cannot be read: {error}") from None


def _widest(letters: str) -> str:
    """The letter of a class that takes the most room: one outside the 7-bit alphabet, or one that takes two septets."""
    return max(letters.replace("-", "") or "-", key=lambda letter: gsm7.septets(letter) or len("ucs"))
