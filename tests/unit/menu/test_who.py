"""Who sees what: options and screens by pilot, segment and tier, and who takes part in a pilot."""

from dataclasses import replace

import pytest

from gateway.datafile.findings import Finding
from gateway.menu import document, engine
from gateway.menu.condition import Facts
from gateway.menu.engine import Call, Show, Step
from gateway.menu.lint import lint
from gateway.menu.load import load
from gateway.menu.model import Menu
from gateway.menu.state import State
from gateway.menu.who import Pilot, known
from gateway.msisdn import Msisdn
from gateway.outcome import ActionSpec, Outcome
from gateway.templates import Vocabulary
from gateway.ussd.message import HopIdentity, Profile

PROFILE = Profile(hop_identity=HopIdentity.HISTORY)
NUMBERS = [Msisdn(f"+7921{number:07}") for number in range(10_000)]

OLD = """\
  shown:
    text: {ru: "{{ points | number }}", en: "{{ points | number }}"}
    options:
      - {key: "1", text: {ru: Купить, en: Buy}, go: buy}
"""
NEW = """\
  shown:
    instead:
      - {when: tier == 'gold', show: shown_gold}
      - {when: pilot.short and points >= 300, show: shown_short}
    text: {ru: "{{ points | number }}", en: "{{ points | number }}"}
    options:
      - {key: "1", text: {ru: Купить, en: Buy}, go: buy}
      - {key: "2", text: {ru: Не уходите, en: Stay}, go: bought, when: segment.at_risk}
  shown_gold:
    text: {ru: "Золото: {{ points | number }}", en: "Gold: {{ points | number }}"}
    options:
      - {key: "1", text: {ru: Купить, en: Buy}, go: buy}
      - {key: "5", text: {ru: Баланс, en: Balance}, go: bought}
  shown_short:
    text: {ru: "Коротко: {{ points | number }}", en: "Short: {{ points | number }}"}
    options:
      - {key: "1", text: {ru: Купить, en: Buy}, go: buy}
"""
PILOTS = "pilots: {short: {percent: 10}}\nkeys:\n"


@pytest.fixture(scope="module")
def text(small_text: str) -> str:
    assert OLD in small_text
    return small_text.replace(OLD, NEW).replace("keys:\n", PILOTS)


@pytest.fixture(scope="module")
def words(vocabulary: Vocabulary) -> Vocabulary:
    return replace(vocabulary, segments=("at_risk", "vip"), tiers=("silver", "gold"))


@pytest.fixture(scope="module")
def menu(text: str, specs: dict[str, ActionSpec], words: Vocabulary) -> Menu:
    return load("small.yaml", text, specs, words)


def told(menu: Menu, step: Step, points: int = 500) -> Show:
    """The screen after the balance."""
    assert isinstance(step, Call)
    shown = engine.resume(menu, PROFILE, step.state, Outcome("balance", {"points": points}, "en"))
    assert isinstance(shown, Show)
    return shown


def balance(menu: Menu, who: Facts, points: int = 500) -> Show:
    """What somebody sees who asks for the balance by `*123*1#`."""
    return told(menu, engine.begin(menu, PROFILE, "en", ("1",), "*123#", who), points)


@pytest.mark.parametrize(
    ("who", "points", "screen", "begins"),
    [
        pytest.param({}, 500, "shown", "500\n1 Buy\n0 Back", id="nobody in particular"),
        pytest.param({"pilot.short": True}, 500, "shown_short", "Short: 500\n1 Buy", id="a pilot"),
        pytest.param({"pilot.short": True}, 299, "shown", "299\n1 Buy", id="a pilot, and too few points"),
        pytest.param({"tier": "gold"}, 500, "shown_gold", "Gold: 500\n1 Buy\n5 Balance", id="a tier"),
        pytest.param({"tier": "silver"}, 500, "shown", "500\n1 Buy\n0 Back", id="another tier"),
        pytest.param({"tier": "gold", "pilot.short": True}, 500, "shown_gold", "Gold", id="the first that holds"),
        pytest.param({"segment.at_risk": True}, 500, "shown", "500\n1 Buy\n2 Stay", id="a segment"),
        pytest.param({"segment.vip": True}, 500, "shown", "500\n1 Buy\n0 Back", id="another segment"),
    ],
)
def test_who_dials_decides_what_is_shown(menu: Menu, who: Facts, points: int, screen: str, begins: str) -> None:
    step = balance(menu, who, points)
    assert step.state.screen == screen
    assert step.text.startswith(begins)


