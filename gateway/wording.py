"""What can be proved of any text before somebody reads it, on a screen or in an SMS.

Decides which words mix alphabets, which languages speak of different facts, how long facts get, and which letters cost
the room of 7-bit text. Refuses to know files: each fault is a sentence, and the caller knows its place.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from gateway.datafile.findings import Letter
from gateway.datafile.kinds import Kind
from gateway.outcome import Fact
from gateway.templates import Text
from gateway.text import gsm7
from gateway.text.segments import Encoding

STRANGERS_NAMED_MAX = (
    3  # different letters to remove; a text with more of them is written in another alphabet on purpose
)
IF_MISSING = "write for a fact that is missing too, as {% if … %}"
FREE_DATES_MAX = 4  # each date there or not: 16 combinations; beyond, all or none

_WORD = re.compile(r"[^\W\d_]+")
LOOK_ALIKES: Mapping[str, str] = dict(zip("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху", strict=True))
"""Latin letters that a reader takes for the Cyrillic ones beside them."""
CYRILLIC_LOOK_ALIKES = frozenset(LOOK_ALIKES.values())
TYPOGRAPHY = {"—": "-", "–": "-", "−": "-", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'",
              "…": "...", "•": "-", "№": "No.", "\u00a0": "a space", "ё": "e"}  # fmt: skip
PLAIN: Mapping[str, str] = {**TYPOGRAPHY, **{cyrillic: latin for latin, cyrillic in LOOK_ALIKES.items()}}
"""What the 7-bit alphabet has for letters that it has not."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """A word of two alphabets, and those of its letters that only look right."""

    word: str
    letters: tuple[Letter, ...]

    def __str__(self) -> str:
        named = ", ".join(f"{each.letter!r} at letter {each.position}" for each in self.letters)
        alphabet = "Latin" if self.letters[0].letter in LOOK_ALIKES else "Cyrillic"
        return f"{self.word!r} mixes alphabets: {named} is {alphabet}"

    @property
    def advice(self) -> str:
        """The word as it was meant."""
        meant = list(self.word)
        for each in self.letters:
            meant[each.position - 1] = LOOK_ALIKES.get(each.letter) or PLAIN[each.letter]
        return f"type {''.join(meant)!r} again, in one alphabet"


Fault = tuple[Kind, str, str]
"""What kind of fault a text has, what is wrong, and what to write."""


def different_facts(texts: Mapping[str, Text]) -> Iterator[tuple[str, Fault]]:
    """Each language that does not speak of the facts of the first one."""
    languages = list(texts)
    for language in languages[1:]:
        here, there = texts[language].placeholders, texts[languages[0]].placeholders
        if here != there:
            fault = (
                f"{language!r} and {languages[0]!r} do not speak of the same facts: {', '.join(sorted(here ^ there))}"
            )
            yield language, (Kind.FACTS_DIFFER, fault, f"write {_exchange(here, there)}")


def _exchange(here: frozenset[str], there: frozenset[str]) -> str:
    """How one text comes to speak of the facts of another: `{{ points }} in place of {{ pionts }}`."""
    add, remove = (", ".join(f"{{{{ {name} }}}}" for name in sorted(each)) for each in (there - here, here - there))
    if add and remove:
        return f"{add} in place of {remove}"
    return f"{add} here too" if add else f"{remove} there too, or remove it here"


def mixed_words(text: Text) -> Iterator[Mixture]:
    """Each word that mixes alphabets by a slip."""
    for stretch in text.words:
        for word in _WORD.findall(stretch):
            if found := mixture(word):
                yield found


def mixture(word: str) -> Mixture | None:
    """Which letters of a word are of the wrong alphabet; None when none is."""
    stray = stray_letters(word)
    return Mixture(word, tuple(Letter(letter, at) for at, letter in stray)) if stray else None


def stray_letters(word: str) -> list[tuple[int, str]]:
    """The letters of the other alphabet that only look right, with their places from 1.

    `БOНУC` has two. `SIMка` has none: its Latin part is no slip, since S, I and M could not pass for Cyrillic.
    """
    latin = [(at, letter) for at, letter in enumerate(word, 1) if letter.isascii()]
    cyrillic = [(at, letter) for at, letter in enumerate(word, 1) if "\u0400" <= letter <= "\u04ff"]
    if not latin or not cyrillic:
        return []
    latin_passes = all(letter in LOOK_ALIKES for _, letter in latin)
    cyrillic_passes = all(letter in CYRILLIC_LOOK_ALIKES for _, letter in cyrillic)
    if latin_passes and not (cyrillic_passes and len(cyrillic) < len(latin)):
        return latin
    return cyrillic if cyrillic_passes else []


def strangers(text: str) -> tuple[Letter, ...]:
    """The letters that alone force UCS-2, each where it first stands; none when the text is GSM-7, or wholly of another
    alphabet."""
    found = gsm7.strangers(text)
    first = {letter: place for place, letter in reversed(found)}
    if len(first) > STRANGERS_NAMED_MAX or len(found) > sum(letter.isascii() and letter.isalpha() for letter in text):
        return ()
    return tuple(Letter(letter, place) for letter, place in reversed(first.items()))


def strangers_told(letters: Sequence[Letter]) -> str:
    """`'ё' at position 3 forces UCS-2`."""
    named = ", ".join(f"{each.letter!r} at position {each.position}" for each in letters)
    return f"{named} {'forces' if len(letters) == 1 else 'force'} {Encoding.UCS2}"


def without_strangers(letters: Sequence[Letter]) -> str:
    """What to write in place of them, each once: `write - in place of —`."""
    return "write " + ", ".join(
        f"{PLAIN[each]} in place of {each}" if each in PLAIN else f"another letter in place of {each}"
        for each in dict.fromkeys(one.letter for one in letters)
    )


def longest_facts(facts: Mapping[str, Fact]) -> Iterator[dict[str, Fact]]:
    """The facts at their longest, and as a text may meet them: every date also as "none" (points that never expire),
    every number also as 0 and 1. Where a text chooses between sentences, these are the choices it makes."""
    dates = [name for name, fact in facts.items() if name.endswith("_on") and isinstance(fact, str)]
    sizes = range(len(dates) + 1) if len(dates) <= FREE_DATES_MAX else (0, len(dates))
    numbers = [name for name, fact in facts.items() if isinstance(fact, int) and not isinstance(fact, bool)]
    for absent in chain.from_iterable(combinations(dates, count) for count in sizes):
        for value in (None, 0, 1):
            changed = {} if value is None else dict.fromkeys(numbers, value)
            yield {**facts, **dict.fromkeys(absent), **changed}


def names(facts: Mapping[str, Fact]) -> str:
    """The facts that there are, as findings list them."""
    return ", ".join(sorted(facts)) or "no facts"
