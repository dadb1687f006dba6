"""A compiled menu: what the engine walks. Values only; nothing in it changes while it serves.

Decides how a screen becomes lines of text, what can be chosen on it, and which dialled string means which screen.
Refuses to know sizes (`paginate`) and what follows a choice (`engine`).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import SimpleNamespace

from gateway.menu.chart import Chart
from gateway.menu.condition import Condition
from gateway.menu.kept import kept_of
from gateway.menu.naming import START, dialled_name, way_name
from gateway.menu.numbering import free_numbers
from gateway.menu.paginate import Rails
from gateway.menu.push import Push
from gateway.menu.typed import Failure, Input
from gateway.menu.who import Pilot, is_members
from gateway.outcome import Fact
from gateway.templates import Text

Facts = Mapping[str, Fact]
Row = dict[str, str | int | bool | None]

DIAL_STRING_LENGTH_MAX = 182  # one USSD string
DIALLED_MAX = 8  # a network passes at most 182 characters, and nobody types nine menu choices ahead
ROW = "item"
"""What a text calls the row of a list that it stands for."""
TYPED = "typed"
"""What a text calls what was typed on the way: `typed.amount`."""
NOTHING_TYPED: Facts = {}
_SEPARATORS = re.compile(r"[*#]+")


@dataclass(frozen=True, slots=True)
class Option:
    """One line to choose, where it leads, and the facts that the session keeps then.

    `once` says that it leads to points: where hops cannot be told apart, its key is one that was not pressed yet.
    `when` says to whom it is shown; None: to everyone.
    """

    key: str
    text: Mapping[str, Text]
    go: str
    keep: tuple[str, ...] = ()
    once: bool = False
    when: Condition | None = None
    way: str = ""
    """What choosing it is called."""


@dataclass(frozen=True, slots=True)
class Instead:
    """Another screen that is shown when this is so; `way` is what that is called."""

    when: Condition
    show: str
    way: str


@dataclass(frozen=True, slots=True)
class Each:
    """One line for each row of a list; with `go` it is numbered, and its number chooses it."""

    list: str
    text: Mapping[str, Text]
    fields: tuple[str, ...]
    """The fields of a row that some language's text names, or that are kept when it is chosen."""
    go: str | None = None
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """What may be typed on a screen, where it leads, and when it is asked for; None: always."""

    asked: Input
    go: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Where an input leads, what the session keeps of it (None where that is nothing that can be kept), and what this
    way is called."""

    go: str
    kept: Mapping[str, str | None]
    way: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed is not what was asked for."""

    asked: Input
    failure: Failure

    def said(self, language: str) -> str | None:
        """What the menu says of it; None where it says what it says of any wrong choice."""
        return self.asked.said.get(self.failure, {}).get(language)

    def __str__(self) -> str:
        return f"{self.asked.name}.{self.failure}"


