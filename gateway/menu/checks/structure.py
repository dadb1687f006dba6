"""Proves that screens, keys, actions and languages fit together.

Decides everything that the engine takes for granted: a document without errors here cannot lead a subscriber to
a screen, an outcome or a language that is not there. Refuses to know the texts' contents (`texts`) and lengths (`fit`).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from gateway.datafile.findings import Finding, choices, to_be_said
from gateway.datafile.kinds import Kind
from gateway.menu import graph
from gateway.menu.build import leads_to_points
from gateway.menu.checks import reach
from gateway.menu.document import Document, places
from gateway.menu.numbering import free_numbers
from gateway.menu.source import CallSource, TextSource
from gateway.outcome import ActionSpec

Specs = Mapping[str, ActionSpec]


def check(document: Document, specs: Specs, languages: tuple[str, ...]) -> Iterator[Finding]:
    """Every structural fault; all of them are errors. `languages` are the programme's, the default first."""
    yield from _languages(document, languages)
    yield from _targets(document)
    yield from _navigation(document)
    yield from _resuming(document)
    for name, screen in document.source.screens.items():
        if isinstance(screen, CallSource):
            yield from _call(document, name, screen, specs)
        else:
            yield from _options(document, name, screen)
            yield from _instead(document, name, screen)
    yield from _paths(document)
    yield from _start(document, specs)
    yield from _pushes(document, specs)


def _languages(document: Document, languages: tuple[str, ...]) -> Iterator[Finding]:
    listed = document.source.languages
    for language, times in Counter(listed).items():
        if times > 1:
            fault = f"{language!r} is listed {times} times"
            yield document.finding(("languages",), Kind.LANGUAGES_DIFFER, fault, "keep one")
    if tuple(dict.fromkeys(listed)) != languages:
        yield document.finding(
            ("languages",),
            Kind.LANGUAGES_DIFFER,
            f"the programme speaks [{', '.join(languages)}], in this order",
            "write the same here, or change programme.yaml; the first is the default",
        )
    for place in places(document.source):
        yield from _by_language(document, place.path, place.text)
    for name, screen in document.source.screens.items():
        if isinstance(screen, CallSource):
            for argument, value in screen.arguments.items():
                if not isinstance(value, str):
                    yield from _by_language(document, ("screens", name, "arguments", argument), value)


def _by_language(document: Document, path: tuple[str | int, ...], value: Mapping[str, str]) -> Iterator[Finding]:
    for language in document.source.languages:
        if language not in value:
            yield document.finding((*path, language), Kind.TEXT_MISSING, f"no text in {language!r}", to_be_said(value))
    for language in value:
        if language not in document.source.languages:
            yield document.finding(
                (*path, language),
                Kind.LANGUAGE_UNKNOWN,
                f"{language!r} is not among the menu's `languages`",
                "list it there, or remove it",
            )


def _targets(document: Document) -> Iterator[Finding]:
    source = document.source
    leaving = (way for name in source.screens for way in graph.ways(source, name))
    for way in (*graph.openings(source), *leaving):
        if way.target not in source.screens:
            fault = f"there is no screen {way.target!r}"
            yield document.finding(way.path, Kind.SCREEN_UNKNOWN, fault, _nearest(way.target, source.screens))


def _nearest(wanted: str, screens: Collection[str]) -> str:
    """A menu has too many screens to name them all."""
    near = get_close_matches(wanted, screens, 1)
    return f"did you mean {near[0]!r}? Else add it" if near else "add it, or name one that exists"


def _resuming(document: Document) -> Iterator[Finding]:
    """The question of a dropped session: each answer has a key of its own, which means nothing else."""
    resume = document.source.resume
    taken = set(document.source.keys.all)
    for name, answer in (resume.answers if resume else {}).items():
        if answer.key in taken:
            told = f"the key {answer.key!r} means something else on this screen"
            yield document.finding(("resume", name, "key"), Kind.RESUME_KEY_TAKEN, told, "choose another")
        taken.add(answer.key)


def _navigation(document: Document) -> Iterator[Finding]:
    keys = document.source.keys
    taken: dict[str, str] = {}
    for name, key in (("back", keys.back.key), ("home", keys.home.key), ("next", keys.next.key)):
        if key in taken:
            fault = f"{key!r} is the key of {taken[key]!r} too"
            yield document.finding(("keys", name, "key"), Kind.NAVIGATION_KEY_TAKEN, fault, "choose another")
        taken[key] = name


def _options(document: Document, name: str, screen: TextSource) -> Iterator[Finding]:
    keys = document.source.keys
    navigation = {keys.back.key: "back", keys.home.key: "home", keys.next.key: "next"}
    first: dict[str, int] = {}
    free = next(free_numbers({*navigation, *(option.key for option in screen.options)}))
    for place, option in enumerate(screen.options):
        path = ("screens", name, "options", place, "key")
        if option.key in first and option.when is None and screen.options[first[option.key]].when is None:
            fault = f"{option.key!r} is the key of option {first[option.key] + 1} too"
            yield document.finding(path, Kind.OPTION_KEY_TWICE, fault, f"write {free}")
        if option.key in navigation:
            fault = f"{option.key!r} is the key that means {navigation[option.key]!r}"
            yield document.finding(path, Kind.NAVIGATION_KEY_TAKEN, fault, f"write {free}")
        first.setdefault(option.key, place)
    numbered = screen.each is not None and screen.each.go is not None
    for key, present in (("options", screen.options), ("each", numbered), ("input", screen.input)):
        if screen.ends and present:
            yield document.finding(
                ("screens", name, key),
                Kind.END_TAKES_INPUT,
                "a screen that `ends` takes no input",
                f"remove `ends`, or {key}",
            )


