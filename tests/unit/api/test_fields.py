"""The forms of what is sent, at their limits; and cursors, which come back as they went or not at all."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.api.fields import COMMENT_LENGTH_MAX, EARLIEST, Comment, Reason
from gateway.api.guard import PLACE
from gateway.api.paging import BY_ID, BY_MONTH, BY_TIME, cursor_of, next_of, place_of
from gateway.errors import BadRequestError
from gateway.loyalty.programme import WORD_LENGTH_MAX


@pytest.mark.parametrize(
    ("text", "right"),
    [
        pytest.param("извинение за сбой", True, id="words"),
        pytest.param("order 123456789", True, id="nine digits"),
        pytest.param("x" * WORD_LENGTH_MAX, True, id="at its longest"),
        pytest.param("x" * (WORD_LENGTH_MAX + 1), False, id="one longer"),
        pytest.param("", False, id="nothing"),
        pytest.param(" x", False, id="a space in front"),
        pytest.param("a\nb", False, id="two lines"),
        pytest.param("a\x00b", False, id="a NUL"),
        pytest.param("9217770001", False, id="ten digits"),
        pytest.param("call +7 (921) 777-00-01", False, id="a number with signs"),
    ],
)
def test_a_reason_is_short_and_names_no_number(text: str, right: bool) -> None:
    shape = TypeAdapter(Reason)
    if right:
        assert shape.validate_python(text) == text
    else:
        with pytest.raises(ValidationError):
            shape.validate_python(text)


def test_a_comment_may_be_longer() -> None:
    assert TypeAdapter(Comment).validate_python("x" * COMMENT_LENGTH_MAX)
    with pytest.raises(ValidationError):
        TypeAdapter(Comment).validate_python("x" * (COMMENT_LENGTH_MAX + 1))


@given(st.dates(date(2000, 1, 1)), st.integers(0, 2**63 - 1))
def test_a_place_comes_back_as_it_went(month: date, transfer_id: int) -> None:
    assert place_of(BY_MONTH, cursor_of(BY_MONTH, (month, transfer_id)), (date.max, 0)) == (month, transfer_id)


@given(st.timedeltas(timedelta(), timedelta(days=70_000)))
def test_a_moment_keeps_its_microseconds(since: timedelta) -> None:
    at = EARLIEST + since
    place = (at, "posting", "17")
    assert place_of(BY_TIME, cursor_of(BY_TIME, place), (at, "", "")) == place


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=200))
def test_whatever_comes_as_a_cursor_is_a_place_or_refused(text: str) -> None:
    for shape in (BY_ID, BY_MONTH, BY_TIME):
        with suppress(BadRequestError):
            place_of(shape, text, None)


def test_the_last_page_has_no_next() -> None:
    assert next_of(BY_ID, [3, 2], 2, 2) is None
    assert place_of(BY_ID, next_of(BY_ID, [3, 2, 1], 2, 2), 9) == 2
    assert place_of(BY_ID, None, 9) == 9


@pytest.mark.parametrize("part", ["msisdn", "Idempotency-Key", "17"])
def test_a_fields_place_is_said(part: str) -> None:
    assert PLACE.fullmatch(part)


@pytest.mark.parametrize("part", ["+79217770001", "9217770001", "x" * 41, "a b"])
def test_a_place_that_somebody_made_up_is_not(part: str) -> None:
    assert not PLACE.fullmatch(part)
