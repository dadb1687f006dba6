"""How amounts, dates and reasons read, and what is refused before anyone dials."""

from dataclasses import replace

import pytest

from gateway.templates import Compiler, TextError, Vocabulary, plural_categories
from gateway.text import gsm7

VOCABULARY = Vocabulary(
    languages=("ru", "en"),
    units={
        "points": {
            "ru": {"one": "балл", "few": "балла", "many": "баллов"},
            "en": {"one": "point", "other": "points"},
        },
        "gift_units": {
            "ru": {"one": "подарочная единица", "few": "подарочные единицы", "many": "подарочных единиц"},
            "en": {"one": "gift unit", "other": "gift units"},
        },
    },
    labels={"topup": {"ru": "пополнение", "en": "top-up"}, "registration": {"ru": "регистрация", "en": "sign-up"}},
    other_label={"ru": "прочее", "en": "other"},
)


def said(source: str, language: str, **facts: str | int | None) -> str:
    return Compiler(VOCABULARY, language).compile(source).fill(facts)


@pytest.mark.parametrize(
    ("amount", "russian", "english"),
    [
        (0, "0 баллов", "0 points"),
        (1, "1 балл", "1 point"),
        (2, "2 балла", "2 points"),
        (5, "5 баллов", "5 points"),
        (11, "11 баллов", "11 points"),
        (21, "21 балл", "21 points"),
        (1_234, "1 234 балла", "1,234 points"),
        (-2, "-2 балла", "-2 points"),
        (9_999_999_999, "9 999 999 999 баллов", "9,999,999,999 points"),
    ],
)
def test_amounts_agree_with_their_unit(amount: int, russian: str, english: str) -> None:
    assert said("{{ n | count('points') }}", "ru", n=amount) == russian
    assert said("{{ n | count('points') }}", "en", n=amount) == english


@pytest.mark.parametrize(
    ("source", "facts", "russian", "english"),
    [
        pytest.param("{{ on | day }}", {"on": "2026-12-31"}, "31.12.26", "31 Dec 26", id="day"),
        pytest.param("{{ on | day }}", {"on": "2026-05-01"}, "01.05.26", "1 May 26", id="first of May"),
        pytest.param("{{ n | signed }}", {"n": 50}, "+50", "+50", id="gained"),
        pytest.param("{{ n | signed }}", {"n": -1500}, "-1 500", "-1,500", id="spent"),
        pytest.param("{{ n | signed }}", {"n": 0}, "0", "0", id="nothing has no sign"),
        pytest.param("{{ n | signed('points') }}", {"n": 2}, "+2 балла", "+2 points", id="signed with its unit"),
        pytest.param("{{ n | number }}", {"n": 12345}, "12 345", "12,345", id="number"),
        pytest.param("{{ why | label }}", {"why": "topup"}, "пополнение", "top-up", id="label"),
        pytest.param("{{ why | label }}", {"why": "a_rule_of_2024"}, "прочее", "other", id="a rule that is gone"),
        pytest.param("{{ n | signed(u) }}", {"n": 5, "u": "stars"}, "+5 stars", "+5 stars", id="a unit that is gone"),
    ],
)
def test_filters(source: str, facts: dict[str, str | int], russian: str, english: str) -> None:
    assert said(source, "ru", **facts) == russian
    assert said(source, "en", **facts) == english


def test_english_stays_in_the_gsm_alphabet() -> None:
    source = "{{ n | count('points') }} {{ n | signed }} {{ on | day }}"
    for month in range(1, 13):
        text = said(source, "en", n=-9_999_999_999, on=f"2026-{month:02}-28")
        assert gsm7.septets(text) is not None, text


def test_a_line_between_if_and_endif_leaves_no_gap_when_it_is_absent() -> None:
    source = "one\n{% if on %}\ntill {{ on | day }}\n{% endif %}\ntwo\n"
    assert said(source, "en", on=None) == "one\ntwo"
    assert said(source, "en", on="2026-01-31") == "one\ntill 31 Jan 26\ntwo"


def test_letters_are_composed() -> None:
    assert said("мои\u0306", "ru") == "мой"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param("{{ points", "not a template", id="unfinished"),
        pytest.param("{{ points | shout }}", "No filter named 'shout'. There are: count, day", id="unknown filter"),
        pytest.param("{{ points | count }}", r"count needs a unit: count\('points'\)", id="a count of nothing"),
        pytest.param("{{ points | count('points', 2) }}", r"is written so: .*count\('points'\)", id="two units"),
        pytest.param("{{ points | number('points') }}", "is written so: .*number }}", id="a number of something"),
        pytest.param("{{ points | signed(unit='points') }}", "is written so: .*signed", id="a unit by its name"),
        pytest.param("{{ points | count('pionts') }}", "unknown unit 'pionts': the programme has gift_units, points",
                     id="misspelled unit"),
    ],
)  # fmt: skip
def test_faults_are_found_when_compiled(source: str, told: str) -> None:
    with pytest.raises(TextError, match=told):
        Compiler(VOCABULARY, "ru").compile(source)


def test_a_fault_names_the_line_of_the_text() -> None:
    with pytest.raises(TextError) as caught:
        Compiler(VOCABULARY, "ru").compile("first\nsecond {{ points | shout }}")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        pytest.param("{{ points }}", {}, id="missing fact"),
        pytest.param("{{ on | day }}", {"on": None}, id="no date"),
        pytest.param("{{ on | day }}", {"on": "31.12.2026"}, id="not an ISO date"),
        pytest.param("{{ n | count('points') }}", {"n": None}, id="no amount"),
        pytest.param("{{ ''.__class__.__mro__ }}", {}, id="the sandbox holds"),
    ],
)
def test_facts_that_do_not_fit_are_loud(source: str, facts: dict[str, str | None]) -> None:
    with pytest.raises(TextError):
        said(source, "ru", **facts)


def test_placeholders_are_what_a_text_asks_for() -> None:
    compiler = Compiler(VOCABULARY, "en")
    assert compiler.compile("{{ points }} {{ item.on | day }}").placeholders == {"points", "item.on"}
    assert compiler.compile("{% for row in rows %}{{ row.on }}{% endfor %}").placeholders == {"rows"}
    assert compiler.compile("plain").is_static


def test_the_longest_form_is_not_that_of_the_longest_number() -> None:
    longest = Compiler(VOCABULARY.longest(), "ru")
    assert len(longest.compile("{{ 99 | count('gift_units') }}").fill({})) == len("99 подарочная единица")
    assert longest.compile("{{ 'topup' | label }}").fill({}) == "регистрация"


def test_the_word_for_the_rest_is_measured_too() -> None:
    wordy = replace(VOCABULARY, other_label={"ru": "прежние акции магазинов", "en": "other"}).longest()
    for reason in ("topup", "a_rule_of_2024"):
        assert Compiler(wordy, "ru").compile("{{ why | label }}").fill({"why": reason}) == "прежние акции магазинов"


@pytest.mark.parametrize(
    ("language", "categories"),
    [
        ("ru", {"one", "few", "many"}),
        ("en", {"one", "other"}),
        ("fr", {"one", "many", "other"}),
        ("kk", {"one", "other"}),
    ],
)
def test_plural_categories_of_whole_numbers(language: str, categories: set[str]) -> None:
    assert plural_categories(language) == categories
