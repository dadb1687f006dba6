"""Percentiles of the histogram beside those of a sorted list of the same durations."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.histogram import COARSE, FINE, LONGEST_US, Histogram

DURATIONS = st.lists(st.integers(0, 3_600_000_000), min_size=1, max_size=200)
SHARES = st.sampled_from([0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0])


def histogram_of(microseconds: list[int], precision: int = FINE) -> Histogram:
    histogram = Histogram(precision)
    for value in microseconds:
        histogram.record(value / 1_000_000)
    return histogram


@given(DURATIONS, SHARES, st.sampled_from([FINE, COARSE]))
def test_percentiles_are_those_of_a_sorted_list(microseconds: list[int], share: float, precision: int) -> None:
    exact = sorted(microseconds)[max(math.ceil(share * len(microseconds)) - 1, 0)]
    told = round(1_000_000 * histogram_of(microseconds, precision).percentile(share))
    assert exact <= told <= exact + exact / 2**precision


@given(DURATIONS)
def test_count_mean_and_longest_are_exact(microseconds: list[int]) -> None:
    histogram = histogram_of(microseconds)
    assert histogram.count == len(microseconds)
    assert histogram.longest == max(microseconds) / 1_000_000
    assert histogram.percentile(1) == histogram.longest
    assert histogram.mean == pytest.approx(sum(microseconds) / len(microseconds) / 1_000_000)


@given(DURATIONS, DURATIONS, SHARES)
def test_added_ones_are_as_if_all_had_been_counted_in_one(first: list[int], second: list[int], share: float) -> None:
    added, together = histogram_of(first).add(histogram_of(second)), histogram_of(first + second)
    assert added.percentile(share) == together.percentile(share)
    assert (added.count, added.mean, added.longest) == (together.count, together.mean, together.longest)


def test_short_ones_are_exact() -> None:
    histogram = histogram_of([1, 2, 3, 4])
    assert [histogram.percentile(share) for share in (0.25, 0.5, 0.75, 1)] == [1e-6, 2e-6, 3e-6, 4e-6]


def test_what_no_clock_gives() -> None:
    histogram = Histogram()
    assert (histogram.percentile(0.5), histogram.longest, histogram.mean) == (0, 0, 0)
    histogram.record(-1)
    assert histogram.percentile(1) == 0
    histogram.record(10 * LONGEST_US)
    assert histogram.longest == LONGEST_US / 1_000_000
