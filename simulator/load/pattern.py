"""What a screen or an SMS must be: a regular expression for all of it, with a dialogue's placeholders (`patterns`).

It decides what is read off a phone as a number (`1 000` is 1000), and says how a text is unlike its pattern. What a
number must be is the business of `book`.
"""

import re
from dataclasses import dataclass

from simulator.compare import framed
from simulator.errors import PhraseError
from simulator.load.sums import Value
from simulator.patterns import KINDS, SEPARATORS, reading

_GROUPED = re.compile(rf"-?{KINDS['number']}")
_NO_SEPARATORS = str.maketrans("", "", SEPARATORS)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A screen or an SMS, by its name in the file of stories."""

    name: str
    written: str
    compiled: re.Pattern[str]

    @property
    def names(self) -> frozenset[str]:
        """What is read off it."""
        return frozenset(self.compiled.groupindex)

    def read(self, text: str) -> dict[str, Value] | None:
        """The numbers and words that it names; None when the text is another."""
        found = self.compiled.fullmatch(text)
        if found is None:
            return None
        return {name: _value(shown) for name, shown in found.groupdict().items() if shown is not None}

    def unlike(self, text: str) -> str:
        """Both, for whoever asks why they do not fit."""
        return f"expected\n{framed(self.written)}\nshown\n{framed(text)}"


def pattern_of(name: str, written: str) -> Pattern:
    """Compile what the file says. Raises `PhraseError` with what is wrong with it."""
    text = written.rstrip("\n")
    try:
        return Pattern(name, text, reading(text))
    except ValueError as error:
        raise PhraseError(f"{name}: {error}") from None


def _value(shown: str) -> Value:
    return int(shown.translate(_NO_SEPARATORS)) if _GROUPED.fullmatch(shown) else shown
