"""What a check of keywords and texts proves: each row breaks the small pack in one place, and reads what is told."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gateway.datafile.findings import FaultyFileError, Finding, Severity
from gateway.outcome import ActionSpec
from gateway.sms import route_table
from gateway.sms.lint import lint
from gateway.sms.load import load
from gateway.sms.source import SCHEMA_FILE, schema_text
from gateway.sms.texts import text_files
from gateway.templates import Vocabulary

ROOT = Path(__file__).parents[3]

Files = Callable[..., dict[str, str]]
Check = Callable[..., tuple[Finding, ...]]
Specs = Mapping[str, ActionSpec]


def test_the_small_pack_has_nothing_to_find(found: Check) -> None:
    assert found() == ()


ROWS = [
    pytest.param("numbers:", "number:", 1, "numbers", "is missing", id="a misspelled key"),
    pytest.param("    call: orders\n", "", 7, "rows.1.call", "is missing", id="a row that does nothing"),
    pytest.param('"1414"]\nrows', '"14-14"]\nrows', 1, "numbers.1", "3 to 15 digits", id="a number with a sign"),
    pytest.param('"1414"]\nrows', '"6111"]\nrows', 1, "numbers.1", "listed twice", id="a number twice"),
    pytest.param(
        '"1414"]\nrows', '"1414"]\nsender: "9373"\nrows', 2, "sender", "must reach us", id="no sender of ours"
    ),
    pytest.param('to: "6111"', "to: all", 3, "rows.0.to", "any, or numbers in quotes", id="neither any nor a number"),
    pytest.param('to: ["6111"', 'to: ["61"', 7, "rows.1.to.0", "3 to 15 digits", id="a number of two digits"),
    pytest.param('to: "6111"', 'to: "9373"', 3, "rows.0.to", "not among our `numbers`", id="a number of others"),
    pytest.param("to: any", 'to: "6111"', 10, "rows.2.to", "write `to: any`", id="generous at one number only"),
    pytest.param(
        "{ru: [Баланс], en: [Balance]}", "{ru: Баланс}", 4, "rows.0.keywords.ru", "must be a list", id="no list"
    ),
    pytest.param("[Баланс]", "[Ба-ланс]", 4, "rows.0.keywords.ru.0", "without punctuation", id="punctuation"),
    pytest.param("[Баланс]", "['5']", 4, "rows.0.keywords.ru.0", "begin with a letter", id="a digit"),
    pytest.param("[Баланс]", f"[{'Я' * 33}]", 4, "rows.0.keywords.ru.0", "longer than 32", id="a very long keyword"),
    pytest.param("[Баланс]", "[]", 4, "rows.0.keywords.ru", "add one", id="no keyword"),
    pytest.param(
        ", en: [Balance]", "", 4, "rows.0.keywords.en", "no keyword in 'en'", id="a language without a keyword"
    ),
    pytest.param(
        "en: [Balance]",
        "en: [Balance], de: [Stand]",
        4,
        "rows.0.keywords.de",
        "does not speak",
        id="a language too many",
    ),
    pytest.param("Баланс", "Балaнс", 4, "rows.0.keywords.ru.0", "'a' at letter 4 is Latin", id="a Latin letter"),
    pytest.param("call: orders", "call: oders", 9, "rows.1.call", "there is no action 'oders'", id="no such action"),
    pytest.param("reply: points", "reply: any", 6, "rows.0.reply", "choose another name", id="the shared texts' name"),
    pytest.param(
        "advertising: withdrawn", "adverts: withdrawn", 13, "rows.2.arguments.adverts", "takes", id="another argument"
    ),
    pytest.param(
        "    arguments: {advertising: withdrawn}\n", "", 10, "rows.2.arguments.advertising", "add a value", id="none"
    ),
    pytest.param(
        "advertising: withdrawn",
        "advertising: no",
        13,
        "rows.2.arguments.advertising",
        "given or withdrawn",
        id="value",
    ),
    pytest.param("orders.list: {ru: 2}", "orders: {ru: 2}", 16, "parts.orders", "<reply>.<outcome>", id="half a name"),
    pytest.param("orders.list: {ru: 2}", "orders.list: {ru: 11}", 16, "parts.orders.list.ru", "10 or less", id="parts"),
    pytest.param("orders.list", "order.list", 16, "parts.order.list.ru", "no such text", id="parts of nothing"),
]

ALIKE = [
    pytest.param("[Где подарок]", "[БАЛАНС]", 8, "rows.1.keywords.ru.0", "to 6111: keep one", id="the same word"),
    pytest.param("[Where]", "[Балаhc]", 8, "rows.1.keywords.en.0", "'Баланс' of row 1", id="it only looks the same"),
    pytest.param("[Где подарок]", "[Ба ланс]", 8, "rows.1.keywords.ru.0", "cannot be told", id="in two words"),
    pytest.param("[Баланс]", "[Баланс, БАЛАНС]", 4, "rows.0.keywords.ru.1", "of row 1", id="twice in one row"),
    pytest.param(
        "[Где подарок]", "[Балансь]", 8, "rows.1.keywords.ru.0", "cannot be told", id="alike in Latin letters"
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "told"), [*ROWS, *ALIKE])
def test_one_fault_is_told_with_its_place(found: Check, old: str, new: str, line: int, key: str, told: str) -> None:
    findings = found(old, new)
    assert [each for each in findings if (each.line, each.key) == (line, key) and told in str(each)], "\n".join(
        map(str, findings)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("en: [Balance]", "en: [Balans]", id="a word of two languages that does the same"),
        pytest.param('to: ["6111", "1414"]\n    keywords: {ru: [Где подарок]',
                     'to: "1414"\n    keywords: {ru: [Баланс]', id="one word, two numbers"),
    ],
)  # fmt: skip
def test_words_that_may_be_alike(found: Check, old: str, new: str) -> None:
    assert found(old, new) == ()


@pytest.mark.parametrize(("keywords", "told"), [(10, ""), (11, "has 11, and at most 10 are allowed")])
def test_how_many_keywords_a_row_may_have(found: Check, keywords: int, told: str) -> None:
    words = ", ".join(f"Баланс {place}" for place in range(keywords))
    assert [told in str(each) for each in found("[Баланс]", f"[{words}]")] == [True] * bool(told)


@pytest.mark.parametrize(("rows", "told"), [(100, ""), (101, "has 101, and at most 100 are allowed")])
def test_how_many_rows_there_may_be(found: Check, rows: int, told: str) -> None:
    row = "  - {{to: any, keywords: {{ru: [Слово {0}], en: [Word {0}]}}, call: balance, reply: points}}\n"
    more = "".join(row.format(place) for place in range(rows - 3))
    assert [told in str(each) for each in found("rows:\n", f"rows:\n{more}")] == [True] * bool(told)


@pytest.mark.parametrize(
    ("texts", "file", "line", "told"),
    [
        pytest.param(
            {"en/points.balance": None}, "sms.yaml", 5, "in 'en': write en/points.balance.j2", id="one language only"
        ),
        pytest.param(
            {"ru/any.blocked": None, "en/any.blocked": None}, "sms.yaml", 9, "ru/orders.blocked.j2", id="an outcome"
        ),
        pytest.param({"ru/help.shown": None}, "sms.yaml", 1, "'help' may answer 'shown'", id="help"),
        pytest.param({"ru/points.none": "Нет"}, "ru/points.none", 1, "no row answers with", id="an idle text"),
        pytest.param({"de/points.balance": "x"}, "de/points.balance", 1, "does not speak 'de'", id="another language"),
        pytest.param({"en/help.shown": " \n"}, "en/help.shown", 1, "is empty", id="nothing written"),
        pytest.param({"en/help.shown": "a\n\n{{"}, "en/help.shown", 3, "not a template", id="a bracket left open"),
        pytest.param({"ru/help.shown": "Напишитe"}, "ru/help.shown", 1, "mixes alphabets", id="a Latin letter"),
        pytest.param(
            {"ru/points.balance": "{{ points }} {{ points_expires_on }}"}, "ru/points.balance", 1,
            "do not speak of the same facts: points_expires_on", id="one language says more",
        ),
        pytest.param(
            {"en/any.blocked": "{{ reason }}", "ru/any.blocked": "{{ reason }}"}, "en/any.blocked", 1,
            "speaks of reason, but 'balance' answers 'blocked' with no facts", id="a fact that nobody brings",
        ),
        pytest.param(
            dict.fromkeys(("en/points.balance", "ru/points.balance"), "{{ points_expires_on | day }}"),
            "en/points.balance", 1, "a fact that is missing too", id="a date that may be missing",
        ),
        pytest.param(
            {"en/orders.list": "{% for each in orders %}{{ each.title }}{% endfor %}"}, "en/orders.list", 1,
            "has no attribute 'title'", id="a field that no row of a list has",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_a_text_names_its_file(
    found: Check, texts: Mapping[str, str | None], file: str, line: int, told: str
) -> None:
    findings = found(**texts)
    place = file if file == "sms.yaml" else f"texts/{file}.j2"
    assert [each for each in findings if (each.file, each.line) == (place, line) and told in str(each)], "\n".join(
        map(str, findings)
    )


def test_a_text_too_long_is_told_with_its_size(found: Check) -> None:
    (finding,) = found(**{"en/help.shown": "word " * 40})
    assert finding.severity is Severity.ERROR
    assert "takes 2 SMS at its longest (199 in GSM-7) and may take 1: shorten it" in str(finding)


def test_the_longest_facts_are_measured(found: Check) -> None:
    texts = {"en/points.balance": "x" * 140 + " {{ points | count('points') }}"}
    (finding,) = found(**texts)
    assert "(161 in GSM-7)" in str(finding)


def test_a_budget_allows_more(found: Check) -> None:
    long = {"ru/help.shown": "слово " * 20}
    assert [each.severity for each in found(**long)] == [Severity.ERROR]
    assert found("orders.list: {ru: 2}", "help.shown: {ru: 2}", **long) == ()


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param("Text Balance — please", Severity.WARNING, id="it fits all the same"),
        pytest.param("Text Balance — please " * 5, Severity.ERROR, id="it would have fitted"),
    ],
)
def test_the_letter_that_costs_the_room_is_named(found: Check, text: str, severity: Severity) -> None:
    (finding,) = found(**{"en/help.shown": text.replace("—", "-").replace("-", "—", 1)})
    assert finding.severity is severity
    assert "'—' at position 14 forces UCS-2" in str(finding)


def test_a_pack_with_faults_is_not_loaded(small: Files, specs: Specs, vocabulary: Vocabulary) -> None:
    with pytest.raises(FaultyFileError, match=r"sms\.yaml:1: error: help: 'help' may answer 'shown'"):
        load("sms.yaml", small(**{"en/help.shown": None}), specs, vocabulary)


def test_what_only_costs_more_is_loaded(small: Files, specs: Specs, vocabulary: Vocabulary) -> None:
    pack = load("sms.yaml", small(**{"en/help.shown": "word " * 40}), specs, vocabulary)
    assert len(pack.texts.fill("help", "shown", "en", {})) == 199


def test_costs_are_of_a_pack_without_errors(small: Files, specs: Specs, vocabulary: Vocabulary) -> None:
    files = small()
    document, texts = route_table.read("sms.yaml", files["sms.yaml"]), text_files(files)
    _, costs = lint(document, texts, specs, vocabulary)
    assert [cost.file for cost in costs] == list(texts)
    assert {cost.parts for cost in costs} == {1}
    assert lint(document, texts[1:], specs, vocabulary)[1] == ()


def test_the_published_schema_is_the_one_in_use() -> None:
    regenerate = "from gateway.sms.source import schema_text; print(schema_text(), end='')"
    assert (ROOT / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text(), (
        f'the keyword file\'s format changed: run .venv/bin/python -c "{regenerate}" > {SCHEMA_FILE}'
    )
