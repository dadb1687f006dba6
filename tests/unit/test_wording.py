"""What is proved of any text, whoever says it."""

import pytest

from gateway.wording import stray_letters


@pytest.mark.parametrize(
    ("word", "stray"),
    [
        ("БОHУC", [(3, "H"), (5, "C")]),
        ("Cчёт", [(1, "C")]),
        ("pоints", [(2, "о")]),
        ("баланс", []),
        ("balance", []),
        ("SIMка", []),
    ],
)
def test_look_alike_letters(word: str, stray: list[tuple[int, str]]) -> None:
    assert stray_letters(word) == stray
