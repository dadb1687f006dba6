"""Proves that rows, numbers, languages and actions fit together, and that no two rows are the same to who texts.

Refuses to know the answers' texts (`texts`) and lengths (`cost`).
"""

from collections.abc import Iterator, Mapping

from gateway.datafile.findings import Finding
from gateway.datafile.marked import Path
from gateway.outcome import ActionSpec
from gateway.sms.keywords import Form, spellings
from gateway.sms.route_table import Document
from gateway.sms.source import ANY, RowSource
from gateway.wording import mixture

Specs = Mapping[str, ActionSpec]


def check(document: Document, specs: Specs, languages: tuple[str, ...]) -> Iterator[Finding]:
    """Every fault of the rows; all of them are errors. `languages` are the programme's, the default first."""
    numbers = document.source.numbers
    for place, number in enumerate(numbers):
        if number in numbers[:place]:
            yield document.marks.finding(("numbers", place), f"{number} is listed twice: keep one")
    for place, row in enumerate(document.source.rows):
        at = ("rows", place)
        yield from _numbers(document, row, at)
        yield from _keywords(document, row, at, languages)
        yield from _call(document, row, at, specs)
    yield from _clashes(document)


def _numbers(document: Document, row: RowSource, at: Path) -> Iterator[Finding]:
    for number in document.source.numbers_of(row):
        if number not in document.source.numbers:
            yield document.marks.finding(
                (*at, "to"), f"{number} is not among our `numbers`: list it there, or name one that is"
            )
    if row.generous and row.to != ANY:
        yield document.marks.finding(
            (*at, "to"), "a generous row must be heard at every number, and not be suggested at some: write `to: any`"
        )


def _keywords(document: Document, row: RowSource, at: Path, languages: tuple[str, ...]) -> Iterator[Finding]:
    for language in languages:
        if language not in row.keywords:
            yield document.marks.finding((*at, "keywords", language), f"no keyword in {language!r}: write one")
    for language, keywords in row.keywords.items():
        if language not in languages:
            yield document.marks.finding(
                (*at, "keywords", language),
                f"the programme does not speak {language!r}: remove it, or list the language in programme.yaml",
            )
        for place, keyword in enumerate(keywords):
            for told in filter(None, map(mixture, keyword.split())):
                yield document.marks.finding((*at, "keywords", language, place), told)


def _call(document: Document, row: RowSource, at: Path, specs: Specs) -> Iterator[Finding]:
    if row.reply == ANY:
        yield document.marks.finding(
            (*at, "reply"), f"`{ANY}` begins the texts that all replies share: choose another name"
        )
    spec = specs.get(row.call)
    if spec is None:
        known = ", ".join(sorted(specs))
        yield document.marks.finding((*at, "call"), f"there is no action {row.call!r}; there are: {known}")
        return
    for argument in spec.arguments:
        if argument not in row.arguments:
            yield document.marks.finding((*at, "arguments", argument), f"{row.call!r} needs it: add a value")
    for argument, value in row.arguments.items():
        path = (*at, "arguments", argument)
        if argument not in spec.arguments:
            takes = ", ".join(spec.arguments) or "none"
            yield document.marks.finding(path, f"{row.call!r} takes no such argument; it takes: {takes}")
        elif spec.arguments[argument] and value not in spec.arguments[argument]:
            allowed = " or ".join(spec.arguments[argument])
            yield document.marks.finding(path, f"{row.call!r} does not know {value!r}: write {allowed}")


def _clashes(document: Document) -> Iterator[Finding]:
    """Keywords that one text to one number would mean both of. The same word of two languages may do the same."""
    heard: dict[tuple[str, Form, str], list[tuple[int, str, str]]] = {}
    for place, row in enumerate(document.source.rows):
        for language, keywords in row.keywords.items():
            for nth, keyword in enumerate(keywords):
                here = (place, language, keyword)
                marks = [
                    (number, form, key)
                    for number in document.source.numbers_of(row)
                    for form, key in spellings(keyword)
                    if form is not Form.WRITTEN  # what is written alike looks alike
                ]
                clashing = [
                    (number, other)
                    for number, form, key in marks
                    for other in heard.get((number, form, key), [])
                    if other[1] == language or not _same(row, document.source.rows[other[0]])
                ]
                for mark in marks:
                    heard.setdefault(mark, []).append(here)
                if clashing:
                    number, (first, _, word) = clashing[0]
                    yield document.marks.finding(
                        (*("rows", place, "keywords", language), nth),
                        f"{keyword!r} cannot be told from {word!r} of row {first + 1} in a text to {number}: keep one",
                    )


def _same(row: RowSource, other: RowSource) -> bool:
    return (row.call, row.arguments, row.reply) == (other.call, other.arguments, other.reply)
