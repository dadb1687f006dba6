"""Proves that no screen is cut: each is laid out in each language, for each profile, with its longest facts.

Decides which form of a screen is the longest: with the facts that the action declares, as `wording.longest_facts`
varies them, with every unit and label in its longest form, each row with its number, and one-time keys when many
numbers were pressed already.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gateway.datafile.findings import Finding, Letter, Severity, Size
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.menu.build import build
from gateway.menu.cases import cases
from gateway.menu.checks import reach
from gateway.menu.document import Document, places
from gateway.menu.model import Facts, Menu, TextScreen
from gateway.menu.numbering import PRESSED_MAX
from gateway.menu.paginate import PAGE_ROOM_MIN, Rails, paginate
from gateway.menu.source import TextSource
from gateway.outcome import ActionSpec
from gateway.templates import TextError, Vocabulary
from gateway.text.segments import Encoding, fits, limit, measure
from gateway.ussd.message import HopIdentity, Profile
from gateway.wording import IF_MISSING, longest_facts, strangers, strangers_told, without_strangers

PAGES_MAX = 9  # a session lasts two or three minutes, and each page takes some ten seconds to read
PRESSED_MANY = tuple(map(str, range(1, PRESSED_MAX + 1)))


@dataclass(frozen=True, slots=True)
class Worst:
    """One screen in one language at its longest, for the profile that it fits worst."""

    profile_name: str
    encoding: Encoding
    length: int
    """Of the whole screen with its navigation, as if it were one page; in units of `encoding`."""
    limit: int
    pages: tuple[str, ...]
    """As a subscriber reads it there."""

    def __str__(self) -> str:
        return f"{self.length}/{self.limit} {self.encoding}"


@dataclass(frozen=True, slots=True)
class _Layout:
    """One screen in one language for one profile."""

    screen: TextScreen
    language: str
    profile_name: str
    profile: Profile
    rails: Rails
    typed: Facts
    """What may have been typed before, at its longest."""

    @property
    def pressed(self) -> tuple[str, ...] | None:
        """What the subscriber may have pressed before, as far as it lengthens keys."""
        return PRESSED_MANY if self.profile.hop_identity is HopIdentity.NONE else None

    def forms(self, variants: Sequence[Facts]) -> list[tuple[str, ...]]:
        """The screen's lines with each of these facts, without repeats. Raises `TextError`."""
        lines = (
            self.screen.lines(self.language, self.screen.needed(facts), self.pressed, self.typed) for facts in variants
        )
        return list(dict.fromkeys(lines))


def check(
    document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary, profiles: Mapping[str, Profile]
) -> Iterator[Finding]:
    """Faults of length in a document that has no errors of structure or text."""
    menu = build(document, specs, vocabulary.longest())
    sizes = _different(profiles)
    yield from _messages(document, menu, sizes)
    yield from _question(document, menu, sizes)
    crowded = list(_navigation(document, menu, sizes))
    yield from crowded
    yield from _stray_navigation(document, menu, sizes)
    if not crowded:
        for layouts, variants in _layouts(document, menu, specs, profiles, vocabulary):
            yield from _screen(document, layouts, variants)


def worst(
    document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary, profiles: Mapping[str, Profile]
) -> dict[tuple[str, str], Worst]:
    """Each screen that can be reached at its longest, by its name and language, in a document that has no errors of
    structure or text. A screen that cannot be filled, or has no room, is missing: `check` says why."""
    menu = build(document, specs, vocabulary.longest())
    if any(_navigation(document, menu, _different(profiles))):
        return {}
    found = {}
    for layouts, variants in _layouts(document, menu, specs, profiles, vocabulary):
        with suppress(TextError):
            cases = [_worst(layout, layout.forms(variants)) for layout in layouts]
            first = layouts[0]
            found[first.screen.name, first.language] = max(
                cases, key=lambda one: (len(one.pages), one.length / one.limit)
            )
    return found


def _layouts(
    document: Document,
    menu: Menu,
    specs: Mapping[str, ActionSpec],
    profiles: Mapping[str, Profile],
    vocabulary: Vocabulary,
) -> Iterator[tuple[list[_Layout], list[Facts]]]:
    """Each screen that is read, in each language: for each size of profile, with the facts to measure it with."""
    depths = reach.depths(document.source)
    arrivals = reach.arrivals(document.source, specs)
    typed: Facts = {name: asked.reading.longest for name, asked in menu.inputs.items()}
    who = reach.askable(document.source, vocabulary)
    for screen in menu.screens.values():
        if not isinstance(screen, TextScreen):
            continue
        variants = [facts for arrival in arrivals[screen.name] for facts in _facts_of(screen, arrival.facts, who)]
        different = _different(profiles, once=screen.asks_once)
        for language in menu.languages:
            rails = menu.closing_rails[language] if screen.ends else menu.rails[language][depths[screen.name]]
            yield [_Layout(screen, language, name, profile, rails, typed) for name, profile in different], variants