@dataclass(frozen=True, slots=True)
class TextScreen:
    """A screen that is read.

    `pressed` in its methods are the numbers that a repeat could send again; None where a repeat is known for one.
    """

    name: str
    text: Mapping[str, Text]
    each: Each | None
    options: tuple[Option, ...]
    typed: Typed | None
    ends: bool
    uses: frozenset[str]
    """The facts that the screen's texts name or its options keep: what a session keeps of an outcome."""
    navigation: frozenset[str]
    by_key: Mapping[str, Option]
    """The options by their keys as written."""
    asks_once: bool
    """Whether some option leads to points."""
    conditional: bool
    """Whether some option is not for everyone."""
    recalls: bool
    """Whether its texts speak of what was typed before."""
    fixed: Mapping[str, tuple[str, ...]]
    """The lines per language, where they are the same for everyone whose keys are as written."""
    instead: tuple[Instead, ...] = ()

    def stands_for(self, facts: Facts) -> Instead | None:
        """What whoever has these facts sees in its place; None: itself."""
        return next((other for other in self.instead if other.when.holds(facts)), None)

    def lines(
        self,
        language: str,
        facts: Facts,
        pressed: Collection[str] | None = None,
        typed: Facts = NOTHING_TYPED,
    ) -> tuple[str, ...]:
        """The screen from top to bottom, one element per line that belongs together. `typed`: what was, before."""
        if language in self.fixed and (pressed is None or not self.asks_once):
            return self.fixed[language]
        told: Mapping[str, object] = {**facts, TYPED: SimpleNamespace(**typed)} if self.recalls else facts
        lines = self.text[language].fill(told).split("\n")
        if self.each is not None:
            row = self.each.text[language]
            filled = [row.fill({**told, ROW: item}) for item in self.rows(facts)]
            keys = self.row_keys(facts)
            lines += [f"{key} {text}" for key, text in zip(keys, filled, strict=True)] if keys else filled
        options = zip(self.option_keys(facts, pressed), self.shown(facts), strict=True)
        lines += [key + " " + option.text[language].fill(told) for key, option in options]
        return tuple(lines)

    def shown(self, facts: Facts) -> tuple[Option, ...]:
        """The options that there are for whoever has these facts."""
        if not self.conditional:
            return self.options
        return tuple(option for option in self.options if option.when is None or option.when.holds(facts))

    def rows(self, facts: Facts) -> list[Row]:
        """The rows that are listed."""
        return [] if self.each is None else _rows(facts[self.each.list])

    def row_keys(self, facts: Facts) -> tuple[str, ...]:
        """The number of each row, the same on every page; none when rows are only read."""
        if self.each is None or self.each.go is None:
            return ()
        return tuple(islice(free_numbers(self.navigation | self.by_key.keys()), len(self.rows(facts))))

    def option_keys(self, facts: Facts, pressed: Collection[str] | None) -> tuple[str, ...]:
        """The key of each option that is shown."""
        shown = self.shown(facts)
        if pressed is None or not self.asks_once:
            return tuple(option.key for option in shown)
        lasting = {option.key for option in self.options if not option.once}
        once = free_numbers({*self.navigation, *lasting, *self.row_keys(facts), *pressed})
        return tuple(next(once) if option.once else option.key for option in shown)

    def chosen(self, key: str, facts: Facts, pressed: Collection[str] | None) -> Choice | None:
        """What a key chooses: an option, or a row on any page."""
        options = self.by_key
        if self.conditional or (pressed is not None and self.asks_once):
            options = dict(zip(self.option_keys(facts, pressed), self.shown(facts), strict=True))
        if key in options:
            return Choice(options[key].go, kept_of(facts, options[key].keep), options[key].way)
        if self.each is None or self.each.go is None:
            return None
        keys = self.row_keys(facts)
        if key not in keys:
            return None
        row = self.rows(facts)[keys.index(key)]
        return Choice(self.each.go, kept_of(row, self.each.keep), way_name(("screens", self.name, "each", "go")))

    def asks(self, facts: Facts) -> Typed | None:
        """What whoever has these facts may type."""
        typed = self.typed
        return None if typed is None or (typed.when is not None and not typed.when.holds(facts)) else typed

    def entered(self, text: str, facts: Facts) -> Choice | Refused | None:
        """What typing a text that is no key does; None on a screen that asks for nothing."""
        typed = self.asks(facts)
        if typed is None:
            return None
        read = typed.asked.read(text)
        if isinstance(read, Failure):
            return Refused(typed.asked, read)
        return Choice(typed.go, {typed.asked.name: read}, way_name(("screens", self.name, "input", "go")))

    def needed(self, facts: Facts) -> dict[str, Fact]:
        """Of an outcome's facts, those that the screen speaks of or keeps."""
        needed = {name: fact for name, fact in facts.items() if name in self.uses}
        if self.each is not None and self.each.list not in needed:
            fields = self.each.fields
            needed[self.each.list] = [{field: row[field] for field in fields} for row in self.rows(facts)]
        return needed


def _rows(fact: Fact) -> list[Row]:
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
    asks: Mapping[str, str] = field(default_factory=dict)
    """By argument: the name under which the session has kept its value."""

    def asked(self, language: str, kept: Mapping[str, str]) -> Mapping[str, str] | None:
        """The arguments of a call from a session that has kept these values; None when one is missing."""
        if not self.asks:
            return self.arguments[language]
        if not kept.keys() >= set(self.asks.values()):
            return None
        return {**self.arguments[language], **{argument: kept[name] for argument, name in self.asks.items()}}


Screen = TextScreen | CallScreen


@dataclass(frozen=True, slots=True)
class Keys:
    """What the navigation keys are."""

    back: str
    home: str
    next: str

    @property
    def all(self) -> tuple[str, str, str]:
        """Back, home, next."""
        return self.back, self.home, self.next


