"""Which row of the route table a text means.

Decides what is the keyword itself, however it is spelled, and what is only near it: near misses, a keyword among other
words, a keyword of another of our numbers. Those are suggested and never execute. A generous row is never suggested:
it executes among other words, and where fingers only fumbled (`spelling.fumbled`), since it stops something, and who
stops is not asked twice; what is as near but another word is not it. Refuses to know what rows do, and who texts. Never
raises; the work for a text is bounded, whatever it holds.

A text is read in several ways, the likeliest first: as it is written, by how it looks, as typed on the other keyboard
layout, as Russian in Latin letters. Each reading is a look-up in a dictionary of all keywords' spellings.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gateway.sms import spelling
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
    and whoever knows the member takes the one in the member's language."""

    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """The text is nearly a keyword, which can be suggested: the word as the file has it, and where to text it."""

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
        self._known: dict[Spelling, list[_Known]] = defaultdict(list)
        self._languages: dict[str, str] = {}
        pairs = [(keyword, route) for route in table.routes for keyword in route.keywords]
        for keyword, route in pairs:
            known = _Known(keyword, route)
            for spelled in spellings(keyword):
                self._known[spelled].append(known)
            self._languages.setdefault(_script(keyword), route.language)
        self._nearby = {
            form: Nearby(key for known_form, key in self._known if known_form is form)
            for form in (Form.LOOKS, Form.SOUND)
        }
        self._remembered = lru_cache(maxsize=REMEMBERED_MAX)(self._match)
        self._words_max = max(keyword.count(" ") + 1 for keyword, _ in pairs)

    def match(self, text: str, short_number: str) -> Match:
        """What a text to one of our numbers means. Most texts are the same few words; one with digits may be a code,
        and is not remembered."""
        if len(text) <= REMEMBERED_LENGTH_MAX and not any(letter.isdigit() for letter in text):
            return self._remembered(text, short_number)
        return self._match(text, short_number)

    def _match(self, text: str, short_number: str) -> Match:
        seen = spelling.plain(text)
        tokens = seen.split()
        whole = "".join(tokens)
        exact = self._exact(whole)
        if here := [known for known in exact if short_number in known.route.numbers]:
            return Exact(_alike(here))
        pieces = [known for piece in self._pieces(seen, tokens) for known in self._exact(piece)]
        if generous := [known for known in pieces if known.route.generous]:
            return Exact(_alike(generous))
        if exact or pieces:
            return _suggested([(0, known) for known in (*exact, *pieces)], short_number)
        return self._near(tokens, whole, short_number)

    def language_of(self, text: str) -> str | None:
        """The language whose keywords have the script of most of the text's letters; None when there is none."""
        return self._languages.get(_script(text))

    def _exact(self, token: str) -> list[_Known]:
        return list(dict.fromkeys(known for reading in _readings(token) for known in self._known.get(reading, ())))

    def _pieces(self, seen: str, tokens: list[str]) -> Iterator[str]:
        """What stands alone in a text: its tokens, its words, and as many words together as a keyword has."""
        words = spelling.words(seen)[:WORDS_MAX]
        runs = (
            "".join(words[start : start + length])
            for length in range(1, self._words_max + 1)
            for start in range(len(words) - length + 1)
        )
        return iter(dict.fromkeys((*tokens[:WORDS_MAX], *runs)))

    def _near(self, tokens: list[str], whole: str, short_number: str) -> Match:
        """The nearest keyword. A generous one executes when the text is one word that fumbles it."""
        found = self._slips(whole)
        if len(tokens) == 1 and (generous := [slip.known for slip in found if slip.is_fumbled_generous]):
            return Exact(_alike(generous))
        if len(tokens) > 1:
            found += [near for token in tokens[:NEAR_WORDS_MAX] for near in self._slips(token)]
        return _suggested([(slip.count, slip.known) for slip in found], short_number)

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


def _alike(found: list[_Known]) -> tuple[Route, ...]:
    """The likeliest route, and those that say the same in other languages."""
    first = found[0].route
    by_language: dict[str, Route] = {}
    for known in found:
        if known.route.does_the_same_as(first):
            by_language.setdefault(known.route.language, known.route)
    return tuple(by_language.values())


def _suggested(found: list[tuple[int, _Known]], short_number: str) -> Near | Nothing:
    """The nearest keyword; of those as near, one that is heard at the number that was texted to; then the likeliest."""
    ranked = [
        (slips, short_number not in known.route.numbers, known) for slips, known in found if not known.route.generous
    ]
    if not ranked:
        return Nothing()
    _, elsewhere, known = min(ranked, key=lambda each: each[:2])
    return Near(known.keyword, known.route.numbers[0] if elsewhere else short_number, known.route.language)


def _script(text: str) -> str:
    """The script of most letters, as Unicode names it. Letters that are alike in two count if there are no others."""
    letters = [letter for letter in spelling.plain(text) if letter.isalpha()]
    sure = [letter for letter in letters if letter not in _AMBIGUOUS] or letters
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in sure)
    return max(scripts, key=scripts.__getitem__, default="")
