"""Which number stands before a row of a list, and before an option that moves points.

Decides the order of free numbers, and what a session remembers of the keys that were pressed. Where a dialect does not
tell one hop from the next, a late repeat of an earlier key looks like the subscriber pressing it again (decision 0003).
So an option that moves points has a one-time key there: a number that this session has not heard yet, which no repeat
can be of. An input that moves points needs none: a gift code that comes twice is redeemed once.
"""

import re
from collections.abc import Collection, Iterator
from itertools import count

PRESSED_MAX = 32
"""The latest different numbers that a session remembers: a session of three minutes has no time for more, and a gateway
repeats a hop within seconds."""

_NUMBER = re.compile(r"[1-9][0-9]{0,2}")


def free_numbers(taken: Collection[str]) -> Iterator[str]:
    """1, 2, 3, … without those that are taken; without end."""
    return (number for number in map(str, count(1)) if number not in taken)


def remembered(pressed: tuple[str, ...], key: str) -> tuple[str, ...]:
    """What was pressed, the latest last. What could never be a one-time key is not worth remembering."""
    if not _NUMBER.fullmatch(key):
        return pressed
    return (*(other for other in pressed if other != key), key)[-PRESSED_MAX:]
