"""What people text with digits in it: a keyword with a number, a code, an answer; and that nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms import route_table
from gateway.sms.keywords import Exact, Match, Matcher, Near, Nothing

ROWS = """\
numbers: ["9373", "6111", "1414"]
rows:
  - {to: "9373", keywords: {ru: [Подарок], en: [Gift]}, takes: reward, example: 5, call: quote}
  - {to: "9373", keywords: {ru: [Подарок, Подарки], en: [Gift]}, call: rewards}
  - {to: "6111", keywords: {ru: [Перевод на]}, takes: points, call: transfer}
  - {to: "6111", keywords: {ru: [Топ10]}, call: top}
  - to: "9373"
    digits: {name: gift_code, from: 6, to: 20}
    around: {ru: [код, мой код], en: [code, my code]}
    call: redeem
  - {to: ["9373", "6111"], answer: "1", call: confirm, reply: order}
  - {to: "9373", answer: "22", call: confirm, arguments: {which: other}}
  - {to: any, keywords: {ru: [Стоп], en: [Stop]}, call: consent, generous: true}
"""
CODE = "123456"


@pytest.fixture(scope="session")
def matcher() -> Matcher:
    return Matcher(route_table.table(route_table.read("sms.yaml", ROWS).source))


def done(match: Match) -> str:
    """What is executed, with what the text brought."""
    assert isinstance(match, Exact), match
    return " ".join((match.routes[0].call, *match.arguments.values()))


WITH_A_NUMBER = [
    pytest.param(text, "quote 5", id=text)
    for text in [
        "ПОДАРОК 5", "gift 5", "подарок №5", "Подарок № 5", "подарок№5", "Подарок-5", "подарок5", "ПОДАРОК 05",
        "ПОДАРОК 0005", "подарок ５", "подарок ٥", "подарок ⑤", "«Подарок» - 5!", "П О Д А Р О К 5", "подарок\n5",
        "podarok 5", "podarok5", "ПOДAPOК 5", "gjlfhjr 5", "gjlfhjr5.", "пшае 5", "GIFT #5", "подарок N5", "gift No. 5",
        "подарок 5.", "(подарок: 5)", "\u200bпода\u0301рок\u00a05", "подарок 5️⃣",
    ]
]  # fmt: skip
OTHER_NUMBERS = [
    pytest.param("ПОДАРОК 9999", "quote 9999", id="the longest number"),
    pytest.param("подарок 0", "quote 0", id="nought is a number"),
    pytest.param("подарок 10", "quote 10", id="a nought that counts"),
    pytest.param("подарок", "rewards", id="another row hears the word alone"),
    pytest.param("подарки", "rewards", id="a keyword without a number"),
    pytest.param("стоп 5", "consent", id="who stops is heard, with a number too"),
    pytest.param("стоп55", "consent", id="and when it touches the word"),
]
CODES = [
    pytest.param(text, f"redeem {CODE}", id=text)
    for text in [
        "123456", " 123 456 ", "12-34-56", "123.456.", "«123456»", "123456!", "１２３４５６", "١٢٣٤٥٦", "12３٤56",
        "123_456", "12\u200b3456", "①②③④⑤⑥", "1️⃣23456", "#123456", "*123456#", "123456 👍",
        "код 123456", "КОД: 123-456", "Мой код 123456.", "123456 код", "код №123456", "код N 123456", "код123456",
        "kod 123456", "rjl 123456", "мой кoд 123456", "code 123456", "My code 123456", "МОЙКОД 123456",
    ]
]  # fmt: skip
LENGTHS = [
    pytest.param("1" * 20, f"redeem {'1' * 20}", id="the longest code"),
    pytest.param("000000", "redeem 000000", id="noughts in front belong to a code"),
]
ANSWERS = [
    pytest.param(text, "confirm", id=text) for text in ["1", "1.", '"1"', "１", " 1\n", "(1)", "1!", "1️⃣", "①", "1 🙂"]
]


@pytest.mark.parametrize(("text", "meant"), [*WITH_A_NUMBER, *OTHER_NUMBERS, *CODES, *LENGTHS, *ANSWERS])
def test_what_is_executed(matcher: Matcher, text: str, meant: str) -> None:
    assert done(matcher.match(text, "9373")) == meant


def test_a_keyword_of_two_words_takes_a_number(matcher: Matcher) -> None:
    assert done(matcher.match("перевод на 100", "6111")) == "transfer 100"


def test_an_answer_of_two_digits_brings_what_its_row_says(matcher: Matcher) -> None:
    match = matcher.match("22", "9373")
    assert isinstance(match, Exact)
    assert (match.routes[0].arguments, match.arguments) == ({"which": "other"}, {})


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        pytest.param("gift 5", ["en"], id="a keyword's"),
        pytest.param(CODE, [""], id="of a code: the member's"),
        pytest.param("my code 123456", [""], id="of a code among English words: the member's"),
        pytest.param("1", [""], id="of an answer: the member's"),
    ],
)
def test_the_language_of_what_is_executed(matcher: Matcher, text: str, languages: list[str]) -> None:
    match = matcher.match(text, "9373")
    assert isinstance(match, Exact)
    assert [route.language for route in match.routes] == languages


@pytest.mark.parametrize(
    ("number", "text", "suggested"),
    [
        pytest.param("9373", "ПОДАРАК 5", ("Подарок 5", "9373"), id="a slip, with the number that was texted"),
        pytest.param("9373", "подарак5", ("Подарок 5", "9373"), id="a slip that touches its number"),
        pytest.param("9373", "ПОДАРАК 05", ("Подарок 5", "9373"), id="a slip, the number as people write it"),
        pytest.param("9373", "gifft 12", ("Gift 12", "9373"), id="a slip in English"),
        pytest.param("9373", "gift55 please", ("Gift 55", "9373"), id="a word too many"),
        pytest.param("9373", "5 подарок", ("Подарок 5", "9373"), id="the number in front"),
        pytest.param("9373", "хочу подарок 5", ("Подарок 5", "9373"), id="a word in front"),
        pytest.param("9373", "подарок пять", ("Подарок", "9373"), id="a number in letters"),
        pytest.param("9373", "подарок 1 2", ("Подарок 5", "9373"), id="two numbers: an example"),
        pytest.param("9373", "подарок 5.5", ("Подарок 5", "9373"), id="a fraction: an example"),
        pytest.param("9373", "подарок 12345", ("Подарок 5", "9373"), id="five digits: an example, and no digit said"),
        pytest.param("9373", "подарок 123456", ("Подарок 5", "9373"), id="a code after another word: an example"),
        pytest.param("6111", "подарок 7", ("Подарок 7", "9373"), id="at another of our numbers"),
        pytest.param("6111", "подарок", ("Подарок", "9373"), id="without a number, at another of our numbers"),
        pytest.param("6111", "перевод на", ("Перевод на 1", "6111"), id="no number, where the word needs one"),
        pytest.param("6111", "перевод на счёт", ("Перевод на 1", "6111"), id="a word in place of the number"),
        pytest.param("6111", "мой топ 10", ("Топ10", "6111"), id="a keyword with a number of its own"),
    ],
)
def test_what_is_only_near_is_suggested(matcher: Matcher, number: str, text: str, suggested: tuple[str, str]) -> None:
    match = matcher.match(text, number)
    assert isinstance(match, Near)
    assert (match.keyword, match.short_number) == suggested


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param("6111", CODE, id="a code to a number that hears none"),
        pytest.param("6111", "код 123456", id="with its word"),
        pytest.param("7777", CODE, id="to a number that is not ours"),
        pytest.param("9373", "12345", id="a digit too few"),
        pytest.param("9373", "1" * 21, id="a digit too many"),
        pytest.param("9373", "123456 654321 1234567890", id="digits too many together"),
        pytest.param("9373", "123456\n654321", id="two codes, a line each"),
        pytest.param("9373", "*9373*123456#", id="a dial string"),
        pytest.param("9373", "код 123456 или 654321", id="two codes"),
        pytest.param("9373", "вот 123456", id="another word"),
        pytest.param("9373", "кот 123456", id="a slip in the word beside a code"),
        pytest.param("9373", "код 123456 спасибо", id="another word after it"),
        pytest.param("9373", "код", id="the word alone"),
        pytest.param("9373", "x123456", id="a letter that touches it"),
        pytest.param("1414", "1", id="an answer to a number that hears none"),
        pytest.param("9373", "1 1", id="an answer twice"),
        pytest.param("9373", "2 2", id="an answer of two digits in two pieces"),
        pytest.param("9373", "01", id="another number"),
        pytest.param("9373", "2", id="another answer"),
        pytest.param("9373", "no 1", id="a word before the answer"),
        pytest.param("9373", "1 да", id="a word after it"),
        pytest.param("9373", "½", id="a fraction"),
    ],
)
def test_what_is_nothing(matcher: Matcher, number: str, text: str) -> None:
    assert matcher.match(text, number) == Nothing()


def test_a_code_is_never_shown(matcher: Matcher) -> None:
    match = matcher.match("код 123-456", "9373")
    assert done(match) == "redeem 123456"
    assert "123" not in repr(match)


@pytest.mark.parametrize("text", [CODE, "код 123456", "１２３４５６", "١٢٣٤٥٦", "①②③④⑤⑥", "подарок 5"])
def test_a_text_with_digits_is_not_remembered(matcher: Matcher, text: str) -> None:
    before = matcher._remembered.cache_info().currsize
    matcher.match(text, "9373")
    assert matcher._remembered.cache_info().currsize == before


words = st.sampled_from(["Подарок", "gift", "gjlfhjr", "код", "мой", "стоп", "№", "no", "перевод на", "топ"])
figures = st.sampled_from(["1", "5", "05", "22", "123456", "123 456", "٥", "９", "½", "①", "*", "#", "-", ".", "\n"])


@given(
    st.text(max_size=500) | st.lists(words | figures, max_size=8).map("".join) | st.lists(figures).map(" ".join),
    st.sampled_from(["9373", "6111", "1414", "7777"]),
)
def test_no_text_means_two_rows(matcher: Matcher, text: str, number: str) -> None:
    match = matcher.match(text, number)
    if not isinstance(match, Exact):
        return
    first = match.routes[0]
    assert all(route.does_the_same_as(first) for route in match.routes)
    assert len({route.language for route in match.routes}) == len(match.routes)
    assert set(match.arguments) == {first.takes} - {""} | ({first.digits.name} if first.digits else set())
    assert all(value.isascii() and value.isdigit() for value in match.arguments.values())


@given(
    st.text(alphabet="0123456789", min_size=6, max_size=20),
    st.sampled_from(["", " ", "-", ". "]),
    st.sampled_from(["", "код ", "my code: ", "«"]),
)
def test_a_code_is_read_as_it_was_printed(matcher: Matcher, code: str, between: str, before: str) -> None:
    assert done(matcher.match(before + between.join(code), "9373")) == f"redeem {code}"


@given(st.integers(0, 9_999), st.sampled_from(["подарок {}", "GIFT-{}", "Подарок № {:04d}", "gjlfhjr{}"]))
def test_a_number_is_passed_without_its_noughts(matcher: Matcher, number: int, text: str) -> None:
    assert done(matcher.match(text.format(number), "9373")) == f"quote {number}"
