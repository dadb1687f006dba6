"""Places the boxes of a picture and routes its arrows, in pixels from the top left corner.

Decides the heights: each box stands near what leads to it and what it leads to. Refuses to know colours and files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.menu.picture import ranking
from gateway.menu.picture.boxes import Box, box_of, room_of, width
from gateway.menu.picture.model import Arrow, Picture
from gateway.menu.picture.routes import LANE, Route, lanes, route
from gateway.menu.picture.stacking import stacked

GAP = 22
GUTTER = 84
MARGIN = 24
SETTLING = 6
"""Passes there and back; later ones move nothing by more than a pixel or two."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole picture in one language."""

    picture: Picture
    language: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]


def lay_out(picture: Picture, language: str) -> Layout:
    """The same picture is laid out the same, to the pixel."""
    rank = ranking.ranks(picture)
    columns = ranking.columns(picture, rank)
    boxes: dict[str, Box] = {}
    x = MARGIN + GUTTER // 2
    for column in columns:
        room = room_of(picture, rank, column, language)
        nodes = {node.name: node for node in picture.nodes if node.name in column}
        for name in column:
            boxes[name] = box_of(picture, nodes[name], rank, x, room, language)
        x += width(room) + GUTTER
    to = lanes(picture, rank)
    _stack(boxes, columns, ranking.forward(picture, rank), MARGIN + LANE * (len(to) + 1))
    routes = tuple(route(arrow, boxes, to, MARGIN) for arrow in picture.arrows)
    return Layout(
        picture=picture,
        language=language,
        width=x - GUTTER + GUTTER // 2 + MARGIN,
        height=max(box.bottom for box in boxes.values()) + MARGIN,
        boxes=tuple(boxes.values()),
        routes=routes,
    )


def _stack(boxes: dict[str, Box], columns: Sequence[Sequence[str]], arrows: Sequence[Arrow], top: int) -> None:
    """Give each box its height on the page: near what leads to it, and what it leads to."""
    for column in columns:
        _settle(boxes, column, {})
    for turn in range(SETTLING):
        rightwards = turn % 2 == 0
        for column in columns if rightwards else reversed(columns):
            wishes: dict[str, list[int]] = {}
            for arrow in arrows:
                source, target = boxes[arrow.source], boxes[arrow.target]
                leaves, enters = source.choices[arrow.place].y, target.door[1]
                if rightwards:
                    wishes.setdefault(target.node.name, []).append(target.y + leaves - enters)
                else:
                    wishes.setdefault(source.node.name, []).append(source.y + enters - leaves)
            _settle(boxes, column, {name: sum(found) / len(found) for name, found in wishes.items()})
    up = min(box.y for box in boxes.values()) - top
    for name, box in boxes.items():
        boxes[name] = box.moved(box.y - up)


def _settle(boxes: dict[str, Box], column: Sequence[str], wishes: Mapping[str, float]) -> None:
    wanted = [wishes.get(name, boxes[name].y) for name in column]
    tops = stacked(wanted, [boxes[name].height for name in column], GAP)
    for name, y in zip(column, tops, strict=True):
        boxes[name] = boxes[name].moved(y)
