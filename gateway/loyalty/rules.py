"""What an event earns: pure, integers only, floor at every division.

Quote and booking are this same code. It reads facts and returns postings; it never books one.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.ids import Amount, Unit
from gateway.loyalty.programme import EarningRule, EventType, Expiry, Programme


@dataclass(frozen=True, slots=True)
class Earning:
    """One accrual that a rule decided. `once` marks a gift that a member gets once in a life. Until `available_at` it
    is pending: it is there, and cannot be spent. `partner` is who gives it, and settles for it; None: the programme."""

    rule: str
    unit: Unit
    amount: Amount
    expires_at: datetime | None
    once: bool = False
    available_at: datetime | None = None
    partner: str | None = None


def earn(
    programme: Programme,
    kind: EventType,
    amount: int,
    occurred_at: datetime,
    at: datetime,
    partner: str | None = None,
) -> tuple[Earning, ...]:
    """What each rule gives for an event, in the pack's order; rules that give nothing are left out.

    `amount` is in kopecks. A rule is in force by `occurred_at`; a lot's life begins at the booking, `at`, so
    that an event that came late costs the member nothing. `partner` is where a purchase was made.
    """
    earned = []
    for rule in programme.earning:
        is_theirs = rule.event is kind and rule.partner in {None, partner}
        if is_theirs and rule.runs_at(occurred_at) and (given := _given(rule, amount)):
            expiry = programme.units[rule.unit].expires
            expires_at = None if expiry is None else expires(expiry, at, programme.zone)
            available_at = None if rule.pending_days is None else at + timedelta(days=rule.pending_days)
            earned.append(
                Earning(rule.rule, Unit(rule.unit), Amount(given), expires_at, rule.once, available_at, partner)
            )
    return tuple(earned)


def _given(rule: EarningRule, amount: int) -> int:
    """So many units, at most `at_most`: 49,900 kopecks at one per cent give 499."""
    if rule.give is not None:
        given = rule.give if rule.per is None else rule.give * (amount // rule.per)
    else:
        reached = [step.percent for step in rule.steps if amount >= step.from_]
        given = amount * reached[-1] // 100 if reached else 0
    return min(given, rule.at_most)


def expires(expiry: Expiry, earned_at: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the lot is no longer there, computed on the programme's calendar.

    A day that its month does not have is the end of that month: 31 August + 6 months → 1 March 00:00 local, so that who
    earns later loses no earlier. Rounded to the end of the month, the moment is the next month's first midnight in the
    zone: earned 21.11.2026, 12 months → 1.12.2027 00:00 local.
    """
    local = earned_at.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + expiry.months, 12)
    month += 1
    last_day = calendar.monthrange(year, month)[1]
    if expiry.round == "end_of_month" or local.day > last_day:
        end = datetime.combine(
            local.date().replace(year=year, month=month, day=last_day) + timedelta(days=1), time(), zone
        )
    else:
        end = local.replace(year=year, month=month)
    return end.astimezone(UTC)
