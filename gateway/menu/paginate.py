"""Divides a screen into pages that a network will not cut.

Decides where a page ends: between lines while a line fits a page, between words when a line alone is longer than
one, between letters when a word is. A number that begins a line stays with what it numbers. The size of each page is
taken whole, with its navigation, in the encoding that its own characters force: a Russian navigation line makes an
English page UCS-2. The title is not repeated: at 80 units it would cost a quarter of each page. Refuses to know what
the lines say.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.text.segments import fits
from gateway.ussd.message import Profile

PAGE_ROOM_MIN = 10  # units that navigation must leave: fewer would make a session of a sentence

_FIRST_WORD = re.compile(r"[0-9]+ |.")
"""What a line is never divided within: its number and the space after it."""


@dataclass(frozen=True, slots=True)
class Rails:
    """The navigation under a page, by where the page stands among the pages."""

    only: tuple[str, ...]
    first: tuple[str, ...]
    middle: tuple[str, ...]
    last: tuple[str, ...]


def paginate(lines: Sequence[str], rails: Rails, profile: Profile) -> tuple[str, ...]:
    """The pages, each of which fits `profile`; every word is on one of them, in order.

    Raises `ValueError` when the navigation leaves no room for text, which `lint` proves cannot happen.
    """
    whole = _joined(lines, rails.only)
    if fits(whole, profile):
        return (whole,)
    rest = deque(lines)
    pages: list[str] = []
    while rest:
        closing = _joined(rest, rails.last)
        if pages and fits(closing, profile):
            return (*pages, closing)
        pages.append(_fill(rest, rails.middle if pages else rails.first, profile))
    return tuple(pages)


def _fill(rest: deque[str], nav: tuple[str, ...], profile: Profile) -> str:
    """One page of what goes first; `rest` keeps what did not fit."""
    page: list[str] = []
    while rest and fits(_joined((*page, rest[0]), nav), profile):
        page.append(rest.popleft())
    if rest and not fits(_joined((rest[0],), nav), profile):
        head, tail = _split(rest[0], tuple(page), nav, profile)
        if head:
            page.append(head)
            rest[0] = tail
    return _joined(page, nav)


def _split(line: str, above: tuple[str, ...], nav: tuple[str, ...], profile: Profile) -> tuple[str, str]:
    """The longest beginning of `line` that fits under `above`, and the rest; by words, else by letters."""
    taken = _longest(line, above, nav, profile)
    if taken == 0 and not above:
        raise ValueError(f"navigation {nav} leaves no room for text on a page: shorten its words")
    first = _FIRST_WORD.match(line)
    space = line.rfind(" ", first.end() if first else 1, taken + 1)
    if space > 0:
        return line[:space], line[space + 1 :]
    if above:
        return "", line
    return line[:taken], line[taken:]


def _longest(line: str, above: tuple[str, ...], nav: tuple[str, ...], profile: Profile) -> int:
    """How many letters of `line` fit, by halving: a longer beginning is never smaller on the air."""
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(_joined((*above, line[:middle]), nav), profile):
            low = middle
        else:
            high = middle - 1
    return low


def _joined(lines: Sequence[str], nav: tuple[str, ...]) -> str:
    return "\n".join((*lines, *nav))
