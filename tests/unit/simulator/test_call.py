"""What may be dialled, and how it falls into service code and arguments."""

import pytest

from simulator.call import DIALLED_LENGTH_MAX, split_dialled
from simulator.errors import PhraseError


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        ("*123#", ("*123#", ())),
        (" *123# ", ("*123#", ())),
        ("#123#", ("#123#", ())),
        ("*123*1*2#", ("*123#", ("1", "2"))),
        ("*123#1#", ("*123#", ("1",))),
        ("*115*100#79210000001#", ("*115#", ("100", "79210000001"))),
    ],
)
def test_codes(dialled: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert split_dialled(dialled) == expected


@pytest.mark.parametrize("dialled", ["", "123", "*123", "*#", "*123**1#", "+79210000001", "*abc#"])
def test_what_is_no_code(dialled: str) -> None:
    with pytest.raises(PhraseError, match=r"such as \*123#"):
        split_dialled(dialled)


def test_longest_code() -> None:
    longest = "*123*" + "1" * (DIALLED_LENGTH_MAX - 6) + "#"
    assert split_dialled(longest)[0] == "*123#"
    with pytest.raises(PhraseError):
        split_dialled(longest.replace("*123*", "*123*1"))
