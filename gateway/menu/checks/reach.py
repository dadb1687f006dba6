"""Which screens a subscriber can come to, how deep, and with which facts.

Decides it from the file alone, by following every option and every outcome. Refuses to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.menu.source import CallSource, MenuSource
from gateway.outcome import ActionSpec, Fact

DEPTHS = 2  # at the start, one step away, deeper: navigation knows no more


@dataclass(frozen=True, slots=True)
class Arrival:
    """One way to come to a screen: from an outcome with its longest facts, or, with none, by a key or by dialling."""

    came_by: str
    facts: Mapping[str, Fact]


def depths(source: MenuSource) -> dict[str, int]:
    """The greatest depth of each screen that can be reached, counted as far as `DEPTHS`; others are missing."""
    found = dict.fromkeys(source.dial.values(), 1) | {source.start: 0}
    ahead = [name for name in found if name in source.screens]
    while ahead:
        name = ahead.pop()
        screen = source.screens[name]
        steps = screen.on.values() if isinstance(screen, CallSource) else (option.go for option in screen.options)
        depth = found[name] if isinstance(screen, CallSource) else min(found[name] + 1, DEPTHS)
        for target in steps:
            if target != source.start and target in source.screens and found.get(target, -1) < depth:
                found[target] = depth
                ahead.append(target)
    return found


def arrivals(source: MenuSource, specs: Mapping[str, ActionSpec]) -> dict[str, list[Arrival]]:
    """Every way to come to each screen that exists, from screens that can be reached."""
    reached = depths(source)
    found: dict[str, list[Arrival]] = {name: [] for name in reached}
    for name in {*source.dial.values(), source.start}:
        found[name].append(Arrival("by dialling", {}))
    for name in reached:
        screen = source.screens.get(name)
        if isinstance(screen, CallSource):
            outcomes = specs[screen.call].outcomes if screen.call in specs else {}
            for outcome, target in screen.on.items():
                if target in found and outcome in outcomes:
                    found[target].append(Arrival(f"after {screen.call}: {outcome}", outcomes[outcome]))
        elif screen is not None:
            for option in screen.options:
                if option.go in found:
                    found[option.go].append(Arrival(f"by {option.key} on {name}", {}))
    return found


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
