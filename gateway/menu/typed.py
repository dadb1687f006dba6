"""What a subscriber types or dials, as keys and as what was asked for.

Decides how forgiving an input is, and what of it is kept: digits of any script, with spaces and hyphens between them; a
comma or a point in an amount; a word in any case. Each kind reads a text into the value that a session keeps, or says
why it cannot. Refuses to know what a typed value is for.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.menu.pattern import Pattern
from gateway.outcome import Fact
from gateway.text.segments import ucs2_units

INPUT_LENGTH_MAX = 182  # one USSD string; a longer one did not come from a handset
KOPECKS = 100  # of a rouble, and points: one point is one kopeck

_DIGITS = re.compile(r"[0-9]+(-+[0-9]+)*")
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_AMOUNT = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")
WIDE = "Ж"
"""A letter that forces UCS-2, for texts in which anything may be typed."""


class Failure(StrEnum):
    """Why what was typed is not what was asked for."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True)
class Digits:
    """A number of so many digits: a code, an account. Kept as digits alone."""

    length_min: int
    length_max: int

    failures = (Failure.NOT_A_NUMBER, Failure.TOO_SHORT, Failure.TOO_LONG)

    def read(self, text: str) -> str | Failure:
        """`123-456` as `123456`."""
        key = normalised(text)
        if not _DIGITS.fullmatch(key):
            return Failure.NOT_A_NUMBER
        digits = key.replace("-", "")
        return _of_length(digits, len(digits), self.length_min, self.length_max)

    @property
    def longest(self) -> str:
        """The value that takes the most room."""
        return "9" * self.length_max


@dataclass(frozen=True, slots=True)
class Words:
    """A text of so many letters. Kept with single spaces; what no phone shows is left out."""

    length_min: int
    length_max: int

    failures = (Failure.TOO_SHORT, Failure.TOO_LONG)

    def read(self, text: str) -> str | Failure:
        """The text. A letter that takes two units of UCS-2, as an emoji does, counts twice."""
        kept = cleaned(text)
        return _of_length(kept, ucs2_units(kept), self.length_min, self.length_max)

    @property
    def longest(self) -> str:
        """The value that takes the most room: anything may be typed, so that it forces UCS-2."""
        return WIDE * self.length_max


@dataclass(frozen=True, slots=True)
class Matching:
    """A text of a given form, in any case. Kept as it was typed, without spaces at its ends."""

    pattern: Pattern

    failures = (Failure.NO_MATCH,)

    def read(self, text: str) -> str | Failure:
        """The text."""
        kept = cleaned(text)
        return kept if self.pattern.matches(kept) else Failure.NO_MATCH

    @property
    def longest(self) -> str:
        """The value that takes the most room."""
        return self.pattern.longest


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds."""

    least: int
    most: int

    failures = (Failure.NOT_A_NUMBER, Failure.OUT_OF_RANGE)

    def read(self, text: str) -> str | Failure:
        """`1 000` and `007` as `1000` and `7`."""
        key = normalised(text)
        if not _NUMBER.fullmatch(key):
            return Failure.NOT_A_NUMBER
        return str(int(key)) if self.least <= int(key) <= self.most else Failure.OUT_OF_RANGE

    @property
    def longest(self) -> int:
        """The value that takes the most room."""
        return max(self.least, self.most, key=lambda number: len(str(number)))


@dataclass(frozen=True, slots=True)
class Amount:
    """Roubles within bounds, with kopecks or without. Kept in kopecks, which are points."""

    least: int
    most: int
    """Both in kopecks."""

    failures = (Failure.NOT_A_NUMBER, Failure.OUT_OF_RANGE)

    def read(self, text: str) -> str | Failure:
        """`10`, `10,5` and `10.50` as `1000`, `1050` and `1050`."""
        found = _AMOUNT.fullmatch(normalised(text))
        if found is None:
            return Failure.NOT_A_NUMBER
        roubles, kopecks = found[1], (found[2] or "").ljust(2, "0")
        amount = int(roubles) * KOPECKS + int(kopecks)
        return str(amount) if self.least <= amount <= self.most else Failure.OUT_OF_RANGE

    @property
    def longest(self) -> int:
        """The value that takes the most room."""
        return self.most


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words, of any language. Kept as the value that the word stands for."""

    values: Mapping[str, str]
    """By each word, folded."""

    failures = (Failure.NO_MATCH,)

    def read(self, text: str) -> str | Failure:
        """`Да` as `yes`."""
        return self.values.get(folded(text), Failure.NO_MATCH)

    @property
    def longest(self) -> str:
        """The value that takes the most room."""
        return max(self.values.values(), key=len)


Reading = Digits | Words | Matching | Number | Amount | OneOf


@dataclass(frozen=True, slots=True)
class Input:
    """What may be typed: what the session calls it, what it must be, and what is said when it is not.

    `said` is by failure, then by language; what is not there is said as any wrong choice is.
    """

    name: str
    reading: Reading
    said: Mapping[Failure, Mapping[str, str]] = field(default_factory=dict)

    def read(self, text: str) -> str | Failure:
        """What the session keeps of a text, or why it keeps nothing."""
        return self.reading.read(text) if len(text) <= INPUT_LENGTH_MAX else Failure.TOO_LONG

    def fact(self, kept: str) -> Fact:
        """What was kept, as texts speak of it: a number can be counted."""
        return int(kept) if isinstance(self.reading, Number | Amount) else kept


def _of_length(value: str, length: int, length_min: int, length_max: int) -> str | Failure:
    if length < length_min:
        return Failure.TOO_SHORT
    return value if length <= length_max else Failure.TOO_LONG


def normalised(text: str) -> str:
    """An input as keys: full-width and other digits as ours, without spaces and a closing `#`. Empty if too long."""
    if len(text) > INPUT_LENGTH_MAX:
        return ""
    plain = "".join(text.split()).removesuffix("#")
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in plain)


def cleaned(text: str) -> str:
    """An input as words: letters composed, single spaces, and nothing that a phone would not show."""
    shown = "".join(letter for letter in unicodedata.normalize("NFC", text) if letter.isprintable() or letter.isspace())
    return " ".join(shown.split())


def folded(text: str) -> str:
    """An input as one of the words that were offered: any case, `е` for `ё`."""
    return cleaned(text).casefold().replace("ё", "е")