def _facts_of(screen: TextScreen, facts: Facts, who: Facts) -> Iterator[Facts]:
    """The facts to measure a screen with: at their longest, in each case that its conditions tell apart and that shows
    no other in its place."""
    conditions = [option.when for option in screen.options if option.when is not None]
    conditions += [other.when for other in screen.instead]
    asked = {name for condition in conditions for name in condition.names}
    for case in cases(conditions, {**who, **facts}) if conditions else ({},):
        for longest in longest_facts(facts) if screen.stands_for(case) is None else ():
            yield {**longest, **{name: case[name] for name in asked if name in case}}


def _different(profiles: Mapping[str, Profile], *, once: bool = False) -> list[tuple[str, Profile]]:
    """One profile of each size; with `once`, also by whether one-time keys are shown."""
    different = {
        (each.septets_max, each.ucs2_units_max, once and each.hop_identity is HopIdentity.NONE): (name, each)
        for name, each in profiles.items()
    }
    return list(different.values())


def _messages(document: Document, menu: Menu, sizes: list[tuple[str, Profile]]) -> Iterator[Finding]:
    for name, by_language in menu.messages.items():
        for language, text in by_language.items():
            yield from _one_page(document, ("messages", name, language), text, sizes, Kind.MESSAGE_TOO_LONG)


def _question(document: Document, menu: Menu, sizes: list[tuple[str, Profile]]) -> Iterator[Finding]:
    """What a dropped session is asked is one screen: it has no pages."""
    for language, text in (menu.resume.asks if menu.resume else {}).items():
        path = ("resume", "question", language)
        yield from _one_page(document, path, text, sizes, Kind.QUESTION_TOO_LONG, ", with its answers: it has no pages")


def _one_page(
    document: Document, path: Path, text: str, sizes: list[tuple[str, Profile]], kind: Kind, why: str = ""
) -> Iterator[Finding]:
    """What cannot be divided fits as it is, and no letter costs more room than it is worth."""
    long = [_measured(text, *each) for each in sizes if not fits(text, each[1])]
    for measured in long:
        yield measured.finding(document, path, kind, why)
    measured = _measured(text, *sizes[0])
    if measured.letters and not long:
        yield measured.stray(document, path)


def _navigation(document: Document, menu: Menu, sizes: list[tuple[str, Profile]]) -> Iterator[Finding]:
    for language in menu.languages:
        nav = "\n".join(menu.rails[language][reach.DEPTHS].middle)
        for profile_name, profile in sizes:
            if not fits("\n".join(("ж" * PAGE_ROOM_MIN, nav)), profile):
                measured = _measured(nav, profile_name, profile)
                told = f"in {language!r} navigation takes {measured.told} and leaves no room for text"
                yield document.finding(
                    ("keys",), Kind.NAVIGATION_TOO_LONG, told, "shorten its words", size=measured.size
                )


def _stray_navigation(document: Document, menu: Menu, sizes: list[tuple[str, Profile]]) -> Iterator[Finding]:
    """Letters of the navigation that take room from every screen."""
    for language in menu.languages:
        measured = _measured("\n".join(menu.rails[language][reach.DEPTHS].middle), *sizes[0])
        for name, key in document.source.keys.named:
            letters = [each for each in measured.letters if each.letter in key.text.get(language, "")]
            if letters:
                yield measured.stray(document, ("keys", name, "text", language))


def _screen(document: Document, layouts: Sequence[_Layout], variants: Sequence[Facts]) -> Iterator[Finding]:
    screen, language = layouts[0].screen, layouts[0].language
    path = ("screens", screen.name, "text", language)
    source = document.source.screens[screen.name]
    one_page = isinstance(source, TextSource) and source.one_page
    strays = []
    for layout in layouts:
        try:
            laid = layout.forms(variants)
        except TextError as error:
            yield document.finding(path, Kind.FACT_MAY_BE_MISSING, str(error), IF_MISSING)
            return
        faults = list(_faults(document, path, laid, layout, one_page=one_page))
        yield from faults
        lines = max(laid, key=lambda form: _weighed(form, layout))
        yield from _refusals(document, lines, layout)
        measured = _measured("\n".join((*lines, *layout.rails.only)), layout.profile_name, layout.profile)
        navigation = "\n".join(layout.rails.middle)
        if measured.letters and not strangers(navigation) and all(each.size is None for each in faults):
            strays.append(measured)
    if strays:
        stray = max(strays, key=lambda measured: measured.size.length / measured.size.limit)
        yield stray.stray(document, _holder(document, screen.name, language, stray.letters[0].letter) or path)


def _refusals(document: Document, lines: tuple[str, ...], layout: _Layout) -> Iterator[Finding]:
    """What an input says above its screen again must fit there, with the screen at its longest."""
    asked = layout.screen.typed
    for failure, said in asked.asked.said.items() if asked else ():
        text = said.get(layout.language, "")
        pages = paginate(lines, layout.rails, layout.profile)
        above = max((f"{text}\n{page}" for page in pages), key=lambda each: measure(each).length)
        if asked and not fits(above, layout.profile):
            measured = _measured(above, layout.profile_name, layout.profile)
            yield measured.finding(
                document,
                ("inputs", asked.asked.name, "failures", failure.value, layout.language),
                Kind.FAILURE_TOO_LONG,
                f", or what stands below it on the screen {layout.screen.name!r}",
            )


