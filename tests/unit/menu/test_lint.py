"""What a menu check proves: each row breaks the small menu in one place, and reads what a person is told."""

from collections.abc import Callable

import pytest

from gateway.datafile.findings import FaultyFileError, Finding, Severity
from gateway.menu.checks.dial import read_published
from gateway.menu.document import Document
from gateway.menu.lint import lint
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary
from gateway.ussd.message import Profile

Check = Callable[..., tuple[Finding, ...]]

PROFILES = {"default": Profile(), "restcomm": Profile(160, 72)}


def test_the_plain_menu_has_nothing_to_find(
    club_document: Document,
    club_published: dict[str, str],
    specs: dict[str, ActionSpec],
    vocabulary: Vocabulary,
) -> None:
    assert [str(each) for each in lint(club_document, specs, vocabulary, PROFILES, club_published)] == []


def test_the_small_menu_has_nothing_to_find(found: Check) -> None:
    assert found() == ()


SHAPE = [
    pytest.param("start: home", "start: [", 2, "", "a bracket that opens here", id="a bracket left open"),
    pytest.param("start: home", "start: home\nstart: ask", 3, "start", "written twice", id="a key twice"),
    pytest.param("  ask:\n", "  home:\n", 19, "screens.home", "the first is on line 14", id="a screen twice"),
    pytest.param("start: home", "begin: home", 2, "begin", "no key of a menu", id="a misspelled key"),
    pytest.param(
        "    ends: true\n", "    end: true\n", 34, "screens.blocked.end", "no key of a menu", id="inside a screen"
    ),
    pytest.param("start: home\n", "", 1, "start", "is missing", id="a missing key"),
    pytest.param(
        "text: {ru: Куплено, en: Bought}", "text: Куплено", 30, "screens.bought.text", "key: value", id="one language"
    ),
    pytest.param("ends: true", "ends: often", 34, "screens.blocked.ends", "true or false", id="neither yes nor no"),
    pytest.param(
        "call: redeem",
        "call: redeem\n    arguments: {much: [1]}",
        28,
        "screens.buy.arguments.much",
        "must be a text",
        id="an argument that is a list",
    ),
    pytest.param(
        "call: redeem",
        "call: redeem\n    arguments: {much: {ru: ''}}",
        28,
        "screens.buy.arguments.much.ru",
        "is empty",
        id="an argument that is empty",
    ),
    pytest.param(
        "start: home", "start: home page", 2, "start", "small Latin letters", id="a screen's name with a space"
    ),
    pytest.param('"*123#"', '"123"', 4, "dial.123", 'such as "*123*1#"', id="no dial string"),
    pytest.param(
        '{key: "2"', "{key: two", 18, "screens.home.options.1.key", "one to three digits", id="a key that no phone has"
    ),
    pytest.param(
        'start: home\ndial:\n  "*123#": home',
        'start: &x home\ndial:\n  "*123#": *x',
        4,
        "dial.*123#",
        "write the value out",
        id="an alias",
    ),
]

