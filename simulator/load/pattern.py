"""What a screen or an SMS must be: a regular expression for all of it, in which `{points}` stands for a number.

It decides how a number is read off a phone (`1 000`, `1,000`), and says how a text is unlike its pattern. What a number
must be is the business of `book`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.compare import framed
from simulator.errors import PhraseError
from simulator.load.sums import NAME, Value

SEPARATORS = " \u00a0\u202f,"
NUMBER = rf"\d+(?:[{SEPARATORS}]\d{{3}})*"
_GROUPED = re.compile(rf"-?{NUMBER}")
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
    """Compile what the file says. Raises `PhraseError` when it is no regular expression."""
    text = written.rstrip("\n")
    pieces = "".join(_pieces(text))
    try:
        return Pattern(name, text, re.compile(pieces))
    except re.error as error:
        raise PhraseError(
            f"{name} is no regular expression: {error}; a dot, a star or a bracket is \\. \\* \\("
        ) from None


def _pieces(text: str) -> Iterator[str]:
    """The expression with its shorthand written out; a name that comes again must be the same again."""
    seen: set[str] = set()
    for piece in re.split(rf"(\{{{NAME}\}})", text):
        name = piece[1:-1] if re.fullmatch(rf"\{{{NAME}\}}", piece) else ""
        if not name:
            yield piece
        elif name in seen:
            yield f"(?P={name})"
        else:
            seen.add(name)
            yield f"(?P<{name}>{NUMBER})"


def _value(shown: str) -> Value:
    return int(shown.translate(_NO_SEPARATORS)) if _GROUPED.fullmatch(shown) else shown
