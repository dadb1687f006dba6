"""Which row of the route table a text means, and which of its arguments the text brings.

Decides what is the keyword itself, however it is spelled, with its number where it takes one; what is digits that a row
hears, or an answer; and what is only near a keyword: near misses, a keyword among other words or without its number, a
keyword of another of our numbers. Those are suggested and never execute. Long digits are never suggested: they may be a
code. A generous row is never suggested: it executes among other words, and where fingers only fumbled
(`spelling.fumbled`), since it stops something, and who stops is not asked twice; what is as near but another word is
not it. Refuses to know what rows do, and who texts. Never raises; the work for a text is bounded, whatever it holds.

A text is read in several ways, the likeliest first: as it is written, by how it looks, as typed on the other keyboard
layout, as Russian in Latin letters. Each reading is a look-up in a dictionary of all keywords' spellings.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from gateway.sms import digits, spelling
from gateway.sms.digits import Stretch
from gateway.sms.nearby import Nearby
from gateway.sms.route_table import Route, RouteTable
from gateway.wording import LOOK_ALIKES

WORDS_MAX = 100
"""Words of a text in which keywords are looked for: who begins with a page of something else gets help."""
NEAR_WORDS_MAX = 12
"""Words of a text for which near misses are looked for: each costs a hundred times a look-up."""

REMEMBERED_MAX = 1024
REMEMBERED_LENGTH_MAX = 40  # characters; longer texts are seldom the same

_AMBIGUOUS = {letter.lower() for pair in LOOK_ALIKES.items() for letter in pair}


@dataclass(frozen=True, slots=True)
class Exact:
    """The text is a keyword. Several routes when it is one in several languages, the likeliest first: all do the same,
    and whoever knows the member takes the one in the member's language. `arguments` are what the text brings, a gift
    code perhaps: never shown."""

    routes: tuple[Route, ...]
    arguments: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Near:
    """The text is nearly a keyword, which can be suggested: the word as the file has it, with a number where it takes
    one, and where to text it."""

    keyword: str
    short_number: str
    language: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """The text is like no keyword."""


Match = Exact | Near | Nothing


class Form(StrEnum):
    """What two spellings have in common."""

    WRITTEN = "written"
    LOOKS = "looks"
    SOUND = "sound"


Spelling = tuple[Form, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """One keyword of one route. There is one object for each: equal is the same."""

    keyword: str
    route: Route

    def shown(self, number: str | None) -> str:
        """What to text: with the number that was texted, or else an example."""
        return f"{self.keyword} {number or self.route.example}" if self.route.takes else self.keyword


@dataclass(frozen=True, slots=True)
class _Slip:
    """A keyword that is near what was typed: by how much, and both in the form in which they were compared."""

    count: int
    known: _Known
    typed: str
    meant: str

    @property
    def is_fumbled_generous(self) -> bool:
        return self.known.route.generous and spelling.fumbled(self.typed, self.meant)


class Matcher:
    """Finds rows by what people text. Built once per table."""

    def __init__(self, table: RouteTable) -> None:
        pairs = [(keyword, route) for route in table.routes for keyword in route.keywords]
        self._known = _index(pairs)
        self._languages: dict[str, str] = {}
        for keyword, route in pairs:
            self._languages.setdefault(_script(keyword), route.language)
        self._digits = [(route, route.digits) for route in table.routes if route.digits]
        self._around = _index([(word, route) for route, heard in self._digits for word in heard.around])
        self._answers = {
            (number, route.answer): route for route in table.routes if route.answer for number in route.numbers
        }
        self._nearby = {
            form: Nearby(key for known_form, key in self._known if known_form is form)
            for form in (Form.LOOKS, Form.SOUND)
        }
        self._remembered = lru_cache(maxsize=REMEMBERED_MAX)(self._match)
        self._words_max = max((len(_words(keyword)) for keyword, _ in pairs), default=1)

    def match(self, text: str, short_number: str) -> Match:
        """What a text to one of our numbers means. Most texts are the same few words; one with digits, of whatever
        kind, may be a code, and is not remembered."""
        if len(text) <= REMEMBERED_LENGTH_MAX and not any(letter.isnumeric() for letter in text):
            return self._remembered(text, short_number)
        return self._match(text, short_number)

    def _match(self, text: str, short_number: str) -> Match:
        seen = spelling.plain(text)
        exact = self._exact(_whole(seen))
        if here := [known for known in exact if short_number in known.route.numbers and not known.route.takes]:
            return Exact(_alike(here))
        stretch = digits.stretch(seen)
        if stretch is not None and (told := self._digits_told(stretch, short_number)):
            return told
        number = (stretch.number if stretch else "") if any(map(str.isdecimal, seen)) else None
        return self._unsure(digits.apart(seen), exact, short_number, number)

    def _digits_told(self, stretch: Stretch, short_number: str) -> Exact | None:
        """An answer, digits that a row hears, or a keyword with its number."""
        sides = [side for side in (stretch.before, stretch.after) if spelling.joined(side)]
        answer = self._answers.get((short_number, stretch.digits))
        if answer and stretch.in_one_piece and not sides:
            return Exact((answer,))
        for route, heard in self._digits:
            fits = heard.length_min <= len(stretch.digits) <= heard.length_max
            if fits and short_number in route.numbers and all(self._may_stand_beside(side, route) for side in sides):
                return Exact((route,), {heard.name: stretch.digits})
        if stretch.number and sides == [stretch.before]:
            found = self._exact(_whole(stretch.before))
            if here := [known for known in found if short_number in known.route.numbers and known.route.takes]:
                return Exact(_alike(here), {here[0].route.takes: stretch.number})
        return None

    def _may_stand_beside(self, side: str, route: Route) -> bool:
        return any(known.route is route for known in _found(self._around, _whole(side)))

    def _unsure(self, seen: str, exact: list[_Known], short_number: str, number: str | None) -> Match:
        """What is not the keyword itself, in a text whose letters and digits stand apart. `number` is None in a text
        without digits, and empty where they are no number."""
        tokens = seen.split()
        pieces = [known for piece in self._pieces(seen, tokens) for known in self._exact(piece)]
        if generous := [known for known in pieces if known.route.generous]:
            return Exact(_alike(generous))
        if exact or pieces:
            return _suggested([(0, known) for known in (*exact, *pieces)], short_number, number)
        return self._near(tokens, short_number, number)

    def language_of(self, text: str) -> str | None:
        """The language whose keywords have the script of most of the text's letters; None when there is none."""
        return self._languages.get(_script(text))

    def _exact(self, token: str) -> list[_Known]:
        return _found(self._known, token)

    def _pieces(self, seen: str, tokens: list[str]) -> Iterator[str]:
        """What stands alone in a text: its tokens, its words, and as many words together as a keyword has."""
        words = spelling.words(seen)[:WORDS_MAX]
        runs = (
            "".join(words[start : start + length])
            for length in range(1, self._words_max + 1)
            for start in range(len(words) - length + 1)
        )
        return iter(dict.fromkeys((*tokens[:WORDS_MAX], *runs)))

    def _near(self, tokens: list[str], short_number: str, number: str | None) -> Match:
        """The nearest keyword. A generous one executes when the text is one word that fumbles it."""
        found = self._slips("".join(tokens))
        if len(tokens) == 1 and (generous := [slip.known for slip in found if slip.is_fumbled_generous]):
            return Exact(_alike(generous))
        if len(tokens) > 1:
            found += [near for token in tokens[:NEAR_WORDS_MAX] for near in self._slips(token)]
        return _suggested([(slip.count, slip.known) for slip in found], short_number, number)

    def _slips(self, token: str) -> list[_Slip]:
        """Each keyword near a token; the likeliest reading first."""
        return [
            _Slip(slips, known, key, word)
            for form, key in _readings(token)
            if form in self._nearby
            for slips, word in self._nearby[form].find(key)
            for known in self._known[form, word]
        ]