STRUCTURE = [
    pytest.param(
        "languages: [ru, en]", "languages: [en, ru]", 1, "languages", "speaks [ru, en], in this order", id="the order"
    ),
    pytest.param("languages: [ru, en]", "languages: [ru]", 1, "languages", "speaks [ru, en]", id="a language fewer"),
    pytest.param(
        "languages: [ru, en]", "languages: [ru, en, de]", 1, "languages", "speaks [ru, en]", id="a language more"
    ),
    pytest.param("languages: [ru, en]", "languages: [ru, en, ru]", 1, "languages", "2 times", id="a language twice"),
    pytest.param("start: home", "start: hoem", 2, "start", "no screen 'hoem'", id="no such start"),
    pytest.param('"*123#": home', '"*123#": hoem', 4, "dial.*123#", "no screen 'hoem'", id="a dial string to nowhere"),
    pytest.param(
        'go: ask}\n      - {key: "2"',
        'go: aks}\n      - {key: "2"',
        17,
        "screens.home.options.0.go",
        "no screen 'aks'",
        id="an option to nowhere",
    ),
    pytest.param(
        "blocked: blocked}", "blocked: blokced}", 21, "screens.ask.on.blocked", "no screen", id="an outcome to nowhere"
    ),
    pytest.param(
        "call: balance", "call: balans", 20, "screens.ask.call", "there are: balance, history", id="no such action"
    ),
    pytest.param(
        ", blocked: blocked}", "}", 21, "screens.ask.on.blocked", "may answer 'blocked'", id="an outcome unhandled"
    ),
    pytest.param(
        "{done: bought}",
        "{done: bought, lost: bought}",
        28,
        "screens.buy.on.lost",
        "never answers 'lost'",
        id="an outcome that does not exist",
    ),
    pytest.param(
        "call: balance",
        "call: balance\n    arguments: {unit: x}",
        21,
        "screens.ask.arguments.unit",
        "there are: none",
        id="an argument too many",
    ),
    pytest.param('{key: "2"', '{key: "1"', 18, "screens.home.options.1.key", "option 1 too", id="an option key twice"),
    pytest.param(
        '{key: "2"', '{key: "0"', 18, "screens.home.options.1.key", "means 'back'", id="an option on the back key"
    ),
    pytest.param(
        '{key: "2"', '{key: "9"', 18, "screens.home.options.1.key", "means 'next'", id="an option on the next key"
    ),
    pytest.param(
        'home: {key: "00"', 'home: {key: "0"', 7, "keys.home.key", "of 'back' too", id="navigation keys collide"
    ),
    pytest.param(
        "on: {balance: shown, blocked: blocked}",
        "on: {balance: home, blocked: blocked}",
        22,
        "screens.shown",
        "leads here",
        id="an unreachable screen",
    ),
    pytest.param(
        "on: {done: bought}",
        "on: {done: buy}",
        28,
        "screens.buy.on",
        "without a screen between",
        id="a circle of calls",
    ),
    pytest.param(
        "    ends: true\n",
        '    ends: true\n    options: [{key: "1", text: {ru: а, en: a}, go: ask}]\n',
        35,
        "screens.blocked.options",
        "takes no input",
        id="an end with options",
    ),
    pytest.param("start: home", "start: blocked", 2, "start", "leads nowhere", id="a start that ends"),
    pytest.param("start: home", "start: buy", 2, "start", "moves points", id="a start that moves points"),
    pytest.param(
        "en: Buy}, go: buy}\n  ask",
        "de: Kauf}, go: buy}\n  ask",
        18,
        "screens.home.options.1.text.en",
        "no text in 'en'",
        id="a language missing",
    ),
    pytest.param(
        "en: Buy}, go: buy}\n  ask",
        "de: Kauf}, go: buy}\n  ask",
        18,
        "screens.home.options.1.text.de",
        "not among",
        id="a language too many",
    ),
]

