"""A menu file that has been read: its shape is right, and every part still knows its line.

Decides how faults of shape are said to a person. Refuses to judge whether the screens work together (`checks`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.datafile import languages, shape
from gateway.datafile.findings import Finding, Letter, Severity, Size
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Marked, Path
from gateway.menu.expand import expanded
from gateway.menu.parts import PATTERNS
from gateway.menu.source import ARGUMENT_SHAPES, SCREEN_SHAPES, MenuSource, TextSource


@dataclass(frozen=True, slots=True)
class Document:
    """A menu file, and where its parts stand."""

    source: MenuSource
    marks: Marked
    idle: tuple[Finding, ...] = ()
    """Of fragments that nothing uses."""

    def finding(
        self,
        path: Path,
        kind: Kind,
        message: str,
        advice: str,
        *,
        severity: Severity = Severity.ERROR,
        size: Size | None = None,
        letters: tuple[Letter, ...] = (),
    ) -> Finding:
        """A finding at `path`, which need not exist: the line is then that of what should hold it."""
        return self.marks.finding(path, kind, message, advice, severity=severity, size=size, letters=letters)


def read(file: str, text: str, beside: Mapping[str, str] = languages.ALONE) -> Document:
    """The menu in `text`, in the languages that files `beside` it add too; `file` is how findings call it. Raises
    `FaultyFileError` with every fault of shape."""
    marks, idle = expanded(languages.read(file, text, beside))
    return Document(shape.validated(marks, MenuSource, "menu", PATTERNS, _path), marks, idle)


def _path(loc: Path) -> Path:
    """The path of a fault in the file: without the kinds of a screen and of an argument, and the mark of a key."""
    if len(loc) > 2 and loc[0] == "screens" and loc[2] in SCREEN_SHAPES:
        loc = loc[:2] + loc[3:]
    if len(loc) > 4 and loc[2] == "arguments" and loc[4] in ARGUMENT_SHAPES:
        loc = loc[:4] + loc[5:]
    return tuple(part for part in loc if part != "[key]")


@dataclass(frozen=True, slots=True)
class Place:
    """A text of the file, in all its languages. `screen` is None for what is said outside the screens."""

    path: Path
    text: Mapping[str, str]
    screen: str | None = None
    row_of: str | None = None
    """The list that the text is a row of."""


def places(source: MenuSource) -> Iterator[Place]:
    """Every text that a subscriber may read, in the order of the file."""
    for name, key in (("back", source.keys.back), ("home", source.keys.home), ("next", source.keys.next)):
        yield Place(("keys", name, "text"), key.text)
    for name, words in source.messages.said.items():
        yield Place(("messages", name), words)
    for name, asked in source.inputs.items():
        for failure, said in asked.failures.items():
            yield Place(("inputs", name, "failures", failure.value), said)
    if source.resume is not None and source.resume.question is not None:
        yield Place(("resume", "question"), source.resume.question)
        for name, answer in source.resume.answers.items():
            yield Place(("resume", name, "text"), answer.text)
    for name, screen in source.screens.items():
        if isinstance(screen, TextSource):
            yield from _screen_places(name, screen)


def _screen_places(name: str, screen: TextSource) -> Iterator[Place]:
    yield Place(("screens", name, "text"), screen.text, name)
    if screen.each is not None:
        yield Place(("screens", name, "each", "text"), screen.each.text, name, screen.each.list)
    for place, option in enumerate(screen.options):
        yield Place(("screens", name, "options", place, "text"), option.text, name)
