"""Finds in a menu file what there is to draw.

Decides what a box says and how an arrow is called. A menu is drawn while it is being written: a translation that is
missing is shown in another language, a screen that is missing as such, and what cannot be measured has no gauge.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.menu.checks.fit import Worst
from gateway.menu.document import Document
from gateway.menu.graph import Way, openings, ways
from gateway.menu.model import dial_parts
from gateway.menu.naming import dialled_name, push_name
from gateway.menu.picture.model import Arrow, Dial, Kind, Node, Picture
from gateway.menu.picture.words import named
from gateway.menu.source import CallSource, TextSource

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a menu beside its file."""

    title: str
    version: str = ""
    worst: Mapping[tuple[str, str], Worst] = field(default_factory=dict)
    """By screen and language (`checks.fit.worst`)."""
    moving: Collection[str] = ()
    """The actions that move points."""
    printed: Collection[str] = ()
    """The dial strings of `published.yaml`."""


def picture(document: Document, known: Known) -> Picture:
    """The picture of a menu."""
    source = document.source
    arrows = tuple(
        _arrow(document, name, place, way) for name in source.screens for place, way in enumerate(ways(source, name))
    )
    opened = (way.target for way in openings(source))
    aims = dict.fromkeys([source.start, *opened, *(arrow.target for arrow in arrows)])
    missing = [name for name in aims if name not in source.screens]
    return Picture(
        title=known.title,
        version=known.version,
        languages=source.languages,
        start=source.start,
        nodes=tuple(_node(document, name, known) for name in (*source.screens, *missing)),
        arrows=arrows,
    )


def _node(document: Document, name: str, known: Known) -> Node:
    source = document.source
    screen = source.screens.get(name)
    dials = tuple(
        Dial(dialled, dialled in known.printed, dialled_name(dial_parts(dialled)))
        for dialled, aim in source.dial.items()
        if aim == name
    )
    dials += tuple(
        Dial(push_name(push), is_printed=True, way=push_name(push))
        for push, said in source.pushes.items()
        if said.screen == name
    )
    return Node(
        name=name,
        kind=_kind(screen),
        says={language: tuple(_says(screen, language, source.languages)) for language in source.languages},
        worst={
            language: known.worst[name, language] for language in source.languages if (name, language) in known.worst
        },
        dials=dials,
        is_start=name == source.start,
        moves_points=isinstance(screen, CallSource) and screen.call in known.moving,
    )


def _kind(screen: TextSource | CallSource | None) -> Kind:
    match screen:
        case None:
            return Kind.MISSING
        case CallSource():
            return Kind.CALL
        case TextSource():
            return Kind.END if screen.ends else Kind.SCREEN


def _says(screen: TextSource | CallSource | None, language: str, languages: Sequence[str]) -> Iterator[str]:
    match screen:
        case TextSource():
            yield from named(_spoken(screen.text, language, languages))
            if screen.each is not None:
                yield from named(_spoken(screen.each.text, language, languages))
        case CallSource():
            yield f"call: {screen.call}"
            for argument, value in screen.arguments.items():
                said = value if isinstance(value, str) else _spoken(value, language, languages)
                yield f"{argument} = {' '.join(named(said))}"
        case None:
            yield "is not in the file"


def _arrow(document: Document, name: str, place: int, way: Way) -> Arrow:
    languages = document.source.languages
    label = {language: _label(document, name, way, language) for language in languages}
    return Arrow(name, place, way.target, label, way.name)


def _label(document: Document, name: str, way: Way, language: str) -> str:
    """What a subscriber presses or types, or what the programme answers."""
    screen = document.source.screens[name]
    if isinstance(screen, CallSource) or way.outcome is not None:
        return way.outcome or ""
    match way.path[2:]:
        case ("options", int(place), *_):
            option = screen.options[place]
            when = (f"‹{option.when}›",) if option.when else ()
            return " ".join((option.key, *named(_spoken(option.text, language, document.source.languages)), *when))
        case ("instead", int(place), *_):
            return f"‹{screen.instead[place].when}›"
        case ("each", *_):
            return f"1, 2, … of {screen.each.list if screen.each else ''}"
        case _:
            return f"{{{way.keeps[0]}}}"


def _spoken(text: Words, language: str, languages: Sequence[str]) -> str:
    """A text in a language, or in the first that it has."""
    return next(text[one] for one in (language, *languages, *text) if one in text)
