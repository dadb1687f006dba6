"""Proves that whatever a call is made of was kept on every way to it, and that rows and options keep what there is.

Refuses to know what a value means to an action. A text never speaks of what was kept: facts live for one screen.
"""

from collections.abc import Iterator, Mapping

from gateway.datafile.findings import Finding, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.menu import graph
from gateway.menu.build import leads_to_points
from gateway.menu.checks import reach
from gateway.menu.document import Document
from gateway.menu.kept import KEPT_LENGTH_MAX, KEPT_MAX, written
from gateway.menu.source import CallSource, MenuSource, TextSource
from gateway.outcome import ActionSpec, Fact
from gateway.wording import Fault

Specs = Mapping[str, ActionSpec]


def check(document: Document, specs: Specs) -> Iterator[Finding]:
    """Every fault of what is kept; all of them are errors."""
    arrivals = reach.arrivals(document.source, specs)
    for name, screen in document.source.screens.items():
        if isinstance(screen, CallSource):
            yield from _asked(document, name, screen, specs)
        else:
            yield from _options(document, name, screen, arrivals.get(name, []))
            yield from _rows(document, name, screen, arrivals.get(name, []), specs)
    yield from _number(document)
    yield from _named_twice(document)


def _options(document: Document, name: str, screen: TextSource, arrivals: list[reach.Arrival]) -> Iterator[Finding]:
    for place, option in enumerate(screen.options):
        path = ("screens", name, "options", place, "keep")
        for at, fact in enumerate(option.keep):
            for arrival in arrivals:
                fault = _unkept(fact, arrival.facts, f"who comes {arrival.came_by}")
                if fault:
                    yield document.finding((*path, at), *fault)


def _rows(
    document: Document, name: str, screen: TextSource, arrivals: list[reach.Arrival], specs: Specs
) -> Iterator[Finding]:
    each = screen.each
    if each is None:
        return
    path = ("screens", name, "each")
    if each.keep and each.go is None:
        fault = "a row is chosen only where `go` says what follows"
        yield document.finding((*path, "keep"), Kind.KEPT_IN_VAIN, fault, "add `go`, or remove `keep`")
    for at, column in enumerate(each.keep):
        for arrival in arrivals:
            listed = arrival.facts.get(each.list)
            faults = [_unkept(column, row, "a row") for row in listed] if isinstance(listed, list) else []
            yield from (document.finding((*path, "keep", at), *told) for told in dict.fromkeys(faults) if told)
    if each.go is not None and leads_to_points(each.go, document.source, specs):
        yield document.finding(
            (*path, "go"),
            Kind.POINTS_UNASKED,
            "a row moves no points at once, since a repeated number would move them again",
            "lead it to a screen with an option that does",
        )


def _unkept(fact: str, facts: Mapping[str, Fact], who: str) -> Fault | None:
    """Why a fact cannot be kept, or None."""
    if fact not in facts:
        return Kind.KEPT_UNKNOWN, f"{who} brings no {fact!r}", choices(fact, sorted(facts), "no facts")
    if isinstance(facts[fact], list):
        return Kind.KEPT_UNKNOWN, f"{fact!r} is a list", "keep a field of the row that is chosen, in `each`"
    if written(facts[fact]) is None:
        long = f"{fact!r} may be {len(str(facts[fact]))} characters long, and {KEPT_LENGTH_MAX} are kept"
        return Kind.KEPT_TOO_LONG, long, "keep an id"
    return None


def _asked(document: Document, name: str, screen: CallSource, specs: Specs) -> Iterator[Finding]:
    for argument, value in screen.arguments.items():
        path = ("screens", name, "arguments", argument)
        kept = screen.asks.get(argument)
        if kept is None:
            yield from _misspelt(document, path, value)
            continue
        allowed = specs[screen.call].arguments.get(argument) if screen.call in specs else None
        if allowed:
            yield document.finding(
                path,
                Kind.ARGUMENT_VALUE,
                f"{screen.call!r} knows {' or '.join(allowed)}, and what was kept may be anything",
                "write one of these",
            )
        there_are = {each for way in _all_ways(document.source) for each in way.keeps}
        way = reach.way_without(document.source, name, kept)
        if kept not in there_are:
            yield document.finding(
                path, Kind.NEVER_KEPT, f"nothing keeps {kept!r}", choices(kept, sorted(there_are), "none")
            )
        elif way is not None:
            yield document.finding(
                path,
                Kind.NOT_KEPT_ON_A_WAY,
                f"who comes {way} has kept no {kept!r}",
                "keep it on that way, or ask for it before",
            )


def _misspelt(document: Document, path: Path, value: str | Mapping[str, str]) -> Iterator[Finding]:
    """Braces that would reach the action as they stand."""
    by_place = {path: value} if isinstance(value, str) else {(*path, key): each for key, each in value.items()}
    for place, text in by_place.items():
        if "{{" in text or "{%" in text:
            yield document.finding(
                place,
                Kind.ARGUMENT_VALUE,
                "is neither a plain text nor exactly one kept name",
                "write the name alone, as {{ gift_code }}",
            )


def _all_ways(source: MenuSource) -> Iterator[graph.Way]:
    yield from graph.openings(source)
    for name in source.screens:
        yield from graph.ways(source, name)


def _named_twice(document: Document) -> Iterator[Finding]:
    """One name stands for one thing: for what was typed, or for a fact."""
    for name in document.source.screens:
        for way in graph.ways(document.source, name):
            for kept in way.keeps if way.path[-2] != "input" else ():
                if kept in document.source.inputs:
                    told = f"{kept!r} is the name of an input too"
                    yield document.finding(way.path, Kind.NAME_TWICE, told, "give the input another name")


def _number(document: Document) -> Iterator[Finding]:
    kept: set[str] = set()
    for way in _all_ways(document.source):
        new = [name for name in way.keeps if name not in kept]
        kept.update(new)
        if new and len(kept) > KEPT_MAX:
            yield document.finding(
                way.path,
                Kind.KEPT_TOO_MANY,
                f"{new[-1]!r} is one name too many for a session to keep: {KEPT_MAX} are the most",
                "keep one name fewer, or use one name again",
            )
