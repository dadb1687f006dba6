"""Where a subscriber is in a menu: a value that a session store keeps between hops.

Decides what is remembered (the screen, how to come back to it, the facts that this screen speaks of, what was kept and
pressed on the way) and its form on disk: compact JSON, some 100 to 300 bytes. Refuses to know who the subscriber is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from gateway.outcome import Fact

BACK_STEPS_MAX = 8  # the way home is one key; nobody retraces more, and a store of millions pays for each


@dataclass(frozen=True, slots=True)
class State:
    """One subscriber's place in the menu of version `menu`.

    `entry` is the screen that leads to `screen` again with fresh facts: itself, or the call before it. `back` holds
    the entries of the screens on the way here. `pending` are dialled arguments that were not walked yet.
    `kept` are the values that calls further on are made of; `pressed` the numbers that a late repeat could send again.
    `tries` counts what was typed wrong on this screen. `who` is what was known at the opening of who dials, as far as
    the menu asks. `taken` are the ways that this hop took, by their names: no part of where somebody is, and not kept
    for the next hop.
    """

    menu: str
    language: str
    screen: str
    entry: str
    page: int = 0
    back: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    pressed: tuple[str, ...] = ()
    tries: int = 0
    who: Mapping[str, Fact] = field(default_factory=dict)
    taken: tuple[str, ...] = field(default=(), compare=False)

    def to_bytes(self) -> bytes:
        """The state, for a store. Lists of facts are kept as tables: the names of their columns once.

        Most sessions keep and remember nothing: two parts fewer, which is also how a release before these wrote them.
        What came later stands in one more part, by name: a release that knows only some of it reads what it knows.
        """
        facts = {name: _packed(fact) for name, fact in self.facts.items()}
        parts = [self.menu, self.language, self.screen, self.entry, self.page, self.back, facts, self.pending]
        told = {"tries": self.tries, "who": self.who}
        later = {name: value for name, value in told.items() if value}
        if self.kept or self.pressed or later:
            parts += [self.kept, self.pressed]
        return orjson.dumps([*parts, later] if later else parts)

    @classmethod
    def from_bytes(cls, stored: bytes) -> "State":
        """The state that `to_bytes` stored. Raises `ValueError` for anything else."""
        parts = orjson.loads(stored)
        if not isinstance(parts, list) or len(parts) not in (8, 10, 11):
            raise ValueError("not a stored menu state")
        menu, language, screen, entry, page, back, facts, pending, *more = parts
        kept, pressed, later = (*more, {})[:3] if more else ({}, (), {})
        unpacked = {name: _unpacked(fact) for name, fact in facts.items()}
        place = cls(menu, language, screen, entry, page, tuple(back), unpacked, tuple(pending), kept, tuple(pressed))
        return replace(place, tries=later.get("tries", 0), who=later.get("who", {})) if later else place


def _packed(fact: Fact) -> object:
    if not isinstance(fact, list):
        return fact
    columns = list(fact[0]) if fact else []
    return [columns, *([row[column] for column in columns] for row in fact)]


def _unpacked(packed: object) -> Fact:
    if isinstance(packed, list):
        columns, *rows = packed
        return [dict(zip(columns, row, strict=True)) for row in rows]
    if packed is None or isinstance(packed, str | int):
        return packed
    raise ValueError(f"not a stored fact: {type(packed).__name__}")
