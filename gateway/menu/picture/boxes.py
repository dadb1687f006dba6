"""One screen of a picture as a box: what stands in it, and how large that makes it.

Decides sizes, in pixels: a box is as wide as its column, and has a line for each choice, from which its arrow leaves to
the right. So labels stand in boxes and never on arrows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from gateway.menu.checks.fit import Worst
from gateway.menu.picture.model import Arrow, Dial, Node, Picture, Seen
from gateway.menu.picture.words import cells, gauge_words, left_words, short_number, shortened, wrapped

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
MISSED = "✗"
"""Before what nobody visited."""
GAUGE_CELL = 5.42
"""The bar of a gauge, and a letter of its words, which are of 9 pixels."""

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a box from which an arrow leaves; `y` is its middle. `aside` says how many took it, and names the
    target of one that returns."""

    label: str
    y: int
    aside: str = ""
    returns: bool = False


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
    seen: Seen | None = None
    """How many saw it and left, where that is shown."""
    missed: bool = False
    """Whether it is marked as one that nobody came to."""

    @property
    def top(self) -> int:
        """Where the frame begins."""
        return self.y + TAG * len(self.tags)

    @property
    def gauge_y(self) -> int:
        """The top of the gauge."""
        return self.top + HEAD + LINE * len(self.lines) + (6 if self.lines else 0)

    @property
    def left_y(self) -> int:
        """The top of the bar of those who left."""
        return self.gauge_y + (GAUGE if self.worst else 0)

    @property
    def choices_y(self) -> int:
        """The top of the first choice."""
        return self.left_y + (GAUGE if self.seen else 0)

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
        needed += [cells(_dialled(picture, dial)) + 3 for dial in node.dials]
        for arrow in picture.leaving(node.name):
            aim = cells(arrow.target) + 4 if returns(arrow, rank) else 0
            needed.append(cells(_marked(picture, arrow, language)) + 2 + aim + cells(_count(picture, arrow)) + 1)
        beside_bars = [gauge_words(node.worst[language])] if language in node.worst else []
        if seen := _seen(picture, node):
            beside_bars.append(left_words(seen))
        gauges += [ceil((BAR + 8 + cells(words) * GAUGE_CELL) / CELL) for words in beside_bars]
    return max(min(max(needed), ROOM_MAX), *gauges)


def returns(arrow: Arrow, rank: Mapping[str, int]) -> bool:
    """Whether an arrow leads anywhere but to the next column: to where one could come before, or as far."""
    return rank[arrow.target] != rank[arrow.source] + 1


def box_of(picture: Picture, node: Node, rank: Mapping[str, int], x: int, room: int, language: str) -> Box:
    """A box whose top is 0."""
    missed = picture.missed(node)
    box = Box(
        node=node,
        rank=rank[node.name],
        x=x,
        y=0,
        width=width(room),
        tags=tuple(shortened(_dialled(picture, dial), room - 2) for dial in node.dials),
        title=shortened(f"{MISSED} {node.name}" if missed else node.name, room - 3),
        lines=wrapped(node.says[language], room, LINES_MAX),
        worst=node.worst.get(language),
        choices=(),
        seen=_seen(picture, node),
        missed=missed,
    )
    choices = [_choice(picture, arrow, rank, room, language) for arrow in picture.leaving(node.name)]
    ys = [CHOICE * place + CHOICE // 2 for place in range(len(choices))]
    started = replace(box, choices=tuple(choices)).choices_y
    return replace(box, choices=tuple(replace(one, y=started + y) for one, y in zip(choices, ys, strict=True)))


def _choice(picture: Picture, arrow: Arrow, rank: Mapping[str, int], room: int, language: str) -> Choice:
    count, goes_back = _count(picture, arrow), returns(arrow, rank)
    beside = (min(cells(arrow.target), AIM_MIN) + 4 if goes_back else 2) + (cells(count) + 1 if count else 0)
    label = shortened(_marked(picture, arrow, language), room - beside)
    if not goes_back:
        return Choice(label, arrow.place, count)
    aim = shortened(arrow.target, room - cells(label) - 4 - (cells(count) + 1 if count else 0))
    return Choice(label, arrow.place, f"{count} ↩ {aim}".lstrip(), returns=True)


def _marked(picture: Picture, arrow: Arrow, language: str) -> str:
    return _if_missed(picture, arrow.way, arrow.label[language])


def _if_missed(picture: Picture, way: str, label: str) -> str:
    """The label of a way, marked where nobody took it."""
    return f"{MISSED} {label}" if picture.counts is not None and picture.counts.missed(way) else label


def _count(picture: Picture, one: Arrow | Dial) -> str:
    """How many took a way, where that is shown."""
    taken = None if picture.counts is None else picture.counts.taken(one.way)
    return "" if taken is None else short_number(taken)


def _dialled(picture: Picture, dial: Dial) -> str:
    """What opens a screen, as its tag says it."""
    text, count = _if_missed(picture, dial.way, dial.text), _count(picture, dial)
    return f"{text} ×{count}" if count else text


def _seen(picture: Picture, node: Node) -> Seen | None:
    counts = picture.counts
    return None if counts is None or counts.marks_missed else counts.screens.get(node.name)
