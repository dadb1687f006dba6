"""Any menu, however tangled: its drawing has every screen once, no two on each other, every arrow at its boxes."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.menu.picture.boxes import CELL, PAD
from gateway.menu.picture.layout import Layout, lay_out
from gateway.menu.picture.model import Arrow, Counts, Dial, Kind, Node, Picture, Seen
from gateway.menu.picture.stacking import stacked
from gateway.menu.picture.svg import svg
from gateway.menu.picture.words import cells

WORDS = st.text(alphabet="abc ёж点1<&", min_size=1, max_size=60)


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    names = [f"s{place}" for place in range(draw(st.integers(1, 16)))]
    arrows: list[Arrow] = []
    for name in names:
        targets = draw(st.lists(st.sampled_from(names), max_size=5))
        arrows += [
            Arrow(name, place, target, {"ru": draw(WORDS)}, f"{name}.options.{place + 1}")
            for place, target in enumerate(targets)
        ]
    nodes = [
        Node(
            name=name,
            kind=draw(st.sampled_from(Kind)),
            says={"ru": tuple(draw(st.lists(WORDS, max_size=5)))},
            worst={},
            dials=tuple(
                Dial(f"*{place}#", is_printed=True, way=f"dial *{place}#") for place in range(draw(st.integers(0, 2)))
            ),
            is_start=name == names[0],
        )
        for name in names
    ]
    return Picture("any", "", ("ru",), names[0], tuple(nodes), tuple(arrows), draw(counted(names, arrows)))


@st.composite
def counted(draw: st.DrawFn, names: list[str], arrows: list[Arrow]) -> Counts | None:
    """Nothing, coverage, or what subscribers did."""
    if draw(st.booleans()):
        return None
    ways = {arrow.way: draw(st.integers(0, 10**9)) for arrow in arrows if draw(st.booleans())}
    screens = {name: Seen(draw(st.integers(0, 10**9)), draw(st.integers(0, 10**9))) for name in names}
    return Counts(ways, screens, marks_missed=draw(st.booleans()))


def assert_readable(layout: Layout) -> None:
    """What whoever looks at a drawing takes for granted."""
    assert {box.node.name for box in layout.boxes} == {node.name for node in layout.picture.nodes}
    assert len(layout.boxes) == len(layout.picture.nodes)
    for box in layout.boxes:
        assert box.x > 0 < box.y
        assert box.right < layout.width
        assert box.bottom < layout.height
        for words in (box.title, *box.lines, *(f"{one.label}{one.aside}" for one in box.choices)):
            assert cells(words) * CELL <= box.width - 2 * PAD + 1, f"{words!r} sticks out of its box"
    for one, other in combinations(layout.boxes, 2):
        beside = one.right < other.x or other.right < one.x
        assert beside or one.bottom < other.y or other.bottom < one.y, f"{one} lies on {other}"
    boxes = {box.node.name: box for box in layout.boxes}
    assert [route.arrow for route in layout.routes] == list(layout.picture.arrows)
    for route in layout.routes:
        source, target = boxes[route.arrow.source], boxes[route.arrow.target]
        assert route.points[0] == (source.right, source.choices[route.arrow.place].y)
        assert source.top < route.points[0][1] < source.bottom
        assert route.points[-1] == target.door
        assert target.top < target.door[1] < target.bottom
        assert route.returns == (target.rank != source.rank + 1)


@given(pictures())
@settings(max_examples=150, deadline=None)
def test_nothing_lies_on_anything_and_every_arrow_ends_at_its_boxes(picture: Picture) -> None:
    layout = lay_out(picture, "ru")
    assert_readable(layout)
    assert svg(lay_out(picture, "ru")) == svg(layout)


@given(pictures())
@settings(max_examples=50, deadline=None)
def test_an_arrow_that_returns_runs_over_no_box(picture: Picture) -> None:
    layout = lay_out(picture, "ru")
    for route in layout.routes:
        for (x, y), (to_x, to_y) in zip(route.points, route.points[1:], strict=False):
            for box in layout.boxes if route.returns else ():
                across = min(x, to_x) < box.right and box.x < max(x, to_x)
                down = min(y, to_y) < box.bottom and box.top < max(y, to_y)
                assert not (across and down), f"{route} runs over {box}"


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 90)), min_size=1, max_size=12), st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_boxes_stand_where_they_wish_when_that_is_possible(boxes: list[tuple[int, int]], gap: int) -> None:
    wishes, heights = [wish for wish, _ in boxes], [height for _, height in boxes]
    tops = stacked(wishes, heights, gap)
    ends = [top + height + gap for top, height in zip(tops, heights, strict=True)]
    assert all(end <= top for end, top in zip(ends, tops[1:], strict=False))
    if all(wish + height + gap <= after for (wish, height), after in zip(boxes, wishes[1:], strict=False)):
        assert tops == wishes
