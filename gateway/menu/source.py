"""The menu file as people write it (menus/README.md), and its JSON Schema for editors.

Decides the file's shape, and nothing about whether the screens work together: that is `lint`. Language codes,
screen names and texts stay plain here.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from gateway.menu.kept import KEPT_LENGTH_MAX, asked_name
from gateway.menu.parts import ByLanguage, DialString, Key, Language, Name, Part, Said, Usable, Words
from gateway.menu.pattern import PatternError
from gateway.menu.pattern import parse as parse_pattern
from gateway.menu.push import PushKind
from gateway.menu.typed import KOPECKS, Amount, Digits, Failure, Matching, Number, OneOf, Reading, folded
from gateway.menu.typed import Words as TypedWords
from gateway.menu.who import SHARES

SCHEMA_FILE = "docs/schema/ussd.schema.json"

NUMBER_MAX = 1_000_000_000  # what is typed on a phone has ten digits at most
CHOICES_MAX = 20  # words to choose among: more are a list to choose from


class NavigationKey(Part):
    """A key that means the same on every screen, and the word beside it."""

    key: Key
    text: Said


class Navigation(Part):
    """The three keys of every screen."""

    back: NavigationKey
    home: NavigationKey
    next: NavigationKey

    @property
    def all(self) -> tuple[str, str, str]:
        """What is pressed."""
        return self.back.key, self.home.key, self.next.key

    @property
    def named(self) -> tuple[tuple[str, NavigationKey], ...]:
        """Each key with what it does."""
        return ("back", self.back), ("home", self.home), ("next", self.next)


class Messages(Part):
    """What is said outside the screens."""

    wrong_choice: Said = Field(description="Put above the screen again after a key that it does not have.")
    unavailable: Said = Field(description="Said when the store does not answer. Ends the session.")
    expired: Said = Field(description="Said when a session has ended or is not known. Ends the session.")
    later: Said | None = Field(
        default=None,
        description="Said when something that moves points takes longer than may be waited for: its result comes by "
        "SMS. Ends the session. Without it, `unavailable` is said.",
    )

    @property
    def said(self) -> dict[str, dict[str, str]]:
        """What there is, by name."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: dict(words) for name, words in fields.items() if words is not None}


class LengthSource(Part):
    """How many digits or letters there are."""

    from_: Annotated[int, Field(alias="from", ge=1, le=KEPT_LENGTH_MAX)]
    to: Annotated[int, Field(ge=1, le=KEPT_LENGTH_MAX)]

    @model_validator(mode="after")
    def _in_order(self) -> "LengthSource":
        if self.from_ > self.to:
            raise ValueError(f"`from` is more than `to`: write from: {self.to}, to: {self.from_}")
        return self


class RangeSource(Part):
    """The least and the most that may be typed."""

    from_: Annotated[int, Field(alias="from", ge=-NUMBER_MAX, le=NUMBER_MAX)]
    to: Annotated[int, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)]

    @model_validator(mode="after")
    def _in_order(self) -> "RangeSource":
        if self.from_ > self.to:
            raise ValueError(f"`from` is more than `to`: write from: {self.to}, to: {self.from_}")
        return self


Spoken = Annotated[str, Field(min_length=1, max_length=KEPT_LENGTH_MAX)]
Spellings = Annotated[dict[Language, Annotated[tuple[Spoken, ...], Field(min_length=1)]], Field(min_length=1)]
Choices = Annotated[dict[Name, Spellings], Field(min_length=1, max_length=CHOICES_MAX)]
INPUT_KINDS = ("digits", "text", "pattern", "number", "amount", "choice")


