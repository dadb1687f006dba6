"""Proves that texts say the same in every language, of facts that will be there, in one alphabet per word.

Refuses to know how long they are (`fit`).
"""

from collections.abc import Iterator, Mapping

from gateway.datafile.findings import Finding, choices
from gateway.datafile.kinds import Kind
from gateway.menu.checks import reach
from gateway.menu.document import Document, Place, places
from gateway.menu.model import ROW, TYPED
from gateway.menu.source import TextSource
from gateway.outcome import ActionSpec, Fact
from gateway.templates import Text, TextError, Vocabulary
from gateway.wording import different_facts, mixed_words, names


def check(document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Every fault of the texts' contents; all of them are errors."""
    spoken = [language for language in document.source.languages if language in vocabulary.languages]
    compilers = {language: vocabulary.compilers[language] for language in spoken}
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
                    yield document.finding((*place.path, language), Kind.TEMPLATE, _placed(error, source), "correct it")
        yield from (document.finding((*place.path, language), *fault) for language, fault in different_facts(texts))
        for language, text in texts.items():
            for found in mixed_words(text):
                path = (*place.path, language)
                yield document.finding(path, Kind.MIXED_ALPHABETS, str(found), found.advice, letters=found.letters)
        yield from _facts(document, place, texts, arrivals)
        yield from _typed(document, place, texts)


def _placed(error: TextError, source: str) -> str:
    return f"{error} (line {error.line} of the text)" if source.strip().count("\n") else str(error)


def _list(document: Document, name: str, wanted: str, arrivals: list[reach.Arrival]) -> Iterator[Finding]:
    for arrival in arrivals:
        rows = arrival.facts.get(wanted)
        if not isinstance(rows, list) or not rows:
            yield document.finding(
                ("screens", name, "each", "list"),
                Kind.LIST_UNKNOWN,
                f"who comes {arrival.came_by} brings no list {wanted!r}",
                choices(wanted, sorted(arrival.facts), "no facts"),
            )


def _facts(
    document: Document, place: Place, texts: Mapping[str, Text], arrivals: Mapping[str, list[reach.Arrival]]
) -> Iterator[Finding]:
    """A text may speak only of what every way to its screen brings."""
    ways = arrivals.get(place.screen, []) if place.screen else [reach.Arrival("without an action", {})]
    for language, text in texts.items():
        for arrival in ways:
            asked = {name for name in text.placeholders if name.partition(".")[0] != TYPED}
            unknown = sorted(name for name in asked if not _known(name, place, arrival.facts))
            if unknown:
                yield document.finding(
                    (*place.path, language),
                    Kind.FACT_UNKNOWN,
                    f"speaks of {', '.join(unknown)}, but who comes {arrival.came_by} brings {names(arrival.facts)}",
                    choices(unknown[0], sorted(_named(place, arrival.facts))),
                )


def _typed(document: Document, place: Place, texts: Mapping[str, Text]) -> Iterator[Finding]:
    """A text may speak of an input that was typed on every way to its screen."""
    inputs = document.source.inputs
    for language, text in texts.items():
        for name in sorted(name for name in text.placeholders if name.partition(".")[0] == TYPED):
            path, asked = (*place.path, language), name.partition(".")[2]
            if place.screen is None or asked not in inputs:
                told = f"speaks of {name}, and there is no input {asked!r} there"
                yield document.finding(path, Kind.FACT_UNKNOWN, told, choices(asked, list(inputs)))
            elif way := reach.way_without(document.source, place.screen, asked):
                yield document.finding(
                    path,
                    Kind.NOT_KEPT_ON_A_WAY,
                    f"speaks of {name}, but who comes {way} has typed no {asked!r}",
                    "ask for it on that way, or do not speak of it",
                )


def _named(place: Place, facts: Mapping[str, Fact]) -> Iterator[str]:
    """What a text may name there."""
    yield from facts
    rows = facts.get(place.row_of) if place.row_of is not None else None
    if isinstance(rows, list) and rows:
        yield from (f"{ROW}.{field}" for field in rows[0])


def _known(name: str, place: Place, facts: Mapping[str, Fact]) -> bool:
    owner, _, attribute = name.partition(".")
    if place.row_of is not None and owner == ROW:
        rows = facts.get(place.row_of)
        return bool(attribute) and isinstance(rows, list) and all(attribute in row for row in rows)
    return name in facts