@dataclass(frozen=True, slots=True)
class Dialled:
    """What a dialled string means: a screen, the arguments that are left to be walked from it, what is kept, and what
    the way to the screen is called."""

    screen: str
    rest: tuple[str, ...]
    kept: Mapping[str, str] = field(default_factory=dict)
    way: str = START


@dataclass(frozen=True, slots=True)
class Resume:
    """How dropped sessions are gone on with. `asks` is the question by language; without one, nobody is asked."""

    within_s: int
    steps: int
    asks: Mapping[str, str] = field(default_factory=dict)
    go_on: str = ""
    anew: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of one version. `digest` names the version; a session stays with the one it began with."""

    digest: str
    languages: tuple[str, ...]
    start: str
    dial: Mapping[tuple[str, ...], str]
    dial_inputs: Mapping[tuple[str, ...], tuple[tuple[Input, str], ...]]
    """Published strings whose last argument is typed: what stands before it, then each input and its screen."""
    pushes: Mapping[str, Push]
    keys: Keys
    rails: Mapping[str, tuple[Rails, ...]]
    """By language: the navigation at the start, one step from it, and deeper."""
    closing_rails: Mapping[str, Rails]
    """By language: the navigation of a screen that ends the session."""
    messages: Mapping[str, Mapping[str, str]]
    screens: Mapping[str, Screen]
    inputs: Mapping[str, Input] = field(default_factory=dict)
    resume: Resume | None = None
    """None: who was dropped begins at the start."""
    pilots: tuple[Pilot, ...] = ()
    asks_who: frozenset[str] = frozenset()
    """What its conditions ask of who dials."""
    chart: Chart = field(default_factory=Chart)
    """Its map, for whoever asks what counts speak of."""

    @property
    def asks_member(self) -> bool:
        """Whether that can be known of members only."""
        return any(map(is_members, self.asks_who))

    @property
    def service_number(self) -> str:
        """What people dial for this menu, in digits: `123` of `*123#`."""
        return next((parts[0] for parts, screen in self.dial.items() if screen == self.start), next(iter(self.dial))[0])

    def language(self, wanted: str | None) -> str:
        """`wanted` if the menu speaks it, else the menu's default."""
        return wanted if wanted in self.languages and wanted is not None else self.languages[0]

    def message(self, name: str, language: str | None) -> str:
        """A system text: `unavailable`, `expired`, `wrong_choice`."""
        return self.messages[name][self.language(language)]

    def typed(self, kept: Mapping[str, str]) -> Facts:
        """What was typed, of what a session keeps, as texts speak of it."""
        return {name: self.inputs[name].fact(value) for name, value in kept.items() if name in self.inputs}

    def moves_points(self, name: str) -> bool:
        """Whether a screen is a call that moves points; one that is not known moves nothing."""
        screen = self.screens.get(name)
        return isinstance(screen, CallScreen) and screen.moves_points

    def dialled(self, service_code: str, dialled: tuple[str, ...]) -> Dialled:
        """The screen of the longest published string, and the arguments that it leaves to be walked.

        `*123#` with `1`, `2` finds `*123*1*2#`, else `*123*1#` and leaves `2`, else `*123#` and leaves both. An
        argument that fits a published input, as `123456` fits `*123*{gift_code}#`, is kept; a literal string wins.
        """
        parts = dial_parts("*".join((service_code, *dialled))[:DIAL_STRING_LENGTH_MAX])
        for length in range(len(parts), 0, -1):
            rest = parts[length : length + DIALLED_MAX]
            if parts[:length] in self.dial:
                return Dialled(self.dial[parts[:length]], rest, way=dialled_name(parts[:length]))
            for asked, screen in self.dial_inputs.get(parts[: length - 1], ()):
                read = asked.read(parts[length - 1])
                if not isinstance(read, Failure):
                    way = dialled_name((*parts[: length - 1], f"{{{asked.name}}}"))
                    return Dialled(screen, rest, {asked.name: read}, way)
        return Dialled(self.start, parts[len(dial_parts(service_code)) :][:DIALLED_MAX])


def dial_parts(dialled: str) -> tuple[str, ...]:
    """`*123*1#`, `*123#1#` and `#123*1#` are the same two parts: subscribers separate with either sign."""
    return tuple(part for part in _SEPARATORS.split(dialled) if part)
