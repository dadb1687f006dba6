"""Proves that no text to one number means two rows: words that look or sound alike, and digits of one length.

A keyword with a number after it is another text than the keyword alone, so two rows may share it. Refuses to know what
rows do, but that one word of two languages may do the same.
"""

from collections.abc import Iterator
from itertools import combinations

from gateway.datafile.findings import Finding
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.sms import digits
from gateway.sms.keywords import Form, spellings
from gateway.sms.route_table import Document
from gateway.sms.source import TAKEN_DIGITS_MAX, RowSource, SmsSource

Mark = tuple[str, bool, Form, str]
"""What a text is recognised by: the number that hears it, whether a number follows, and one spelling."""


def check(document: Document) -> Iterator[Finding]:
    """Every pair of rows of which the second could not be told from the first."""
    yield from _words(document)
    yield from _stems(document)
    yield from _digits(document)


def _words(document: Document) -> Iterator[Finding]:
    heard: dict[Mark, list[tuple[int, str, str]]] = {}
    for place, row in enumerate(document.source.rows):
        for key, language, nth, word in _said(row):
            marks = _marks(document.source, row, word, numbered=row.takes is not None or row.digits is not None)
            clashing = [
                (mark, other)
                for mark in marks
                for other in heard.get(mark, [])
                if other[1] == language or not _same(row, document.source.rows[other[0]])
            ]
            for mark in marks:
                heard.setdefault(mark, []).append((place, language, word))
            if clashing:
                (number, *_), (first, _, other_word) = clashing[0]
                path: Path = ("rows", place, key, language, nth)
                yield document.marks.finding(
                    path,
                    Kind.KEYWORDS_ALIKE,
                    f"{word!r} cannot be told from {other_word!r} of row {first + 1} in a text to {number}",
                    "keep one",
                )


def _said(row: RowSource) -> Iterator[tuple[str, str, int, str]]:
    """The words of a row: under which key, in which language, the how manieth."""
    for key, by_language in (("keywords", row.keywords), ("around", row.around)):
        for language, words in by_language.items():
            for nth, word in enumerate(words):
                yield key, language, nth, word


def _marks(source: SmsSource, row: RowSource, word: str, *, numbered: bool) -> list[Mark]:
    """What is written alike looks alike, so that form is left out. Words around digits too many for a keyword's number
    are no rivals of a keyword."""
    if row.digits and row.digits.length_min > TAKEN_DIGITS_MAX:
        return []
    return [
        (number, numbered, form, key)
        for number in source.numbers_of(row)
        for form, key in spellings(word)
        if form is not Form.WRITTEN
    ]


def _stems(document: Document) -> Iterator[Finding]:
    """Keywords that end with a number, as `Бонус 2`, and so are one that takes a number."""
    source = document.source
    taking = {
        mark: (place, word)
        for place, row in enumerate(source.rows)
        if row.takes
        for *_, word in _said(row)
        for mark in _marks(source, row, word, numbered=True)
    }
    for place, row in enumerate(source.rows):
        for key, language, nth, word in _said(row) if not row.takes else ():
            stem = digits.stretch(word)
            stems = _marks(source, row, stem.before, numbered=True) if stem and stem.number and not stem.after else []
            if rival := next((taking[mark] for mark in stems if mark in taking), None):
                yield document.marks.finding(
                    ("rows", place, key, language, nth),
                    Kind.KEYWORDS_ALIKE,
                    f"{word!r} is {rival[1]!r} of row {rival[0] + 1} with its number",
                    "change one of them",
                )


def _same(row: RowSource, other: RowSource) -> bool:
    return (row.call, row.arguments, row.takes, row.reply) == (other.call, other.arguments, other.takes, other.reply)


def _digits(document: Document) -> Iterator[Finding]:
    rows = [(place, row) for place, row in enumerate(document.source.rows) if row.digits or row.answer]
    for (first, row), (second, other) in combinations(rows, 2):
        shared = sorted(set(document.source.numbers_of(row)) & set(document.source.numbers_of(other)))
        if shared and (told := _alike(row, other)):
            key = "digits" if other.digits else "answer"
            yield document.marks.finding(
                ("rows", second, key),
                Kind.INPUTS_ALIKE,
                f"{told} would mean this row and row {first + 1} in a text to {shared[0]}",
                "change one of them",
            )


def _alike(row: RowSource, other: RowSource) -> str:
    """Which texts are both rows'. An answer of two digits is as long as a code of two."""
    if row.answer and other.answer:
        return f"the answer {row.answer!r}" if row.answer == other.answer else ""
    lengths = max(_lengths(row)[0], _lengths(other)[0]), min(_lengths(row)[1], _lengths(other)[1])
    return f"a text of digits, {lengths[0]} of them," if lengths[0] <= lengths[1] else ""


def _lengths(row: RowSource) -> tuple[int, int]:
    if row.digits:
        return row.digits.length_min, row.digits.length_max
    return len(row.answer or ""), len(row.answer or "")
