"""Writes a picture as SVG.

Decides the look, by presentation attributes alone: a page whose policy forbids styles of strangers shows it as it is,
and a page's own stylesheet may mark screens over it (`.screen`, `.frame`, `.arrow`; `data-screen`, `data-from`,
`data-to`).
Refuses scripts, links and anything that would be loaded.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from gateway.menu.picture.boxes import BAR, CELL, GAUGE, HEAD, LINE, PAD, TAG, Box
from gateway.menu.picture.layout import Layout
from gateway.menu.picture.model import Counts, Kind, Node
from gateway.menu.picture.routes import Route
from gateway.menu.picture.words import cells, gauge_words, left_words

INK, SOFT, LINES, PAPER = "#1b2826", "#4d5d59", "#c3ccc4", "#edf0ec"
CARD = "#fff"
ARROW, FAINT = "#7f918b", "#d6ddd6"
GOOD, WARN, ACCENT = "#0b6b5c", "#8a5a00", "#0b6b5c"
MISSED, LEFT = "#a2321f", "#b4451f"
MUCH = 0.5
"""Of those who saw a screen."""
WIDEST = 9.0
"""The busiest arrow."""
HEADS = {Kind.SCREEN: "#dcece6", Kind.CALL: "#e1e8f1", Kind.END: "#e4e2de", Kind.MISSING: "#fbe9e4"}
FONT = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
ROUND = 6

Value = str | int | float


def svg(layout: Layout) -> str:
    """The picture as one SVG document."""
    title = f"The menu {layout.picture.title}"
    aims = {route.arrow.target for route in layout.routes}
    parts = [
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_described(layout))}</desc>",
        _tag("rect", width=layout.width, height=layout.height, fill=PAPER),
        _tag(
            "g",
            "".join(_arrow(route, layout.picture.counts) for route in _painted(layout)),
            class_="arrows",
            fill="none",
        ),
        *(_screen(box, layout.language) for box in layout.boxes),
        _tag("g", "".join(_door(box) for box in layout.boxes if box.node.name in aims), class_="doors", fill=ARROW),
    ]
    return _tag(
        "svg",
        "\n".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {layout.width} {layout.height}",
        width=layout.width,
        height=layout.height,
        role="img",
        aria_label=title,
        data_menu=layout.picture.version,
        data_language=layout.language,
        font_family=FONT,
        font_size=11,
        fill=INK,
    )


def told(node: Node) -> str:
    """What a screen is, in words."""
    match node.kind:
        case Kind.SCREEN:
            return "is read"
        case Kind.CALL:
            return "asks the programme, and moves points" if node.moves_points else "asks the programme"
        case Kind.END:
            return "ends the session"
        case Kind.MISSING:
            return "is missing"


def _described(layout: Layout) -> str:
    picture = layout.picture
    dials = ", ".join(dial.text for node in picture.nodes for dial in node.dials)
    counts = f"{len(picture.nodes)} screens and {len(picture.arrows)} ways between them"
    return f"{counts}, in {layout.language}. Opened by {dials}."


def _painted(layout: Layout) -> list[Route]:
    """Those that return first: others are painted over them."""
    return sorted(layout.routes, key=lambda route: not route.returns)


def _arrow(route: Route, counts: Counts | None) -> str:
    arrow = route.arrow
    look: dict[str, Value] = {"stroke": FAINT, "stroke_width": 1}
    if not route.returns:
        look = {"stroke": ARROW, "stroke_width": 1.4}
    if counts is not None:
        look |= _counted(counts, arrow.way)
    return "\n" + _tag(
        "path",
        class_="arrow returns" if route.returns else "arrow",
        data_from=arrow.source,
        data_to=arrow.target,
        d=_rounded(route) if route.returns else _curve(route),
        **look,
    )


def _counted(counts: Counts, way: str) -> dict[str, Value]:
    """How an arrow looks by what was counted: dashed where nobody took it, and as wide as many did."""
    taken = counts.taken(way)
    if taken is None:
        return {"stroke": MISSED, "stroke_dasharray": "5 4"} if counts.missed(way) else {}
    if not taken:
        return {"stroke_dasharray": "2 4"}
    return {"stroke_width": round(max(1.0, WIDEST * taken / counts.most), 1), "stroke_linecap": "round"}


def _curve(route: Route) -> str:
    (x, y), (to_x, to_y) = route.points
    middle = (x + to_x) // 2
    return f"M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}"


def _rounded(route: Route) -> str:
    """Straight lines with round corners."""
    points = route.points
    drawn = [f"M{points[0][0]} {points[0][1]}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(here, before), _towards(here, after)
        drawn.append(f"L{near[0]} {near[1]}Q{here[0]} {here[1]} {far[0]} {far[1]}")
    drawn.append(f"L{points[-1][0]} {points[-1][1]}")
    return "".join(drawn)


def _towards(here: tuple[int, int], there: tuple[int, int]) -> tuple[int, int]:
    """A corner's beginning: so far from `here` on the way, or in its middle when that is short."""
    across, down = there[0] - here[0], there[1] - here[1]
    length = max(abs(across), abs(down), 1)
    reach = min(ROUND, length // 2)
    return here[0] + across * reach // length, here[1] + down * reach // length


def _screen(box: Box, language: str) -> str:
    node = box.node
    title = f"{node.name}: {told(node)}" + (", and nobody came there" if box.missed else "")
    parts = [f"<title>{escape(title)}</title>"]
    parts += [_dial(box, place) for place in range(len(box.tags))]
    frame: dict[str, Value] = {"x": box.x, "y": box.top, "width": box.width, "height": box.bottom - box.top, "rx": 8}
    look: dict[str, Value] = {"stroke": LINES}
    if node.kind is Kind.MISSING:
        look["stroke_dasharray"] = "4 3"
    if box.missed:
        look = {"stroke": MISSED, "stroke_width": 2, "stroke_dasharray": "6 4"}
    parts.append(_tag("rect", class_="frame", **frame, fill=CARD, **look))
    parts.append(_head(box))
    parts += _lines(box, language)
    parts += _gauge(box)
    parts += _left(box)
    parts += _choices(box, language)
    body = "\n".join(parts)
    return _tag("g", body, id=f"screen-{node.name}", class_=f"screen {node.kind}", data_screen=node.name)


def _head(box: Box) -> str:
    x, y, right, rounding = box.x, box.top, box.right, 7
    shape = (
        f"M{x + 1} {y + HEAD}V{y + 1 + rounding}q0 -{rounding} {rounding} -{rounding}H{right - 1 - rounding}"
        f"q{rounding} 0 {rounding} {rounding}V{y + HEAD}Z"
    )
    title = _text(x + PAD, y + 17, box.title, font_weight=700, fill=MISSED if box.missed else INK)
    return _tag("path", d=shape, fill=HEADS[box.node.kind]) + title + _mark(box)


def _mark(box: Box) -> str:
    """What kind of screen it is, in the corner."""
    x, y = box.right - PAD - 6, box.top + HEAD // 2
    match box.node.kind:
        case Kind.CALL if box.node.moves_points:
            return _tag("circle", cx=x, cy=y, r=6, fill="#f3d27a", stroke=WARN) + _tag(
                "circle", cx=x, cy=y, r=2, fill=WARN
            )
        case Kind.CALL:
            return _tag(
                "path",
                d=f"M{x - 5} {y - 4}l4 4l-4 4M{x + 1} {y - 4}l4 4l-4 4",
                fill="none",
                stroke=SOFT,
                stroke_width=1.5,
            )
        case Kind.END:
            return _tag("rect", x=x - 4, y=y - 4, width=8, height=8, fill=SOFT)
        case Kind.MISSING:
            return _tag("path", d=f"M{x - 4} {y - 4}l8 8M{x + 4} {y - 4}l-8 8", stroke="#a2321f", stroke_width=2)
        case Kind.SCREEN:
            return ""


def _lines(box: Box, language: str) -> Iterator[str]:
    y = box.top + HEAD + LINE
    spoken = {} if box.node.kind in {Kind.CALL, Kind.MISSING} else {"lang": language}
    for place, line in enumerate(box.lines):
        yield _text(box.x + PAD, y + LINE * place, line, fill=SOFT if box.node.kind is Kind.CALL else INK, **spoken)


def _gauge(box: Box) -> Iterator[str]:
    if box.worst is None:
        return
    worst, x, y = box.worst, box.x + PAD, box.gauge_y + GAUGE // 2
    colour = GOOD if len(worst.pages) == 1 else WARN
    filled = max(round(BAR * min(worst.length / worst.limit, 1)), 1)
    yield _tag("rect", x=x, y=y - 2, width=BAR, height=4, rx=2, fill="#e3e8e2")
    yield _tag("rect", x=x, y=y - 2, width=filled, height=4, rx=2, fill=colour)
    yield _text(x + BAR + 7, y + 3, gauge_words(worst), font_size=9, fill=colour)


def _left(box: Box) -> Iterator[str]:
    """Who left, of those who saw the screen."""
    if box.seen is None:
        return
    x, y, share = box.x + PAD, box.left_y + GAUGE // 2, box.seen.left_share
    yield _tag("rect", x=x, y=y - 4, width=BAR, height=8, fill=CARD, stroke=LINES)
    yield _tag("rect", x=x, y=y - 4, width=round(BAR * share), height=8, fill=LEFT)
    words = {"font_weight": 700} if share >= MUCH else {}
    yield _text(x + BAR + 7, y + 3, left_words(box.seen), font_size=9, fill=LEFT if share >= MUCH else SOFT, **words)


def _choices(box: Box, language: str) -> Iterator[str]:
    if box.choices:
        y = box.choices_y
        yield _tag("path", d=f"M{box.x + 1} {y}H{box.right - 1}", stroke="#e3e8e2")
    for choice in box.choices:
        middle = choice.y + 4
        yield _text(box.x + PAD, middle, choice.label, **({} if box.node.kind is Kind.CALL else {"lang": language}))
        if choice.aside:
            yield _text(box.right - PAD, middle, choice.aside, fill="#66756f", font_size=10, text_anchor="end")
        yield _tag("circle", cx=box.right, cy=choice.y, r=2.5, fill=LINES if choice.returns else ARROW)


def _dial(box: Box, place: int) -> str:
    y, words, is_printed = box.y + TAG * place, box.tags[place], box.node.dials[place].is_printed
    width = round(cells(words) * CELL) + 16
    shape = _tag("rect", x=box.x, y=y, width=width, height=16, rx=8, fill=ACCENT if is_printed else CARD, stroke=ACCENT)
    return shape + _text(box.x + 8, y + 12, words, fill=CARD if is_printed else ACCENT, font_weight=700)


def _door(box: Box) -> str:
    x, y = box.door
    return _tag("path", d=f"M{x - 7} {y - 4}L{x} {y}L{x - 7} {y + 4}Z")


def _text(x: int, y: int, words: str, /, **attributes: Value) -> str:
    return _tag("text", escape(words), x=x, y=y, **attributes)


def _tag(name: str, body: str = "", /, **attributes: Value) -> str:
    """An element; `class_` is the attribute `class`, and `data_from` is `data-from`."""
    written = "".join(f" {_name(key)}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>"


def _name(key: str) -> str:
    name = key.removesuffix("_")
    return name if name == "viewBox" else name.replace("_", "-")
