"""Phrases of dialogues and of the terminal: what people write, and what is understood."""

import pytest

from simulator.errors import PhraseError
from simulator.phrases import AMOUNT_MAX, WAIT_MAX_S, Happening, grant, happening, kopecks, seconds


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("30 seconds", 30),
        ("1 minute", 60),
        ("2 hours", 7200),
        ("31 days", 31 * 86400),
        ("3d", 3 * 86400),
        ("1 week", 7 * 86400),
        (f"{WAIT_MAX_S} s", WAIT_MAX_S),
    ],
)
def test_times(phrase: str, expected: int) -> None:
    assert seconds(phrase) == expected


@pytest.mark.parametrize("phrase", ["", "soon", "3", "d", "-3 days", "3 months", f"{WAIT_MAX_S + 1} s", "1.5 days"])
def test_times_that_are_none(phrase: str) -> None:
    with pytest.raises(PhraseError, match=r"31 days|wait less"):
        seconds(phrase)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("500", 50_000),
        ("500 roubles", 50_000),
        ("1 rouble", 100),
        ("499.50 roubles", 49_950),
        ("0.5", 50),
        ("30 kopecks", 30),
        (f"{AMOUNT_MAX} kopecks", AMOUNT_MAX),
    ],
)
def test_amounts(phrase: str, expected: int) -> None:
    assert kopecks(phrase) == expected


@pytest.mark.parametrize(
    "phrase", ["", "many", "-1", "1.234", "0.5 kopecks", "5 euros", f"{AMOUNT_MAX + 1} kopecks", "1e3"]
)
def test_amounts_that_are_none(phrase: str) -> None:
    with pytest.raises(PhraseError, match="500 roubles"):
        kopecks(phrase)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("top-up 500 roubles", Happening("top_up", 50_000)),
        ("charge 30 kopecks", Happening("charge", 30)),
        ("purchase 500 roubles at kinograd", Happening("purchase", 50_000, "kinograd")),
        ("Purchase 99.50 at shop_2", Happening("purchase", 9_950, "shop_2")),
        ("Blocked", Happening("blocked")),
        ("unblocked", Happening("unblocked")),
        ("activated", Happening("activated")),
    ],
)
def test_events(phrase: str, expected: Happening) -> None:
    assert happening(phrase) == expected


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("purchase 500 roubles", "at kinograd"),
        ("purchase lots at kinograd", "500 roubles"),
        ("purchase 500 at Kino Grad", "at kinograd"),
        ("explode", "there are: top-up"),
        ("top-up", "500 roubles"),
        ("blocked 500", "takes no amount"),
    ],
)
def test_events_that_are_none(phrase: str, hint: str) -> None:
    with pytest.raises(PhraseError, match=hint):
        happening(phrase)


@pytest.mark.parametrize(
    ("phrase", "body"),
    [
        pytest.param("500 points", {"unit": "points", "amount": 500}, id="an amount"),
        pytest.param(" 5  Gift_Units ", {"unit": "gift_units", "amount": 5}, id="as people type"),
        pytest.param("mug", {"reward": "mug"}, id="a reward"),
    ],
)
def test_what_a_gift_code_gives(phrase: str, body: dict[str, object]) -> None:
    assert grant(phrase).body() == body


@pytest.mark.parametrize("phrase", ["", "500", "500 1", "points 500", "-5 points", "many points of mine"])
def test_a_gift_that_cannot_be_read(phrase: str) -> None:
    with pytest.raises(PhraseError, match="what the code gives"):
        grant(phrase)
