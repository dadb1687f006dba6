"""Sums of numbers and names, `points - price + 5`: how the books of a phone go on. Nothing else can be computed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.errors import PhraseError

Value = int | str
NAME = r"[a-z][a-z_]{0,30}"
TERMS_MAX = 10


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms, each with its sign: a number, or the name of one."""

    terms: tuple[tuple[int, int | str], ...]

    @property
    def names(self) -> frozenset[str]:
        """What has to be known."""
        return frozenset(term for _, term in self.terms if isinstance(term, str))

    def value(self, known: Mapping[str, Value]) -> int:
        """The sum. Raises `PhraseError` where a name stands for words."""
        total = 0
        for sign, term in self.terms:
            found = known[term] if isinstance(term, str) else term
            if not isinstance(found, int):
                raise PhraseError(f"{term} is no number: {found!r}")
            total += sign * found
        return total


def sum_of(written: object) -> Sum:
    """`points - 300` as a sum."""
    text = str(written).strip()
    if not re.fullmatch(rf"-?\s*({NAME}|\d{{1,12}})(\s*[+-]\s*({NAME}|\d{{1,12}}))*", text):
        raise PhraseError(f"cannot read the sum {text!r}: write it as points + 1000 or points - price")
    found = re.findall(rf"([+-]?)\s*({NAME}|\d+)", text)
    if len(found) > TERMS_MAX:
        raise PhraseError(f"the sum {text!r} has more than {TERMS_MAX} terms")
    return Sum(tuple((-1 if sign == "-" else 1, int(term) if term.isdecimal() else term) for sign, term in found))
