"""Conditions: what they say, what they refuse, and that they have an answer for anything."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.menu.cases import cases
from gateway.menu.condition import DEPTH_MAX, LENGTH_MAX, Condition, ConditionError, parse
from gateway.outcome import Fact

FACTS: dict[str, Fact] = {
    "points": 300, "price": 200, "zero": 0, "vip": True, "blocked": False, "tier": "gold", "until": "2026-12-31",
    "never": None, "empty": "", "rows": [{"a": 1}],
}  # fmt: skip

SO = [
    "vip", "not blocked", "until", "not never", "not empty", "points >= 300", "points <= 300", "points == 300",
    "points != 301", "points > 299", "points < 301", "points > -5", "points > price", "not price > points",
    "tier == 'gold'", "tier != 'silver'", "vip and not blocked", "blocked or vip", "not (blocked or never)",
    "blocked and vip or vip", "vip or blocked and blocked", "not blocked and not never",
]  # fmt: skip
NOT_SO = [
    "blocked", "not vip", "never", "empty", "points > 300", "points < price", "tier == 'Gold'", "tier == 300",
    "points == '300'", "vip and blocked", "not not blocked", "not vip or blocked",
    "tier > 5", "never > 5", "nobody > 5", "nobody", "vip == 1", "points", "zero", "rows > 1",
]  # fmt: skip


@pytest.mark.parametrize(("source", "so"), [*((each, True) for each in SO), *((each, False) for each in NOT_SO)])
def test_what_a_condition_says(source: str, so: bool) -> None:
    assert parse(source).holds(FACTS) is so


def test_a_condition_names_what_it_asks_for() -> None:
    assert parse("a > b and (c or not d.e == 'x')").names == {"a", "b", "c", "d.e"}


FAULTS = [
    ("", "ends where a fact should stand"),
    ("points >", "ends where a fact should stand"),
    ("points > and", "has 'and' where a fact should stand"),
    ("5 > points", "has '5' where a fact should stand"),
    ("points > 5 5", "goes on where it should end, at '5'"),
    ("points > 5 &", "cannot be read from '&' on"),
    ("points = 5", "cannot be read from '= 5' on"),
    ("(vip", "a bracket that is not closed"),
    ("vip)", "goes on where it should end, at ')'"),
    ("points + 1 > 5", "cannot be read from '+ 1 > 5' on"),
    ("__import__('os')", "cannot be read from"),
    ("tier == 'gold", "cannot be read from"),
    ("points > 1.5", "cannot be read from"),
    ("a" * (LENGTH_MAX + 1), "is longer than 200 characters"),
    ("not " * (DEPTH_MAX + 1) + "vip", "is nested deeper than 6 levels"),
]


@pytest.mark.parametrize(("source", "told"), FAULTS)
def test_what_is_no_condition(source: str, told: str) -> None:
    with pytest.raises(ConditionError) as refusal:
        parse(source)
    assert told in str(refusal.value)
    assert refusal.value.advice


def test_a_condition_may_be_as_long_and_as_deep_as_that() -> None:
    assert parse("not " * DEPTH_MAX + "vip").holds(FACTS)
    assert not parse("a" * LENGTH_MAX).holds(FACTS)


NAMES = st.sampled_from(["n", "m", "flag", "word", "day", "nobody"])
ORDERS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
ASKED = NAMES | st.builds(
    lambda name, order, other: f"{name} {order} {other}",
    NAMES,
    ORDERS,
    st.integers(-3, 12).map(str) | NAMES | st.sampled_from(["'gold'", "'tin'", "''"]),
)
CONDITIONS = st.recursive(
    ASKED,
    lambda inner: (
        st.builds("({}) and ({})".format, inner, inner)
        | st.builds("({}) or ({})".format, inner, inner)
        | inner.map("not ({})".format)
    ),
    max_leaves=3,
)
VALUES = st.none() | st.booleans() | st.integers(-20, 20) | st.sampled_from(["", "gold", "2026-12-31"])


def parsed(source: str) -> Condition | None:
    try:
        return parse(source)
    except ConditionError:
        return None


@given(CONDITIONS.map(parsed).filter(lambda each: each is not None), st.dictionaries(NAMES, VALUES))
def test_a_condition_has_an_answer_for_any_facts(condition: Condition, facts: dict[str, Fact]) -> None:
    other = parsed(f"not ({condition.source})")
    assume(other is not None)
    assert condition.holds(facts) is not other.holds(facts)


@given(st.text(max_size=40))
def test_whatever_is_written_is_read_or_refused(source: str) -> None:
    condition = parsed(source)
    assert condition is None or condition.holds({}) in {True, False}


@given(
    st.lists(CONDITIONS.map(parsed).filter(lambda each: each is not None), min_size=1, max_size=3),
    st.fixed_dictionaries({
        "n": st.integers(0, 9), "m": st.integers(0, 9), "flag": st.booleans(), "word": st.sampled_from(["gold", "tin"]),
        "day": st.sampled_from(["2026-12-31", None]), "nobody": st.none(),
    }),
)  # fmt: skip
def test_every_combination_of_answers_that_can_occur_is_a_case(
    conditions: list[Condition], facts: dict[str, Fact]
) -> None:
    longest: dict[str, Fact] = {"n": 9, "m": 9, "flag": True, "word": "gold", "day": "2026-12-31", "nobody": None}
    known = {tuple(each.holds(case) for each in conditions) for case in cases(conditions, longest)}
    bounds = {each.with_ for one in conditions for each in one.asked if isinstance(each.with_, int)}
    words = {each.with_ for one in conditions for each in one.asked if isinstance(each.with_, str)}
    if facts["word"] == "gold" or "tin" in words or not bounds:
        assert tuple(each.holds(facts) for each in conditions) in known
