"""Which screens a subscriber can come to, how deep, and with which facts.

Decides it from the file alone, by following every choice and every outcome. Refuses to judge.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.menu import who
from gateway.menu.graph import openings, ways
from gateway.menu.source import CallSource, MenuSource
from gateway.outcome import ActionSpec, Fact
from gateway.templates import Vocabulary

DEPTHS = 2  # at the start, one step away, deeper: navigation knows no more


@dataclass(frozen=True, slots=True)
class Arrival:
    """One way to come to a screen: from an outcome with its longest facts; by a choice, a push or dialling, with
    none."""

    came_by: str
    facts: Mapping[str, Fact]


def depths(source: MenuSource) -> dict[str, int]:
    """The greatest depth of each screen that can be reached, counted as far as `DEPTHS`; others are missing."""
    found = {way.target: 1 for way in openings(source)} | {source.start: 0}
    ahead = [name for name in found if name in source.screens]
    while ahead:
        name = ahead.pop()
        is_call = isinstance(source.screens[name], CallSource)
        deeper = found[name] if is_call else min(found[name] + 1, DEPTHS)
        for way in ways(source, name):
            depth = found[name] if way.is_instead else deeper
            if way.target != source.start and way.target in source.screens and found.get(way.target, -1) < depth:
                found[way.target] = depth
                ahead.append(way.target)
    return found


def arrivals(source: MenuSource, specs: Mapping[str, ActionSpec]) -> dict[str, list[Arrival]]:
    """Every way to come to each screen that exists, from screens that can be reached."""
    reached = depths(source)
    found: dict[str, list[Arrival]] = {name: [] for name in reached}
    for name in {*source.dial.values(), source.start}:
        found[name].append(Arrival("by dialling", {}))
    for name in {push.screen for push in source.pushes.values()}:
        found[name].append(Arrival("by a push", {}))
    for name in reached:
        screen = source.screens.get(name)
        outcomes = specs[screen.call].outcomes if isinstance(screen, CallSource) and screen.call in specs else {}
        for way in ways(source, name):
            if way.target in found and not way.is_instead and (way.outcome is None or way.outcome in outcomes):
                facts = {} if way.outcome is None else outcomes[way.outcome]
                found[way.target].append(Arrival(way.told, facts))
    return _with_instead(source, found)


def _with_instead(source: MenuSource, found: Mapping[str, list[Arrival]]) -> dict[str, list[Arrival]]:
    """Who sees another screen in place of one came as to that one, and knows the same."""
    every = {name: list(arrivals) for name, arrivals in found.items()}
    for name, arrivals in found.items():
        for way in ways(source, name):
            if way.is_instead and way.target in every:
                told = f"in place of {name}"
                every[way.target] += [Arrival(f"{one.came_by}, {told}", one.facts) for one in arrivals]
    return every


def askable(source: MenuSource, vocabulary: Vocabulary) -> Mapping[str, Fact]:
    """What conditions may ask of who dials, at its longest, beside the facts of the way."""
    return who.askable(source.pilots, vocabulary.segments, vocabulary.tiers)


def way_without(source: MenuSource, name: str, kept: str) -> str | None:
    """The shortest way to a screen on which the session does not keep `kept`; None when every way keeps it.

    The back key adds no ways: it leads to screens that were passed, and what was kept then still is. Coming to the
    start forgets everything, so the start is where ways begin.
    """
    first = [way for way in openings(source) if kept not in way.keeps]
    ahead: deque[tuple[str, tuple[str, ...]]] = deque((way.target, (way.told,)) for way in first)
    seen: set[str] = set()
    while ahead:
        here, so_far = ahead.popleft()
        if here == name:
            return ", then ".join(so_far)
        if here not in seen:
            seen.add(here)
            ahead += [(way.target, (*so_far, way.told)) for way in ways(source, here) if kept not in way.keeps]
    return None


def call_circles(source: MenuSource) -> set[str]:
    """Calls that can follow each other for ever without a screen between."""
    return {name for name in source.screens if name in _calls_after(name, source)}


def _calls_after(name: str, source: MenuSource) -> set[str]:
    after: set[str] = set()
    ahead = [name]
    while ahead:
        screen = source.screens.get(ahead.pop())
        if isinstance(screen, CallSource):
            new = set(screen.on.values()) - after
            after |= new
            ahead += new
    return after
