"""Gift codes by their looks: what is well formed, what a check digit finds, serial numbers, what codes may grant."""

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequestError
from gateway.loyalty.codes import (
    DAMM,
    LONG_DIGITS_MAX,
    LONG_DIGITS_MIN,
    SHORT_DIGITS,
    Form,
    Serial,
    bearer_codes_max,
    check_digit,
    draw,
    granted,
    number_range,
    shown_grant,
    well_formed,
)
from gateway.loyalty.programme import AMOUNT_MAX
from gateway.msisdn import Msisdn
from gateway.pack import Pack

TABLE = [[int(digit) for digit in row] for row in DAMM]
TEN = range(10)
DIGITS = st.text("0123456789", min_size=1, max_size=30)
LENGTHS = [SHORT_DIGITS, *range(LONG_DIGITS_MIN, LONG_DIGITS_MAX + 1)]


def test_the_table_is_what_its_author_proved_it_to_be() -> None:
    """A Latin square, zeros on its diagonal, weakly totally anti-symmetric: that is all that the promise needs."""
    assert all(sorted(row) == list(TEN) for row in [*TABLE, *map(list, zip(*TABLE, strict=True))])
    assert [TABLE[digit][digit] for digit in TEN] == [0] * 10
    for before, one, two in product(TEN, repeat=3):
        swapped = TABLE[TABLE[before][one]][two] == TABLE[TABLE[before][two]][one]
        assert one == two or not swapped


@pytest.mark.parametrize(("digits", "check"), [("572", "4"), ("0", "0"), ("", "0"), ("57240", "0")])
def test_check_digits(digits: str, check: str) -> None:
    assert check_digit(digits) == check


@given(DIGITS, st.data())
def test_a_wrong_digit_and_swapped_neighbours_are_found(digits: str, data: st.DataObject) -> None:
    right = digits + check_digit(digits)
    assert check_digit(right) == "0"
    place = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != right[place]))
    assert check_digit(right[:place] + other + right[place + 1 :]) != "0"
    after = min(place + 1, len(right) - 1)
    swapped = list(right)
    swapped[place], swapped[after] = swapped[after], swapped[place]
    assert ("".join(swapped) == right) is (check_digit("".join(swapped)) == "0")


@pytest.mark.parametrize(
    ("gift_code", "form"),
    [
        pytest.param("123456", Form.SHORT, id="six digits need no check digit"),
        pytest.param("000000", Form.SHORT, id="six zeros"),
        pytest.param("12345", Form.MALFORMED, id="five"),
        pytest.param("1234567", Form.MALFORMED, id="seven"),
        pytest.param("572400000", Form.MALFORMED, id="nine, though the check digit is right"),
        pytest.param("100000000" + check_digit("100000000"), Form.LONG, id="ten"),
        pytest.param("1000000000", Form.MALFORMED, id="ten, and a wrong check digit"),
        pytest.param("9" * 19 + check_digit("9" * 19), Form.LONG, id="twenty"),
        pytest.param("9" * 20 + check_digit("9" * 20), Form.MALFORMED, id="twenty-one"),
        pytest.param("12345٦", Form.MALFORMED, id="a digit of another script"),
        pytest.param("12 456", Form.MALFORMED, id="a space"),
        pytest.param("", Form.MALFORMED, id="nothing"),
    ],
)
def test_forms(gift_code: str, form: Form) -> None:
    assert well_formed(gift_code) is form


@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_drawn_is_well_formed_and_uses_the_whole_range(length: int) -> None:
    form = Form.SHORT if length == SHORT_DIGITS else Form.LONG
    lowest, highest = draw(length, lambda _: 0), draw(length, lambda n: n - 1)
    drawn = [draw(length, random.Random(seed).randrange) for seed in range(50)]
    for gift_code in (lowest, highest, *drawn):
        assert (len(gift_code), well_formed(gift_code)) == (length, form)
    assert len(set(drawn)) == 50
    if form is Form.SHORT:
        assert (lowest, highest) == ("000000", "999999")
    else:
        assert (lowest[:-1], highest[:-1]) == ("1" + "0" * (length - 2), "9" * (length - 1))


def test_how_many_bearer_codes_may_be_alive() -> None:
    assert bearer_codes_max(10) == 90_000
    assert bearer_codes_max(12) == 9_000_000


@given(st.integers(1, 2**31 - 1), st.integers(1, 999_999_999))
def test_a_serial_number_comes_back(batch_id: int, ordinal: int) -> None:
    serial = Serial(batch_id % 10**9, ordinal)
    assert Serial.parse(f" {serial} ") == serial


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("0013-000345", "printed as 0012-000345-", id="no check digit"),
        pytest.param("0012-000346-7", "a digit of this serial number is mistyped", id="a wrong digit"),
        pytest.param("123456", "is no serial number", id="a gift code in its place"),
        pytest.param("0012-0003४5-7", "is no serial number", id="a digit of another script"),
    ],
)
def test_what_is_no_serial_number(text: str, says: str) -> None:
    assert str(Serial(12, 345)) == "0012-000345-7"
    with pytest.raises(BadRequestError, match=says) as raised:
        Serial.parse(text)
    assert text not in str(raised.value)


def test_a_range_of_numbers_is_a_block_of_a_hundred_thousand() -> None:
    assert number_range(Msisdn("+79211234567")) == "+792112"
    assert number_range(Msisdn("+79211299999")) == number_range(Msisdn("+79211200000"))


def test_points_and_rewards_are_granted(pack: Pack) -> None:
    assert granted("points=500", pack.programme) == {"unit": "points", "amount": 500}
    for reward in pack.programme.rewards:
        kept = granted(f"reward={reward.reward}", pack.programme)
        assert (kept["reward"], kept["fulfilment"]) == (reward.reward, reward.fulfilment.value)
        assert kept == granted(f"reward={reward.number}", pack.programme)
        assert shown_grant(kept) == f"reward={reward.reward}"
    assert shown_grant(granted(f"gift_units={AMOUNT_MAX}", pack.programme)) == f"gift_units={AMOUNT_MAX}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("stars=5", "write points=500, gift_units=500, or reward=", id="an unknown unit"),
        pytest.param("points", "whole number", id="no amount"),
        pytest.param("points=0", "whole number", id="nothing"),
        pytest.param("points=-5", "whole number", id="less than nothing"),
        pytest.param("points=1.5", "whole number", id="a half"),
        pytest.param(f"points={AMOUNT_MAX + 1}", f"to {AMOUNT_MAX}", id="too much"),
        pytest.param("reward=moon", "there are: ", id="an unknown reward"),
        pytest.param("", "write points=500", id="nothing at all"),
    ],
)
def test_what_cannot_be_granted_is_explained(pack: Pack, text: str, says: str) -> None:
    with pytest.raises(BadRequestError, match=says):
        granted(text, pack.programme)
