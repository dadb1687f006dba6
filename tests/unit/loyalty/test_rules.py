"""What an event earns, and how long it lives: examples on every edge, and what holds for all of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.loyalty.programme import AMOUNT_MAX, EventType, Expiry, Programme
from gateway.loyalty.rules import earn, expires

MSK, BER = "Europe/Moscow", "Europe/Berlin"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STEPS = [{"from": 10_000, "percent": 1}, {"from": 50_000, "percent": 2}, {"from": 100_000, "percent": 3}]


def programme(*rules: dict[str, Any], expiry: Expiry | None = None, zone: str = "Europe/Moscow") -> Programme:
    """A programme of one unit; each rule says only what it is about."""
    whole = {"rule": "r", "label": {"ru": "р"}, "event": "charge", "unit": "points"}
    return Programme.model_validate(
        {
            "name": {"ru": "Проба"},
            "time_zone": zone,
            "languages": ["ru"],
            "enrolment": "automatic",
            "terms": {"version": "1"},
            "advertising": {"version": "1"},
            "other_label": {"ru": "прочее"},
            "units": {"points": {"names": {"ru": {"other": "балла"}}, "expires": expiry}},
            "earning": [whole | {"rule": f"rule_{place}"} | rule for place, rule in enumerate(rules)],
        }
    )


def given_for(rule: dict[str, Any], amount: int) -> int:
    """What one rule gives for a charge; 0 when it gives nothing."""
    earned = earn(programme(rule), EventType.CHARGE, amount, NOW, NOW)
    assert len(earned) <= 1
    return earned[0].amount if earned else 0


@pytest.mark.parametrize(
    ("rule", "amount", "points"),
    [
        pytest.param({"give": 1, "per": 100}, 0, 0, id="per: nothing"),
        pytest.param({"give": 1, "per": 100}, 99, 0, id="per: one short of the first"),
        pytest.param({"give": 1, "per": 100}, 100, 1, id="per: the first"),
        pytest.param({"give": 1, "per": 100}, 199, 1, id="per: one short of the second"),
        pytest.param({"give": 3, "per": 7}, 20, 6, id="per: full sevens only"),
        pytest.param({"give": 5}, 0, 5, id="give: whatever the amount"),
        pytest.param({"give": 5, "at_most": 4}, 0, 4, id="give: at most"),
        pytest.param({"give": 2, "per": 10, "at_most": 6}, 30, 6, id="at_most: reached"),
        pytest.param({"give": 2, "per": 10, "at_most": 6}, 40, 6, id="at_most: one past it"),
        pytest.param({"steps": STEPS}, 9_999, 0, id="steps: below the first"),
        pytest.param({"steps": STEPS}, 10_000, 100, id="steps: the first"),
        pytest.param({"steps": STEPS}, 10_099, 100, id="steps: floor"),
        pytest.param({"steps": STEPS}, 49_999, 499, id="steps: one short of the second"),
        pytest.param({"steps": STEPS}, 50_000, 1_000, id="steps: the second, of the whole amount"),
        pytest.param({"steps": STEPS}, 99_999, 1_999, id="steps: one short of the third"),
        pytest.param({"steps": STEPS}, 100_000, 3_000, id="steps: the third"),
        pytest.param({"steps": STEPS, "at_most": 10_000}, 400_000, 10_000, id="steps: at most"),
        pytest.param({"steps": [{"from": 0, "percent": 1}]}, 99, 0, id="steps: floored to nothing"),
        pytest.param({"steps": [{"from": 0, "percent": 100}]}, AMOUNT_MAX, AMOUNT_MAX, id="the largest amount"),
        pytest.param({"give": AMOUNT_MAX, "per": 1}, AMOUNT_MAX, AMOUNT_MAX, id="never more than a posting holds"),
    ],
)
def test_what_an_amount_earns(rule: dict[str, Any], amount: int, points: int) -> None:
    assert given_for(rule, amount) == points


@pytest.mark.parametrize(
    ("occurred_at", "in_force"),
    [
        pytest.param("2026-11-30T23:59:59.999999+03:00", False, id="a moment before it starts"),
        pytest.param("2026-12-01T00:00:00+03:00", True, id="when it starts"),
        pytest.param("2026-11-30T21:00:00+00:00", True, id="when it starts, told in UTC"),
        pytest.param("2026-12-31T23:59:59.999999+03:00", True, id="a moment before it ends"),
        pytest.param("2027-01-01T00:00:00+03:00", False, id="when it ends"),
    ],
)
def test_a_rule_is_in_force_by_when_it_happened(occurred_at: str, in_force: bool) -> None:
    rule = {"give": 1, "starts": "2026-12-01T00:00:00+03:00", "ends": "2027-01-01T00:00:00+03:00"}
    booked_at = datetime(2027, 6, 1, tzinfo=UTC)
    earned = earn(programme(rule), EventType.CHARGE, 0, datetime.fromisoformat(occurred_at), booked_at)
    assert bool(earned) is in_force


def test_rules_give_in_the_packs_order_and_only_for_their_event() -> None:
    rules = ({"give": 1}, {"give": 2, "event": "top_up"}, {"give": 1, "per": 100}, {"give": 3, "once": True})
    earned = earn(programme(*rules), EventType.CHARGE, 99, NOW, NOW)
    assert [(one.rule, one.amount, one.once) for one in earned] == [("rule_0", 1, False), ("rule_3", 3, True)]


def test_a_lots_life_begins_when_it_is_booked() -> None:
    late = programme({"give": 1}, expiry=Expiry(months=1, round="none"))
    [earned] = earn(late, EventType.CHARGE, 0, NOW - timedelta(days=90), NOW)
    assert earned.expires_at == datetime(2026, 12, 21, 12, tzinfo=UTC)


def test_without_an_expiry_a_lot_lives_for_ever() -> None:
    [earned] = earn(programme({"give": 1}), EventType.CHARGE, 0, NOW, NOW)
    assert earned.expires_at is None


@pytest.mark.parametrize(
    ("zone", "months", "rounded", "earned_at", "gone_at"),
    [
        pytest.param(MSK, 12, True, "2026-11-21T12:00+03:00", "2027-12-01T00:00+03:00", id="to the month's end"),
        pytest.param(MSK, 6, True, "2026-08-31T12:00+03:00", "2027-03-01T00:00+03:00", id="31 Aug + 6"),
        pytest.param(MSK, 6, False, "2026-08-31T12:00+03:00", "2027-03-01T00:00+03:00", id="31 Aug + 6, clamped"),
        pytest.param(MSK, 6, False, "2027-08-31T12:00+03:00", "2028-03-01T00:00+03:00", id="31 Aug + 6, leap"),
        pytest.param(MSK, 6, True, "2027-08-31T12:00+03:00", "2028-03-01T00:00+03:00", id="31 Aug + 6, leap, end"),
        pytest.param(MSK, 12, False, "2028-02-29T12:00+03:00", "2029-03-01T00:00+03:00", id="29 Feb + 12"),
        pytest.param(MSK, 48, False, "2028-02-29T12:00+03:00", "2032-02-29T12:00+03:00", id="29 Feb + 48"),
        pytest.param(MSK, 1, False, "2027-01-29T12:00+03:00", "2027-03-01T00:00+03:00", id="29 Jan + 1"),
        pytest.param(MSK, 1, False, "2027-02-28T12:00+03:00", "2027-03-28T12:00+03:00", id="28 Feb + 1"),
        pytest.param(MSK, 1, True, "2026-12-31T23:59+03:00", "2027-02-01T00:00+03:00", id="the year turns"),
        pytest.param(MSK, 12, True, "2026-12-01T00:00+03:00", "2028-01-01T00:00+03:00", id="the first moment"),
        pytest.param(MSK, 1, True, "2026-11-30T20:59+00:00", "2027-01-01T00:00+03:00", id="local November"),
        pytest.param(MSK, 1, True, "2026-11-30T21:00+00:00", "2027-02-01T00:00+03:00", id="local December"),
        pytest.param(BER, 1, False, "2027-02-20T12:00+01:00", "2027-03-20T12:00+01:00", id="still winter"),
        pytest.param(BER, 1, False, "2027-03-20T12:00+01:00", "2027-04-20T12:00+02:00", id="noon stays noon"),
        pytest.param(BER, 1, False, "2027-09-30T12:00+02:00", "2027-10-30T12:00+02:00", id="a day before winter"),
        pytest.param(BER, 1, False, "2027-02-28T02:30+01:00", "2027-03-28T03:30+02:00", id="an hour that is not"),
        pytest.param(BER, 1, False, "2027-09-30T02:30+02:00", "2027-10-30T02:30+02:00", id="before the hour twice"),
        pytest.param(BER, 1, False, "2026-09-25T02:30+02:00", "2026-10-25T02:30+02:00", id="the hour twice: first"),
        pytest.param(BER, 1, True, "2027-02-10T12:00+01:00", "2027-04-01T00:00+02:00", id="spring's midnight"),
        pytest.param(BER, 1, True, "2027-09-10T12:00+02:00", "2027-11-01T00:00+01:00", id="autumn's midnight"),
        pytest.param("Asia/Kamchatka", 1, True, "2026-11-30T12:00+00:00", "2027-02-01T00:00+12:00", id="far east"),
    ],
)
def test_when_a_lot_is_gone(zone: str, months: int, rounded: bool, earned_at: str, gone_at: str) -> None:
    expiry = Expiry(months=months, round="end_of_month" if rounded else "none")
    gone = expires(expiry, datetime.fromisoformat(earned_at), ZoneInfo(zone))
    assert gone == datetime.fromisoformat(gone_at)
    assert gone.tzinfo is UTC


AMOUNTS = st.integers(0, AMOUNT_MAX)
LIMITS = st.integers(1, AMOUNT_MAX)
ANY_STEPS = st.dictionaries(AMOUNTS, st.integers(1, 100), min_size=1, max_size=20).map(
    lambda steps: [{"from": start, "percent": percent} for start, percent in sorted(steps.items())]
)
RULES = st.one_of(
    st.fixed_dictionaries({"give": LIMITS, "at_most": LIMITS}, optional={"per": LIMITS}),
    st.fixed_dictionaries({"steps": ANY_STEPS, "at_most": LIMITS}),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
EXPIRIES = st.builds(Expiry, months=st.integers(1, 120), round=st.sampled_from(["none", "end_of_month"]))
ZONES = st.sampled_from(["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])


@given(RULES, AMOUNTS)
def test_a_rule_gives_something_and_never_more_than_its_most_or_nothing(rule: dict[str, Any], amount: int) -> None:
    earned = earn(programme(rule), EventType.CHARGE, amount, NOW, NOW)
    assert all(1 <= one.amount <= rule["at_most"] for one in earned)


@given(LIMITS, LIMITS, AMOUNTS, AMOUNTS)
def test_more_never_earns_less(give: int, per: int, one: int, other: int) -> None:
    less, more = sorted((one, other))
    rule = {"give": give, "per": per}
    assert given_for(rule, less) <= given_for(rule, more)


@given(LIMITS, st.integers(1, 10_000), st.lists(st.integers(0, 10**6), max_size=5))
def test_one_event_never_earns_less_than_its_parts(give: int, per: int, parts: list[int]) -> None:
    """Floor per event: nobody gains by splitting a payment."""
    rule = {"give": give % 1000 + 1, "per": per}
    assert sum(given_for(rule, part) for part in parts) <= given_for(rule, sum(parts))


@given(EXPIRIES, ZONES, MOMENTS)
def test_a_lot_lives_its_months_and_no_more_than_the_rest_of_the_last(expiry: Expiry, zone: str, at: datetime) -> None:
    gone = expires(expiry, at, ZoneInfo(zone))
    months = expiry.months
    rest = 31 if expiry.round == "end_of_month" else 0
    assert timedelta(days=months * 28) <= gone - at <= timedelta(days=months * 31 + rest, hours=1)


@given(EXPIRIES, ZONES, MOMENTS, st.timedeltas(timedelta(), timedelta(days=60)))
def test_who_earns_later_loses_no_earlier(expiry: Expiry, zone: str, at: datetime, later: timedelta) -> None:
    """But for the hour that the clocks give back: 02:10 comes again after 02:50."""
    hour = timedelta(hours=1)
    assert expires(expiry, at, ZoneInfo(zone)) <= expires(expiry, at + later, ZoneInfo(zone)) + hour


@pytest.mark.parametrize(
    ("partner", "given"),
    [
        pytest.param("shop", {"rule_0": 50}, id="any partner's"),
        pytest.param("kiosk", {"rule_0": 50, "rule_1": 3}, id="and its own"),
    ],
)
def test_a_purchase_earns_by_its_partner_and_from_it(partner: str, given: dict[str, int]) -> None:
    rules = {"give": 1, "per": 100}, {"give": 3, "partner": "kiosk"}
    bought = programme(*({"event": "purchase"} | rule for rule in rules))
    earned = earn(bought, EventType.PURCHASE, 5_000, NOW, NOW, partner)
    assert {one.rule: one.amount for one in earned} == given
    assert {one.partner for one in earned} == {partner}
    assert earn(bought, EventType.CHARGE, 5_000, NOW, NOW) == ()
