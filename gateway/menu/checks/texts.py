"""Proves that texts say the same in every language, of facts that will be there, in one alphabet per word.

Refuses to know how long they are (`fit`).
"""

import re
from collections.abc import Iterator, Mapping

from gateway.datafile.findings import Finding
from gateway.menu.checks import reach
from gateway.menu.document import Document, Place, places
from gateway.menu.model import ROW
from gateway.menu.source import TextSource
from gateway.outcome import ActionSpec, Fact
from gateway.templates import Compiler, Text, TextError, Vocabulary

_WORD = re.compile(r"[^\W\d_]+")
LOOK_ALIKES: Mapping[str, str] = dict(zip("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху", strict=True))
"""Latin letters that a reader takes for the Cyrillic ones beside them."""
CYRILLIC_LOOK_ALIKES = frozenset(LOOK_ALIKES.values())


def check(document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Every fault of the texts' contents; all of them are errors."""
    spoken = [language for language in document.source.languages if language in vocabulary.languages]
    compilers = {language: Compiler(vocabulary, language) for language in spoken}
    arrivals = reach.arrivals(document.source, specs)
    for name, screen in document.source.screens.items():
        if isinstance(screen, TextSource) and screen.each is not None:
            yield from _list(document, name, screen.each.list, arrivals.get(name, []))
    for place in places(document.source):
        texts: dict[str, Text] = {}
        for language, source in place.text.items():
            if language in compilers:
                try:
                    texts[language] = compilers[language].compile(source)
                except TextError as error:
                    yield document.finding((*place.path, language), _placed(error, source))
        yield from _same_placeholders(document, place, texts)
        yield from _mixed_words(document, place, texts)
        yield from _facts(document, place, texts, arrivals)


def _placed(error: TextError, source: str) -> str:
    return f"{error} (line {error.line} of the text)" if source.strip().count("\n") else str(error)


def _same_placeholders(document: Document, place: Place, texts: Mapping[str, Text]) -> Iterator[Finding]:
    languages = list(texts)
    for language in languages[1:]:
        here, there = texts[language].placeholders, texts[languages[0]].placeholders
        if here != there:
            names = ", ".join(sorted(here ^ there))
            yield document.finding(
                (*place.path, language), f"{language!r} and {languages[0]!r} do not speak of the same facts: {names}"
            )


def _mixed_words(document: Document, place: Place, texts: Mapping[str, Text]) -> Iterator[Finding]:
    for language, text in texts.items():
        for stretch in text.words:
            for word in _WORD.findall(stretch):
                stray = stray_letters(word)
                if stray:
                    letters = ", ".join(f"{letter!r} at letter {at}" for at, letter in stray)
                    alphabet = "Latin" if stray[0][1] in LOOK_ALIKES else "Cyrillic"
                    yield document.finding(
                        (*place.path, language), f"{word!r} mixes alphabets: {letters} is {alphabet}; type it again"
                    )


def stray_letters(word: str) -> list[tuple[int, str]]:
    """The letters of the other alphabet that only look right, with their places from 1.

    `БOНУC` has two. `SIMка` has none: its Latin part is no slip, since S, I and M could not pass for Cyrillic.
    """
    latin = [(at, letter) for at, letter in enumerate(word, 1) if letter.isascii()]
    cyrillic = [(at, letter) for at, letter in enumerate(word, 1) if "\u0400" <= letter <= "\u04ff"]
    if not latin or not cyrillic:
        return []
    latin_passes = all(letter in LOOK_ALIKES for _, letter in latin)
    cyrillic_passes = all(letter in CYRILLIC_LOOK_ALIKES for _, letter in cyrillic)
    if latin_passes and not (cyrillic_passes and len(cyrillic) < len(latin)):
        return latin
    return cyrillic if cyrillic_passes else []


def _list(document: Document, name: str, wanted: str, arrivals: list[reach.Arrival]) -> Iterator[Finding]:
    for arrival in arrivals:
        rows = arrival.facts.get(wanted)
        if not isinstance(rows, list) or not rows:
            yield document.finding(
                ("screens", name, "each", "list"),
                f"who comes {arrival.came_by} brings no list {wanted!r}; there is: {_names(arrival.facts)}",
            )


def _facts(
    document: Document, place: Place, texts: Mapping[str, Text], arrivals: Mapping[str, list[reach.Arrival]]
) -> Iterator[Finding]:
    """A text may speak only of what every way to its screen brings."""
    ways = arrivals.get(place.screen, []) if place.screen else [reach.Arrival("without an action", {})]
    for language, text in texts.items():
        for arrival in ways:
            unknown = sorted(name for name in text.placeholders if not _known(name, place, arrival.facts))
            if unknown:
                yield document.finding(
                    (*place.path, language),
                    f"speaks of {', '.join(unknown)}, but who comes {arrival.came_by} brings {_names(arrival.facts)}",
                )


def _known(name: str, place: Place, facts: Mapping[str, Fact]) -> bool:
    owner, _, attribute = name.partition(".")
    if place.row_of is not None and owner == ROW:
        rows = facts.get(place.row_of)
        return bool(attribute) and isinstance(rows, list) and all(attribute in row for row in rows)
    return name in facts


def _names(facts: Mapping[str, Fact]) -> str:
    return ", ".join(sorted(facts)) or "no facts"
