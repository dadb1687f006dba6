"""What people text, and what it means: the tables read like product.md, section 1."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms import route_table
from gateway.sms.keywords import Exact, Match, Matcher, Near, Nothing
from tests.conftest import LONG

TWO_WORDS = """\
numbers: ["9373", "6111"]
rows:
  - to: "9373"
    keywords: {ru: [Где подарок]}
    call: orders
"""


def said(match: Match) -> str:
    """What is executed: the answer, and the languages that it may be in, the likeliest first."""
    assert isinstance(match, Exact), match
    first = match.routes[0]
    done = first.arguments.get("advertising", first.reply)
    return f"{done} {'/'.join(route.language for route in match.routes)}"


PLAIN = [
    pytest.param("6111", "Баланс", "points ru", id="as it is printed"),
    pytest.param("6111", "Balance", "points en", id="in English"),
    pytest.param("1414", "БОНУС", "points ru", id="bonus to the number of points"),
    pytest.param("5010", "БОНУС", "gift_units ru", id="bonus to the number of gift units"),
    pytest.param("9373", "история", "history ru", id="history at any number"),
    pytest.param("9373", "ПОМОЩЬ", "help ru", id="asking for help"),
    pytest.param("6111", "старт", "given ru", id="consent"),
]
CASE_AND_SIGNS = [
    pytest.param("6111", "бАЛАНС", "points ru", id="any case"),
    pytest.param("6111", " баланс \n", "points ru", id="spaces and a line break"),
    pytest.param("6111", "Б А Л А Н С", "points ru", id="spaces between letters"),
    pytest.param("6111", "«Баланс»!", "points ru", id="quotes and an exclamation mark"),
    pytest.param("6111", "ba.lan-ce", "points en", id="punctuation inside"),
    pytest.param("6111", "ｂａｌａｎｃｅ", "points en", id="full-width letters"),
    pytest.param("6111", "ба\u200bла\u00adнс\ufeff", "points ru", id="characters that nobody sees"),
    pytest.param("6111", "бала\u0301нс", "points ru", id="a stress mark"),
]
LOOK_ALIKES = [
    pytest.param("1414", "БOНУC", "points ru", id="Latin O and C in a Russian word"),
    pytest.param("1414", "БOHУC", "points ru", id="Latin O, H and C"),
    pytest.param("6111", "Ваlаnсе", "points en", id="Cyrillic letters in an English word"),
    pytest.param("6111", "CTOΠ", "withdrawn ru", id="Latin and Greek capitals of the GSM alphabet"),
]
LAYOUT = [
    pytest.param("1414", ",jyec", "points ru", id="Russian on a Latin layout"),
    pytest.param("1414", "<JYEC", "points ru", id="with shift"),
    pytest.param("1414", ",JYEC", "points ru", id="with caps lock"),
    pytest.param("1414", '",jyec".', "points ru", id="in quotes, with a full stop"),
    pytest.param("6111", "ифдфтсу", "points en", id="English on a Russian layout"),
    pytest.param("6111", "bcnjhbz", "history ru", id="no letter is punctuation"),
    pytest.param("6111", "cnjg.", "withdrawn ru", id="a full stop, which is no letter here"),
]
LATIN = [
    pytest.param("1414", "bonus", "points en/ru", id="bonus is a word of both languages"),
    pytest.param("6111", "balans", "points ru", id="balans"),
    pytest.param("6111", "istoriya", "history ru", id="ya"),
    pytest.param("6111", "istoria", "history ru", id="ia"),
    pytest.param("6111", "ISTORIJA", "history ru", id="ja"),
    pytest.param("6111", "istoriyа", "history ru", id="with a last letter that is Cyrillic"),
    pytest.param("6111", "pomoshch", "help ru", id="shch"),
    pytest.param("6111", "pomosch'", "help ru", id="sch and a soft sign"),
    pytest.param("6111", "stop", "withdrawn en/ru", id="stop is a word of both languages"),
]
GENEROUS = [
    pytest.param("6111", text, f"withdrawn {language}", id=text)
    for text, language in [
        ("СТОП", "ru"), ("стоп!!!", "ru"), ("CТОП", "ru"), ("cnjg", "ru"), ("stop", "en/ru"), ("STOP.", "en/ru"),
        ("СТОП РЕКЛАМА", "ru"), ("Хватит! Стоп, пожалуйста", "ru"), ("please stop", "en/ru"), ("stop sms", "en/ru"),
        ("стопп", "ru"), ("СТТОП", "ru"), ("сотп", "ru"), ("стоа", "ru"), ("stpo", "en/ru"), ("stopp", "en/ru"),
        ("cnjgg", "ru"), ("баланс стоп", "ru"), ("отпиши", "ru"), ("Отпишите меня", "ru"), ("отписать меня", "ru"),
        ("отписатся", "ru"), ("unsubcribe", "en"),
    ]
]  # fmt: skip
OTHER_WORDS = ["Сто", "Топ", "стол", "стон", "стоит", "шоп", "опишите", "описка", "top", "sto", "step", "Shop", "spot"]
"""Near СТОП and its like, and not it."""


@pytest.mark.parametrize(
    ("number", "text", "meant"), [*PLAIN, *CASE_AND_SIGNS, *LOOK_ALIKES, *LAYOUT, *LATIN, *GENEROUS]
)
def test_a_keyword_is_recognised(bolshe: Matcher, number: str, text: str, meant: str) -> None:
    assert said(bolshe.match(text, number)) == meant


@pytest.mark.parametrize(
    ("number", "text", "suggested"),
    [
        pytest.param("6111", "балнас", ("Баланс", "6111", "ru"), id="two letters exchanged"),
        pytest.param("6111", "балан", ("Баланс", "6111", "ru"), id="a letter dropped"),
        pytest.param("6111", "боланнс", ("Баланс", "6111", "ru"), id="two slips in a long word"),
        pytest.param("6111", "balanse", ("Balance", "6111", "en"), id="a slip in English"),
        pytest.param("6111", "fkfyc", ("Баланс", "6111", "ru"), id="the wrong layout and a slip"),
        pytest.param("1414", "Бонусы", ("Бонус", "1414", "ru"), id="another form of the word"),
        pytest.param("1414", "БОНУС5", ("Бонус", "1414", "ru"), id="a digit after it"),
        pytest.param("9373", "мой history", ("History", "9373", "en"), id="the English word among Russian ones"),
        pytest.param("6111", "Баланс пожалуйста", ("Баланс", "6111", "ru"), id="a word too many"),
        pytest.param("6111", "покажи мой балнас", ("Баланс", "6111", "ru"), id="a slip among other words"),
        pytest.param("6111", "История\n--\nИван", ("История", "6111", "ru"), id="a signature"),
        pytest.param("6111", "бонус", ("Бонус", "1414", "ru"), id="at another of our numbers"),
        pytest.param("5010", "баланс!", ("Баланс", "6111", "ru"), id="at another number, with a sign"),
        pytest.param("9373", "мой баланс", ("Баланс", "6111", "ru"), id="at another number, with a word"),
        pytest.param("5010", "минус баланс бонус", ("Бонус", "5010", "ru"), id="one that is heard here comes first"),
        pytest.param("6111", "стапт", ("Старт", "6111", "ru"), id="consent is never given by a slip"),
        pytest.param("6111", "старт реклама", ("Старт", "6111", "ru"), id="nor with a word too many"),
    ],
)
def test_a_near_miss_is_suggested_and_never_executes(
    bolshe: Matcher, number: str, text: str, suggested: tuple[str, str, str]
) -> None:
    assert bolshe.match(text, number) == Near(*suggested)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?",
        "123456",
        "1",
        "привет",
        "hello",
        "минус",
        "сто баллов",
        "top up",
        "👍",
        *OTHER_WORDS,
        "ня" * 1000,
        "\x00\ufffe",
        "\ud83d",
    ],
)
def test_anything_else_is_nothing(bolshe: Matcher, text: str) -> None:
    assert bolshe.match(text, "6111") == Nothing()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        pytest.param(" " * 1_994 + "Баланс", Exact, id="the last letter is the 2,000th character"),
        pytest.param(" " * 1_995 + "Баланс", Near, id="the last letter is cut"),
        pytest.param(" " * 2_000 + "Баланс", Nothing, id="beyond what is read"),
        pytest.param("слово " * 99 + "стоп", Exact, id="the 100th word"),
        pytest.param("слово " * 100 + "стоп", Nothing, id="the 101st word"),
        pytest.param("слово " * 11 + "балнас", Near, id="a slip in the 12th word"),
        pytest.param("слово " * 12 + "балнас", Nothing, id="a slip in the 13th word"),
    ],
)
def test_how_much_of_a_text_is_read(bolshe: Matcher, text: str, match: type[Match]) -> None:
    assert isinstance(bolshe.match(text, "6111"), match)


def test_a_number_that_is_not_ours_hears_nothing_by_itself(bolshe: Matcher) -> None:
    assert bolshe.match("Баланс", "7777") == Near("Баланс", "6111", "ru")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        pytest.param("где подарок", "exact", id="as it is written"),
        pytest.param("ГДЕПОДАРОК?", "exact", id="in one word"),
        pytest.param("gde podarok", "exact", id="in Latin letters"),
        pytest.param("ult gjlfhjr", "exact", id="on a Latin layout"),
        pytest.param("ну и где подарок мой", "near", id="among other words"),
        pytest.param("где подарки", "near", id="with slips"),
        pytest.param("где", "nothing", id="half of it"),
    ],
)
def test_a_keyword_of_two_words(text: str, match: str) -> None:
    matcher = Matcher(route_table.table(route_table.read("sms.yaml", TWO_WORDS).source))
    assert type(matcher.match(text, "9373")).__name__.lower() == match


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("привет", "ru"),
        ("hello", "en"),
        ("Ёлки", "ru"),
        ("баланс please", "ru"),
        ("БOHУC", "ru"),
        ("COPE", "en"),
        ("сор", "ru"),
        ("123456 !", None),
        ("", None),
        ("γεια", None),
    ],
)
def test_the_language_of_a_text(bolshe: Matcher, text: str, language: str | None) -> None:
    assert bolshe.language_of(text) == language


pieces = st.sampled_from(["Баланс", "balans", "стоп", "stop", ",jyec", "истроия", "start", "Bonus"]) | st.text(
    max_size=9
)


@given(st.text(max_size=3_000) | st.lists(pieces, max_size=9).map(" ".join), st.sampled_from(["6111", "5010", "x"]))
def test_any_text_means_something(bolshe: Matcher, text: str, number: str) -> None:
    match = bolshe.match(text, number)
    assert isinstance(match, Exact | Near | Nothing)
    assert not isinstance(match, Near) or match.keyword not in {"Стоп", "Stop"}, "stop is never merely suggested"
    bolshe.language_of(text)


@given(st.lists(st.sampled_from("балнсBALANCE.,'[ \u200b\u0301ёйЙ"), max_size=40))
def test_case_and_invisible_characters_change_nothing(bolshe: Matcher, signs: list[str]) -> None:
    text = "".join(signs)
    assert bolshe.match(text.upper(), "6111") == bolshe.match("\u200d".join(text.lower()), "6111")


WORST: Sequence[tuple[str, str]] = [
    ("one word", "x" * 2_000),
    ("words of a keyword's length", "qwertyuiop " * 180),
    ("Russian words", "абвгдежзик " * 180),
    ("single letters", "а " * 1_000),
    ("letters of the other layout", "';,. [] " * 250),
    ("characters that become eighteen", "\ufdfa" * 2_000),
    ("letters and digits by turns", "x1" * 1_000),
    ("digits with signs between", "1-" * 999 + "x"),
    ("signs after a word", "a" + "_" * 1_999),
]


@pytest.mark.parametrize("text", [text for _, text in WORST], ids=[name for name, _ in WORST])
def test_the_work_for_a_text_is_bounded(bolshe: Matcher, text: str) -> None:
    rounds = 20 if LONG else 5
    began = time.process_time()
    for _ in range(rounds):
        bolshe.match(text, "6111")
    each_ms = (time.process_time() - began) / rounds * 1_000
    assert each_ms < 100, f"{each_ms:.1f} ms of CPU; some 6 are usual, and a link reads nothing meanwhile"
