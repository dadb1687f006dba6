"""Writes a picture as Mermaid text, for wikis and editors that draw it themselves.

Decides the shapes: a box is read, a double box asks the programme, a circle is an end, a flag is missing.
"""

from collections.abc import Iterator

from gateway.menu.picture.model import Kind, Node, Picture
from gateway.menu.picture.words import gauge_words, shortened

LABEL_LENGTH_MAX = 40  # a picture that is read on one screen
SHAPES = {Kind.SCREEN: ("[", "]"), Kind.CALL: ("[[", "]]"), Kind.END: ("((", "))"), Kind.MISSING: (">", "]")}
_ENTITIES = str.maketrans({"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"})


def mermaid(picture: Picture, language: str) -> str:
    """The whole menu in one language, top down."""
    lines = ["flowchart TD"]
    dials = [(dial.text, node.name) for node in picture.nodes for dial in node.dials]
    for place, (dialled, screen) in enumerate(dials):
        lines.append(f'  dial_{place}(["{_label(dialled)}"]) --> {_node(screen)}')
    for node in picture.nodes:
        opens, closes = SHAPES[node.kind]
        lines.append(f'  {_node(node.name)}{opens}"{"<br/>".join(_told(node, language))}"{closes}')
        lines += [
            f'  {_node(node.name)} -- "{_label(arrow.label[language])}" --> {_node(arrow.target)}'
            for arrow in picture.leaving(node.name)
        ]
    return "\n".join(lines) + "\n"


def _told(node: Node, language: str) -> Iterator[str]:
    """The name, the first line, and how full the screen is."""
    yield _label(node.name)
    yield from map(_label, node.says[language][:1])
    if language in node.worst:
        yield _label(gauge_words(node.worst[language]))


def _node(name: str) -> str:
    """A screen's name as an identifier: bare, a screen called `end` would end the drawing."""
    return f"screen_{name}"


def _label(text: str) -> str:
    """Text inside quotes: Mermaid writes the signs of its own grammar as entities."""
    return shortened(text, LABEL_LENGTH_MAX).translate(_ENTITIES)
