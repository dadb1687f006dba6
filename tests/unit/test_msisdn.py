"""Numbers as networks and people write them, and as others may see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadNumberError
from gateway.msisdn import canonical, masked


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        pytest.param("+79210000001", "RU", "+79210000001", id="E.164"),
        pytest.param("79210000001", "RU", "+79210000001", id="without plus"),
        pytest.param("89210000001", "RU", "+79210000001", id="trunk eight"),
        pytest.param("9210000001", "RU", "+79210000001", id="ten digits"),
        pytest.param("8 (921) 000-00-01", "RU", "+79210000001", id="as people write it"),
        pytest.param(" +7 921 000 00 01 ", "RU", "+79210000001", id="spaces around"),
        pytest.param("+77770000001", "RU", "+77770000001", id="Kazakhstan shares the seven"),
        pytest.param("87770000001", "KZ", "+77770000001", id="Kazakhstan's trunk eight"),
        pytest.param("0244000001", "GH", "+233244000001", id="Ghana's trunk zero"),
        pytest.param("+233244000001", "RU", "+233244000001", id="a guest's, with plus"),
        pytest.param("233244000001", "RU", "+233244000001", id="a guest's, without plus"),
        pytest.param("９２１００００００１", "RU", "+79210000001", id="full-width digits"),
    ],
)
def test_one_form_inside(raw: str, region: str, number: str) -> None:
    assert canonical(raw, region) == number


@pytest.mark.parametrize(
    "raw",
    ["", "+", "\0", "abc", "5010", "Bolshe", "+7", "+7921000000012", "+7921" + "0" * 80],
    ids=["empty", "plus", "nul", "letters", "short number", "sender", "country", "too long", "far too long"],
)
def test_what_is_no_number_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(BadNumberError) as refusal:
        canonical(raw)
    assert len(raw) < 4 or raw not in str(refusal.value)


@given(st.text(max_size=40))
def test_whatever_comes_is_a_number_or_refused(raw: str) -> None:
    try:
        number = canonical(raw)
    except BadNumberError:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert canonical(number) == number, "canonical is canonical already"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param("+79210000001", "+7921*****01", id="a subscriber's"),
        pytest.param("+2332440001", "+2332****01", id="a shorter one"),
        pytest.param("12345678", "12345*78", id="the shortest that shows anything"),
        pytest.param("1234567", "*******", id="too short to show anything"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_others_see(number: str, shown: str) -> None:
    assert masked(number) == shown
