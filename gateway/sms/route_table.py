"""The rows of the keyword file as values: which words, to which numbers, do what.

Decides how a file becomes rows, and what the built-in operation `help` answers. Refuses to know how people spell
(`keywords`), and whether actions and texts exist (`lint`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.datafile import marked, shape
from gateway.datafile.marked import Marked, Path
from gateway.outcome import ActionSpec
from gateway.sms.source import PATTERNS, TO_SHAPES, SmsSource

SHOWN = "shown"
SUGGESTED = "suggested"
HELP = ActionSpec("help", {SHOWN: {}, SUGGESTED: {"keyword": "", "number": ""}})
"""The operation of a text that no keyword fits, and of the keyword that asks for it. Not a verb: it moves nothing and
reads nobody. How long its facts get is a matter of the file (`help_spec`)."""

TEN_MINUTES_S = 600
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Document:
    """A keyword file that has been read: its shape is right, and every part still knows its line."""

    source: SmsSource
    marks: Marked


def read(file: str, text: str) -> Document:
    """The keywords in `text`; `file` is how findings call it. Raises `FaultyFileError` with every fault of shape."""
    marks = marked.read(file, text)
    return Document(shape.validated(marks, SmsSource, "keyword file", PATTERNS, _path), marks)


def _path(loc: Path) -> Path:
    """The path of a fault in the file: without the shape of `to`, and the mark of a key."""
    if len(loc) > 3 and loc[2] == "to" and loc[3] in TO_SHAPES:
        loc = loc[:3] + loc[4:]
    return tuple(part for part in loc if part != "[key]")


@dataclass(frozen=True, slots=True)
class Route:
    """One row in one language. The texts of its answer are named `<reply>.<outcome>`."""

    numbers: tuple[str, ...]
    language: str
    keywords: tuple[str, ...]
    call: str
    reply: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    generous: bool = False

    def does_the_same_as(self, other: "Route") -> bool:
        """Whether it is the same operation, said in another language perhaps."""
        return (self.call, self.arguments, self.reply) == (other.call, other.arguments, other.reply)


@dataclass(frozen=True, slots=True)
class RouteTable:
    """All rows in the file's order. `help_limits` are pairs of seconds and how often one phone gets help in them,
    `answer_limits` how often it gets any other one answer."""

    numbers: tuple[str, ...]
    routes: tuple[Route, ...]
    help_limits: tuple[tuple[int, int], ...]
    answer_limits: tuple[tuple[int, int], ...]


def table(source: SmsSource) -> RouteTable:
    """The rows of a file, one for each language that a row speaks."""
    routes = tuple(
        Route(source.numbers_of(row), language, keywords, row.call, row.reply or row.call, row.arguments, row.generous)
        for row in source.rows
        for language, keywords in row.keywords.items()
    )
    limits = ((TEN_MINUTES_S, source.help.per_10_minutes), (DAY_S, source.help.per_day))
    answers = ((TEN_MINUTES_S, source.answers.per_10_minutes), (DAY_S, source.answers.per_day))
    return RouteTable(source.numbers, routes, limits, answers)


def help_spec(source: SmsSource, language: str) -> ActionSpec:
    """`HELP` at its longest in one language: a keyword is suggested in its own."""
    keywords = [word for row in source.rows for word in row.keywords.get(language, ())]
    longest = {"keyword": max(keywords, key=len, default=""), "number": max(source.numbers, key=len)}
    return replace(HELP, outcomes={SHOWN: {}, SUGGESTED: longest})
