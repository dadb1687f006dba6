"""What may be typed: how each kind reads it, what is said when it cannot, and what the check proves of both."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.datafile.findings import Finding
from gateway.datafile.kinds import Kind
from gateway.menu import engine
from gateway.menu.engine import Call, Show, Step
from gateway.menu.load import load
from gateway.menu.model import Menu
from gateway.menu.pattern import PatternError, parse
from gateway.menu.state import State
from gateway.menu.typed import Amount, Digits, Failure, Input, Matching, Number, OneOf, Reading, Words
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary
from gateway.text.segments import ucs2_units
from gateway.ussd.message import HopIdentity, Profile

Check = Callable[..., tuple[Finding, ...]]
PROFILE = Profile(hop_identity=HopIdentity.HISTORY)

CODE, NAME, PLATE = Digits(6, 8), Words(2, 10), Matching(parse("[A-ZА-Я][0-9]{3}[A-ZА-Я]{2}"))
MONTHS, SUM = Number(1, 12), Amount(1_000, 500_000)
ANSWER = OneOf({"да": "yes", "yes": "yes", "нет": "no", "еще": "more"})

READ = [
    (CODE, "123456", "123456"), (CODE, "123-45 67#", "1234567"), (CODE, "１２３４５６", "123456"),
    (CODE, "12345", Failure.TOO_SHORT), (CODE, "123456789", Failure.TOO_LONG), (CODE, "code", Failure.NOT_A_NUMBER),
    (NAME, "  Анна   Ли ", "Анна Ли"), (NAME, "A", Failure.TOO_SHORT), (NAME, "A" * 11, Failure.TOO_LONG),
    (NAME, "👍" * 5, "👍" * 5), (NAME, "👍" * 6, Failure.TOO_LONG), (NAME, "A\x00\u200bB", "AB"),
    (NAME, "", Failure.TOO_SHORT),
    (NAME, "й" * 10, "й" * 10), (NAME, "{{ points }}", Failure.TOO_LONG),
    (PLATE, "a123вс", "a123вс"), (PLATE, " А777АА ", "А777АА"), (PLATE, "А77АА", Failure.NO_MATCH),
    (PLATE, "А777ААА", Failure.NO_MATCH),
    (MONTHS, "7", "7"), (MONTHS, "007", "7"), (MONTHS, "1", "1"), (MONTHS, "12", "12"),
    (MONTHS, "0", Failure.OUT_OF_RANGE), (MONTHS, "13", Failure.OUT_OF_RANGE), (MONTHS, "-1", Failure.OUT_OF_RANGE),
    (MONTHS, "seven", Failure.NOT_A_NUMBER), (MONTHS, "1.5", Failure.NOT_A_NUMBER),
    (MONTHS, "9" * 99, Failure.NOT_A_NUMBER),
    (SUM, "10", "1000"), (SUM, "10,50", "1050"), (SUM, "10.5", "1050"), (SUM, "1 000", "100000"),
    (SUM, "5000", "500000"),
    (SUM, "9,99", Failure.OUT_OF_RANGE), (SUM, "5000.01", Failure.OUT_OF_RANGE), (SUM, "10,505", Failure.NOT_A_NUMBER),
    (SUM, "10,", Failure.NOT_A_NUMBER), (SUM, ",5", Failure.NOT_A_NUMBER), (SUM, "-10", Failure.NOT_A_NUMBER),
    (SUM, "ten", Failure.NOT_A_NUMBER),
    (ANSWER, "ДА", "yes"), (ANSWER, " Ещё ", "more"), (ANSWER, "maybe", Failure.NO_MATCH),
]  # fmt: skip


@pytest.mark.parametrize(("reading", "text", "read"), READ)
def test_what_a_text_is_read_as(reading: Reading, text: str, read: str | Failure) -> None:
    assert Input("any", reading).read(text) == read
    assert not isinstance(read, Failure) or read in reading.failures


READINGS = st.sampled_from([CODE, NAME, PLATE, MONTHS, SUM, ANSWER])


@given(READINGS, st.text(max_size=200) | st.from_regex(r"[0-9 .,-]{0,14}", fullmatch=True))
def test_nothing_that_is_kept_takes_more_room_than_the_longest(reading: Reading, text: str) -> None:
    read = Input("any", reading).read(text)
    if not isinstance(read, Failure):
        assert ucs2_units(read) <= ucs2_units(str(reading.longest))


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [("[A-Z]{2}[0-9]{6}", "AA000000"), ("[aж]{1,3}x?", "жжжx"), ("[a€]", "€"), ("AB-[0-9]", "AB-0")],
)
def test_the_longest_text_of_a_pattern(pattern: str, longest: str) -> None:
    found = parse(pattern).longest
    assert len(found) == len(longest)
    assert parse(pattern).matches(found)
    assert [letter for letter in found if letter in "ж€"] == [letter for letter in longest if letter in "ж€"]


@pytest.mark.parametrize(
    "pattern", ["(a|b)", "a*", "a+", "[a", "a{3,1}", "a{0}", "^a$", ".", "[z-a]", "a{99,}", "x" * 101]
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse(pattern)


INPUTS = """\
inputs:
  sum:
    amount: {from: 10, to: 5000}
    failures:
      not_a_number: {ru: Наберите сумму, en: Please type an amount}
      out_of_range: {ru: От 10 до 5000 р., en: From 10 to 5000 roubles}
  name: {text: {from: 2, to: 12}}
