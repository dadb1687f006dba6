"""What a check proves of rows that hear numbers, codes and answers, and of messages that actions send of their own."""

from collections.abc import Callable

import pytest

from gateway.datafile.findings import FaultyFileError, Finding
from gateway.outcome import ActionSpec
from gateway.sms import route_table
from gateway.sms.lint import lint
from gateway.sms.texts import text_files
from gateway.templates import Vocabulary

ROWS = """\
numbers: ["9373", "6111"]
rows:
  - to: "9373"
    keywords: {ru: [Подарок], en: [Gift]}
    takes: reward
    example: 5
    call: quote
  - to: "9373"
    keywords: {ru: [Подарок], en: [Gift]}
    call: rewards
  - to: "9373"
    digits: {name: gift_code, from: 6, to: 20}
    around: {ru: [код, мой код]}
    call: redeem
  - to: "9373"
    answer: "1"
    call: confirm
parts:
  redeem.done: {ru: 2}
"""

SPECS = {
    spec.name: spec
    for spec in [
        ActionSpec("quote", {"offered": {}}, arguments={"reward": ()}),
        ActionSpec("rewards", {"list": {}}),
        ActionSpec(
            "redeem",
            {"done": {"points": 9_999}, "refused": {}},
            arguments={"gift_code": ()},
            moves_points=True,
            told={"voucher.sent": {"word": "W" * 20}},
        ),
        ActionSpec("confirm", {"done": {}}),
        ActionSpec("consent", {"withdrawn": {}}, arguments={"advertising": ("given", "withdrawn")}),
    ]
}

TEXTS = {
    **dict.fromkeys(("quote.offered", "rewards.list", "redeem.refused", "confirm.done", "help.shown"), "Ok"),
    "redeem.done": "{{ points }}",
    "voucher.sent": "{{ word }}",
    "help.suggested": "{{ keyword }} {{ number }}",
}

Check = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def found(vocabulary: Vocabulary) -> Check:
    """What a check finds once `old` of the rows is `new`, some texts are others, and some actions declare more."""

    def check(old: str = "", new: str = "", *more: ActionSpec, **texts: str | None) -> tuple[Finding, ...]:
        assert old in ROWS, f"the rows have no {old!r}: correct the test"
        written = {
            f"texts/{language}/{name}.j2": text
            for language in ("ru", "en")
            for name, text in {**TEXTS, **texts}.items()
            if text is not None
        }
        try:
            read = route_table.read("sms.yaml", ROWS.replace(old, new, 1) if old else ROWS)
        except FaultyFileError as error:
            return error.findings
        specs = {**SPECS, **{spec.name: spec for spec in more}}
        return lint(read, text_files(written), specs, vocabulary)[0]

    return check


def test_these_rows_have_nothing_to_find(found: Check) -> None:
    assert found() == ()


KEYWORDS_OF_REWARDS = '  - to: "9373"\n    keywords: {ru: [Подарок], en: [Gift]}\n    call: rewards\n'

