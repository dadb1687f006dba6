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
from gateway.loyalty.code_limits import CodeLimits

AMOUNT_MAX = 9_999_999_999
"""The largest amount of one event and of one posting: ten digits, a hundred million roubles. More in one go is a
slip of units. It bounds no balance: that is a sum of postings, in a bigint."""
RULES_MAX = 100
PARTNERS_MAX = 100
STEPS_MAX = 20
REWARDS_MAX = 200
CATEGORIES_MAX = 8  # one screen of keys
SEGMENTS_MAX = 50
TIERS_MAX = 10
NO_TIER = "none"  # as commands have it
PRICE_MAX = 99_999_999
TERMS_MAX = 20
DAY_S = 86_400
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
    PURCHASE = "purchase"
    ACTIVATED = "activated"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"

    @property
    def has_amount(self) -> bool:
        """Whether it tells of money; else its amount is 0, and a rule that counts it would give nothing for ever."""
        return self in {EventType.TOP_UP, EventType.CHARGE, EventType.PURCHASE}

    @property
    def has_partner(self) -> bool:
        """Whether it happened at a partner's, from whose account its points come."""
        return self is EventType.PURCHASE


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


class Partner(_Model):
    """A shop, or a chain of them, whose purchases earn points."""

    partner: Code
    label: Texts


class EarningRule(_Model):
    """What one kind of event gives: `give` units (each full `per` of the amount), or `steps` by amount. A purchase may
    be one `partner`'s; without it, any partner's."""

    rule: Code
    label: Texts
    event: EventType
    partner: str | None = None
    unit: str
    give: int | None = Field(None, ge=1, le=AMOUNT_MAX)
    per: int | None = Field(None, ge=1, le=AMOUNT_MAX)
    steps: tuple[Step, ...] = Field((), max_length=STEPS_MAX)
    at_most: int = Field(AMOUNT_MAX, ge=1, le=AMOUNT_MAX)
    once: bool = False
    pending_days: int | None = Field(None, ge=1, le=365)
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None

    def runs_at(self, moment: datetime) -> bool:
        """Whether the rule is in force; `starts` is inclusive, `ends` exclusive."""
        return _runs(self.starts, self.ends, moment)


def _runs(starts: datetime | None, ends: datetime | None, moment: datetime) -> bool:
    return (starts is None or starts <= moment) and (ends is None or moment < ends)


class Fulfilment(StrEnum):
    """How a reward gets to a member: a voucher that we have, a call to the operator's billing, by hand, or handed over
    at a pick-up point against a code."""

    VOUCHER = "voucher"
    BILLING = "billing"
    MANUAL = "manual"
    PICK_UP = "pick_up"


class Category(_Model):
    """One shelf of the catalogue."""

    category: Code
    label: Texts


class PerMember(_Model):
    """So many of a reward for one member in so many days."""

    count: int = Field(ge=1, le=1_000)
    days: int = Field(ge=1, le=3_660)


class Reward(_Model):
    """What points are exchanged for. `number` is what people text; `counted` says that it has a stock, which staff
    fill; `terms` are what the adapter of its fulfilment needs; after `due_days` an order that nobody collected or
    delivered gives the points back."""

    reward: Code
    number: int = Field(ge=1, le=9_999)
    category: Code
    label: Texts
    unit: str
    price: int = Field(ge=1, le=PRICE_MAX)
    fulfilment: Fulfilment
    counted: bool = False
    per_member: PerMember | None = None
    terms: Mapping[Code, str | int] = Field(default={}, max_length=TERMS_MAX)
    due_days: int | None = Field(None, ge=1, le=366)
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None

    def runs_at(self, moment: datetime) -> bool:
        """Whether it is in the catalogue; `starts` is inclusive, `ends` exclusive."""
        return _runs(self.starts, self.ends, moment)


class WrongTries(_Model):
    """Wrong gift codes of one number that lock it: so many in so many hours."""

    count: int = Field(default=5, ge=1, le=100)
    hours: int = Field(default=24, ge=1, le=744)


