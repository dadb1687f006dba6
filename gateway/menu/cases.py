"""Which combinations of conditions can occur on a screen, and with which facts: what a check goes through.

Decides which values of a fact tell conditions apart: both truths, a date and none, each word that is compared and
another, and of a number what lies at, below and above each bound. So every case that can occur is among them, up to
`CASES_MAX`. Refuses to know what is shown in a case.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from gateway.menu.condition import Asked, Condition, Named
from gateway.outcome import Fact

CASES_MAX = 4096  # six facts with four values each: more conditions on one screen nobody keeps apart
OTHER_WORD = ""

Facts = Mapping[str, Fact]


def unfit(asked: Asked, facts: Facts) -> tuple[str, str] | None:
    """Why these facts cannot answer a question that names them: what is wrong, and what to write."""
    here = facts[asked.name]
    if isinstance(here, list):
        return f"{asked.name!r} is a list", "ask about a number, a word, a date or a yes-or-no"
    if not asked.order:
        is_number = isinstance(here, int) and not isinstance(here, bool)
        return (f"{asked.name!r} is a number", f"compare it, as {asked.name} > 0") if is_number else None
    there = facts.get(asked.with_.name) if isinstance(asked.with_, Named) else asked.with_
    ordered = asked.order not in {"==", "!="}
    if isinstance(here, bool) or isinstance(there, bool):
        return f"{asked.name!r} is yes or no", f"write {asked.name}, or not {asked.name}"
    if isinstance(here, int) is not isinstance(there, int):
        kind = "number" if isinstance(here, int) else "word"
        return f"{asked.name!r} is a {kind}, and is compared with something else", f"compare it with a {kind}"
    if ordered and not isinstance(here, int):
        return f"{asked.name!r} is a word, which has no order", "write == or !="
    return None


def count(conditions: Collection[Condition], facts: Facts) -> int:
    """How many combinations of values there are to go through."""
    return prod(len(values) for values in _values(conditions, facts).values())


def cases(conditions: Sequence[Condition], facts: Facts) -> Iterator[Facts]:
    """For each combination of answers that can occur, the longest facts of it: with each date there, and without.

    At most `CASES_MAX` combinations of values are tried.
    """
    values = _values(conditions, facts)
    longest: dict[tuple[object, ...], tuple[int, Facts]] = {}
    for place, combination in enumerate(product(*values.values())):
        if place == CASES_MAX:
            break
        case = {**facts, **dict(zip(values, combination, strict=True))}
        answers = tuple(condition.holds(case) for condition in conditions)
        key = (answers, tuple(value is None for value in combination))
        length = sum(len(str(value)) for value in combination)
        if key not in longest or length > longest[key][0]:
            longest[key] = (length, case)
    yield from (case for _, case in longest.values())


def _values(conditions: Collection[Condition], facts: Facts) -> dict[str, list[Fact]]:
    """By name: the values that tell the conditions apart."""
    asked = [each for condition in conditions for each in condition.asked]
    names = dict.fromkeys(name for each in asked for name in each.names)
    return {name: _values_of(facts.get(name), [each for each in asked if name in each.names]) for name in names}


def _values_of(declared: Fact, asked: Sequence[Asked]) -> list[Fact]:
    match declared:
        case bool():
            return [True, False]
        case int():
            bounds = [each.with_ for each in asked if isinstance(each.with_, int)]
            near = {bound + step for bound in bounds for step in (-1, 0, 1)}
            within = {value for value in near if abs(value) <= abs(declared)}
            return [*sorted({0, 1, declared} | within)]
        case str():
            words = {each.with_ for each in asked if isinstance(each.with_, str)}
            return [*dict.fromkeys([declared, *sorted(words)]), None if not words else OTHER_WORD]
        case _:
            return [None]
