"""A programme as its pack defines it: units, terms, and earning rules as data.

Decides the shape of each part by itself; whether the parts agree is proved by `programme_file`, the one way to a
programme. Refuses to know menus, texts of screens, and the ledger. Source: `menus/<pack>/programme.yaml`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from gateway.ids import Unit

AMOUNT_MAX = 9_999_999_999
"""The largest amount of one event and of one posting: ten digits, a hundred million roubles. More in one go is a
slip of units. It bounds no balance: that is a sum of postings, in a bigint."""
RULES_MAX = 100
STEPS_MAX = 20
WORD_LENGTH_MAX = 60  # a name or a label; it shares a line of a screen with an amount and a date

CODE = r"^[a-z][a-z0-9_]{1,30}$"
PATTERNS = {CODE: "a code of small Latin letters, digits and _, such as gift_units"}
"""What each pattern asks for, as findings say it."""

Code = Annotated[str, Field(pattern=CODE)]
Word = Annotated[str, Field(min_length=1, max_length=WORD_LENGTH_MAX)]
Texts = Mapping[str, Word]
"""A word by language."""


class EventType(StrEnum):
    """What the operator tells the programme about a subscriber."""

    TOP_UP = "top_up"
    CHARGE = "charge"
    ACTIVATED = "activated"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"

    @property
    def has_amount(self) -> bool:
        """Whether it tells of money; else its amount is 0, and a rule that counts it would give nothing for ever."""
        return self in {EventType.TOP_UP, EventType.CHARGE}


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

    names: Mapping[str, Mapping[str, Word]]
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

    rule: Code
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

    def runs_at(self, moment: datetime) -> bool:
        """Whether the rule is in force; `starts` is inclusive, `ends` exclusive."""
        return (self.starts is None or self.starts <= moment) and (self.ends is None or moment < self.ends)


class Wording(_Model):
    """The version of a text that members agree to, as it is in force."""

    version: str = Field(min_length=1, max_length=40)


class Programme(_Model):
    """One programme, whole. Using it accepts its `terms`; `advertising` is what a consent to advertising agrees to, and
    may be left out: a stored version of a pack must serve its sessions and texts though it never asked for consent.

    `other_label` is the statement's word for what no rule of today gave.
    """

    name: Texts
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    languages: tuple[str, ...] = Field(min_length=1)
    enrolment: Literal["automatic"]
    terms: Wording
    advertising: Wording = Wording(version="1")
    other_label: Texts
    units: Mapping[Code, UnitDefinition] = Field(min_length=1)
    earning: tuple[EarningRule, ...] = Field((), max_length=RULES_MAX)

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
