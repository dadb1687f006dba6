"""A programme as its pack defines it: units, terms, and earning rules as data.

Knows nothing of menus, texts of screens, or the ledger. Source of the rules: `menus/<pack>/programme.yaml`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.datafile import marked
from gateway.datafile.findings import FaultyFileError
from gateway.ids import Unit

AMOUNT_MAX = 10**12
"""The largest amount of one posting; ten of them still fit a screen's ten digits and a bigint by far."""
RULES_MAX = 100
STEPS_MAX = 20

ADVICE = {
    "extra_forbidden": "is no key of a programme: check its spelling, or remove it",
    "missing": "is missing: add it",
}
"""In place of the reader's own words, where those would not say what to do."""

Texts = Mapping[str, str]
"""A word by language."""


class EventType(StrEnum):
    """What the operator tells the programme about a subscriber."""

    TOP_UP = "top_up"
    CHARGE = "charge"
    ACTIVATED = "activated"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone: use a name such as Europe/Moscow") from None
    return name


class Expiry(_Model):
    """How long a lot lives: calendar months, then to the end of that month unless `round` is `none`."""

    months: int = Field(ge=1, le=120)
    round: Literal["end_of_month", "none"] = "end_of_month"


class UnitDefinition(_Model):
    """One unit: its names by language and plural category (CLDR), and its expiry; without one it never expires."""

    names: Mapping[str, Mapping[str, str]]
    expires: Expiry | None = None

    @property
    def name_length_max(self) -> int:
        """Of the longest form in any language, in characters."""
        return max(len(form) for forms in self.names.values() for form in forms.values())


class Step(_Model):
    """From this amount (kopecks) on, so many percent of the whole amount."""

    from_: int = Field(alias="from", ge=0, le=AMOUNT_MAX)
    percent: int = Field(ge=1, le=100)


class EarningRule(_Model):
    """What one kind of event gives: `give` units (each full `per` of the amount), or `steps` by amount."""

    rule: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    label: Texts
    event: EventType
    unit: str
    give: int | None = Field(None, ge=1, le=AMOUNT_MAX)
    per: int | None = Field(None, ge=1, le=AMOUNT_MAX)
    steps: tuple[Step, ...] = Field((), max_length=STEPS_MAX)
    at_most: int = Field(AMOUNT_MAX, ge=1, le=AMOUNT_MAX)
    once: bool = False
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "EarningRule":
        if (self.give is None) == (not self.steps):
            raise ValueError("a rule has either `give` (with or without `per`) or `steps`")
        if self.per is not None and self.give is None:
            raise ValueError("`per` goes with `give`")
        if [step.from_ for step in self.steps] != sorted({step.from_ for step in self.steps}):
            raise ValueError("`steps` ascend, each `from` once")
        return self

    def runs_at(self, moment: datetime) -> bool:
        """Whether the rule is in force; `starts` is inclusive, `ends` exclusive."""
        return (self.starts is None or self.starts <= moment) and (self.ends is None or moment < self.ends)


class Terms(_Model):
    """The terms in force; using the programme accepts them."""

    version: str = Field(min_length=1, max_length=40)


class Programme(_Model):
    """One programme, whole."""

    name: Texts
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    languages: tuple[str, ...] = Field(min_length=1)
    enrolment: Literal["automatic"]
    terms: Terms
    units: Mapping[str, UnitDefinition] = Field(min_length=1)
    earning: tuple[EarningRule, ...] = Field((), max_length=RULES_MAX)

    @model_validator(mode="after")
    def _whole(self) -> "Programme":
        faults = [*self._language_faults(), *self._rule_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _language_faults(self) -> list[str]:
        speaking = {"name": self.name} | {f"unit {code}": unit.names for code, unit in self.units.items()}
        speaking |= {f"rule {rule.rule}: label": rule.label for rule in self.earning}
        wanted = set(self.languages)
        return [
            f"{place}: languages {sorted(wanted)} are wanted, {sorted(texts)} are there"
            for place, texts in speaking.items()
            if set(texts) != wanted
        ]

    def _rule_faults(self) -> list[str]:
        names = [rule.rule for rule in self.earning]
        twice = sorted({name for name in names if names.count(name) > 1})
        faults = [f"rule {name} stands twice" for name in twice]
        return faults + [
            f"rule {rule.rule}: no unit {rule.unit!r}; there are {', '.join(self.units)}"
            for rule in self.earning
            if rule.unit not in self.units
        ]

    @property
    def unit_codes(self) -> tuple[Unit, ...]:
        """The units in the pack's order."""
        return tuple(Unit(code) for code in self.units)

    @property
    def labels(self) -> Mapping[str, Texts]:
        """The statement's word for each rule."""
        return {rule.rule: rule.label for rule in self.earning}

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone."""
        return ZoneInfo(self.time_zone)


def load(file: str, text: str) -> Programme:
    """Read a programme; `file` is how findings call it. Raises `FaultyFileError` with line and key of each fault."""
    marks = marked.read(file, text)
    try:
        return Programme.model_validate(marks.value)
    except ValidationError as error:
        raise FaultyFileError(marks.faults(error, ADVICE)) from None
