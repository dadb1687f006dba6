"""A compiled menu: what the engine walks. Values only; nothing in it changes while it serves.

Decides how a screen becomes lines of text, and which dialled string means which screen. Refuses to know sizes
(`paginate`) and what follows an input (`engine`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.menu.paginate import Rails
from gateway.outcome import Fact
from gateway.templates import Text

Facts = Mapping[str, Fact]

DIAL_STRING_LENGTH_MAX = 182  # one USSD string
DIALLED_MAX = 8  # a network passes at most 182 characters, and nobody types nine menu choices ahead
ROW = "item"
"""What a text calls the row of a list that it stands for."""
_SEPARATORS = re.compile(r"[*#]+")


@dataclass(frozen=True, slots=True)
class Option:
    """One line to choose, and where it leads."""

    key: str
    text: Mapping[str, Text]
    go: str


@dataclass(frozen=True, slots=True)
class Each:
    """One line for each row of a list."""

    list: str
    text: Mapping[str, Text]
    fields: tuple[str, ...]
    """The fields of a row that some language's text names."""


@dataclass(frozen=True, slots=True)
class TextScreen:
    """A screen that is read."""

    name: str
    text: Mapping[str, Text]
    each: Each | None
    options: tuple[Option, ...]
    ends: bool
    uses: frozenset[str]
    """The facts that the screen's texts name: what a session keeps of an outcome."""
    by_key: Mapping[str, Option]
    fixed: Mapping[str, tuple[str, ...]]
    """The lines per language, where they are the same for everyone."""

    def lines(self, language: str, facts: Facts) -> tuple[str, ...]:
        """The screen from top to bottom, one element per line that belongs together."""
        if language in self.fixed:
            return self.fixed[language]
        lines = self.text[language].fill(facts).split("\n")
        if self.each is not None:
            row = self.each.text[language]
            lines += [row.fill({**facts, ROW: item}) for item in _rows(facts[self.each.list])]
        lines += [option.key + " " + option.text[language].fill(facts) for option in self.options]
        return tuple(lines)

    def needed(self, facts: Facts) -> dict[str, Fact]:
        """Of an outcome's facts, those that the screen speaks of."""
        kept = {name: fact for name, fact in facts.items() if name in self.uses}
        if self.each is not None and self.each.list not in kept:
            fields = self.each.fields
            kept[self.each.list] = [{field: row[field] for field in fields} for row in _rows(facts[self.each.list])]
        return kept


def _rows(fact: Fact) -> list[dict[str, str | int | bool | None]]:
    if not isinstance(fact, list):
        raise TypeError(f"`each` needs a list among the facts, not {type(fact).__name__}")
    return fact


@dataclass(frozen=True, slots=True)
class CallScreen:
    """A screen that is never seen: an action, and the screen for each of its outcomes."""

    name: str
    action: str
    arguments: Mapping[str, Mapping[str, str]]
    """By language, by argument."""
    on: Mapping[str, str]
    moves_points: bool
    leads_to_points: bool
    """Whether it, or a call that may follow without a question between, moves points."""


Screen = TextScreen | CallScreen


@dataclass(frozen=True, slots=True)
class Keys:
    """What the navigation keys are."""

    back: str
    home: str
    next: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of one version. `digest` names the version; a session stays with the one it began with."""

    digest: str
    languages: tuple[str, ...]
    start: str
    dial: Mapping[tuple[str, ...], str]
    keys: Keys
    rails: Mapping[str, tuple[Rails, ...]]
    """By language: the navigation at the start, one step from it, and deeper."""
    closing_rails: Mapping[str, Rails]
    """By language: the navigation of a screen that ends the session."""
    messages: Mapping[str, Mapping[str, str]]
    screens: Mapping[str, Screen]

    def language(self, wanted: str | None) -> str:
        """`wanted` if the menu speaks it, else the menu's default."""
        return wanted if wanted in self.languages and wanted is not None else self.languages[0]

    def message(self, name: str, language: str | None) -> str:
        """A system text: `unavailable`, `expired`, `wrong_choice`."""
        return self.messages[name][self.language(language)]

    def dialled(self, service_code: str, dialled: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The screen of the longest published string, and the arguments that it leaves to be walked.

        `*123#` with `1`, `2` finds `*123*1*2#`, else `*123*1#` and leaves `2`, else `*123#` and leaves both.
        """
        parts = dial_parts("*".join((service_code, *dialled))[:DIAL_STRING_LENGTH_MAX])
        for length in range(len(parts), 0, -1):
            if parts[:length] in self.dial:
                return self.dial[parts[:length]], parts[length : length + DIALLED_MAX]
        return self.start, parts[len(dial_parts(service_code)) :][:DIALLED_MAX]


def dial_parts(dialled: str) -> tuple[str, ...]:
    """`*123*1#`, `*123#1#` and `#123*1#` are the same two parts: subscribers separate with either sign."""
    return tuple(part for part in _SEPARATORS.split(dialled) if part)
