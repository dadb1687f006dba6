"""The rows of the keyword file as values: which words, to which numbers, do what.

Decides how a file becomes rows, and what the built-in operation `help` answers. Refuses to know how people spell
(`keywords`), and whether actions and texts exist (`lint`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gateway.datafile import languages, shape
from gateway.datafile.marked import Marked, Path
from gateway.outcome import ActionSpec
from gateway.sms.source import PATTERNS, TAKEN_DIGITS_MAX, TO_SHAPES, RowSource, SmsSource

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


def read(file: str, text: str, beside: Mapping[str, str] = languages.ALONE) -> Document:
    """The keywords in `text`, in the languages that files `beside` it add too; `file` is how findings call it. Raises
    `FaultyFileError` with every fault of shape."""
    marks = languages.read(file, text, beside)
    return Document(shape.validated(marks, SmsSource, "keyword file", PATTERNS, _path), marks)


def _path(loc: Path) -> Path:
    """The path of a fault in the file: without the shape of `to`, and the mark of a key."""
    if len(loc) > 3 and loc[2] == "to" and loc[3] in TO_SHAPES:
        loc = loc[:3] + loc[4:]
    return tuple(part for part in loc if part != "[key]")


@dataclass(frozen=True, slots=True)
class Digits:
    """A text of digits: which argument they are, how many there may be, and the words that may stand beside them."""

    name: str
    length_min: int
    length_max: int
    around: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One row in one language; a row of `digits` or an `answer` has none, and is said in the member's. The texts of its
    answer are named `<reply>.<outcome>`.

    `takes` names the argument that is the number after a keyword, of which `example` is one.
    """

    numbers: tuple[str, ...]
    language: str
    keywords: tuple[str, ...]
    call: str
    reply: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    generous: bool = False
    takes: str = ""
    example: str = ""
    digits: Digits | None = None
    answer: str = ""

    def does_the_same_as(self, other: "Route") -> bool:
        """Whether it is the same operation, said in another language perhaps."""
        return self._operation == other._operation

    @property
    def _operation(self) -> tuple[object, ...]:
        return self.call, self.arguments, self.takes, self.reply


@dataclass(frozen=True, slots=True)
class RouteTable:
    """All rows in the file's order. `help_limits` are pairs of seconds and how often one phone gets help in them,
    `answer_limits` how often it gets any other one answer."""

    numbers: tuple[str, ...]
    sender: str
    """From which we speak first."""
    routes: tuple[Route, ...]
    help_limits: tuple[tuple[int, int], ...]
    answer_limits: tuple[tuple[int, int], ...]


def table(source: SmsSource) -> RouteTable:
    """The rows of a file, one for each language that a row speaks."""
    routes = tuple(route for row in source.rows for route in _routes(source, row))
    limits = ((TEN_MINUTES_S, source.help.per_10_minutes), (DAY_S, source.help.per_day))
    answers = ((TEN_MINUTES_S, source.answers.per_10_minutes), (DAY_S, source.answers.per_day))
    return RouteTable(source.numbers, source.sender or source.numbers[0], routes, limits, answers)


def _routes(source: SmsSource, row: RowSource) -> Iterator[Route]:
    said = Route(
        source.numbers_of(row),
        "",
        (),
        row.call,
        row.reply or row.call,
        row.arguments,
        row.generous,
        row.takes or "",
        str(row.example),
        _digits(row),
        row.answer or "",
    )
    if not row.keywords:
        yield said
    for language, keywords in row.keywords.items():
        yield replace(said, language=language, keywords=keywords)


def _digits(row: RowSource) -> Digits | None:
    if row.digits is None:
        return None
    around = tuple(word for words in row.around.values() for word in words)
    return Digits(row.digits.name, row.digits.length_min, row.digits.length_max, around)


def help_spec(source: SmsSource, language: str) -> ActionSpec:
    """`HELP` at its longest in one language: a keyword is suggested in its own, with the number that it takes."""
    keywords = [
        f"{word} {'9' * TAKEN_DIGITS_MAX}" if row.takes else word
        for row in source.rows
        for word in row.keywords.get(language, ())
    ]
    longest = {"keyword": max(keywords, key=len, default=""), "number": max(source.numbers, key=len)}
    return replace(HELP, outcomes={SHOWN: {}, SUGGESTED: longest})