class InputSource(Part):
    """What a subscriber may type, of one kind; digits may be dialled too."""

    digits: LengthSource | None = Field(default=None, description="So many digits: a code, an account.")
    text: LengthSource | None = Field(default=None, description="A text of so many letters.")
    pattern: Words | None = Field(default=None, description="A text of a form, such as [A-Z]{2}[0-9]{6}; any case.")
    number: RangeSource | None = Field(default=None, description="A whole number within bounds.")
    amount: RangeSource | None = Field(
        default=None, description="Roubles within bounds, as 10 or 10,50. Kept in kopecks, which are points."
    )
    choice: Choices | None = Field(default=None, description="The words for each value, by language.")
    failures: dict[Failure, Said] = Field(
        default={}, description="What is said above the screen again; without it, the message `wrong_choice`."
    )

    @model_validator(mode="after")
    def _of_one_kind(self) -> "InputSource":
        kinds = [kind for kind in INPUT_KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            has = f"has {' and '.join(kinds)}" if kinds else "does not say what is typed"
            raise ValueError(f"{has}: write one of {', '.join(INPUT_KINDS)}")
        return self

    @property
    def reading(self) -> Reading | None:
        """What it must be; None for a pattern that cannot be read, which `checks.inputs` tells."""
        if self.digits is not None:
            return Digits(self.digits.from_, self.digits.to)
        if self.text is not None:
            return TypedWords(self.text.from_, self.text.to)
        if self.number is not None:
            return Number(self.number.from_, self.number.to)
        if self.amount is not None:
            return Amount(self.amount.from_ * KOPECKS, self.amount.to * KOPECKS)
        if self.choice is not None:
            return OneOf({folded(word): value for value, _, word in self.spellings})
        try:
            return Matching(parse_pattern(self.pattern or ""))
        except PatternError:
            return None

    @property
    def spellings(self) -> tuple[tuple[str, str, str], ...]:
        """Of a choice: each value, language and word."""
        return tuple(
            (value, language, word)
            for value, by_language in (self.choice or {}).items()
            for language, words in by_language.items()
            for word in words
        )


class PushSource(Part):
    """A screen that is shown unasked, by USSD."""

    screen: Name = Field(description="Where the session begins. One that ends at once is a notice, others ask.")
    kind: PushKind = Field(description="`advertising` is shown only to who agreed to it.")


Keep = Annotated[tuple[Name, ...], Field(description="Facts that the session keeps when this is chosen.")]


When = Annotated[
    str,
    Field(
        min_length=1,
        description="Only when this is so, of the facts of the screen and of who dials: points >= 300 and not blocked, "
        "pilot.new_home, segment.at_risk, tier == 'gold'.",
    ),
]


class OptionSource(Part):
    """One line to choose, and the screen it leads to."""

    key: Key
    text: Said
    go: Name
    keep: Keep = ()
    when: When | None = None


class OptionFragment(Part):
    """An option that several screens share, or what they share of it."""

    key: Key | None = None
    text: Said | None = None
    go: Name | None = None
    keep: Keep = ()
    when: When | None = None


class FragmentsSource(Part):
    """What is written once and used by name: `{use: help}`."""

    options: dict[Name, OptionFragment] = Field(default={})
    texts: dict[Name, ByLanguage] = Field(default={})


class EachSource(Part):
    """One line for each row of a list among the facts; the text calls the row `item`. With `go`, rows are numbered."""

    list: Name
    text: Said
    go: Name | None = Field(default=None, description="The screen that follows when a row is chosen by its number.")
    keep: Keep = ()


class TypedSource(Part):
    """What may be typed on a screen, and the screen that follows."""

    name: Name = Field(description="One of the menu's `inputs`. The session keeps what is typed under this name.")
    go: Name
    when: When | None = None


class InsteadSource(Part):
    """Another screen that some see in place of this one."""

    when: When
    show: Name = Field(description="A screen that is read. It knows what this one would know.")


class PilotSource(Part):
    """What some see first: ask for it as `pilot.NAME`."""

    percent: Annotated[float, Field(ge=0, le=100)] = Field(
        description="How many of a hundred numbers take part, to the hundredth. Who takes part stays when it grows."
    )

    @property
    def shares(self) -> int:
        """In hundredths of a percent."""
        return round(self.percent * SHARES / 100)


class TextSource(Part):
    """A screen that is read."""

    instead: tuple[InsteadSource, ...] = Field(
        default=(), description="Who sees another screen here: the first whose condition holds."
    )
    text: Said
    each: EachSource | None = None
    options: tuple[Annotated[OptionSource, Usable()], ...] = ()
    input: TypedSource | None = None
    ends: bool = Field(default=False, description="The session ends with this screen.")
    one_page: bool = Field(default=False, description="The check fails when the longest facts need a second page.")


ARGUMENT_SHAPES = frozenset({"one", "each"})


def _argument_shape(value: object) -> str:
    return "each" if isinstance(value, Mapping) else "one"


Argument = Annotated[Annotated[Words, Tag("one")] | Annotated[ByLanguage, Tag("each")], Discriminator(_argument_shape)]


class CallSource(Part):
    """A screen that is never seen: it asks the programme, and the outcome chooses the next screen."""

    call: Name
    arguments: dict[Name, Argument] = Field(
        default={},
        description="Values for the action: a text, one per language that the subscriber reads, or "
        "`{{ name }}` for what the session has kept.",
    )
    on: Annotated[dict[Name, Name], Field(min_length=1, description="The screen for each outcome.")]

    @property
    def asks(self) -> dict[str, str]:
        """By argument: the name of what the session has kept for it."""
        named = {argument: asked_name(value) for argument, value in self.arguments.items() if isinstance(value, str)}
        return {argument: name for argument, name in named.items() if name is not None}


WITHIN_MAX_S = 900
"""How long the session store remembers what nobody goes on with."""
STEPS_MAX = 8
"""Of the way back that a session keeps."""


class ResumeMode(StrEnum):
    """What a subscriber finds who dials again after a drop."""

    START = "start"
    CONTINUE = "continue"
    ASK = "ask"


class ResumeSource(Part):
    """What becomes of a session that was dropped, when its subscriber dials the same code again."""

    mode: ResumeMode = Field(description="Begin anew, continue where the session stood, or ask which.")
    within_s: Annotated[int, Field(ge=10, le=WITHIN_MAX_S)] = Field(
        default=180, description="How long after its last screen a session can be gone on with, in seconds."
    )
    steps: Annotated[int, Field(ge=1, le=STEPS_MAX)] = Field(
        default=1, description="How many steps from the start it must have come, unless it has just moved points."
    )
    question: ByLanguage | None = Field(default=None, description="Of the mode `ask`; the two keys stand below it.")
    go_on: NavigationKey | None = Field(default=None, description="Continues where the session stood.")
    anew: NavigationKey | None = Field(default=None, description="Begins at the start.")

    @property
    def answers(self) -> dict[str, NavigationKey]:
        """The two answers to the question, where one is asked."""
        return {name: key for name, key in (("go_on", self.go_on), ("anew", self.anew)) if key is not None}

    @model_validator(mode="after")
    def _asks(self) -> "ResumeSource":
        asked = (self.question, self.go_on, self.anew)
        if self.mode is ResumeMode.ASK and None in asked:
            raise ValueError("mode: ask needs question, go_on and anew: what is asked, and the key of each answer")
        if self.mode is not ResumeMode.ASK and asked != (None, None, None):
            raise ValueError("question, go_on and anew belong to mode: ask: take them out, or write mode: ask")
        return self


SCREEN_SHAPES = frozenset({"text", "call"})


def _shape(value: object) -> str:
    if isinstance(value, CallSource):
        return "call"
    return "call" if isinstance(value, Mapping) and "call" in value else "text"


ScreenSource = Annotated[Annotated[TextSource, Tag("text")] | Annotated[CallSource, Tag("call")], Discriminator(_shape)]


class MenuSource(Part):
    """A whole menu file."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="A USSD menu")

    languages: Annotated[tuple[Language, ...], Field(min_length=1, description="The first is the default.")]
    start: Name = Field(description="The screen of a dial string that is not listed, and of the home key.")
    roaming: Literal["accepted"] | None = Field(
        default=None, description="Silences the warning about codes that do not work abroad."
    )
    dial: Annotated[dict[DialString, Name], Field(min_length=1)] = Field(
        description="Published strings. They are tied to screens and never to the order of options."
    )
    pushes: dict[Name, PushSource] = Field(
        default={}, description="What may be shown unasked, by the name that the operator's systems call it by."
    )
    pilots: dict[Name, PilotSource] = Field(default={}, description="What some see first, by name.")
    inputs: dict[Name, InputSource] = Field(default={}, description="What may be typed or dialled, by name.")
    fragments: FragmentsSource = FragmentsSource()
    keys: Navigation
    messages: Messages
    resume: ResumeSource | None = Field(default=None, description="Of sessions that were dropped; without it: start.")
    screens: Annotated[dict[Name, ScreenSource], Field(min_length=1)]


def dialled_input(dialled: str) -> str | None:
    """The name of the input that a dial string ends with: `gift_code` of `*123*{gift_code}#`."""
    _, brace, last = dialled.partition("{")
    return last.partition("}")[0] if brace else None


def schema_text() -> str:
    """The JSON Schema of a menu file, as `SCHEMA_FILE` holds it."""
    return json.dumps(MenuSource.model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
