"""Options and inputs that are not for everyone: what is shown, what a key means, and what the check proves of it."""

from collections.abc import Callable

import pytest

from gateway.datafile.findings import Finding, Severity
from gateway.datafile.kinds import Kind
from gateway.menu import engine
from gateway.menu.engine import Call, Show
from gateway.menu.load import load
from gateway.menu.model import Menu
from gateway.outcome import ActionSpec, Fact, Outcome
from gateway.templates import Vocabulary
from gateway.ussd.message import HopIdentity, Profile

Check = Callable[..., tuple[Finding, ...]]

PLAIN = """\
    options:
      - {key: "1", text: {ru: Купить, en: Buy}, go: buy}
  buy:"""
SHOWN = """\
    options:
      - {key: "1", text: {ru: Купить, en: Buy}, go: buy, when: points >= 300}
      - {key: "1", text: {ru: Накопить, en: Save}, go: ask, when: points < 300}
      - {key: "2", text: {ru: До срока, en: In time}, go: ask, when: points_expires_on and gift_units > 0}
      - {key: "3", text: {ru: Ещё, en: More}, go: ask}
  buy:"""
PROFILE = Profile(hop_identity=HopIdentity.HISTORY)


@pytest.fixture(scope="module")
def menu(small_text: str, specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    assert PLAIN in small_text
    return load("small.yaml", small_text.replace(PLAIN, SHOWN), specs, vocabulary)


def balance(menu: Menu, profile: Profile, points: int, day: str | None = None) -> Show:
    """The balance of somebody who has these points, some gift units, and points that expire on a day."""
    call = engine.begin(menu, profile, "en", ("1",), "*123#")
    assert isinstance(call, Call)
    facts: dict[str, Fact] = {"points": points, "gift_units": 5, "points_expires_on": day}
    step = engine.resume(menu, profile, call.state, Outcome("balance", facts, "en"))
    assert isinstance(step, Show)
    return step


@pytest.mark.parametrize(
    ("points", "day", "options"),
    [
        pytest.param(300, None, ["1 Buy", "3 More"], id="at the bound"),
        pytest.param(299, None, ["1 Save", "3 More"], id="one below it"),
        pytest.param(5, "2026-12-31", ["1 Save", "2 In time", "3 More"], id="with a date"),
    ],
)
def test_whoever_a_condition_is_about_sees_the_option(
    menu: Menu, points: int, day: str | None, options: list[str]
) -> None:
    assert balance(menu, PROFILE, points, day).text.split("\n")[1:-1] == options


def test_a_key_means_what_is_shown(menu: Menu) -> None:
    rich, poor = balance(menu, PROFILE, 300), balance(menu, PROFILE, 299)
    bought = engine.answer(menu, PROFILE, rich.state, "1")
    asked = engine.answer(menu, PROFILE, poor.state, "1")
    assert isinstance(bought, Call)
    assert isinstance(asked, Call)
    assert (bought.action, asked.action) == ("redeem", "balance")


def test_a_hidden_option_has_no_key(menu: Menu) -> None:
    step = engine.answer(menu, PROFILE, balance(menu, PROFILE, 300).state, "2")
    assert isinstance(step, Show)
    assert step.text.startswith("No such option")


def test_a_session_keeps_what_its_conditions_ask_for(menu: Menu) -> None:
    state = balance(menu, PROFILE, 300).state
    assert state.facts == {"points": 300, "gift_units": 5, "points_expires_on": None}


def test_a_one_time_key_is_free_of_hidden_ones(menu: Menu) -> None:
    once = Profile(hop_identity=HopIdentity.NONE)
    shown = balance(menu, once, 300).text.split("\n")[1:-1]
    assert [line.partition(" ")[2] for line in shown] == ["Buy", "More"]
    assert len({line.partition(" ")[0] for line in shown}) == 2


def when(condition: str) -> tuple[str, str]:
    return PLAIN, PLAIN.replace("go: buy}", f"go: buy, when: {condition}}}")


FAULTS = {
    "a condition that cannot be read": ("points >", Kind.CONDITION, "options.0.when", "ends where a fact should stand"),
    "a fact that nobody brings": (
        "pionts > 3", Kind.FACT_UNKNOWN, "options.0.when",
        "asks for pionts, but who comes after balance: balance brings gift_units",
    ),
    "a number by itself": ("points", Kind.CONDITION_UNFIT, "options.0.when", "compare it, as points > 0"),
    "a number and a word": ("points == 'x'", Kind.CONDITION_UNFIT, "options.0.when", "compare it with a number"),
    "a word with an order": (
        "points_expires_on > gift_units_expires_on", Kind.CONDITION_UNFIT, "options.0.when", "write == or !=",
    ),
    "never so": ("points < 0 and points > 3", Kind.NEVER_SO, "options.0.when", "is never so"),
    "nothing left": (
        "points >= 300", Kind.NO_OPTION_LEFT, "options", "nothing is left to choose when points = ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "kind", "key", "told"), FAULTS.values(), ids=FAULTS)
def test_one_fault_is_told_with_its_place(found: Check, condition: str, kind: Kind, key: str, told: str) -> None:
    findings = found(*when(condition))
    assert [each for each in findings if (each.kind, each.key) == (kind, f"screens.shown.{key}") and told in str(each)]


def test_what_is_always_so_is_a_warning(found: Check) -> None:
    (finding,) = found(*when("points < 5 or points >= 5"))
    assert (finding.kind, finding.severity) == (Kind.ALWAYS_SO, Severity.WARNING)


def test_conditions_that_exclude_each_other_may_share_a_key(found: Check) -> None:
    assert found(PLAIN, SHOWN) == ()
    findings = found(PLAIN, SHOWN.replace("points < 300", "points <= 300"))
    assert [(each.kind, each.key) for each in findings] == [(Kind.OPTION_KEY_TWICE, "screens.shown.options.1.key")]
    assert "when points = 300" in findings[0].message


def test_options_that_never_stand_together_are_not_measured_together(found: Check) -> None:
    def options(second: str) -> str:
        both = [("1", "points >= 300"), ("2", second)]
        lines = [f'      - {{key: "{key}", text: {{ru: {"ж" * 30}, en: x}}, go: buy, when: {so}}}' for key, so in both]
        return "\n".join(["    one_page: true", "    options:", *lines, "  buy:"])

    assert found(PLAIN, options("points < 300")) == ()
    (finding,) = found(PLAIN, options("gift_units < 5 or points < 300"))
    assert (finding.kind, finding.key) == (Kind.SCREEN_TOO_LONG, "screens.shown.text.ru")


def test_an_input_may_be_for_some_only(found_in_shop: Check) -> None:
    asked = "input: {name: gift_code, go: redeem}\n  redeemed"
    findings = found_in_shop(asked, asked.replace("redeem}", "redeem, when: points > 5}"))
    assert findings
    assert {(each.kind, each.key) for each in findings} == {(Kind.FACT_UNKNOWN, "screens.refused.input.when")}