SHAPES = [
    pytest.param("takes: reward", "takes: Reward", 5, "rows.0.takes", "small Latin letters", id="no name"),
    pytest.param("example: 5", "example: 10000", 6, "rows.0.example", "9999 or less", id="an example of five digits"),
    pytest.param("example: 5", "example: five", 6, "rows.0.example", "whole number", id="an example in letters"),
    pytest.param("from: 6, ", "", 12, "rows.2.digits.from", "is missing", id="no least length"),
    pytest.param("to: 20", "to: 33", 12, "rows.2.digits.to", "32 or less", id="longer than any code"),
    pytest.param("from: 6", "from: 0", 12, "rows.2.digits.from", "1 or more", id="no digit at all"),
    pytest.param("[код, мой код]", "код", 13, "rows.2.around.ru", "must be a list", id="words that are no list"),
    pytest.param('"1"', '"1234"', 16, "rows.3.answer", "1 to 3 digits", id="an answer of four digits"),
    pytest.param('"1"', '"да"', 16, "rows.3.answer", "1 to 3 digits", id="an answer in letters"),
]
WAYS = [
    pytest.param('    answer: "1"\n', "", 15, "rows.3", "write one of keywords, digits, answer", id="nothing heard"),
    pytest.param("    around:", '    answer: "7"\n    around:', 13, "rows.2.answer", "has digits already", id="two"),
    pytest.param(
        'answer: "1"',
        'keywords: {ru: [Да], en: [Yes]}\n    answer: "1"',
        17,
        "rows.3.answer",
        "a row of its own",
        id="a word and an answer",
    ),
    pytest.param('answer: "1"', 'answer: "1"\n    takes: x', 17, "rows.3.takes", "without keywords", id="takes"),
    pytest.param("    takes: reward\n", "", 5, "rows.0.example", "without takes", id="an example of nothing"),
    pytest.param(
        'answer: "1"', 'answer: "1"\n    around: {en: [yes]}', 17, "rows.3.around", "without digits", id="around"
    ),
    pytest.param(
        'answer: "1"', 'answer: "1"\n    generous: true', 17, "rows.3.generous", "without keywords", id="generous"
    ),
    pytest.param(
        'to: "9373"', "to: any\n    generous: true", 6, "rows.0.takes", "remove one", id="generous, with a number"
    ),
    pytest.param("from: 6, to: 20", "from: 20, to: 6", 12, "rows.2.digits.from", "exchange", id="lengths exchanged"),
    pytest.param("ru: [код, мой код]", "de: [Code]", 13, "rows.2.around.de", "does not speak", id="another language"),
    pytest.param("[код,", "[кoд,", 13, "rows.2.around.ru.0", "'o' at letter 2 is Latin", id="a Latin letter"),
    pytest.param("[код,", "[код 2,", 13, "rows.2.around.ru.0", "has a digit", id="a digit beside a code"),
    pytest.param("en: [Gift]", "en: [Gift5]", 4, "rows.0.keywords.en.0", "has a digit", id="a digit before a number"),
]
ARGUMENTS = [
    pytest.param(
        "takes: reward", "takes: gift", 5, "rows.0.takes", "no such argument 'gift': there are: reward", id="another"
    ),
    pytest.param("    takes: reward\n    example: 5\n", "", 3, "rows.0.arguments.reward", "needs it", id="none"),
    pytest.param("example: 5", 'arguments: {reward: "5"}', 6, "rows.0.arguments.reward", "is texted too", id="twice"),
    pytest.param(
        "name: gift_code", "name: kod", 12, "rows.2.digits.name", "there are: gift_code", id="a code of nothing"
    ),
    pytest.param(
        "name: gift_code", "name: kod", 11, "rows.2.arguments.gift_code", "needs it", id="and the code missing"
    ),
    pytest.param(
        "reward\n    example: 5\n    call: quote",
        "advertising\n    call: consent",
        5,
        "rows.0.takes",
        "does not know any number: write given or withdrawn",
        id="a number for what has its own words",
    ),
    pytest.param(
        "call: rewards", "call: rewards\n    takes: page", 11, "rows.1.takes", "there are: none", id="of none"
    ),
]
CLASHES = [
    pytest.param(
        KEYWORDS_OF_REWARDS,
        KEYWORDS_OF_REWARDS.replace("    call: rewards", "    takes: reward\n    call: quote\n    reply: rewards"),
        9,
        "rows.1.keywords.ru.0",
        "cannot be told from 'Подарок' of row 1",
        id="two that take a number",
    ),
    pytest.param(
        "ru: [Подарок], en: [Gift]}\n    call: rewards",
        "ru: [Подарок 5], en: [Gift]}\n    call: rewards",
        9,
        "rows.1.keywords.ru.0",
        "'Подарок 5' is 'Подарок' of row 1 with its number",
        id="a number of its own",
    ),
    pytest.param(
        "from: 6, to: 20}\n    around: {ru: [код,",
        "from: 4, to: 20}\n    around: {ru: [подарок,",
        13,
        "rows.2.around.ru.0",
        "cannot be told from 'Подарок' of row 1",
        id="a short code with the same word",
    ),
    pytest.param(
        'answer: "1"',
        "digits: {name: gift_code, from: 20, to: 21}",
        16,
        "rows.3.digits",
        "20 of them, would mean this row and row 3",
        id="codes of one length",
    ),
    pytest.param("from: 6", "from: 1", 16, "rows.3.answer", "1 of them, would mean", id="an answer or a code"),
    pytest.param(
        "digits: {name: gift_code, from: 6, to: 20}\n    around: {ru: [код, мой код]}\n    call: redeem",
        'answer: "1"\n    call: rewards',
        15,
        "rows.3.answer",
        "the answer '1' would mean",
        id="one answer twice",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "told"), [*SHAPES, *WAYS, *ARGUMENTS, *CLASHES])