def _instead(document: Document, name: str, screen: TextSource) -> Iterator[Finding]:
    """What some see in place of a screen is read as it is, and stands for no third one."""
    for place, other in enumerate(screen.instead):
        shown = document.source.screens.get(other.show)
        path = ("screens", name, "instead", place, "show")
        if isinstance(shown, CallSource):
            fault = f"{other.show!r} asks the programme, and is never seen"
            yield document.finding(
                path, Kind.INSTEAD_UNFIT, fault, "show a screen with a text; an option of it may ask"
            )
        elif shown is not None and shown.instead:
            fault = f"{other.show!r} is shown instead, and has an `instead` of its own"
            yield document.finding(path, Kind.INSTEAD_UNFIT, fault, "write every condition here")


def _call(document: Document, name: str, screen: CallSource, specs: Specs) -> Iterator[Finding]:
    spec = specs.get(screen.call)
    if spec is None:
        fault = f"there is no action {screen.call!r}"
        yield document.finding(
            ("screens", name, "call"), Kind.ACTION_UNKNOWN, fault, choices(screen.call, sorted(specs))
        )
        return
    for outcome in spec.outcomes:
        if outcome not in screen.on:
            yield document.finding(
                ("screens", name, "on", outcome),
                Kind.OUTCOME_UNHANDLED,
                f"{screen.call!r} may answer {outcome!r}",
                "say which screen follows",
            )
    for outcome in screen.on:
        if outcome not in spec.outcomes:
            yield document.finding(
                ("screens", name, "on", outcome),
                Kind.OUTCOME_UNKNOWN,
                f"{screen.call!r} never answers {outcome!r}",
                choices(outcome, list(spec.outcomes)),
            )
    for argument in spec.arguments:
        if argument not in screen.arguments:
            path = ("screens", name, "arguments", argument)
            yield document.finding(path, Kind.ARGUMENT_MISSING, f"{screen.call!r} needs it", "add a value")
    for argument in screen.arguments:
        if argument not in spec.arguments:
            path = ("screens", name, "arguments", argument)
            fault = f"{screen.call!r} takes no such argument"
            yield document.finding(path, Kind.ARGUMENT_UNKNOWN, fault, choices(argument, list(spec.arguments)))
    yield from _values(document, name, screen, spec)


def _values(document: Document, name: str, screen: CallSource, spec: ActionSpec) -> Iterator[Finding]:
    """Values that the action would not know what to do with, when a subscriber comes by."""
    for argument, value in screen.arguments.items():
        if argument in screen.asks:
            continue
        path = ("screens", name, "arguments", argument)
        allowed = spec.arguments.get(argument)
        written = {path: value} if isinstance(value, str) else {(*path, key): each for key, each in value.items()}
        for place, each in written.items():
            if allowed and each not in allowed:
                fault = f"{screen.call!r} does not know {each!r}"
                yield document.finding(place, Kind.ARGUMENT_VALUE, fault, f"write {' or '.join(allowed)}")


def _paths(document: Document) -> Iterator[Finding]:
    source = document.source
    reached = reach.depths(source)
    for name in source.screens:
        if name not in reached:
            yield document.finding(
                ("screens", name),
                Kind.UNREACHABLE,
                "no option, outcome, dial string or push leads here",
                "add one, or remove it",
            )
    for name in sorted(reach.call_circles(source)):
        yield document.finding(
            ("screens", name, "on"),
            Kind.CALLS_IN_A_CIRCLE,
            "its outcomes lead back to it without a screen between",
            "put a text on the way",
        )


def _start(document: Document, specs: Specs) -> Iterator[Finding]:
    """The way back from every screen ends at the start: so the start goes on, and costs nothing."""
    source = document.source
    start = source.screens.get(source.start)
    if isinstance(start, CallSource):
        texts = [source.screens.get(target) for target in start.on.values()]
        if texts and all(isinstance(screen, TextSource) and screen.ends for screen in texts):
            yield document.finding(
                ("start",),
                Kind.NO_WAY_BACK,
                "every outcome of the start ends the session",
                "lead one to a screen that goes on",
            )
    elif start is not None and (start.ends or all(way.is_instead for way in graph.ways(source, source.start))):
        yield document.finding(
            ("start",), Kind.NO_WAY_BACK, "the start leads nowhere", "give it options, and no `ends`"
        )
    if start is not None and leads_to_points(source.start, source, specs):
        yield document.finding(
            ("start",),
            Kind.POINTS_UNASKED,
            "the start moves points, and the home key would move them again",
            "put a screen with a key before it",
        )


def _pushes(document: Document, specs: Specs) -> Iterator[Finding]:
    """Nobody asked for a push: points move behind a key that its screen offers."""
    for name, push in document.source.pushes.items():
        if leads_to_points(push.screen, document.source, specs):
            yield document.finding(
                ("pushes", name, "screen"),
                Kind.POINTS_UNASKED,
                "a push would move points before the subscriber said anything",
                "lead it to a screen with an option that does",
            )
