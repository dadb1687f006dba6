"""A language from files of its own: where its words go, and where it is told what is wrong with them."""

import pytest

from gateway.datafile import languages
from gateway.datafile.findings import FaultyFileError
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Value

MENU = """\
languages: [ru, en]
fragments:
  options:
    help: {key: "4", text: {ru: Помощь, en: Help}, go: help}
screens:
  home:
    text: {ru: Меню, en: Menu}
    options:
      - {key: "1", text: {ru: История, en: History}, go: history}
      - {use: help}
      - {key: "5", text: {ru: Есть, en: There is}, go: gifts, when: points > 0}
      - {key: "5", text: {ru: Нет, en: There is not}, go: gifts, when: points == 0}
  language:
    call: language
    arguments: {language: {ru: en, en: ru}}
"""


def learnt(words: str, text: str = MENU, file: str = "ussd") -> Value:
    return languages.read(f"{file}.yaml", text, {f"{file}.uz.yaml": words}).value


def at(value: Value, *path: str | int) -> Value:
    for key in path:
        if isinstance(value, list) and isinstance(key, int):
            value = value[key]
        else:
            assert isinstance(value, dict)
            value = value[str(key)]
    return value


@pytest.mark.parametrize(
    ("words", "path", "said"),
    [
        pytest.param("", ("languages",), ["ru", "en", "uz"], id="a file with nothing in it adds its language"),
        pytest.param(
            "screens: {home: {text: Menyu}}",
            ("screens", "home", "text"),
            {"ru": "Меню", "en": "Menu", "uz": "Menyu"},
            id="a text",
        ),
        pytest.param(
            "screens: {home: {options: {history: {text: Tarix}}}}",
            ("screens", "home", "options", 0, "text", "uz"),
            "Tarix",
            id="an option, by the screen that it leads to",
        ),
        pytest.param(
            "screens: {home: {options: {gifts: [{text: Bor}, {text: Yoq}]}}}",
            ("screens", "home", "options", 3, "text", "uz"),
            "Yoq",
            id="the second of two options that lead to one screen",
        ),
        pytest.param(
            "fragments: {options: {help: {text: Yordam}}}",
            ("fragments", "options", "help", "text", "uz"),
            "Yordam",
            id="a fragment",
        ),
        pytest.param(
            "screens: {language: {arguments: {language: {en: uz, uz: ru}}}}",
            ("screens", "language", "arguments", "language"),
            {"ru": "en", "en": "uz", "uz": "ru"},
            id="what another language says of this one",
        ),
    ],
)
def test_words_go_where_their_keys_are(words: str, path: tuple[str | int, ...], said: Value) -> None:
    assert at(learnt(words), *path) == said


def test_a_row_of_keywords_is_named_by_its_first() -> None:
    rows = "{keywords: {ru: [Бонус, Бонусы], en: [Bonus]}}, {call: redeem, around: {ru: [Код]}}"
    words = "rows: {Бонус: {keywords: [Ball]}, redeem: {around: [Kod]}}\nparts: {a.b: 2}"
    value = learnt(words, f"rows: [{rows}]\nparts: {{}}", "sms")
    assert at(value, "rows", 0, "keywords", "uz") == ["Ball"]
    assert at(value, "rows", 1, "around", "uz") == ["Kod"]
    assert at(value, "parts") == {"a.b": {"uz": "2"}}, "what one language needs, the others need not"


def test_two_languages_stand_in_the_order_of_their_codes() -> None:
    beside = {"ussd.uz.yaml": "screens: {home: {text: Menyu}}", "ussd.kk.yaml": "screens: {home: {text: Мәзір}}"}
    value = languages.read("ussd.yaml", MENU, beside).value
    assert at(value, "languages") == ["ru", "en", "kk", "uz"]
    assert at(value, "screens", "home", "text") == {"ru": "Меню", "en": "Menu", "kk": "Мәзір", "uz": "Menyu"}


def test_a_language_that_is_listed_keeps_its_place() -> None:
    value = learnt("screens: {home: {text: Menyu}}", MENU.replace("[ru, en]", "[uz, ru, en]"))
    assert at(value, "languages") == ["uz", "ru", "en"]


def test_a_language_of_another_file_is_one_of_this_file_too() -> None:
    marks = languages.read("menus/ussd.yaml", MENU, {"menus/programme.uz.yaml": ""})
    assert at(marks.value, "languages") == ["ru", "en", "uz"]
    finding = marks.finding(("screens", "home", "text", "uz"), Kind.TEXT_MISSING, "no text in 'uz'")
    assert (finding.file, finding.line, finding.key) == ("menus/ussd.uz.yaml", 1, "screens.home.text")


def test_a_fault_is_told_where_the_word_is_written_or_missing() -> None:
    words = "screens:\n  home:\n    options:\n      history:\n        text: Tarix\n"
    marks = languages.read("ussd.yaml", MENU, {"ussd.uz.yaml": words})
    wrong = marks.finding(("screens", "home", "options", 0, "text", "uz"), Kind.TEMPLATE, "no template")
    assert (wrong.file, wrong.line, wrong.key) == ("ussd.uz.yaml", 5, "screens.home.options.history.text")
    missing = marks.finding(("screens", "home", "text", "uz"), Kind.TEXT_MISSING, "no text in 'uz'")
    assert (missing.file, missing.line, missing.key) == ("ussd.uz.yaml", 2, "screens.home.text")
    russian = marks.finding(("screens", "home", "text", "ru"), Kind.TEMPLATE, "no template")
    assert (russian.file, russian.line) == ("ussd.yaml", 7)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(
            "screens: {hmoe: {text: Menyu}}",
            "ussd.uz.yaml:1: error: screens.hmoe: stands in no such place of ussd.yaml: did you mean 'home'?",
            id="a screen that is not there",
        ),
        pytest.param(
            "screens: {home: {options: {hystory: {text: Tarix}}}}",
            "screens.home.options.hystory: no line of 'screens.home.options' has this name: did you mean 'history'?",
            id="an option that leads elsewhere",
        ),
        pytest.param(
            "screens:\n  home: Menyu",
            "ussd.uz.yaml:2: error: screens.home: must hold lines of `key: value`",
            id="a text where keys are",
        ),
        pytest.param(
            "screens: {home: {options: {history: {key: '1'}}}}",
            "screens.home.options.history.key: is the same in every language: remove it",
            id="what is not said",
        ),
        pytest.param(
            "screens: {home: {options: {gifts: [{text: Bor}, {text: Yoq}, {text: Bir}]}}}",
            "screens.home.options.gifts.2: there are only 2 lines of this name: remove it",
            id="more lines than there are",
        ),
        pytest.param("screens: [", "ussd.uz.yaml:1: error: cannot be read as YAML", id="no YAML"),
    ],
)
def test_words_that_have_no_place_are_told(words: str, told: str) -> None:
    with pytest.raises(FaultyFileError) as raised:
        learnt(words)
    assert told in str(raised.value)