def _faults(
    document: Document, path: Path, laid: list[tuple[str, ...]], layout: _Layout, *, one_page: bool
) -> Iterator[Finding]:
    """What is wrong with one screen in its longest form, and with its lines in any form."""
    pages, _, worst = max(_weighed(lines, layout) for lines in laid)
    if pages == 1:
        return
    whole = _measured("\n".join((worst, *layout.rails.only)), layout.profile_name, layout.profile)
    if one_page:
        yield whole.finding(document, path, Kind.SCREEN_TOO_LONG, ", since the screen must be `one_page`")
        return
    if pages > PAGES_MAX:
        told = f"{whole.told}: takes {pages} pages, and {PAGES_MAX} are the most that a session has time for"
        yield document.finding(path, Kind.TOO_MANY_PAGES, told, "divide it into several screens", size=whole.size)
    for line in dict.fromkeys(line for lines in laid for line in lines):
        if not _fits_a_page(line, layout):
            yield from _divided(document, line, layout)


def _holder(document: Document, screen: str, language: str, words: str) -> Path | None:
    """The text of a screen that holds these words; None when facts bring them."""
    held = (place for place in places(document.source) if place.screen == screen)
    return next(((*place.path, language) for place in held if words in place.text.get(language, "")), None)


def _worst(layout: _Layout, laid: Sequence[tuple[str, ...]]) -> Worst:
    lines = max(laid, key=lambda form: _weighed(form, layout))
    measured = measure("\n".join((*lines, *layout.rails.only)))
    room = limit(layout.profile, measured.encoding)
    pages = paginate(lines, layout.rails, layout.profile)
    return Worst(layout.profile_name, measured.encoding, measured.length, room, pages)


def _weighed(lines: tuple[str, ...], layout: _Layout) -> tuple[int, int, str]:
    """Pages, length and text: what sorts the longest form last."""
    text = "\n".join(lines)
    return len(paginate(lines, layout.rails, layout.profile)), measure(text).length, text


def _source_of(line: str, layout: _Layout) -> Path:
    """Where a line of a screen comes from: its text, its rows, or one of its options."""
    path = ("screens", layout.screen.name)
    said = line.partition(" ")[2]
    for place, option in enumerate(layout.screen.options if layout.screen.each is None else ()):
        begins = "".join(option.text[layout.language].words[:1]).strip()
        if begins and line[:1].isdigit() and said.startswith(begins):
            return (*path, "options", place, "text", layout.language)
    return (*path, *(("each",) if layout.screen.each is not None else ()), "text", layout.language)


def _divided(document: Document, line: str, layout: _Layout) -> Iterator[Finding]:
    """A line longer than a page: prose may go on overleaf, a row or an option should not, and no word may."""
    word = next((word for word in line.split() if not _fits_a_page(word, layout)), None)
    path = (_holder(document, layout.screen.name, layout.language, word) if word else None) or _source_of(line, layout)
    measured = _measured("\n".join((word or line, *layout.rails.middle)), layout.profile_name, layout.profile)
    shorten = f"shorten it by {measured.size.excess}"
    if word is not None:
        told = f"{layout.profile_name}: {word!r} is longer than a page"
        yield document.finding(path, Kind.WORD_TOO_LONG, told, shorten, size=measured.size)
    elif layout.screen.each is not None or "options" in path:
        told = f"{layout.profile_name}: the line {line!r} is longer than a page and is divided"
        yield document.finding(path, Kind.LINE_DIVIDED, told, shorten, severity=Severity.WARNING, size=measured.size)


def _fits_a_page(line: str, layout: _Layout) -> bool:
    return fits("\n".join((line, *layout.rails.middle)), layout.profile)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A text in the encoding that it forces, and the letters that alone force it."""

    size: Size
    letters: tuple[Letter, ...]

    @property
    def told(self) -> str:
        """`default: 92/80 UCS-2 — 'ё' at position 3 forces UCS-2`."""
        blame = f" — {strangers_told(self.letters)}" if self.letters else ""
        return f"{self.size.profile}: {self.size}{blame}"

    def finding(self, document: Document, path: Path, kind: Kind, why: str) -> Finding:
        """That it is too long."""
        advice = f"shorten it by {self.size.excess}{why}"
        if self.letters:
            advice = f"{without_strangers(self.letters)}, or {advice}"
        return document.finding(path, kind, self.told, advice, size=self.size, letters=self.letters)

    def stray(self, document: Document, path: Path) -> Finding:
        """That a letter costs more than half the room, whether it is needed or not."""
        return document.finding(
            path,
            Kind.STRAY_LETTER,
            f"{self.told}, where other letters have more than twice the room",
            without_strangers(self.letters),
            severity=Severity.WARNING,
            size=self.size,
            letters=self.letters,
        )


def _measured(text: str, profile_name: str, profile: Profile) -> _Measured:
    measured = measure(text)
    room = limit(profile, measured.encoding)
    return _Measured(Size(measured.length, room, measured.encoding, profile_name), strangers(text))
