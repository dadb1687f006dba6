"""How fast, and how soon again: by the numbers, told the time by the test."""

from collections import deque

import pytest

from gateway.smpp.pace import (
    PAUSE_FIRST_S,
    PAUSE_MAX_S,
    RATE_MIN,
    RETRY_FIRST_S,
    RETRY_MAX_S,
    SLOWER,
    Pace,
    Retry,
)

WINDOW = 50


def sent_in(pace: Pace, seconds: float, begins: float = 0.0) -> int:
    """How many a sender with plenty to do gets out in a time, in steps of a millisecond."""
    sent = 0
    for step in range(int(seconds * 1000)):
        at = begins + step / 1000
        granted = pace.ready(at, WINDOW)
        pace.take(at, granted)
        sent += granted
    return sent


@pytest.mark.parametrize("tps", [1, 10, 50, 100, 1000])
def test_a_rate_that_is_sold_is_used_and_kept(tps: int) -> None:
    sent = sent_in(Pace(tps, 0.0), 10)
    assert tps * 10 * 0.97 <= sent <= tps * 10 + max(tps // 50, 1)


@pytest.mark.parametrize("tps", [1, 10, 50])
def test_no_second_holds_more_than_is_sold(tps: int) -> None:
    pace = Pace(tps, 0.0)
    assert sent_in(pace, 1, begins=100.0) <= tps + 1


def test_without_a_rate_only_the_window_counts() -> None:
    assert Pace(0, 0.0).ready(0.0, WINDOW) == WINDOW


def test_what_was_not_used_is_given_back() -> None:
    pace = Pace(1, 0.0)
    pace.take(0.0, pace.ready(0.0, WINDOW))
    assert pace.ready(0.1, WINDOW) == 0
    assert pace.ready_at(0.1) == pytest.approx(1.0)
    pace.give_back(1)
    assert pace.ready(0.1, WINDOW) == 1


def test_throttled_pauses_longer_each_time_and_short_again_after_a_success() -> None:
    pace, at, pauses = Pace(0, 0.0), 0.0, []
    for _ in range(7):
        pauses.append(pace.throttled(at))
        assert pace.ready(at, 1) == 0
        at = pace.ready_at(at)
        assert pace.ready(at, 1) == 1
    assert pauses == [PAUSE_FIRST_S, 2, 4, 8, 16, PAUSE_MAX_S, PAUSE_MAX_S]
    pace.passed(at)
    assert pace.throttled(at) == PAUSE_FIRST_S


def test_a_window_that_is_throttled_together_counts_once() -> None:
    pace = Pace(100, 0.0)
    assert [pace.throttled(0.1) for _ in range(3)] == [PAUSE_FIRST_S, 0, 0]
    assert pace.rate == pytest.approx(100 * SLOWER)
    pace.passed(0.2)
    assert pace.throttled(PAUSE_FIRST_S + 0.1) == 2 * PAUSE_FIRST_S, "answers from before the pause say nothing"


def test_after_a_pause_one_goes_first() -> None:
    pace = Pace(1000, 0.0)
    pace.throttled(0.0)
    assert pace.ready(pace.ready_at(0.0), WINDOW) == 1, "a pause saves up nothing"


def test_the_rate_falls_by_a_share_and_rises_by_a_step() -> None:
    pace = Pace(100, 0.0)
    pace.throttled(0.0)
    for number in range(700):
        pace.passed(2.0 + number / 70)
    assert 75 < (pace.rate or 0) < 85, "about ten more after ten seconds"
    for number in range(5000):
        pace.passed(20.0 + number)
    assert pace.rate == 100, "and never more than is sold"


def test_the_rate_that_was_throttled_is_approached_slowly_and_passed_when_it_holds() -> None:
    pace = Pace(0, 0.0)
    for _ in range(20):
        pace.take(0.0, 1)
    pace.throttled(0.9)
    rates = []
    for second in range(60):
        for _ in range(int(pace.rate or 0)):
            pace.passed(2.0 + second)
        rates.append(pace.rate or 0)
    assert rates[3] == pytest.approx(18, abs=0.5), "14 and one a second"
    assert rates[9] == pytest.approx(19, abs=0.5), "a hundredth of itself a second"
    assert rates[59] > 50, "what held is no limit any more"


def test_most_of_what_an_smsc_takes_gets_through() -> None:
    """One that takes ten in any second, for ten minutes; nobody has told us."""
    pace, taken, passed = Pace(0, 0.0), deque[float](), 0
    for step in range(600_000):
        at = step / 1000
        for _ in range(pace.ready(at, WINDOW)):
            pace.take(at, 1)
            while taken and taken[0] <= at - 1:
                taken.popleft()
            if len(taken) < 10:
                taken.append(at)
                passed += 1
                pace.passed(at)
            else:
                pace.throttled(at)
    assert passed > 0.8 * 10 * 600


def test_an_unsold_rate_is_learned_from_what_was_sent() -> None:
    pace = Pace(0, 0.0)
    for second in range(3):
        for _ in range(100):
            pace.take(second + 0.0, 1)
    pace.throttled(2.9)
    assert pace.rate == pytest.approx(100 * SLOWER)


def test_a_rate_never_falls_to_nothing() -> None:
    pace, at = Pace(0, 0.0), 0.0
    for _ in range(50):
        pace.throttled(at)
        at = pace.ready_at(at)
    assert pace.rate == RATE_MIN


def test_retries_are_fast_first_and_then_spread_over_longer_times() -> None:
    retry = Retry()
    longest = [retry.next(lambda: 1.0) for _ in range(9)]
    assert longest == [RETRY_FIRST_S, 1, 2, 4, 8, 16, RETRY_MAX_S, RETRY_MAX_S, RETRY_MAX_S]
    assert retry.next(lambda: 0.25) == RETRY_MAX_S / 4
    retry.reset()
    assert retry.next(lambda: 1.0) == RETRY_FIRST_S
