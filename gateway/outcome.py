"""What an action answers: a name, and the facts that a text may speak of.

A refusal is an outcome too. Facts are plain JSON values, so that a session can keep them and an SMS can be
rendered again from them to the letter: numbers are integers, dates are ISO strings (`2026-12-31`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Fact = str | int | bool | None | list[dict[str, str | int | bool | None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer of one action. `language` is set when the action learned or changed the member's language."""

    name: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    language: str | None = None

    def knowing(self, facts: Mapping[str, Fact]) -> "Outcome":
        """The same answer with what only the store could know: a balance after the booking, an order's number."""
        return replace(self, facts={**self.facts, **facts}) if facts else self


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What an action declares of itself, so that menus and texts can be checked against it.

    `outcomes` maps each outcome's name to its facts at their longest: what `gateway check` measures with.
    `arguments` maps each argument that it needs to the values that it knows, or to none when any text will do.
    An action that `moves_points` is never walked into by dialled arguments, and where its screen may not have been
    seen, its outcome goes by SMS. `told` are messages of its own that an action sends by SMS, by the name of their
    text (`<reply>.<outcome>`), with their facts at their longest.
    """

    name: str
    outcomes: Mapping[str, Mapping[str, Fact]]
    arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moves_points: bool = False
    told: Mapping[str, Mapping[str, Fact]] = field(default_factory=dict)