keys:
"""
SCREENS = """\
  ask:
    text: {ru: Сколько рублей, en: How many roubles}
    one_page: true
    input: {name: sum, go: ask_name}
  ask_name:
    text: {ru: "{{ typed.sum | count('points') }}, кому?", en: "{{ typed.sum | count('points') }}, to whom?"}
    input: {name: name, go: confirm}
  confirm:
    text: {ru: "{{ typed.sum | number }} для {{ typed.name }}", en: "{{ typed.sum | number }} for {{ typed.name }}"}
    options:
      - {key: "1", text: {ru: "{{ typed.name }}", en: "{{ typed.name }}"}, go: balance}
  balance:
    call: balance"""
OLD = "  ask:\n    call: balance"


@pytest.fixture(scope="module")
def asking(small_text: str) -> str:
    """The small menu, which asks for an amount and a name."""
    return small_text.replace("keys:\n", INPUTS, 1).replace(OLD, SCREENS, 1)


@pytest.fixture(scope="module")
def menu(asking: str, specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    return load("small.yaml", asking, specs, vocabulary)


def played(menu: Menu, *typed: str, profile: Profile = PROFILE) -> Step:
    """The step after `*123#` in English and these inputs."""
    step = engine.begin(menu, profile, "en", (), "*123#")
    for text in typed:
        assert isinstance(step, Show)
        step = engine.answer(menu, profile, State.from_bytes(step.state.to_bytes()), text)
    return step


def test_what_is_typed_may_be_shown_on_a_later_screen(menu: Menu) -> None:
    asked, confirmed = played(menu, "1", "10,50"), played(menu, "1", "10,50", "Анна Ли")
    assert isinstance(asked, Show)
    assert isinstance(confirmed, Show)
    assert asked.text.startswith("1,050 points, to whom?")
    assert confirmed.text.startswith("1,050 for Анна Ли\n1 Анна Ли")
    assert isinstance(played(menu, "1", "10,50", "Анна Ли", "1"), Call)


@pytest.mark.parametrize(
    ("text", "said", "refused"),
    [
        pytest.param("ten", "Please type an amount", "sum.not_a_number", id="no number"),
        pytest.param("5001", "From 10 to 5000 roubles", "sum.out_of_range", id="too much"),
        pytest.param("9.99", "From 10 to 5000 roubles", "sum.out_of_range", id="too little"),
    ],
)
def test_what_is_wrong_is_said_above_the_screen_again(menu: Menu, text: str, said: str, refused: str) -> None:
    step = played(menu, "1", text)
    assert isinstance(step, Show)
    assert step.text.startswith(f"{said}\nHow many roubles")
    assert (step.refused, step.state.tries) == (refused, 1)


def test_tries_are_counted_until_it_is_right(menu: Menu) -> None:
    wrong, right = played(menu, "1", "ten", "5001", "x"), played(menu, "1", "ten", "5001", "50")
    assert isinstance(wrong, Show)
    assert isinstance(right, Show)
    assert (wrong.state.tries, right.state.tries, right.refused) == (3, 0, "")


def test_an_input_that_says_nothing_of_its_own_is_a_wrong_choice(menu: Menu) -> None:
    step = played(menu, "1", "50", "x")
    assert isinstance(step, Show)
    assert step.text.startswith("No such option\n5,000 points")
    assert (step.refused, step.state.tries) == ("name.too_short", 0)


def test_going_home_forgets_what_was_typed(menu: Menu) -> None:
    step = played(menu, "1", "50", "00")
    assert isinstance(step, Show)
    assert step.state.kept == {}


def test_a_state_with_tries_comes_back_and_one_without_is_as_before() -> None:
    state = State("d1", "ru", "b", "a", tries=2)
    assert State.from_bytes(state.to_bytes()) == state
    assert State("d1", "ru", "b", "a").to_bytes() == b'["d1","ru","b","a",0,[],{},[]]'
    assert State.from_bytes(b'["d1","ru","b","a",0,[],{},[],{},[],{"what_comes_later":1}]') == State(
        "d1", "ru", "b", "a"
    )


def changed(asking: str, old: str, new: str) -> str:
    assert old in asking, old
    return asking.replace(old, new, 1)


FAULTS = {
    "of no kind": ("text: {from: 2, to: 12}", "", Kind.WRONG_VALUE, "inputs.name", "does not say what is typed"),
    "of two kinds": (
        "text: {from: 2, to: 12}", "text: {from: 2, to: 12}, number: {from: 100, to: 200}", Kind.WRONG_VALUE,
        "inputs.name", "has text and number: write one of",
    ),
    "a range the wrong way round": (
        "amount: {from: 10, to: 5000}", "amount: {from: 50, to: 5}", Kind.WRONG_VALUE, "inputs.sum.amount",
        "write from: 5, to: 50",
    ),
    "a pattern that never ends": ("text: {from: 2, to: 12}", 'pattern: "[a-z]+"', Kind.PATTERN,
        "inputs.name.pattern", "'+'"),
    "a pattern of more than is kept": (
        "text: {from: 2, to: 12}", 'pattern: "[a-z]{41}"', Kind.KEPT_TOO_LONG, "inputs.name.pattern", "41 characters",
    ),
    "a failure that cannot be": (
        "out_of_range:", "too_short:", Kind.FAILURE_UNKNOWN, "inputs.sum.failures.too_short", "there are: not_a_number",
    ),
    "a failure that nobody knows": (
        "out_of_range:", "too_big:", Kind.WRONG_VALUE, "inputs.sum.failures.too_big", "must be",
    ),
    "a failure in one language": (
        "ru: От 10 до 5000 р., ", "", Kind.TEXT_MISSING, "inputs.sum.failures.out_of_range.ru", "no text in 'ru'",
    ),
    "a failure too long to stand above the screen": (
        "ru: Наберите сумму", "ru: " + "Наберите сумму " * 4, Kind.FAILURE_TOO_LONG,
        "inputs.sum.failures.not_a_number.ru", "what stands below it on the screen 'ask'",
    ),
    "a number that is a key too": (
        "amount: {from: 10, to: 5000}", "amount: {from: 0, to: 5000}", Kind.INPUT_MEETS_KEY, "screens.ask.input",
        "0, 00 may be meant as both",
    ),
    "a number that turns the page": (
        "text: {from: 2, to: 12}", 'choice: {a: {ru: ["9"], en: [x]}}', Kind.INPUT_MEETS_KEY, "screens.ask_name.input",
        "`one_page: true`",
    ),
    "a choice that is a key": (
        "text: {from: 2, to: 12}", 'choice: {a: {ru: ["0"], en: [x]}}', Kind.INPUT_MEETS_KEY,
        "screens.ask_name.input", "0",
    ),
    "a word for two values": (
        "text: {from: 2, to: 12}", "choice: {a: {ru: [ещё], en: [x]}, b: {ru: [Еще], en: [y]}}", Kind.KEYWORDS_ALIKE,
        "inputs.name.choice.b.ru", "stands for 'a' too",
    ),
    "a value without a word": (
        "text: {from: 2, to: 12}", "choice: {a: {ru: [ещё]}}", Kind.TEXT_MISSING, "inputs.name.choice.a.en", "no word",
    ),
    "speaking of what is typed later": (
        "ru: Сколько рублей, en: How many roubles", 'ru: "{{ typed.name }}", en: "{{ typed.name }}"',
        Kind.NOT_KEPT_ON_A_WAY, "screens.ask.text.ru", "has typed no 'name'",
    ),
    "speaking of what nobody types": (
        "ru: Сколько рублей, en: How many roubles", 'ru: "{{ typed.nmae }}", en: "{{ typed.nmae }}"',
        Kind.FACT_UNKNOWN, "screens.ask.text.en", "did you mean 'name'?",
    ),
    "a fact under the name of an input": (
        "go: buy}\n  buy", "go: buy, keep: [points]}\n  buy", Kind.NAME_TWICE, "screens.shown.options.0.go",
        "of an input too",
    ),
    "dialled, and no digits": (
        '"*123#": home', '"*123#": home\n  "*123*{sum}#": ask_name', Kind.INPUT_NOT_DIALLED, "dial.*123*{sum}#",
        "on a screen",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "kind", "key", "told"), FAULTS.values(), ids=FAULTS)
def test_one_fault_is_told_with_its_place(
    found_in: Callable[[str], tuple[Finding, ...]], asking: str, old: str, new: str, kind: Kind, key: str, told: str
) -> None:
    text = changed(asking, old, new)
    if "keep: [points]" in new:
        text = text.replace("  sum:\n", "  points: {text: {from: 3, to: 5}}\n  sum:\n").replace(
            "name: name, go", "name: points, go"
        )
    findings = found_in(text)
    assert [each for each in findings if (each.kind, each.key) == (kind, key) and told in str(each)], "\n".join(
        map(str, findings)
    )


def test_the_menu_that_asks_has_nothing_to_find(found_in: Callable[[str], tuple[Finding, ...]], asking: str) -> None:
    assert found_in(asking) == ()


def test_a_screen_is_measured_with_the_longest_that_may_have_been_typed(
    found_in: Callable[[str], tuple[Finding, ...]], asking: str
) -> None:
    def faults(letters: int) -> list[str]:
        text = changed(asking, "  confirm:\n", "  confirm:\n    one_page: true\n")
        return [each.key for each in found_in(changed(text, "to: 12}", f"to: {letters}}}"))]

    assert faults(12) == []
    assert faults(36) == ["screens.confirm.text.en", "screens.confirm.text.ru"][: len(faults(36))]
    assert faults(36)
