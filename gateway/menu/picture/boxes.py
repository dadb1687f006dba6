"""One screen of a picture as a box: what stands in it, and how large that makes it.

Decides sizes, in pixels: a box is as wide as its column, and has a line for each choice, from which its arrow leaves to
the right. So labels stand in boxes and never on arrows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from gateway.menu.checks.fit import Worst
from gateway.menu.picture.model import Arrow, Node, Picture
from gateway.menu.picture.words import cells, gauge_words, shortened, wrapped

CELL = 6.63
"""The width of a letter of the fixed-width font at 11 pixels: 0.602 em in DejaVu Sans Mono, the widest of the usual."""
ROOM_MAX = 28
ROOM_MIN = 16
"""Letters in a line."""
LINES_MAX = 4
AIM_MIN = 10
"""Letters of a long name that an arrow leads back to."""
PAD = 10
HEAD = 26
LINE = 15
GAUGE = 20
CHOICE = 19
TAG = 20
BAR = 46
GAUGE_CELL = 5.42
"""The bar of a gauge, and a letter of its words, which are of 9 pixels."""

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a box from which an arrow leaves; `y` is its middle. `aim` names the target of one that returns."""

    label: str
    y: int
    aim: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One screen, placed. `y` is the top of its dial strings, `top` that of the box below them."""

    node: Node
    rank: int
    x: int
    y: int
    width: int
    tags: tuple[str, ...]
    title: str
    lines: tuple[str, ...]
    worst: Worst | None
    choices: tuple[Choice, ...]

    @property
    def top(self) -> int:
        """Where the frame begins."""
        return self.y + TAG * len(self.tags)

    @property
    def gauge_y(self) -> int:
        """The top of the gauge."""
        return self.top + HEAD + LINE * len(self.lines) + (6 if self.lines else 0)

    @property
    def choices_y(self) -> int:
        """The top of the first choice."""
        return self.gauge_y + (GAUGE if self.worst else 0)

    @property
    def bottom(self) -> int:
        """Where the frame ends."""
        return self.choices_y + CHOICE * len(self.choices) + (4 if self.choices else 2)

    @property
    def height(self) -> int:
        """With its dial strings."""
        return self.bottom - self.y

    @property
    def right(self) -> int:
        """The right edge."""
        return self.x + self.width

    @property
    def door(self) -> Point:
        """Where arrows come in."""
        return self.x, self.top + HEAD // 2

    def moved(self, y: int) -> "Box":
        """The same box with its top there."""
        down = y - self.y
        return replace(self, y=y, choices=tuple(replace(one, y=one.y + down) for one in self.choices))


def width(room: int) -> int:
    return round(room * CELL) + 2 * PAD


def room_of(picture: Picture, rank: Mapping[str, int], column: Sequence[str], language: str) -> int:
    """How many letters the widest line of a column needs, within bounds; no gauge is ever shortened."""
    needed, gauges = [ROOM_MIN], [0]
    for node in picture.nodes:
        if node.name not in column:
            continue
        needed += [cells(node.name) + 4, *map(cells, node.says[language])]
        needed += [cells(dial.text) + 3 for dial in node.dials]
        for arrow in picture.leaving(node.name):
            aim = cells(arrow.target) + 4 if returns(arrow, rank) else 0
            needed.append(cells(arrow.label[language]) + 2 + aim)
        if language in node.worst:
            gauges.append(ceil((BAR + 8 + cells(gauge_words(node.worst[language])) * GAUGE_CELL) / CELL))
    return max(min(max(needed), ROOM_MAX), *gauges)


def returns(arrow: Arrow, rank: Mapping[str, int]) -> bool:
    """Whether an arrow leads anywhere but to the next column: to where one could come before, or as far."""
    return rank[arrow.target] != rank[arrow.source] + 1


def box_of(picture: Picture, node: Node, rank: Mapping[str, int], x: int, room: int, language: str) -> Box:
    """A box whose top is 0."""
    box = Box(
        node=node,
        rank=rank[node.name],
        x=x,
        y=0,
        width=width(room),
        tags=tuple(shortened(dial.text, room - 2) for dial in node.dials),
        title=shortened(node.name, room - 3),
        lines=wrapped(node.says[language], room, LINES_MAX),
        worst=node.worst.get(language),
        choices=(),
    )
    choices = []
    for place, arrow in enumerate(picture.leaving(node.name)):
        beside = min(cells(arrow.target), AIM_MIN) + 4 if returns(arrow, rank) else 2
        label = shortened(arrow.label[language], room - beside)
        aim = shortened(arrow.target, room - cells(label) - 4) if returns(arrow, rank) else ""
        choices.append(Choice(label, place, aim))
    ys = [CHOICE * place + CHOICE // 2 for place in range(len(choices))]
    started = replace(box, choices=tuple(choices)).choices_y
    return replace(box, choices=tuple(replace(one, y=started + y) for one, y in zip(choices, ys, strict=True)))
