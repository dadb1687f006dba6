"""What there is to draw of a menu, as values: a node for each screen, an arrow for each way, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.menu.checks.fit import Worst


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

    def leaving(self, name: str) -> tuple[Arrow, ...]:
        """The arrows that leave a screen, from top to bottom."""
        return tuple(arrow for arrow in self.arrows if arrow.source == name)
