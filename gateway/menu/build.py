"""Makes the menu that serves from a file that was read.

Decides what can be known before the first subscriber dials: compiled texts, screens that are the same for everyone,
navigation, which calls lead to points, and the version. Refuses to check: a menu comes here through `load`, which
proves it first.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from gateway.menu.condition import parse
from gateway.menu.document import Document
from gateway.menu.graph import chart_of
from gateway.menu.model import (
    ROW,
    TYPED,
    CallScreen,
    Each,
    Instead,
    Keys,
    Menu,
    Option,
    Resume,
    Screen,
    TextScreen,
    Typed,
    dial_parts,
)
from gateway.menu.naming import way_name
from gateway.menu.paginate import Rails
from gateway.menu.push import Push
from gateway.menu.source import (
    CallSource,
    EachSource,
    MenuSource,
    Navigation,
    NavigationKey,
    ResumeMode,
    TextSource,
    TypedSource,
    dialled_input,
)
from gateway.menu.typed import Input
from gateway.menu.who import Pilot, is_who
from gateway.outcome import ActionSpec
from gateway.templates import Compiler, Text, Vocabulary

DIGEST_LENGTH = 12  # hexadecimal digits, 48 bits: versions of one pack are counted in hundreds

Compilers = Mapping[str, Compiler]


def build(document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    """The menu of a proved document."""
    source = document.source
    screens: dict[str, Screen] = {}
    for name, screen in source.screens.items():
        if isinstance(screen, CallSource):
            screens[name] = _call_screen(name, screen, source, specs)
        else:
            screens[name] = _text_screen(name, screen, source, specs, vocabulary.compilers)
    return Menu(
        digest=_digest(source, vocabulary),
        languages=source.languages,
        start=source.start,
        dial={dial_parts(dialled): screen for dialled, screen in source.dial.items() if dialled_input(dialled) is None},
        dial_inputs=_dial_inputs(source),
        pushes={name: Push(push.screen, push.kind) for name, push in source.pushes.items()},
        keys=Keys(source.keys.back.key, source.keys.home.key, source.keys.next.key),
        rails={language: open_rails(source.keys, language) for language in source.languages},
        closing_rails={language: closing_rails(source.keys, language) for language in source.languages},
        messages=source.messages.said,
        screens=screens,
        inputs={name: _input(name, source) for name in source.inputs},
        resume=_resume(source),
        pilots=tuple(Pilot(name, pilot.shares) for name, pilot in source.pilots.items()),
        asks_who=frozenset(name for screen in screens.values() for name in _asked_of_who(screen)),
        chart=chart_of(document),
    )


def _asked_of_who(screen: Screen) -> Iterator[str]:
    if isinstance(screen, TextScreen):
        conditions = [part.when for part in (*screen.options, *screen.instead, screen.typed) if part is not None]
        yield from (name for when in conditions if when is not None for name in when.names if is_who(name))


def _resume(source: MenuSource) -> Resume | None:
    said = source.resume
    if said is None or said.mode is ResumeMode.START:
        return None
    if said.question is None or said.go_on is None or said.anew is None:
        return Resume(said.within_s, said.steps)
    asks = {
        language: "\n".join((said.question[language], *(_line(key, language) for key in said.answers.values())))
        for language in source.languages
    }
    return Resume(said.within_s, said.steps, asks, said.go_on.key, said.anew.key)


def _input(name: str, source: MenuSource) -> Input:
    asked = source.inputs[name]
    if asked.reading is None:
        raise ValueError(f"the input {name!r} was not proved")
    return Input(name, asked.reading, asked.failures)


def _dial_inputs(source: MenuSource) -> dict[tuple[str, ...], tuple[tuple[Input, str], ...]]:
    found: dict[tuple[str, ...], tuple[tuple[Input, str], ...]] = {}
    for dialled, screen in source.dial.items():
        name = dialled_input(dialled)
        if name is not None:
            before = dial_parts(dialled)[:-1]
            found[before] = (*found.get(before, ()), (_input(name, source), screen))
    return found


def _text_screen(
    name: str, screen: TextSource, source: MenuSource, specs: Mapping[str, ActionSpec], compilers: Compilers
) -> TextScreen:
    text = _compiled(screen.text, compilers)
    each = _each(screen.each, compilers) if screen.each else None
    options = tuple(
        Option(
            option.key,
            _compiled(option.text, compilers),
            option.go,
            option.keep,
            leads_to_points(option.go, source, specs),
            parse(option.when) if option.when else None,
            way_name(("screens", name, "options", place, "go")),
        )
        for place, option in enumerate(screen.options)
    )
    typed = _typed(screen.input, source) if screen.input else None
    conditions = [part.when for part in (*options, typed) if part is not None and part.when is not None]
    spoken = [*text.values(), *(words for option in options for words in option.text.values())]
    if each is not None:
        spoken += each.text.values()
    named = {name.partition(".")[0] for words in spoken for name in words.placeholders}
    uses = named - {ROW, TYPED}
    uses.update(name for option in options for name in option.keep)
    uses.update(name for condition in conditions for name in condition.names)
    built = TextScreen(
        name=name,
        text=text,
        each=each,
        options=options,
        typed=typed,
        ends=screen.ends,
        uses=frozenset(uses),
        navigation=frozenset(source.keys.all),
        by_key={option.key: option for option in options},
        asks_once=any(option.once for option in options),
        recalls=TYPED in named,
        conditional=any(option.when is not None for option in options),
        fixed={},
        instead=tuple(
            Instead(parse(other.when), other.show, way_name(("screens", name, "instead", place, "show")))
            for place, other in enumerate(screen.instead)
        ),
    )
    if each is not None or conditions or any(not words.is_static for words in spoken):
        return built
    return replace(built, fixed={language: built.lines(language, {}) for language in text})


def _typed(asked: TypedSource, source: MenuSource) -> Typed:
    return Typed(_input(asked.name, source), asked.go, parse(asked.when) if asked.when else None)


def _each(each: EachSource, compilers: Compilers) -> Each:
    text = _compiled(each.text, compilers)
    named = {name for words in text.values() for name in words.placeholders if name.startswith(f"{ROW}.")}
    fields = {name.removeprefix(f"{ROW}.") for name in named}
    return Each(each.list, text, tuple(sorted(fields.union(each.keep))), each.go, each.keep)


def _compiled(words: Mapping[str, str], compilers: Compilers) -> dict[str, Text]:
    return {language: compilers[language].compile(text) for language, text in words.items()}


def _call_screen(name: str, screen: CallSource, source: MenuSource, specs: Mapping[str, ActionSpec]) -> CallScreen:
    asks = screen.asks
    arguments = {
        language: {
            argument: value if isinstance(value, str) else value[language]
            for argument, value in screen.arguments.items()
            if argument not in asks
        }
        for language in source.languages
    }
    return CallScreen(
        name=name,
        action=screen.call,
        arguments=arguments,
        on=dict(screen.on),
        moves_points=specs[screen.call].moves_points,
        leads_to_points=leads_to_points(name, source, specs),
        asks=asks,
    )


def leads_to_points(name: str, source: MenuSource, specs: Mapping[str, ActionSpec]) -> bool:
    """Whether entering a screen may move points before the subscriber is asked anything.

    What is not there leads nowhere: a menu with such a fault is asked too, while it is being proved.
    """
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        screen = source.screens.get(ahead.pop())
        if not isinstance(screen, CallSource) or screen.call not in specs:
            continue
        if specs[screen.call].moves_points:
            return True
        ahead += [target for target in screen.on.values() if target not in seen]
        seen.update(screen.on.values())
    return False


def open_rails(keys: Navigation, language: str) -> tuple[Rails, ...]:
    """The navigation of screens that go on: at the start, one step from it, and deeper.

    On a later page the back key leads to the page before. Each key has its own line: a line break costs one unit,
    as a space would, and reads like the options above.
    """
    back, home, following = (_line(key, language) for key in (keys.back, keys.home, keys.next))
    ways = ((), (back,), (back, home))
    return tuple(
        Rails(only=way, first=(*way, following), middle=(back, *way[1:], following), last=(back, *way[1:]))
        for way in ways
    )


def closing_rails(keys: Navigation, language: str) -> Rails:
    """The navigation of a screen that ends the session: only between its pages, since the last takes no input."""
    back, following = _line(keys.back, language), _line(keys.next, language)
    return Rails(only=(), first=(following,), middle=(back, following), last=())


def _line(key: NavigationKey, language: str) -> str:
    return f"{key.key} {key.text[language]}"


def _digest(source: MenuSource, vocabulary: Vocabulary) -> str:
    """Comments and the order of keys do not make a version; a word does."""
    content = [source.model_dump(mode="json"), _plain(vocabulary.units), _plain(vocabulary.labels)]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _plain(value: object) -> object:
    return {key: _plain(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
