"""What a check found, at the place where a person must edit: what is wrong there, how large it is, what to write."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from gateway.datafile.kinds import Kind
from gateway.errors import ConfigurationError

SHOWN_MAX = 60
"""Characters of a text of another language, beside the place where it is missing in one."""
NEAR = 0.6
"""How alike two words are of which one is taken for a slip of the other; 1 is the same word."""


class Severity(StrEnum):
    """An error keeps a pack from being served; a warning is a person's decision."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured, in units of `encoding`, and how many there may be; `profile` names whose limit it is."""

    length: int
    limit: int
    encoding: str
    profile: str = ""

    def __str__(self) -> str:
        return f"{self.length}/{self.limit} {self.encoding}"

    @property
    def excess(self) -> int:
        """By how many units it is too long."""
        return max(0, self.length - self.limit)


@dataclass(frozen=True, slots=True)
class Letter:
    """A character to blame. `position` counts from 1 in what was measured, or in the word."""

    letter: str
    position: int


@dataclass(frozen=True, slots=True)
class Use:
    """Where a file uses what is written elsewhere in it."""

    line: int
    key: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `key` is the path of keys in the file, joined by dots: `screens.home_menu.text.ru`.

    `message` says what is wrong, `advice` what to write. `size` and `letters` are there where a length is at fault,
    `used` where a fragment is, of which this use shows it.
    """

    file: str
    line: int
    key: str
    kind: Kind
    message: str
    advice: str = ""
    severity: Severity = Severity.ERROR
    size: Size | None = None
    letters: tuple[Letter, ...] = ()
    used: Use | None = None

    def __str__(self) -> str:
        place = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}: {self.severity}: {place}{self.told}"

    @property
    def told(self) -> str:
        """The fault and what to do about it, in one line."""
        return f"{self.where}: {self.advice}" if self.advice else self.where

    @property
    def where(self) -> str:
        """The fault, with the use that shows it."""
        return f"{self.message} (used on line {self.used.line}, {self.used.key})" if self.used else self.message


class FaultyFileError(ConfigurationError):
    """A file of a pack that cannot be served. `findings` holds each fault; the message is all of them, a line each."""

    code = "faulty_file"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


def choices(word: str, known: Collection[str], none: str = "none") -> str:
    """What to write in place of a word that nobody knows: the nearest that is known, and what else there is."""
    near = get_close_matches(word, known, 1, NEAR)
    there_are = f"there are: {', '.join(known) or none}"
    return f"did you mean {near[0]!r}? {there_are}" if near else there_are


def to_be_said(spoken: Mapping[str, object]) -> str:
    """What to write where a text is missing in a language: what the first of the others says, on one line."""
    texts = [text for text in spoken.values() if isinstance(text, str)]
    said = " ".join(texts[0].split()) if texts else ""
    shown = said if len(said) <= SHOWN_MAX else said[: SHOWN_MAX - 1] + "…"
    return f"write what the others say: {shown}" if shown else "write one"
