"""Into which column of a picture each screen goes, and where in it.

Decides the column by the shortest way from the start, so that what a subscriber reaches in three steps stands in the
third; screens that only a dial string opens begin at the left edge too. Decides the order in a column by barycentre
(K. Sugiyama, S. Tagawa, M. Toda, 1981): each screen stands near the middle of its neighbours, and of the orders that
were passed the one with the fewest crossings wins. Refuses to know sizes.
"""

from bisect import bisect_right, insort
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from itertools import pairwise

from gateway.menu.picture.model import Arrow, Picture

SWEEPS = 8
"""There and back; menus settle after two or three."""

Column = list[str]
Exits = Mapping[tuple[str, int], float]


def ranks(picture: Picture) -> dict[str, int]:
    """The column of each screen. What nobody can come to stands in the first, with what it leads to behind it."""
    found: dict[str, int] = {}
    dialled = [node.name for node in picture.nodes if node.dials]
    for roots in ([picture.start], dialled, *([node.name] for node in picture.nodes)):
        _walk(picture, [root for root in roots if root not in found], found)
    return found


def _walk(picture: Picture, roots: Sequence[str], found: dict[str, int]) -> None:
    found.update(dict.fromkeys(roots, 0))
    ahead = deque(roots)
    while ahead:
        name = ahead.popleft()
        for arrow in picture.leaving(name):
            if arrow.target not in found:
                found[arrow.target] = found[name] + 1
                ahead.append(arrow.target)


def forward(picture: Picture, rank: Mapping[str, int]) -> tuple[Arrow, ...]:
    """The arrows to the next column; all others return to where one could come before, or stay at the same distance."""
    return tuple(arrow for arrow in picture.arrows if rank[arrow.target] == rank[arrow.source] + 1)


def columns(picture: Picture, rank: Mapping[str, int]) -> tuple[Column, ...]:
    """The screens of each column from top to bottom."""
    order: list[Column] = [[] for _ in range(max(rank.values()) + 1)]
    for name in rank:
        order[rank[name]].append(name)
    arrows = forward(picture, rank)
    exits = _exits(picture)
    best, fewest = [list(column) for column in order], _crossings(order, arrows, exits)
    for sweep in range(SWEEPS):
        _sweep(order, arrows, exits, rightwards=sweep % 2 == 0)
        count = _crossings(order, arrows, exits)
        if count < fewest:
            best, fewest = [list(column) for column in order], count
    return tuple(best)


def _exits(picture: Picture) -> Exits:
    """How far down its box each arrow leaves, between 0 and 1, by its source and place."""
    counts = Counter(arrow.source for arrow in picture.arrows)
    return {(arrow.source, arrow.place): (arrow.place + 1) / (counts[arrow.source] + 1) for arrow in picture.arrows}


def _sweep(order: list[Column], arrows: Sequence[Arrow], exits: Exits, *, rightwards: bool) -> None:
    places = range(1, len(order)) if rightwards else range(len(order) - 2, -1, -1)
    for at in places:
        beside = {name: place for place, name in enumerate(order[at - 1 if rightwards else at + 1])}
        pulls: dict[str, list[float]] = {}
        for arrow in arrows:
            if rightwards and arrow.source in beside:
                leaves = beside[arrow.source] + exits[arrow.source, arrow.place]
                pulls.setdefault(arrow.target, []).append(leaves)
            elif not rightwards and arrow.target in beside:
                pulls.setdefault(arrow.source, []).append(beside[arrow.target])
        middles = {name: sum(found) / len(found) for name, found in pulls.items()}
        now = [(middles.get(name, float(place)), place, name) for place, name in enumerate(order[at])]
        order[at] = [name for _, _, name in sorted(now)]


def _crossings(order: Sequence[Column], arrows: Sequence[Arrow], exits: Exits) -> int:
    """How often arrows of the same gap cross, were they straight."""
    count = 0
    for left, right in pairwise(order):
        begins = {name: place for place, name in enumerate(left)}
        ends = {name: place for place, name in enumerate(right)}
        lines = sorted(
            (begins[arrow.source] + exits[arrow.source, arrow.place], ends[arrow.target])
            for arrow in arrows
            if arrow.source in begins and arrow.target in ends
        )
        passed: list[int] = []
        for _, end in lines:
            count += len(passed) - bisect_right(passed, end)
            insort(passed, end)
    return count
