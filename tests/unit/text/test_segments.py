"""Encodings, lengths, and what one screen holds, at the limit and one past it."""

import pytest

from gateway.text.segments import Encoding, Measure, fits, measure
from gateway.ussd.message import Profile


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("abc", Measure(Encoding.GSM7, 3), id="Latin"),
        pytest.param("a€", Measure(Encoding.GSM7, 3), id="extension"),
        pytest.param("балл", Measure(Encoding.UCS2, 4), id="Cyrillic"),
        pytest.param("a long line, one ё", Measure(Encoding.UCS2, 18), id="one letter takes the whole text over"),
        pytest.param("ok 👍", Measure(Encoding.UCS2, 5), id="an emoji is two units"),
    ],
)
def test_measure(text: str, expected: Measure) -> None:
    assert measure(text) == expected


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        pytest.param("a" * 182, True, id="182 septets"),
        pytest.param("a" * 183, False, id="183 septets"),
        pytest.param("€" * 91, True, id="91 euro signs"),
        pytest.param("€" * 91 + "a", False, id="and one letter more"),
        pytest.param("ж" * 80, True, id="80 units"),
        pytest.param("ж" * 81, False, id="81 units"),
        pytest.param("a" * 80 + "ж", False, id="one Cyrillic letter makes 81 units of 81 letters"),
    ],
)
def test_one_screen(text: str, fitting: bool) -> None:
    assert fits(text, Profile()) is fitting


def test_a_stricter_profile_is_obeyed() -> None:
    strict = Profile(septets_max=120, ucs2_units_max=60)
    assert fits("a" * 120, strict)
    assert not fits("a" * 121, strict)
    assert not fits("ж" * 61, strict)