def test_one_fault_is_told_with_its_place(found: Check, old: str, new: str, line: int, key: str, told: str) -> None:
    findings = found(old, new)
    assert [each for each in findings if (each.line, each.key) == (line, key) and told in str(each)], "\n".join(
        map(str, findings)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("[код, мой код]", "[Подарок]", id="a word beside a code too long for a keyword's number"),
        pytest.param('"9373"\n    answer: "1"', '"6111"\n    answer: "1"', id="an answer elsewhere"),
        pytest.param('answer: "1"', 'answer: "01"', id="an answer of two digits"),
        pytest.param("example: 5", "example: 0", id="nought as an example"),
        pytest.param("en: [Gift]", "en: [Podarok]", id="a word of two languages that does the same"),
    ],
)
def test_what_may_be(found: Check, old: str, new: str) -> None:
    assert found(old, new) == ()


@pytest.mark.parametrize(
    ("texts", "line", "told"),
    [
        pytest.param({"voucher.sent": None}, 2, "'redeem' sends 'voucher.sent' of its own, and nothing", id="voucher"),
        pytest.param({"redeem.refused": None}, 14, "'redeem' may answer 'refused', and nothing says", id="of a row"),
    ],
)
def test_a_text_that_is_missing(found: Check, texts: dict[str, None], line: int, told: str) -> None:
    findings = found(**texts)
    assert [each.line for each in findings if told in str(each)] == [line, line], "\n".join(map(str, findings))


MENU_ONLY = ActionSpec("exchange", {"done": {}, "refused": {}}, moves_points=True)


def test_a_screens_result_needs_a_text_for_the_case_that_the_session_dies(found: Check) -> None:
    findings = found("", "", MENU_ONLY)
    assert [each.told for each in findings if "exchange.done" in str(each)] == [
        "'exchange' may answer 'done' on a screen, whose result goes by SMS when the session dies, and nothing says so "
        f"in {language!r}: write {language}/exchange.done.j2"
        for language in ("ru", "en")
    ]
    assert found("", "", MENU_ONLY, **{"any.done": "Ok", "any.refused": "No"}) == ()


def test_a_message_of_an_action_speaks_of_its_facts(found: Check) -> None:
    findings = found(**{"voucher.sent": "{{ points }}"})
    assert {each.message for each in findings} == {"speaks of points, but 'redeem' answers 'sent' with word"}


def test_a_message_of_an_action_is_measured(found: Check) -> None:
    findings = found(**{"voucher.sent": "x" * 141 + "{{ word }}"})
    assert {each.message.partition(":")[0] for each in findings} == {
        "takes 2 SMS at its longest (161 in GSM-7) and may take 1"
    }


def test_a_suggestion_is_measured_with_its_number(found: Check) -> None:
    findings = found(**{"help.suggested": "x" * 146 + " {{ keyword }} {{ number }}"})
    assert {each.file for each in findings} == {"texts/en/help.suggested.j2", "texts/ru/help.suggested.j2"}
    assert "(161 in GSM-7)" in findings[0].message