def test_the_keys_are_those_of_the_screen_that_is_shown(menu: Menu) -> None:
    assert engine.answer(menu, PROFILE, balance(menu, {"tier": "gold"}).state, "5").state.screen == "bought"
    assert engine.answer(menu, PROFILE, balance(menu, {}).state, "5").state.screen == "shown"


def test_whoever_comes_back_is_shown_what_is_theirs_now(menu: Menu) -> None:
    there = engine.answer(menu, PROFILE, balance(menu, {"pilot.short": True, "segment.at_risk": True}, 5).state, "2")
    assert there.state.screen == "bought"
    back = told(menu, engine.answer(menu, PROFILE, there.state, "0"), 300)
    assert back.state.screen == "shown_short"


def test_a_session_knows_who_dials_until_its_end(menu: Menu) -> None:
    state = balance(menu, {"tier": "gold"}).state
    assert State.from_bytes(state.to_bytes()) == state
    home = engine.answer(menu, PROFILE, State.from_bytes(state.to_bytes()), "00")
    assert told(menu, engine.answer(menu, PROFILE, home.state, "1")).state.screen == "shown_gold"


def test_the_way_to_another_screen_is_counted(menu: Menu) -> None:
    assert balance(menu, {"tier": "gold"}).state.taken[-1] == "shown.instead.1"


def test_a_menu_says_what_it_asks(menu: Menu, small: Menu) -> None:
    assert menu.asks_who == {"tier", "pilot.short", "segment.at_risk"}
    assert menu.asks_member
    assert not small.asks_who


def test_so_many_take_part_and_stay_when_it_grows() -> None:
    tenth, third = ({n for n in NUMBERS if Pilot("short", shares).includes(n)} for shares in (1_000, 3_000))
    assert len(tenth) == pytest.approx(1_000, abs=120)  # four standard deviations
    assert tenth < third
    assert not [n for n in NUMBERS if Pilot("short", 0).includes(n)]
    assert all(Pilot("short", 10_000).includes(n) for n in NUMBERS)


def test_pilots_draw_independently() -> None:
    both = [n for n in NUMBERS if Pilot("short", 3_000).includes(n) and Pilot("long", 3_000).includes(n)]
    assert len(both) == pytest.approx(900, abs=120)


def test_only_what_the_menu_asks_goes_with_a_session() -> None:
    pilots = [Pilot("all", 10_000), Pilot("none", 0)]
    told = known({"pilot.all", "pilot.none", "segment.vip"}, pilots, NUMBERS[0], {"vip", "at_risk"}, "gold")
    assert told == {"pilot.all": True, "segment.vip": True}


def test_the_check_measures_each_screen_as_its_own_see_it(
    text: str, words: Vocabulary, specs: dict[str, ActionSpec]
) -> None:
    """The gold screen is never shown without its facts, and the plain one never to gold."""
    findings = checked(text.replace("Золото: ", "Золото " + "ж" * 75), words, specs)
    assert {each.key for each in findings if "longer than a page" in each.message} == {"screens.shown_gold.text.ru"}


def test_a_name_that_nobody_has_is_told_with_the_nearest(
    text: str, words: Vocabulary, specs: dict[str, ActionSpec]
) -> None:
    told = "\n".join(map(str, checked(text.replace("segment.at_risk", "segment.at_rsk"), words, specs)))
    assert "there is no segment.at_rsk" in told
    assert "did you mean 'segment.at_risk'?" in told
    assert "`segments` of programme.yaml" in told


def checked(text: str, words: Vocabulary, specs: dict[str, ActionSpec]) -> tuple[Finding, ...]:
    return lint(document.read("small.yaml", text), specs, words, {"default": PROFILE}, {"*123#": "home"})
