"""What can be proved of any text before somebody reads it, on a screen or in an SMS.

Decides which words mix alphabets, which languages speak of different facts, how long facts get, and which letters cost
the room of 7-bit text. Refuses to know files: each fault is a sentence, and the caller knows its place.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations

from gateway.outcome import Fact
from gateway.templates import Text
from gateway.text import gsm7
from gateway.text.segments import Encoding

STRANGERS_NAMED_MAX = 3  # letters to remove; a text with more of them is written in another alphabet on purpose
FREE_DATES_MAX = 4  # each date there or not: 16 combinations; beyond, all or none

_WORD = re.compile(r"[^\W\d_]+")
LOOK_ALIKES: Mapping[str, str] = dict(zip("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху", strict=True))
"""Latin letters that a reader takes for the Cyrillic ones beside them."""
CYRILLIC_LOOK_ALIKES = frozenset(LOOK_ALIKES.values())


def different_facts(texts: Mapping[str, Text]) -> Iterator[tuple[str, str]]:
    """Each language that does not speak of the facts of the first one, with a sentence."""
    languages = list(texts)
    for language in languages[1:]:
        here, there = texts[language].placeholders, texts[languages[0]].placeholders
        if here != there:
            told = ", ".join(sorted(here ^ there))
            yield language, f"{language!r} and {languages[0]!r} do not speak of the same facts: {told}"


def mixed_words(text: Text) -> Iterator[str]:
    """A sentence for each word that mixes alphabets by a slip."""
    for stretch in text.words:
        for word in _WORD.findall(stretch):
            if told := mixture(word):
                yield told


def mixture(word: str) -> str:
    """Which letters of a word are of the wrong alphabet, or nothing when none is."""
    stray = stray_letters(word)
    if not stray:
        return ""
    letters = ", ".join(f"{letter!r} at letter {at}" for at, letter in stray)
    alphabet = "Latin" if stray[0][1] in LOOK_ALIKES else "Cyrillic"
    return f"{word!r} mixes alphabets: {letters} is {alphabet}; type it again"


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


def strangers_told(text: str) -> str:
    """`'ё' at position 3 forces UCS-2`, or nothing when the text is GSM-7 or wholly of another alphabet."""
    strangers = gsm7.strangers(text)
    if not 0 < len(strangers) <= STRANGERS_NAMED_MAX:
        return ""
    named = ", ".join(f"{letter!r} at position {place}" for place, letter in strangers)
    return f"{named} {'forces' if len(strangers) == 1 else 'force'} {Encoding.UCS2}"


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
