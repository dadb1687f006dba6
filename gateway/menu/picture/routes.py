"""How the arrows of a picture run between its boxes.

Decides that an arrow to the next column is a curve in the gutter between, and that one that returns goes round above
everything, on a lane that all arrows to the same screen share, and comes in at the door from the left as all do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.menu.picture.boxes import Box, Point, returns
from gateway.menu.picture.model import Arrow, Picture

LANE = 7
SIDE = 12
"""From a box to the first vertical of its gutter."""
BESIDE_MAX = 8
"""Verticals that a gutter has room for, three pixels apart."""

Lanes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Route:
    """One arrow, from the line of its choice to the door of its target. An arrow to the next column is the curve from
    the first point to the last; `returns` tells one that goes back, along straight lines through its points."""

    arrow: Arrow
    points: tuple[Point, ...]
    returns: bool


def lanes(picture: Picture, rank: Mapping[str, int]) -> Lanes:
    """The lane to each screen that some arrow returns to, from the top."""
    returning = (arrow.target for arrow in picture.arrows if returns(arrow, rank))
    return {name: place for place, name in enumerate(dict.fromkeys(returning))}


def route(arrow: Arrow, boxes: Mapping[str, Box], to: Lanes, top: int) -> Route:
    """The way of an arrow between boxes that stand below the lanes, the first of which runs at `top`."""
    source, target = boxes[arrow.source], boxes[arrow.target]
    leaves: Point = (source.right, source.choices[arrow.place].y)
    if target.rank == source.rank + 1:
        return Route(arrow, (leaves, target.door), returns=False)
    lane = top + LANE * to[arrow.target]
    beside = SIDE + 3 * (to[arrow.target] % BESIDE_MAX)
    up, down = source.right + beside, target.x - beside
    points = (leaves, (up, leaves[1]), (up, lane), (down, lane), (down, target.door[1]), target.door)
    return Route(arrow, points, returns=True)
