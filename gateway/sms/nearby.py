"""Which known words are a slip or two away from one that was typed.

Decides by edit distance with transpositions (optimal string alignment): `балнас` is one slip from `баланс`. Refuses to
know what the words are for. The work for a word grows with the square of its length, and not with how many words are
known: each known word is found by what it and the typed word leave when letters are dropped.
"""

from collections import defaultdict
from collections.abc import Iterable

SLIPS_MAX = 2
LETTERS_FOR_ONE_SLIP = 3  # of two letters, one slip makes another word
LETTERS_FOR_TWO_SLIPS = 6  # `бонус` with two is `минус`


def slips_allowed(word: str) -> int:
    """How many slips a known word forgives."""
    if len(word) < LETTERS_FOR_ONE_SLIP:
        return 0
    return 1 if len(word) < LETTERS_FOR_TWO_SLIPS else SLIPS_MAX


class Nearby:
    """An index of known words."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known: dict[str, set[str]] = defaultdict(set)
        self._longest = 0
        for word in words:
            self._longest = max(self._longest, len(word))
            for left in remnants(word, slips_allowed(word)):
                self._known[left].add(word)

    def find(self, typed: str) -> list[tuple[int, str]]:
        """The known words that are near, each after its number of slips, the nearest first. Long words are near to
        none."""
        if len(typed) > self._longest + SLIPS_MAX:
            return []
        candidates = {word for left in remnants(typed, SLIPS_MAX) for word in self._known.get(left, ())}
        measured = [(distance(typed, word), word) for word in candidates]
        return sorted((slips, word) for slips, word in measured if slips <= slips_allowed(word))


def remnants(word: str, dropped_max: int) -> set[str]:
    """The word, and what is left of it when up to so many letters are dropped."""
    found = {word}
    shorter = found
    for _ in range(dropped_max):
        shorter = {left[:place] + left[place + 1 :] for left in shorter for place in range(len(left))}
        found |= shorter
    return found


def distance(one: str, other: str) -> int:
    """Letters added, dropped, replaced, and neighbours exchanged, at the fewest."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, last, row = row, before, [at]
        for place, wanted in enumerate(other, 1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != wanted))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == wanted:
                cost = min(cost, last[place - 2] + 1)
            row.append(cost)
    return row[-1]
