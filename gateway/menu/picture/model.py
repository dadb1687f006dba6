"""What there is to draw of a menu, as values: a node for each screen, an arrow for each way, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.menu.checks.fit import Worst
from gateway.menu.naming import START


class Kind(StrEnum):
    """What a screen is to a subscriber. `MISSING` is named by an arrow, and not there."""

    SCREEN = "screen"
    CALL = "call"
    END = "end"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Dial:
    """What opens a screen: a dial string, of which printed ones are in `published.yaml`, or a push by its name."""

    text: str
    is_printed: bool
    way: str
    """What counts call it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One screen."""

    name: str
    kind: Kind
    says: Mapping[str, tuple[str, ...]]
    """By language: its lines, with facts in their places as `‹points›`; of a call, the action and its arguments."""
    worst: Mapping[str, Worst]
    """By language: the screen at its longest; empty where that is not measured."""
    dials: tuple[Dial, ...] = ()
    is_start: bool = False
    moves_points: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """One way from a screen: an option, a row, an input, an outcome."""

    source: str
    place: int
    """From the top, among the arrows that leave its screen."""
    target: str
    label: Mapping[str, str]
    """By language."""
    way: str
    """What counts call it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How many were shown a screen, and how many of them did not go on."""

    shown: int
    left: int

    @property
    def left_share(self) -> float:
        """From 0 to 1."""
        return min(self.left / self.shown, 1.0) if self.shown else 0.0


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of a menu. `marks_missed`: what nobody visited is marked; else it is shown how many went
    where."""

    ways: Mapping[str, int]
    screens: Mapping[str, Seen]
    marks_missed: bool
    version: str = ""

    def missed(self, way: str) -> bool:
        """Whether a way is to be marked as one that nobody took."""
        return self.marks_missed and not self.ways.get(way)

    def taken(self, way: str) -> int | None:
        """How often a way was taken, where that is shown."""
        return None if self.marks_missed else self.ways.get(way, 0)

    @property
    def most(self) -> int:
        """How often the busiest way was taken; at least 1."""
        return max(1, *self.ways.values()) if self.ways else 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole menu. Nodes stand as in the file, arrows as they leave their screens."""

    title: str
    version: str
    """The pack's digest: which menu sessions of this version walk."""
    languages: tuple[str, ...]
    start: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    counts: Counts | None = None

    def leaving(self, name: str) -> tuple[Arrow, ...]:
        """The arrows that leave a screen, from top to bottom."""
        return tuple(arrow for arrow in self.arrows if arrow.source == name)

    def missed(self, node: Node) -> bool:
        """Whether a screen is to be marked as one that nobody came to."""
        if self.counts is None or not self.counts.marks_missed:
            return False
        leading = [arrow.way for arrow in self.arrows if arrow.target == node.name]
        leading += [dial.way for dial in node.dials] + ([START] if node.is_start else [])
        return not any(self.counts.ways.get(way) for way in leading)