class MalformedTries(_Model):
    """Gift codes whose check digit fails are slips of fingers; so many of them are not."""

    count: int = Field(default=20, ge=1, le=1_000)
    hours: int = Field(default=24, ge=1, le=744)


class Breaker(_Model):
    """Wrong bearer codes from one range of numbers by one channel that stop bearer codes from there for a while."""

    count: int = Field(default=100, ge=1, le=1_000_000)
    minutes: int = Field(default=10, ge=1, le=1_440)


class GiftCodes(_Model):
    """What guards gift codes. `locks_hours`: the first lock, the second; after the last only care unlocks."""

    wrong: WrongTries = WrongTries()
    malformed: MalformedTries = MalformedTries()
    breaker: Breaker = Breaker()
    locks_hours: tuple[Annotated[int, Field(ge=1, le=744)], ...] = Field((24, 72), max_length=10)

    def limits(self) -> CodeLimits:
        """The same in seconds, as the store takes it."""
        return CodeLimits(
            wrong_max=self.wrong.count,
            wrong_window_s=self.wrong.hours * 3600,
            malformed_max=self.malformed.count,
            malformed_window_s=self.malformed.hours * 3600,
            locks_s=tuple(hours * 3600 for hours in self.locks_hours),
            breaker_max=self.breaker.count,
            breaker_window_s=self.breaker.minutes * 60,
        )


class Wording(_Model):
    """The version of a text that members agree to, as it is in force."""

    version: str = Field(min_length=1, max_length=40)


class Programme(_Model):
    """One programme, whole. Using it accepts its `terms`; `advertising` is what a consent to advertising agrees to, and
    may be left out: a stored version of a pack must serve its sessions and texts though it never asked for consent.

    `words` are the statement's for what is no rule and no reward (`gift_code`, `expiry`, `refund`, …), `other_label`
    for what has none of these. `grace_days` is how long points live on that return to a lot which is over. Without
    `codes` there are no gift codes, without `rewards` nothing is exchanged. `segments` are the groups that members may
    be put into, `tiers` the levels of which each member has at most one, the lowest first.
    """

    name: Texts
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    languages: tuple[str, ...] = Field(min_length=1)
    enrolment: Literal["automatic"]
    terms: Wording
    advertising: Wording = Wording(version="1")
    other_label: Texts
    units: Mapping[Code, UnitDefinition] = Field(min_length=1)
    partners: tuple[Partner, ...] = Field((), max_length=PARTNERS_MAX)
    earning: tuple[EarningRule, ...] = Field((), max_length=RULES_MAX)
    words: Mapping[Code, Texts] = {}
    grace_days: int = Field(14, ge=0, le=366)
    quote_minutes: int = Field(10, ge=1, le=60)
    codes: GiftCodes | None = None
    categories: tuple[Category, ...] = Field((), max_length=CATEGORIES_MAX)
    rewards: tuple[Reward, ...] = Field((), max_length=REWARDS_MAX)
    segments: tuple[Code, ...] = Field((), max_length=SEGMENTS_MAX)
    tiers: tuple[Code, ...] = Field((), max_length=TIERS_MAX)

    @property
    def unit_codes(self) -> tuple[Unit, ...]:
        """The units in the pack's order."""
        return tuple(Unit(code) for code in self.units)

    @property
    def partner_codes(self) -> tuple[str, ...]:
        """The partners in the pack's order."""
        return tuple(one.partner for one in self.partners)

    @property
    def labels(self) -> Mapping[str, Texts]:
        """The programme's word for whatever moves points or is exchanged for them: rules, categories, rewards."""
        named = {one.category: one.label for one in self.categories} | {one.reward: one.label for one in self.rewards}
        return {**self.words, **named, **{rule.rule: rule.label for rule in self.earning}}

    def reward(self, number_or_code: str) -> Reward | None:
        """By its number or by its code."""
        return next((one for one in self.rewards if number_or_code in (str(one.number), one.reward)), None)

    @property
    def grace_s(self) -> int:
        """`grace_days` in seconds."""
        return self.grace_days * DAY_S

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone."""
        return ZoneInfo(self.time_zone)
