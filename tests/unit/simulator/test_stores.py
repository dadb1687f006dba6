"""Stores that hang, in words."""

import pytest

from simulator.errors import PhraseError
from simulator.stores import FROZEN_S, STORES, read


@pytest.mark.parametrize(
    ("words", "stores", "seconds"),
    [
        ("valkey frozen", ("valkey",), FROZEN_S),
        (" PostgreSQL frozen ", ("postgresql",), FROZEN_S),
        ("valkey in order", ("valkey",), 0),
        ("in order", STORES, 0),
    ],
)
def test_what_is_meant(words: str, stores: tuple[str, ...], seconds: float) -> None:
    assert read(words) == (stores, seconds)


@pytest.mark.parametrize("words", ["", "frozen", "oracle frozen", "valkey burnt"])
def test_what_is_not(words: str) -> None:
    with pytest.raises(PhraseError, match="postgresql or valkey frozen"):
        read(words)
