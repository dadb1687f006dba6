"""The menu as a graph: its arrows, as the file has them. Who walks it (`checks.reach`) and who draws it (`picture`)
have this one idea of it.

Decides what counts as a way from screen to screen. The navigation keys are none: they lead where somebody was.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.datafile.marked import Path
from gateway.menu.chart import Chart, ChartedScreen, ChartedWay
from gateway.menu.document import Document
from gateway.menu.model import dial_parts
from gateway.menu.naming import START, dialled_name, push_name, way_name
from gateway.menu.source import CallSource, MenuSource, TextSource, dialled_input


@dataclass(frozen=True, slots=True)
class Way:
    """One arrow of the menu. `path` is where the file names its target, `keeps` what the session keeps on it."""

    path: Path
    told: str
    target: str
    keeps: tuple[str, ...] = ()
    outcome: str | None = None
    is_instead: bool = False
    """Nobody goes it: the target is what some see in place of the screen."""

    @property
    def name(self) -> str:
        """What the engine calls it when somebody takes it (`State.taken`)."""
        match self.path:
            case ("dial", str(dialled)):
                return dialled_name(dial_parts(dialled))
            case ("pushes", str(push), *_):
                return push_name(push)
            case ("start",):
                return START
            case _:
                return way_name(self.path)


def ways(source: MenuSource, name: str) -> Iterator[Way]:
    """Every arrow that leaves a screen; none of a screen that is not there."""
    screen = source.screens.get(name)
    path = ("screens", name)
    if isinstance(screen, CallSource):
        for outcome, target in screen.on.items():
            yield Way((*path, "on", outcome), f"after {screen.call}: {outcome}", target, outcome=outcome)
    elif screen is not None:
        yield from _choices(screen, name, path)


def _choices(screen: TextSource, name: str, path: Path) -> Iterator[Way]:
    for place, other in enumerate(screen.instead):
        told = f"in place of {name}, when {other.when}"
        yield Way((*path, "instead", place, "show"), told, other.show, is_instead=True)
    for place, option in enumerate(screen.options):
        yield Way((*path, "options", place, "go"), f"by {option.key} on {name}", option.go, option.keep)
    if screen.each is not None and screen.each.go is not None:
        yield Way((*path, "each", "go"), f"by a row on {name}", screen.each.go, screen.each.keep)
    if screen.input is not None:
        asked = screen.input
        yield Way((*path, "input", "go"), f"by typing {asked.name} on {name}", asked.go, (asked.name,))


def openings(source: MenuSource) -> Iterator[Way]:
    """Every way into the menu: dial strings, pushes, and the start, which any other string and the home key lead to."""
    for dialled, target in source.dial.items():
        name = dialled_input(dialled)
        yield Way(("dial", dialled), f"by dialling {dialled}", target, () if name is None else (name,))
    for name, push in source.pushes.items():
        yield Way(("pushes", name, "screen"), f"by the push {name}", push.screen)
    yield Way(("start",), "by the home key", source.start)


def all_ways(source: MenuSource) -> Iterator[Way]:
    """Every way into the menu, then every arrow, in the order of the file."""
    yield from openings(source)
    for name in source.screens:
        yield from ways(source, name)


def chart_of(document: Document) -> Chart:
    """The map of a menu file. What was written out of a fragment stands where the file has it."""
    source, marks = document.source, document.marks
    return Chart(
        tuple(ChartedScreen(name, marks.line(("screens", name))) for name in source.screens),
        tuple(
            ChartedWay(way.name, way.told, way.target, marks.line(marks.origin(way.path))) for way in all_ways(source)
        ),
    )
