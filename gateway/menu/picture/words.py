"""How texts of a menu are shown in a picture: facts by their names, lines that fit a box."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator

from gateway.menu.checks.fit import Worst
from gateway.menu.picture.model import Seen

_PLACE = re.compile(r"\{\{-?\s*(?:item\.)?([A-Za-z_]\w*).*?\}\}", re.DOTALL)
_CONDITION = re.compile(r"\{%.*?%\}", re.DOTALL)


def named(text: str) -> tuple[str, ...]:
    """The lines of a text with facts by their names: `{{ points | count('points') }}` is `‹points›`. Of a text that
    chooses between sentences, all."""
    lines = _CONDITION.sub("", _PLACE.sub(r"‹\1›", text)).split("\n")
    return tuple(line.strip() for line in lines if line.strip())


def gauge_words(worst: Worst) -> str:
    """`83/80 UCS-2, 2 pages`."""
    pages = len(worst.pages)
    return f"{worst}, {pages} pages" if pages > 1 else str(worst)


def cells(text: str) -> int:
    """How many letters' room a text takes in a fixed-width font: an ideograph takes two, an accent none."""
    return sum(_cells(letter) for letter in text)


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def shortened(text: str, room: int) -> str:
    """The text, or its beginning and `…`, in at most `room` cells."""
    if cells(text) <= room:
        return text
    taken = 0
    for place, letter in enumerate(text):
        taken += _cells(letter)
        if taken > room - 1:
            return text[:place].rstrip() + "…"
    return text


def wrapped(lines: Iterable[str], room: int, count: int) -> tuple[str, ...]:
    """The first `count` lines, none wider than `room` cells; the last says by `…` that there is more."""
    divided = [part for line in lines for part in _divided(line, room)]
    if len(divided) <= count:
        return tuple(divided)
    return (*divided[: count - 1], shortened(f"{divided[count - 1]} …", room))


def _divided(line: str, room: int) -> Iterator[str]:
    for part in textwrap.wrap(line, room, break_on_hyphens=False):
        yield shortened(part, room)


def short_number(count: int) -> str:
    """`950`, `1.2k`, `34k`, `2.1M`: as much as fits beside a label."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            number = count / size
            return f"{number:.1f}{letter}" if number < 10 else f"{number:.0f}{letter}"
    return str(count)


def left_words(seen: Seen) -> str:
    """`34 % left of 1.2k`."""
    return f"{100 * seen.left_share:.0f} % left of {short_number(seen.shown)}"
