"""Proves that no screen is cut: each is laid out in each language, for each profile, with its longest facts.

Decides which form of a screen is the longest: with the facts that the action declares, as `wording.longest_facts`
varies them, with every unit and label in its longest form, each row with its number, and one-time keys when many
numbers were pressed already.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gateway.datafile.findings import Finding, Severity
from gateway.menu.build import build
from gateway.menu.checks import reach
from gateway.menu.document import Document
from gateway.menu.model import Facts, Menu, TextScreen
from gateway.menu.numbering import PRESSED_MAX
from gateway.menu.paginate import PAGE_ROOM_MIN, Rails, paginate
from gateway.menu.source import TextSource
from gateway.outcome import ActionSpec
from gateway.templates import TextError, Vocabulary
from gateway.text.segments import Encoding, fits, limit, measure
from gateway.ussd.message import HopIdentity, Profile
from gateway.wording import longest_facts, strangers_told

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

    @property
    def pressed(self) -> tuple[str, ...] | None:
        """What the subscriber may have pressed before, as far as it lengthens keys."""
        return PRESSED_MANY if self.profile.hop_identity is HopIdentity.NONE else None

    @property
    def option_keys(self) -> tuple[str, ...]:
        """How the lines of options begin, on a screen without a list."""
        return tuple(f"{key} " for key in self.screen.option_keys({}, self.pressed))

    def forms(self, variants: Sequence[Facts]) -> list[tuple[str, ...]]:
        """The screen's lines with each of these facts, without repeats. Raises `TextError`."""
        lines = (self.screen.lines(self.language, self.screen.needed(facts), self.pressed) for facts in variants)
        return list(dict.fromkeys(lines))


def check(
    document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary, profiles: Mapping[str, Profile]
) -> Iterator[Finding]:
    """Faults of length in a document that has no errors of structure or text."""
    menu = build(document, specs, vocabulary.longest())
    sizes = _different(profiles)
    yield from _messages(document, menu, sizes)
    crowded = list(_navigation(document, menu, sizes))
    yield from crowded
    if not crowded:
        for layouts, variants in _layouts(document, menu, specs, profiles):
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
    for layouts, variants in _layouts(document, menu, specs, profiles):
        with suppress(TextError):
            cases = [_worst(layout, layout.forms(variants)) for layout in layouts]
            first = layouts[0]
            found[first.screen.name, first.language] = max(
                cases, key=lambda one: (len(one.pages), one.length / one.limit)
            )
    return found


def _layouts(
    document: Document, menu: Menu, specs: Mapping[str, ActionSpec], profiles: Mapping[str, Profile]
) -> Iterator[tuple[list[_Layout], list[Facts]]]:
    """Each screen that is read, in each language: for each size of profile, with the facts to measure it with."""
    depths = reach.depths(document.source)
    arrivals = reach.arrivals(document.source, specs)
    for screen in menu.screens.values():
        if not isinstance(screen, TextScreen):
            continue
        variants: list[Facts] = [facts for arrival in arrivals[screen.name] for facts in longest_facts(arrival.facts)]
        different = _different(profiles, once=screen.asks_once)
        for language in menu.languages:
            rails = menu.closing_rails[language] if screen.ends else menu.rails[language][depths[screen.name]]
            yield [_Layout(screen, language, name, profile, rails) for name, profile in different], variants


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
            for profile_name, profile in sizes:
                if not fits(text, profile):
                    yield document.finding(
                        ("messages", name, language), f"{profile_name}: {size(text, profile)}: shorten it"
                    )


def _navigation(document: Document, menu: Menu, sizes: list[tuple[str, Profile]]) -> Iterator[Finding]:
    for language in menu.languages:
        nav = "\n".join(menu.rails[language][reach.DEPTHS].middle)
        for profile_name, profile in sizes:
            if not fits("\n".join(("ж" * PAGE_ROOM_MIN, nav)), profile):
                told = f"{profile_name}: in {language!r} navigation takes {size(nav, profile)}"
                yield document.finding(("keys",), f"{told} and leaves no room for text: shorten its words")


def _screen(document: Document, layouts: Sequence[_Layout], variants: Sequence[Facts]) -> Iterator[Finding]:
    screen, language = layouts[0].screen, layouts[0].language
    path = ("screens", screen.name, "text", language)
    source = document.source.screens[screen.name]
    one_page = isinstance(source, TextSource) and source.one_page
    for layout in layouts:
        try:
            laid = layout.forms(variants)
        except TextError as error:
            yield document.finding(path, f"{error}: write for a fact that is missing too, as {{% if … %}}")
            return
        for message, severity in _faults(laid, layout, one_page=one_page):
            yield document.finding(path, message, severity)


def _faults(laid: list[tuple[str, ...]], layout: _Layout, *, one_page: bool) -> Iterator[tuple[str, Severity]]:
    """What is wrong with one screen in its longest form, and with its lines in any form."""
    pages, _, worst = max(_weighed(lines, layout) for lines in laid)
    if pages == 1:
        return
    whole = "\n".join((worst, *layout.rails.only))
    told = f"{layout.profile_name}: {size(whole, layout.profile)}"
    if one_page:
        yield f"{told}: shorten it, since the screen must be `one_page`", Severity.ERROR
        return
    if strangers_told(whole):
        yield f"{told}: takes {pages} pages", Severity.WARNING
    if pages > PAGES_MAX:
        yield f"{told}: takes {pages} pages, and {PAGES_MAX} are the most that a session has time for", Severity.ERROR
    for line in dict.fromkeys(line for lines in laid for line in lines):
        if not _fits_a_page(line, layout):
            yield from _divided(line, layout)


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


def _divided(line: str, layout: _Layout) -> Iterator[tuple[str, Severity]]:
    """A line longer than a page: prose may go on overleaf, a row or an option should not, and no word may."""
    word = next((word for word in line.split() if not _fits_a_page(word, layout)), None)
    if word is not None:
        yield f"{layout.profile_name}: {word!r} is longer than a page: shorten it", Severity.ERROR
    elif layout.screen.each is not None or line.startswith(layout.option_keys):
        yield f"{layout.profile_name}: the line {line!r} is longer than a page and is divided", Severity.WARNING


def _fits_a_page(line: str, layout: _Layout) -> bool:
    return fits("\n".join((line, *layout.rails.middle)), layout.profile)


def size(text: str, profile: Profile) -> str:
    """`92/80 UCS-2`, and which letters make it UCS-2 when they are few."""
    measured = measure(text)
    told = f"{measured.length}/{limit(profile, measured.encoding)} {measured.encoding}"
    strangers = strangers_told(text)
    return f"{told} — {strangers}" if strangers else told