def spellings(keyword: str) -> tuple[Spelling, ...]:
    """By what a keyword is recognised. Two that share one cannot be told apart by somebody's texting."""
    word = spelling.joined(spelling.plain(keyword))
    written = ((Form.WRITTEN, word), (Form.LOOKS, spelling.looks(word)))
    return (*written, (Form.SOUND, spelling.sound(word))) if spelling.has_cyrillic(word) else written


def _readings(token: str) -> Iterator[Spelling]:
    """What may have been meant, the likeliest first."""
    word = spelling.joined(token)
    looks = spelling.looks(word)
    yield Form.WRITTEN, word
    yield Form.LOOKS, looks
    for meant in spelling.other_layout(token):
        yield Form.LOOKS, spelling.looks(meant)
    if not spelling.has_cyrillic(looks):
        yield Form.SOUND, spelling.sound(looks)


def _words(keyword: str) -> list[str]:
    """As many as a text of it is taken apart into."""
    return spelling.words(digits.apart(spelling.plain(keyword)))


def _whole(text: str) -> str:
    return "".join(text.split())


def _index(pairs: list[tuple[str, Route]]) -> dict[Spelling, list[_Known]]:
    index: dict[Spelling, list[_Known]] = defaultdict(list)
    for keyword, route in pairs:
        known = _Known(keyword, route)
        for spelled in spellings(keyword):
            index[spelled].append(known)
    return index


def _found(index: Mapping[Spelling, list[_Known]], token: str) -> list[_Known]:
    return list(dict.fromkeys(known for reading in _readings(token) for known in index.get(reading, ())))


def _alike(found: list[_Known]) -> tuple[Route, ...]:
    """The likeliest route, and those that say the same in other languages."""
    first = found[0].route
    by_language: dict[str, Route] = {}
    for known in found:
        if known.route.does_the_same_as(first):
            by_language.setdefault(known.route.language, known.route)
    return tuple(by_language.values())


def _suggested(found: list[tuple[int, _Known]], short_number: str, number: str | None) -> Near | Nothing:
    """The nearest keyword; of those as near, after a text with digits, one that takes a number; then one that is heard
    at the number that was texted to; then one that takes no number when none was texted; then the likeliest."""

    def rank(each: tuple[int, _Known]) -> tuple[int, bool, bool, bool]:
        slips, known = each
        has_digits = number is not None
        unlike = bool(known.route.takes) != has_digits
        return slips, unlike and has_digits, short_number not in known.route.numbers, unlike

    polite = [each for each in found if not each[1].route.generous]
    if not polite:
        return Nothing()
    _, known = min(polite, key=rank)
    place = short_number if short_number in known.route.numbers else known.route.numbers[0]
    return Near(known.shown(number), place, known.route.language)


def _script(text: str) -> str:
    """The script of most letters, as Unicode names it. Letters that are alike in two count if there are no others."""
    letters = [letter for letter in spelling.plain(text) if letter.isalpha()]
    sure = [letter for letter in letters if letter not in _AMBIGUOUS] or letters
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in sure)
    return max(scripts, key=scripts.__getitem__, default="")