TEXTS = [
    pytest.param(
        'en: "{{ points | number }}"',
        'en: "{{ points }} {{ points_expiring }}"',
        23,
        "screens.shown.text.en",
        "same facts: points_expiring",
        id="placeholders differ",
    ),
    pytest.param(
        "ru: Добро пожаловать, en: Welcome",
        'ru: "{{ points }}", en: "{{ points }}"',
        15,
        "screens.home.text.ru",
        "speaks of points, but who comes by dialling brings no facts",
        id="a fact that nobody brings",
    ),
    pytest.param(
        "ru: Куплено, en: Bought",
        'ru: "{{ points }}", en: "{{ points }}"',
        30,
        "screens.bought.text.en",
        "after redeem: done brings no facts",
        id="a fact of another outcome",
    ),
    pytest.param(
        "ru: Назад", "ru: '{{ points }}'", 6, "keys.back.text.ru", "without an action", id="a fact in navigation"
    ),
    pytest.param(
        'ru: "{{ points | number }}"',
        'ru: "{{ points | numbr }}"',
        23,
        "screens.shown.text.ru",
        "numbr",
        id="no such filter",
    ),
    pytest.param(
        "Куплено", "Kуплено", 30, "screens.bought.text.ru", "'K' at letter 1 is Latin", id="a Latin K in a Russian word"
    ),
    pytest.param(
        "Welcome",
        "Wеlcome",
        15,
        "screens.home.text.en",
        "'е' at letter 2 is Cyrillic",
        id="a Cyrillic e in an English word",
    ),
    pytest.param(
        "ru: Куплено, en: Bought}",
        "ru: Куплено, en: Bought}\n    each: {list: rows, text: {ru: '{{ item.on }}', en: '{{ item.on }}'}}",
        31,
        "screens.bought.each.list",
        "brings no list 'rows'",
        id="no such list",
    ),
]

DIAL = [
    pytest.param('"*123#": home', '"*21#": home', 4, "dial.*21#", "supplementary service", id="reserved"),
    pytest.param(
        '"*123#": home', '"*371*5#": home', 4, "dial.*371*5#", "supplementary service", id="reserved with arguments"
    ),
    pytest.param('"*123#": home', '"*#06#": home', 4, "dial.*#06#", "supplementary service", id="the phone's own IMEI"),
    pytest.param(
        '"*123#": home', '"*155#": home', 4, "dial.*155#", "visited network answers", id="the visited network's"
    ),
    pytest.param('"*123#": home', '"*9373#": home', 4, "dial.*9373#", "need not pass it home", id="four digits"),
    pytest.param(
        '"*123#": home',
        '"*123#": home\n  "*123*1#": ask\n  "*123#1#": ask',
        6,
        "dial.*123#1#",
        "same as '*123*1#'",
        id="one string in two spellings",
    ),
    pytest.param(
        '"*123#": home', '"*123#": ask', 4, "dial.*123#", "published as 'home' and now means 'ask'", id="changed"
    ),
    pytest.param('"*123#": home', '"*124#": home', 3, "dial.*123#", "is gone", id="removed"),
    pytest.param(
        '"*123#": home',
        '"*123#": home\n  "*123*1#": ask',
        5,
        "dial.*123*1#",
        "not in published.yaml",
        id="not published",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "told"), [*SHAPE, *STRUCTURE, *TEXTS, *DIAL])
def test_one_fault_is_told_with_its_place(found: Check, old: str, new: str, line: int, key: str, told: str) -> None:
    findings = found(old, new)
    assert [each for each in findings if (each.line, each.key) == (line, key) and told in str(each)], "\n".join(
        map(str, findings)
    )


def test_a_roaming_warning_is_silenced_in_the_pack(found: Check) -> None:
    published = {"*9373#": "home"}
    warned = found('"*123#": home', '"*9373#": home', published=published)
    assert [each.severity for each in warned] == [Severity.WARNING]
    assert found('dial:\n  "*123#": home', 'roaming: accepted\ndial:\n  "*9373#": home', published=published) == ()


def one_page(text: str) -> tuple[str, str]:
    return (
        "text: {ru: Добро пожаловать, en: Welcome}",
        f"one_page: true\n    text: {{ru: Добро пожаловать, en: '{text}'}}",
    )


def test_a_screen_that_must_be_one_page_tells_its_size(found: Check) -> None:
    (finding,) = found(*one_page("Welcome " * 25))
    assert "215/182 GSM-7: shorten it" in str(finding)
    assert finding.severity is Severity.ERROR


