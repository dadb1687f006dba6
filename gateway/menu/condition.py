"""Conditions of options and variants: `points >= 300 and not blocked`.

    condition  = all { "or" all }              all = one { "and" one }
    one        = "not" one | "(" condition ")" | fact [ compared ( number | 'word' | fact ) ]
    compared   = "<" | "<=" | ">" | ">=" | "==" | "!="

Decides what can be asked of facts, and nothing else: no arithmetic, no calls, no code. Total: a condition has an answer
for any facts whatever. A number is compared with numbers alone; of a fact that is not there or of another kind every
comparison but `!=` is false. A fact by itself asks whether it is so, or, of a date or a word, whether there is one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

from gateway.errors import ConfigurationError
from gateway.outcome import Fact

LENGTH_MAX = 200  # characters: what is longer nobody reads right
DEPTH_MAX = 6  # parentheses and `not` within each other
CONDITIONS_REMEMBERED_MAX = 1024  # a menu of a hundred screens has some dozens

Facts = Mapping[str, Fact]
Test = Callable[[Facts], bool]

ORDERS: Mapping[str, Callable[[int, int], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
_TOKEN = re.compile(
    r"\s*(?:(<=|>=|==|!=|<|>|\(|\))|(-?[0-9]{1,15})(?![\w.])|'([^']*)'|([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?))"
)
_EXAMPLE = "write it as points >= 300 and not blocked"


class ConditionError(ConfigurationError):
    """A condition that cannot be read. `advice` says what to write."""

    code = "condition"

    def __init__(self, message: str, advice: str = _EXAMPLE) -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Named:
    """A fact by its name."""

    name: str


Operand = int | str | Named


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a fact: is it so, or how does it compare."""

    name: str
    order: str = ""
    with_: Operand = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The facts that are asked."""
        return (self.name, self.with_.name) if isinstance(self.with_, Named) else (self.name,)

    def answered(self, facts: Facts) -> bool:
        """The answer, of any facts."""
        here = facts.get(self.name)
        if not self.order:
            return bool(here) and not (isinstance(here, int) and not isinstance(here, bool))
        there = facts.get(self.with_.name) if isinstance(self.with_, Named) else self.with_
        if _is_number(here) and _is_number(there):
            return ORDERS[self.order](here, there)  # type: ignore[arg-type]  # both were just found to be numbers
        if self.order in {"==", "!="}:
            return (here == there and type(here) is type(there)) is (self.order == "==")
        return False


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `asked` are its questions, in their order."""

    source: str
    asked: tuple[Asked, ...]
    holds: Test
    """Whether it is so, of these facts."""

    @property
    def names(self) -> frozenset[str]:
        """The facts that it is about."""
        return frozenset(name for each in self.asked for name in each.names)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@lru_cache(maxsize=CONDITIONS_REMEMBERED_MAX)
def parse(source: str) -> Condition:
    """The condition. Raises `ConditionError`."""
    if len(source) > LENGTH_MAX:
        raise ConditionError(f"is longer than {LENGTH_MAX} characters", "divide it: an option of its own for each case")
    reader = _Reader(list(_tokens(source)))
    test = reader.any_of(0)
    if reader.ahead is not None:
        raise ConditionError(f"goes on where it should end, at {reader.ahead!r}")
    return Condition(source, tuple(reader.asked), test)


def both(*sources: str) -> str:
    """The condition that all of these hold."""
    return " and ".join(f"({source})" for source in sources) if len(sources) > 1 else sources[0]


def neither(source: str) -> str:
    """The condition that this one does not hold."""
    return f"not ({source})"


def _tokens(source: str) -> Iterator[str]:
    """The words and signs of a condition; a word in quotes keeps the first quote."""
    at = 0
    while source[at:].strip():
        found = _TOKEN.match(source, at)
        if found is None:
            raise ConditionError(f"cannot be read from {source[at:].strip()[:12]!r} on")
        sign, number, word, name = found.groups()
        yield sign or number or name or f"'{word}"
        at = found.end()


class _Reader:
    """Reads the tokens once, from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens[::-1]
        self.asked: list[Asked] = []

    @property
    def ahead(self) -> str | None:
        """The next token, or None at the end."""
        return self._tokens[-1] if self._tokens else None

    def _take(self, wanted: str) -> bool:
        if self.ahead != wanted:
            return False
        self._tokens.pop()
        return True

    def any_of(self, depth: int) -> Test:
        """`a or b`."""
        tests = [self._all_of(depth)]
        while self._take("or"):
            tests.append(self._all_of(depth))
        return tests[0] if len(tests) == 1 else lambda facts: any(test(facts) for test in tests)

    def _all_of(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self._take("and"):
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)

    def _one(self, depth: int) -> Test:
        if depth > DEPTH_MAX:
            raise ConditionError(f"is nested deeper than {DEPTH_MAX} levels", "take some parentheses out")
        if self._take("not"):
            test = self._one(depth + 1)
            return lambda facts: not test(facts)
        if self._take("("):
            test = self.any_of(depth + 1)
            if not self._take(")"):
                raise ConditionError("has a bracket that is not closed", "close it")
            return test
        asked = Asked(self._name())
        if self.ahead in ORDERS:
            asked = Asked(asked.name, self._tokens.pop(), self._operand())
        self.asked.append(asked)
        return asked.answered

    def _name(self) -> str:
        token = self._tokens.pop() if self._tokens else None
        if token is None:
            raise ConditionError("ends where a fact should stand")
        if not token[0].isalpha() or token in {"and", "or", "not"}:
            raise ConditionError(f"has {token!r} where a fact should stand")
        return token

    def _operand(self) -> Operand:
        if self.ahead is not None and self.ahead[0] == "'":
            return self._tokens.pop()[1:]
        if self.ahead is not None and self.ahead.lstrip("-").isdigit():
            return int(self._tokens.pop())
        return Named(self._name())
