"""Slips between words, by the book and against a slow definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms.nearby import Nearby, distance, slips_allowed

word = st.text(alphabet="abc", max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("баланс", "баланс", 0),
        ("балнас", "баланс", 1),
        ("балан", "баланс", 1),
        ("балланс", "баланс", 1),
        ("белинс", "баланс", 2),
        ("", "abc", 3),
        ("ca", "abc", 3),
        ("ab", "ba", 1),
    ],
)
def test_slips(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == distance(other, one) == slips


@given(st.lists(word, max_size=6), word)
def test_the_index_finds_what_comparing_with_each_word_finds(known: list[str], typed: str) -> None:
    expected = {(distance(typed, each), each) for each in known if distance(typed, each) <= slips_allowed(each)}
    assert set(Nearby(known).find(typed)) == expected
