"""What dialogues expect of texts that are not the same every day."""

import pytest

from simulator.patterns import expression, filled, names, pattern, reading


@pytest.mark.parametrize(
    ("expected", "text", "told"),
    [
        ("до {date}", "до 30.11.27", {}),
        ("до {date}", "до 30.11.2027", {}),
        ("by {date}", "by 30 Nov 27", {}),
        ("в {time}", "в 23:59", {}),
        ("{sum:number} баллов", "1 000 баллов", {"sum": "1 000"}),
        ("{sum:number} баллов", "1\u00a0234\u00a0567 баллов", {"sum": "1\u00a0234\u00a0567"}),
        ("{sum:number} points", "1,234 points", {"sum": "1,234"}),
        ("код {voucher:code}.", "код DEMO-08-1a2b.", {"voucher": "DEMO-08-1a2b"}),
        ("{any}баллов", "У вас 5 баллов", {}),
        ("{pin:code} и {pin:code}", "77 и 77", {"pin": "77"}),
        ("(1) [a] {b} c?", "(1) [a] {b} c?", {}),
        ("код {known}", "код 4*2", {}),
    ],
)
def test_what_matches(expected: str, text: str, told: dict[str, str]) -> None:
    found = pattern(expected, {"known": "4*2"}).fullmatch(text)
    assert found is not None
    assert found.groupdict() == told


@pytest.mark.parametrize(
    ("expected", "text"),
    [("до {date}", "до завтра"), ("{number} баллов", "много баллов"), ("{pin:code} и {pin:code}", "77 и 78"),
     ("код {known}", "код 442"), ("{any}", "two\nlines")],
)  # fmt: skip
def test_what_does_not(expected: str, text: str) -> None:
    assert pattern(expected, {"known": "4*2"}).fullmatch(text) is None


def test_names_are_put_in_place_and_others_left() -> None:
    assert filled("*123*{gift_code}# {other} {date}", {"gift_code": "123456"}) == "*123*123456# {other} {date}"


def test_names_used_and_kept() -> None:
    assert names("{a} {b:code} {date} {C} {}") == (["a"], ["b"])
    with pytest.raises(ValueError, match="date, time, number, code, any"):
        names("{a:word}")
    with pytest.raises(ValueError, match="date is a kind"):
        names("{date:code}")


def test_a_regular_expression_with_placeholders() -> None:
    found = reading(r"(\d{2} )?{sum:number} балл(|а|ов) до {date}\.").fullmatch("12 1 000 баллов до 30.11.27.")
    assert found is not None
    assert found.groupdict() == {"sum": "1 000"}
    with pytest.raises(ValueError, match=r"nothing is known as \{sum\} here: to read it, write \{sum:number\}"):
        reading("{sum}")
    with pytest.raises(ValueError, match="no regular expression"):
        reading("{sum:number} (")


def test_an_expression_that_is_none() -> None:
    with pytest.raises(ValueError, match="no regular expression"):
        expression("(")