def test_the_longest_facts_are_told_and_no_others(found: Check) -> None:
    old = 'text: {ru: "{{ points | number }}", en: "{{ points | number }}"}'
    words = "x" * 20 + " "
    en = words * 9 + "{{ points | count('points') }}"
    findings = found(old, f'one_page: true\n    text: {{ru: "{{{{ points | number }}}}", en: "{en}"}}')
    assert [each.message.split(": ")[1] for each in findings] == ["230/182 GSM-7"], findings


def test_the_letter_that_costs_the_room_is_named(found: Check) -> None:
    (finding,) = found(*one_page("A ёlka, and many other things that would have fitted one English screen easily"))
    assert "/80 UCS-2 — 'ё' at position 3 forces UCS-2" in str(finding)


def test_a_wholly_russian_text_is_not_told_about_its_letters(found: Check) -> None:
    old, new = "ru: Добро пожаловать", "ru: " + "Добро пожаловать " * 6
    assert found(old, new) == (), "a long text pages cleanly"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("Добро", "Добро" * 20, "is longer than a page: shorten it", id="a word longer than a page"),
        pytest.param("ru: Добро пожаловать", "ru: " + "слово " * 100 + "\n", "9 are the most", id="too many pages"),
        pytest.param("{ru: Купить", "{ru: " + "Купить " * 12, "is divided", id="an option that is divided"),
        pytest.param("ru: Время вышло", "ru: " + "Время вышло " * 8, "shorten it", id="a message that cannot page"),
        pytest.param("ru: Далее", "ru: " + "Далее" * 12, "leaves no room for text", id="navigation that fills a page"),
    ],
)
def test_what_cannot_page_cleanly_is_told(found: Check, old: str, new: str, told: str) -> None:
    assert any(told in str(each) for each in found(old, new)), found(old, new)


def test_every_profile_is_measured(
    club_document: Document, club_published: dict[str, str], specs: dict[str, ActionSpec], vocabulary: Vocabulary
) -> None:
    tight = {"default": Profile(), "tight": Profile(70, 60)}
    findings = lint(club_document, specs, vocabulary, tight, club_published)
    assert "screens.home_menu.text.ru" in {each.key for each in findings if each.severity is Severity.ERROR}
    assert all(each.message.startswith("tight: ") for each in findings)


def test_a_text_that_forgets_a_missing_date_is_told(found: Check) -> None:
    text = 'ru: "{{ points_expires_on | day }}", en: "{{ points_expires_on | day }}"'
    findings = found('ru: "{{ points | number }}", en: "{{ points | number }}"', text)
    assert {each.key for each in findings} == {"screens.shown.text.ru", "screens.shown.text.en"}
    assert "a fact that is missing too" in findings[0].advice


LANGUAGE = """\
    on: {done: bought}
  tongue:
    call: language
    arguments: {language: %s}
    on: {changed: home, blocked: blocked}
"""


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        pytest.param("en", [], id="a language of the pack"),
        pytest.param("{ru: en, en: ru}", [], id="the other one"),
        pytest.param("de", [("screens.tongue.arguments.language", "'de'")], id="a language that it does not speak"),
        pytest.param("{ru: en, en: rus}", [("screens.tongue.arguments.language.en", "'rus'")], id="for one of two"),
    ],
)
def test_an_action_is_called_with_values_that_it_knows(found: Check, value: str, faults: list[tuple[str, str]]) -> None:
    findings = [each for each in found("    on: {done: bought}\n", LANGUAGE % value) if "leads here" not in str(each)]
    assert [each.key for each in findings] == [key for key, _ in faults]
    for each, (_, named) in zip(findings, faults, strict=True):
        assert f"'language' does not know {named}: write ru or en" in str(each)


def test_a_published_file_may_be_empty_still() -> None:
    assert read_published("published.yaml", "# nothing was printed yet\n") == {}


@pytest.mark.parametrize("text", ["- *123#", '"*123#": [home]', "word: home"], ids=["a list", "no screen", "no digits"])
def test_a_published_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(FaultyFileError, match="published"):
        read_published("published.yaml", text)
