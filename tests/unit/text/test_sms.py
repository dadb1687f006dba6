"""Long texts in parts: at the limits, and never through a pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import gsm7
from gateway.text.sms import split


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        pytest.param("", [0], id="nothing"),
        pytest.param("a" * 160, [160], id="160 letters"),
        pytest.param("a" * 161, [153, 8], id="161 letters"),
        pytest.param("a" * 159 + "€", [153, 7], id="the euro sign would begin at septet 160"),
        pytest.param("a" * 152 + "€" * 5, [152, 5], id="the escape stays with its character"),
        pytest.param("я" * 70, [70], id="70 Cyrillic letters"),
        pytest.param("я" * 71, [67, 4], id="71 Cyrillic letters"),
        pytest.param("я" * 66 + "👍" * 3, [66, 3], id="an emoji across the edge"),
        pytest.param("я" * 670 + "!", [67] * 10 + [1], id="eleven parts"),
    ],
)
def test_parts(text: str, sizes: list[int]) -> None:
    assert [len(part) for part in split(text)] == sizes


def test_a_longer_header_leaves_less() -> None:
    assert [len(part) for part in split("a" * 161, header_octets=7)] == [152, 9]
    assert [len(part) for part in split("я" * 71, header_octets=7)] == [66, 5]


@given(st.text(alphabet="a€я👍", max_size=700))
def test_nothing_is_lost_and_no_part_is_too_long(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    if len(parts) > 1:
        septets = gsm7.septets(text)
        assert all(
            (gsm7.septets(part) or 0) <= 153 if septets is not None else len(part.encode("utf-16-be")) <= 134
            for part in parts
        )
