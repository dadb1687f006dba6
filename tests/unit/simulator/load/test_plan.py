"""What may be asked for, and at which moments starts are due."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import PhraseError
from simulator.load.plan import PHONES_MIN, Plan, PlanError, Think, checked, think_of
from simulator.load.story import Stories
from tests.unit.simulator.load.town import STORIES, TEXTS, stories_in

ASKED = Plan(rate=10, texts=2, for_s=60, think=Think(1, 3), phones=0, seed=1)


@pytest.fixture
def stories(tmp_path: Path) -> Stories:
    """`looks` takes one pause, `pays` two, `asks` none."""
    return stories_in(tmp_path, STORIES + TEXTS)


def test_starts_are_evenly_spaced() -> None:
    assert list(replace(ASKED, for_s=0.35).starts(10)) == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert list(ASKED.starts(0)) == []


def test_a_climb_comes_before_the_full_rate() -> None:
    """From 0 to 10 a second in 10 s are 50 starts, a quarter of them in the first half."""
    moments = list(replace(ASKED, ramp_s=10, for_s=2).starts(10))
    assert len(moments) == 70
    assert sum(moment < 5 for moment in moments) == 13
    assert moments[50:] == pytest.approx([10 + place / 10 for place in range(20)])


@given(
    rate=st.floats(0.5, 500),
    from_share=st.floats(0, 3),
    ramp_s=st.sampled_from([0.0, 1.0, 7.5]),
    for_s=st.sampled_from([0.0, 0.5, 5.0]),
)
def test_as_many_are_due_as_the_rate_says(rate: float, from_share: float, ramp_s: float, for_s: float) -> None:
    plan = replace(ASKED, rate=rate, from_rate=rate * from_share, ramp_s=ramp_s, for_s=for_s)
    moments = list(plan.starts(rate))
    wanted = rate * (ramp_s * (1 + from_share) / 2 + for_s)
    assert wanted - 1e-6 <= len(moments) <= wanted + 1 + 1e-6
    assert all(first <= second for first, second in pairwise(moments))
    assert all(0 <= moment < plan.duration_s for moment in moments)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"rate": 0, "texts": 0}, "say how many", id="nothing"),
        pytest.param({"rate": -1}, "rates are from 0", id="below nothing"),
        pytest.param({"rate": 5001}, "rates are from 0 to 5000", id="more than we can check"),
        pytest.param({"from_rate": 1}, "--ramp 1m", id="a climb without time"),
        pytest.param({"for_s": 0}, "say --for 5m", id="no time"),
        pytest.param({"phones": 29}, "30 are in use at once", id="fewer phones than are busy"),
        pytest.param({"rate": 5000, "think": Think(500, 500)}, "ask for a lower rate", id="more phones than there are"),
    ],
)
def test_what_cannot_be_asked_for(stories: Stories, changed: dict[str, object], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        checked(replace(ASKED, **changed), stories)  # type: ignore[arg-type]  # a table of any fields


def test_phones_are_as_many_as_it_takes(stories: Stories) -> None:
    """10 a second, 1.5 pauses of 2 s on the average: 30 at once; 100 a second: 300, and as many again for replies."""
    assert checked(ASKED, stories).phones == PHONES_MIN
    assert checked(replace(ASKED, rate=100), stories).phones == 600
    assert checked(replace(ASKED, phones=77), stories).phones == 77


def test_phones_that_would_not_all_be_answered(tmp_path: Path) -> None:
    """Two texts a second in a minute are 120; four of one phone are answered, and half of that is to be counted on."""
    head = "answers_per_phone: {count: 4, within: 10 minutes}\n"
    stories = stories_in(tmp_path, STORIES.replace("screens:", head + "screens:") + TEXTS)
    assert checked(replace(ASKED, phones=60), stories).phones == 60
    with pytest.raises(PlanError, match=r"answers 4 texts of one phone within 600 s .* --phones 60"):
        checked(replace(ASKED, phones=59), stories)
    assert checked(replace(ASKED, texts=20), stories).phones == 600


def test_a_list_that_has_no_story(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="has no story for this"):
        checked(ASKED, stories_in(tmp_path, STORIES))
    with pytest.raises(PlanError, match="has no story for this"):
        checked(ASKED, stories_in(tmp_path, STORIES + TEXTS).without_sms())


@pytest.mark.parametrize(
    ("written", "think"), [("0.5..2", Think(0.5, 2)), ("1", Think(1, 1)), (" 0 ", Think(0, 0)), ("2..2", Think(2, 2))]
)
def test_times_to_think(written: str, think: Think) -> None:
    assert think_of(written) == think


@pytest.mark.parametrize("written", ["", "2..1", "-1", "1..", "1...2", "601", "a second"])
def test_what_is_no_time_to_think(written: str) -> None:
    with pytest.raises(PhraseError, match="think"):
        think_of(written)
