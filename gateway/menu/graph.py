"""Draws a menu as Mermaid text: dial strings, screens, options, rows, inputs and outcomes.

Decides the picture's shapes and nothing else. A box is read, a double box asks the programme, a circle is an end.
"""

from collections.abc import Iterator, Mapping, Sequence

from gateway.menu.document import Document
from gateway.menu.source import CallSource, TextSource

LABEL_LENGTH_MAX = 40  # a picture that is read on one screen


def mermaid(document: Document) -> str:
    """The whole menu in its default language where it has a text in it, top down. Paste it into any Mermaid viewer."""
    lines = ["flowchart TD", *_dial(document)]
    for name, screen in document.source.screens.items():
        lines += _call(name, screen) if isinstance(screen, CallSource) else _text(name, screen, document)
    return "\n".join(lines) + "\n"


def _dial(document: Document) -> Iterator[str]:
    for place, (dialled, screen) in enumerate(document.source.dial.items()):
        yield f'  dial_{place}(["{_label(dialled)}"]) --> {_node(screen)}'


def _call(name: str, screen: CallSource) -> Iterator[str]:
    yield f'  {_node(name)}[["{_label(screen.call)}"]]'
    for outcome, target in screen.on.items():
        yield f'  {_node(name)} -- "{_label(outcome)}" --> {_node(target)}'


def _text(name: str, screen: TextSource, document: Document) -> Iterator[str]:
    languages = document.source.languages
    first_line = _spoken(screen.text, languages).strip().split("\n")[0]
    label = f"{name}<br/>{_label(first_line)}"
    yield f'  {_node(name)}(("{label}"))' if screen.ends else f'  {_node(name)}["{label}"]'
    for option in screen.options:
        yield f'  {_node(name)} -- "{_label(f"{option.key} {_spoken(option.text, languages)}")}" --> {_node(option.go)}'
    if screen.each is not None and screen.each.go is not None:
        yield f'  {_node(name)} -- "{_label(f"1, 2, … of {screen.each.list}")}" --> {_node(screen.each.go)}'
    if screen.input is not None:
        yield f'  {_node(name)} -- "{_label(f"{{{screen.input.name}}}")}" --> {_node(screen.input.go)}'


def _spoken(text: Mapping[str, str], languages: Sequence[str]) -> str:
    """A text in the first language that it has: a menu is drawn while its translation is still being written."""
    return next(text[language] for language in (*languages, *text) if language in text)


def _node(name: str) -> str:
    """A screen's name as an identifier: bare, a screen called `end` would end the drawing."""
    return f"screen_{name}"


def _label(text: str) -> str:
    """Text inside quotes: Mermaid writes the signs of its own grammar as entities."""
    short = text if len(text) <= LABEL_LENGTH_MAX else text[: LABEL_LENGTH_MAX - 1] + "…"
    return short.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
