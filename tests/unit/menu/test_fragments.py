"""What is written once and used on several screens: it stands there as if written there, and is told in both places."""

from collections.abc import Callable

import pytest

from gateway.datafile.findings import Finding
from gateway.datafile.kinds import Kind
from gateway.menu.load import load
from gateway.menu.model import Menu, TextScreen
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary

Found = Callable[[str], tuple[Finding, ...]]

FRAGMENTS = """\
fragments:
  options:
    balance: {key: "1", text: {use: your_balance}, go: ask}
  texts:
    your_balance: {ru: Баланс, en: Balance}
    no: {ru: Нельзя, en: Not allowed}
keys:
"""


@pytest.fixture(scope="module")
def shared(small_text: str) -> str:
    """The small menu with what two of its screens share written once."""
    text = small_text.replace("keys:\n", FRAGMENTS, 1)
    text = text.replace('{key: "1", text: {ru: Баланс, en: Balance}, go: ask}', "{use: balance}", 1)
    text = text.replace('{key: "1", text: {ru: Баланс, en: Balance}, go: ask}', '{use: balance, key: "7"}', 1)
    return text.replace("text: {ru: Нельзя, en: Not allowed}", "text: {use: no}", 1)


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_fragment_stands_where_it_is_used(
    shared: str, small: Menu, specs: dict[str, ActionSpec], vocabulary: Vocabulary
) -> None:
    menu = load("small.yaml", shared, specs, vocabulary)
    home, written = menu.screens["home"], small.screens["home"]
    assert isinstance(home, TextScreen)
    assert isinstance(written, TextScreen)
    assert home.fixed == written.fixed
    bought, blocked = menu.screens["bought"], menu.screens["blocked"]
    assert isinstance(bought, TextScreen)
    assert isinstance(blocked, TextScreen)
    assert bought.lines("en", {})[-1] == "7 Balance", "what stands beside `use` wins"
    assert blocked.lines("ru", {}) == ("Нельзя",)


def test_the_menu_that_shares_has_nothing_to_find(found_in: Found, shared: str) -> None:
    assert found_in(shared) == ()


def test_a_fault_of_a_fragment_is_told_where_it_is_written_and_where_it_is_used(found_in: Found, shared: str) -> None:
    text = shared.replace("Баланс", "Бaланс")
    found = [each for each in found_in(text) if each.kind is Kind.MIXED_ALPHABETS]
    assert {(each.key, each.line) for each in found} == {
        ("fragments.texts.your_balance.ru", line_of(text, "your_balance: {")),
    }  # fmt: skip
    uses = [(each.used.key, each.used.line) for each in found if each.used]
    assert uses == [
        ("screens.home.options.0.text.ru", line_of(text, "{use: balance}")),
        ("screens.bought.options.0.text.ru", line_of(text, "{use: balance, key")),
    ]
    assert f"(used on line {uses[0][1]}, screens.home.options.0.text.ru)" in str(found[0])


FAULTS = {
    "a target that is not there": (
        "go: ask}\n  texts", "go: aks}\n  texts", Kind.SCREEN_UNKNOWN, "fragments.options.balance.go",
    ),
    "a language missing": (
        "no: {ru: Нельзя, en: Not allowed}", "no: {ru: Нельзя}", Kind.TEXT_MISSING, "fragments.texts.no.en",
    ),
    "its own key beside it": (
        'balance, key: "7"', 'balance, key: "0"', Kind.NAVIGATION_KEY_TAKEN, "screens.bought.options.0.key",
    ),
    "an option that nobody wrote": (
        "{use: balance}", "{use: blance}", Kind.FRAGMENT_UNKNOWN, "screens.home.options.0.use",
    ),
    "a text that nobody wrote": (
        "text: {use: no}", "text: {use: on}", Kind.FRAGMENT_UNKNOWN, "screens.blocked.text.use",
    ),
    "a text that nobody uses": (
        "text: {use: no}", "text: {ru: Нельзя, en: No}", Kind.FRAGMENT_UNUSED, "fragments.texts.no",
    ),
    "a key that options have not": (
        'balance: {key: "1",', 'balance: {kye: "1", key: "1",', Kind.KEY_UNKNOWN, "fragments.options.balance.kye",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "kind", "key"), FAULTS.values(), ids=FAULTS)
def test_one_fault_is_told_with_its_place(
    found_in: Found, shared: str, old: str, new: str, kind: Kind, key: str
) -> None:
    assert old in shared
    findings = found_in(shared.replace(old, new, 1))
    assert [each for each in findings if (each.kind, each.key) == (kind, key)], "\n".join(map(str, findings))


@pytest.mark.parametrize("fragments", ["fragments: [a]", "fragments: {options: x}", "fragments: {texts: {a: b}}"])
def test_fragments_of_another_shape_are_refused(found_in: Found, small_text: str, fragments: str) -> None:
    assert {each.kind for each in found_in(f"{fragments}\n{small_text}")} & {Kind.WRONG_TYPE, Kind.FRAGMENT_UNUSED}
