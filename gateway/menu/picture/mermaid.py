"""Writes a picture as Mermaid text, for wikis and editors that draw it themselves.

Decides the shapes: a box is read, a double box asks the programme, a circle is an end, a flag is missing.
"""

from collections.abc import Iterator

from gateway.menu.picture.model import Kind, Node, Picture
from gateway.menu.picture.words import gauge_words, left_words, shortened

LABEL_LENGTH_MAX = 40  # a picture that is read on one screen
SHAPES = {Kind.SCREEN: ("[", "]"), Kind.CALL: ("[[", "]]"), Kind.END: ("((", "))"), Kind.MISSING: (">", "]")}
_ENTITIES = str.maketrans({"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"})


def mermaid(picture: Picture, language: str) -> str:
    """The whole menu in one language, top down."""
    lines = ["flowchart TD"]
    dials = [(dial, node.name) for node in picture.nodes for dial in node.dials]
    for place, (dial, screen) in enumerate(dials):
        line, told = _line(picture, dial.way)
        label = f' -- "{told}" ' if told else " "
        lines.append(f'  dial_{place}(["{_label(dial.text)}"]){label}{line} {_node(screen)}')
    for node in picture.nodes:
        opens, closes = SHAPES[node.kind]
        lines.append(f'  {_node(node.name)}{opens}"{"<br/>".join(_told(picture, node, language))}"{closes}')
        for arrow in picture.leaving(node.name):
            line, told = _line(picture, arrow.way)
            label = f"{_label(arrow.label[language])}{told and f' {told}'}"
            lines.append(f'  {_node(node.name)} -- "{label}" {line} {_node(arrow.target)}')
    return "\n".join(lines) + "\n"


def _line(picture: Picture, way: str) -> tuple[str, str]:
    """How an arrow is drawn, and what its label adds: whether nobody took it, or how many did."""
    counts = picture.counts
    if counts is None:
        return "-->", ""
    taken = counts.taken(way)
    if taken is None:
        return ("--x", "(not taken)") if counts.missed(way) else ("-->", "")
    return "-->", f"({taken})"


def _told(picture: Picture, node: Node, language: str) -> Iterator[str]:
    """The name, the first line, how full the screen is, and who came there."""
    yield _label(node.name)
    yield from map(_label, node.says[language][:1])
    if language in node.worst:
        yield _label(gauge_words(node.worst[language]))
    if picture.missed(node):
        yield "NOT VISITED"
    elif picture.counts is not None and node.name in picture.counts.screens and not picture.counts.marks_missed:
        yield left_words(picture.counts.screens[node.name])


def _node(name: str) -> str:
    """A screen's name as an identifier: bare, a screen called `end` would end the drawing."""
    return f"screen_{name}"


def _label(text: str) -> str:
    """Text inside quotes: Mermaid writes the signs of its own grammar as entities."""
    return shortened(text, LABEL_LENGTH_MAX).translate(_ENTITIES)
