"""Walking menus: what a subscriber sees after each key, and what the engine asks for."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.menu import engine
from gateway.menu.engine import Call, End, Show, Step
from gateway.menu.load import load
from gateway.menu.model import DIALLED_MAX, Menu
from gateway.menu.state import BACK_STEPS_MAX, State
from gateway.outcome import ActionSpec, Fact, Outcome
from gateway.templates import Vocabulary
from gateway.text.segments import fits
from gateway.ussd.message import HopIdentity, Profile

PROFILE = Profile(hop_identity=HopIdentity.HISTORY)
BALANCE: dict[str, Fact] = {
    "points": 1_234,
    "points_expiring": 100,
    "points_expires_on": "2026-12-31",
    "gift_units": 3,
    "gift_units_expiring": 0,
    "gift_units_expires_on": None,
}
MOVEMENTS: list[dict[str, str | int | bool | None]] = [
    {"on": f"2026-0{month}-01", "amount": amount, "unit": unit, "reason": reason}
    for month, amount, unit, reason in (
        (6, 50, "points", "topup"),
        (5, -300, "points", "charge"),
        (4, 2, "gift_units", "apology"),
        (3, 100, "points", "registration"),
        (2, -7, "points", "expiry"),
    )
]


class Subscriber:
    """Dials, presses keys, and has every action answered at once, as a gateway would."""

    def __init__(self, menu: Menu, language: str = "ru", profile: Profile = PROFILE) -> None:
        self.menu = menu
        self.profile = profile
        self.language = language
        self.calls: list[str] = []
        self.answers = {
            "balance": Outcome("balance", BALANCE),
            "history": Outcome("history", {"movements": MOVEMENTS}),
            "redeem": Outcome("done"),
        }

    def dial(self, *arguments: str, code: str = "*123#") -> Show | End:
        return self._until_seen(engine.begin(self.menu, self.profile, self.language, arguments, code))

    def press(self, seen: Show | End, keys: Iterable[str]) -> Show | End:
        for key in keys:
            seen = self._until_seen(engine.answer(self.menu, self.profile, seen.state, key))
        return seen

    def _until_seen(self, step: Step) -> Show | End:
        while isinstance(step, Call):
            self.calls.append(step.action)
            outcome = self.answers.get(step.action) or Outcome("changed", {}, step.arguments["language"])
            stored = State.from_bytes(step.state.to_bytes())
            step = engine.resume(self.menu, self.profile, stored, outcome)
        assert fits(step.text, self.profile), f"the network would cut {step.text!r}"
        return step


HOME = "У вас 1 234 балла\n1 Баланс и сроки\n2 История\n3 English\n4 Помощь"
EXPIRY = "1 234 балла\nиз них 100 до 31.12.26\n3 подарочные единицы\n0 Назад"
HISTORY = "Последнее:\n01.06.26 +50 пополнение\n01.05.26 -300 списание\n0 Назад\n9 Далее"
HISTORY_2 = "01.04.26 +2 подарочные единицы извинение\n0 Назад\n9 Далее"
HISTORY_3 = "01.03.26 +100 регистрация\n01.02.26 -7 сгорание\n0 Назад"
ENGLISH = "You have 1,234 points\n1 Balance and expiry\n2 History\n3 Po-russki\n4 Help"


@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        pytest.param([], HOME, id="dialled"),
        pytest.param(["1"], EXPIRY, id="balance and expiry"),
        pytest.param(["1", "0"], HOME, id="back"),
        pytest.param(["2"], HISTORY, id="history"),
        pytest.param(["2", "9"], HISTORY_2, id="its second page"),
        pytest.param(["2", "9", "9"], HISTORY_3, id="its last page"),
        pytest.param(["2", "9", "9", "0"], HISTORY_2, id="back by a page"),
        pytest.param(["2", "9", "0", "0"], HOME, id="back by a page and by a screen"),
        pytest.param(["2", "9", "00"], HOME, id="home from a page"),
        pytest.param(["3"], ENGLISH, id="the other language, at once"),
        pytest.param(["3", "3"], HOME, id="and the first one again"),
        pytest.param(["5"], "Выберите пункт\n" + HOME, id="no such option"),
        pytest.param(["0"], "Выберите пункт\n" + HOME, id="nothing to go back to"),
        pytest.param([""], "Выберите пункт\n" + HOME, id="nothing at all"),
        pytest.param(["1" * 183], "Выберите пункт\n" + HOME, id="longer than a handset can send"),
        pytest.param(["5", "1"], EXPIRY, id="a wrong key is forgiven"),
        pytest.param(["2", "9", "9", "9"], "Выберите пункт\n" + HISTORY_3, id="past the last page"),
        pytest.param([" 1 "], EXPIRY, id="spaces around"),
        pytest.param(["１"], EXPIRY, id="a full-width digit"),
        pytest.param(["١"], EXPIRY, id="an Arabic digit"),
        pytest.param(["1#"], EXPIRY, id="a closing hash"),
    ],
)
def test_what_follows_the_keys(club: Menu, keys: list[str], screen: str) -> None:
    subscriber = Subscriber(club)
    seen = subscriber.press(subscriber.dial(), keys)
    assert seen.text == screen
    assert isinstance(seen, Show)


@pytest.mark.parametrize(
    ("code", "arguments", "screen"),
    [
        pytest.param("*123#", ("1",), EXPIRY, id="published"),
        pytest.param("*123*1#", (), EXPIRY, id="published, all in the code"),
        pytest.param("*123#", ("1#",), EXPIRY, id="with a closing hash"),
        pytest.param("#123", ("1",), EXPIRY, id="other separators"),
        pytest.param("*123#", ("2#8",), HISTORY, id="a key that means nothing ends the walk"),
        pytest.param(
            "*123#", ("2", "9", "0", "0", "1"), EXPIRY, id="navigation is walked, as a lost session's history"
        ),
        pytest.param("*123#", ("3",), ENGLISH, id="walked over an option"),
        pytest.param("*123#", ("3", "3", "3"), ENGLISH, id="and over its outcome"),
        pytest.param("*123#", ("7",), HOME, id="a wrong argument shows the screen"),
        pytest.param("*123#", ("7", "1"), HOME, id="and ends the walk"),
        pytest.param("*777#", (), HOME, id="an unlisted code opens the start"),
        pytest.param("*777#", ("3",), ENGLISH, id="and is walked"),
        pytest.param("*123#", ("3",) * 40, HOME, id="no further than eight arguments, an even number"),
    ],
)
def test_dialled_arguments(club: Menu, code: str, arguments: tuple[str, ...], screen: str) -> None:
    subscriber = Subscriber(club)
    seen = subscriber.dial(*arguments, code=code)
    assert seen.text == screen
    assert len(subscriber.calls) <= 2 * DIALLED_MAX + 1


def test_a_published_screen_has_the_start_as_its_way_back(club: Menu) -> None:
    subscriber = Subscriber(club)
    assert subscriber.press(subscriber.dial("1"), ["0"]).text == HOME


def test_coming_back_asks_for_fresh_numbers(club: Menu) -> None:
    subscriber = Subscriber(club)
    seen = subscriber.press(subscriber.dial(), ["1"])
    subscriber.answers["balance"] = Outcome("balance", {**BALANCE, "points": 21})
    assert subscriber.press(seen, ["0"]).text.startswith("У вас 21 балл\n")


def test_paging_asks_for_nothing(club: Menu) -> None:
    subscriber = Subscriber(club)
    subscriber.press(subscriber.dial(), ["2", "9", "9", "0", "7"])
    assert subscriber.calls == ["balance", "history"]


def test_the_language_of_an_outcome_becomes_the_session_s(club: Menu) -> None:
    subscriber = Subscriber(club)
    subscriber.answers["balance"] = Outcome("balance", BALANCE, language="en")
    assert subscriber.dial().text == ENGLISH
    subscriber.answers["balance"] = Outcome("balance", BALANCE, language="kk")
    assert subscriber.dial().text == HOME, "a language that the menu lacks changes nothing"


@pytest.mark.parametrize("language", [None, "kk"])
def test_an_unknown_language_gets_the_default(club: Menu, language: str | None) -> None:
    step = engine.begin(club, PROFILE, language, (), "*123#")
    assert step.state.language == "ru"


def test_a_blocked_number_is_told_so_and_the_session_ends(club: Menu) -> None:
    subscriber = Subscriber(club)
    subscriber.answers["balance"] = Outcome("blocked")
    seen = subscriber.dial()
    assert isinstance(seen, End)
    assert seen.text.startswith("Ваш номер сейчас не участвует")
    assert "0 Назад" not in seen.text


def test_an_end_of_several_pages_ends_on_the_last(club: Menu) -> None:
    subscriber = Subscriber(club, profile=Profile(60, 50))
    subscriber.answers["balance"] = Outcome("blocked")
    first = subscriber.dial()
    assert isinstance(first, Show)
    assert first.text.endswith("9 Далее")
    last = subscriber.press(first, ["9"])
    assert isinstance(last, End)
    assert "Далее" not in last.text
    assert "Назад" not in last.text


def test_a_screen_shown_again_is_the_same_letters(club: Menu) -> None:
    subscriber = Subscriber(club)
    seen = subscriber.press(subscriber.dial(), ["2", "9"])
    stored = State.from_bytes(seen.state.to_bytes())
    assert engine.show(club, PROFILE, stored).text == seen.text == HISTORY_2


def test_a_hint_never_makes_a_screen_too_long(club: Menu) -> None:
    subscriber = Subscriber(club, profile=Profile(72, 72))
    home = subscriber.dial()
    assert subscriber.press(home, ["8"]).text == home.text


class TestPoints:
    """The small menu has a call that moves points: 2 at the start, 1 under the balance."""

    def test_a_key_moves_points_once(self, small: Menu) -> None:
        subscriber = Subscriber(small)
        bought = subscriber.press(subscriber.dial(), ["2"])
        assert bought.text.startswith("Куплено")
        assert subscriber.calls == ["redeem"]

    @pytest.mark.parametrize("arguments", [("2",), ("1", "1"), ("1", "1", "1")])
    def test_dialled_arguments_never_do(self, small: Menu, arguments: tuple[str, ...]) -> None:
        subscriber = Subscriber(small)
        subscriber.dial(*arguments)
        assert "redeem" not in subscriber.calls

    def test_a_published_string_of_its_own_does(self, small: Menu) -> None:
        published = replace(small, dial={**small.dial, ("123", "7"): "buy"})
        subscriber = Subscriber(published)
        assert subscriber.dial("7").text.startswith("Куплено")

    @pytest.mark.parametrize("keys", [["2", "1", "0"], ["2", "0"], ["2", "9", "0"], ["2", "1", "1", "0", "0"]])
    def test_no_way_back_moves_them_again(self, small: Menu, keys: list[str]) -> None:
        subscriber = Subscriber(small)
        subscriber.press(subscriber.dial(), keys)
        assert subscriber.calls.count("redeem") == 1 + (keys == ["2", "1", "1", "0", "0"])

    def test_nor_does_a_call_that_may_lead_to_points_the_next_time(
        self, small_text: str, specs: dict[str, ActionSpec], vocabulary: Vocabulary
    ) -> None:
        text = small_text.replace("blocked: blocked}", "blocked: buy}").replace("    ends: true\n", "")
        further = '      - {key: "2", text: {ru: Ещё, en: More}, go: blocked}\n  buy:\n'
        subscriber = Subscriber(load("small.yaml", text.replace("  buy:\n", further), specs, vocabulary))
        seen = subscriber.press(subscriber.dial(), ["1", "2"])
        subscriber.answers["balance"] = Outcome("blocked")
        assert subscriber.press(seen, ["0"]).text.startswith("Добро пожаловать")
        assert subscriber.calls == ["balance"]


def test_circles_do_not_lengthen_the_way_back(small: Menu) -> None:
    subscriber = Subscriber(small)
    seen = subscriber.press(subscriber.dial(), ["1", "1"] * 50)
    assert len(seen.state.back) <= BACK_STEPS_MAX


def test_an_outcome_that_was_not_declared_is_loud(club: Menu) -> None:
    call = engine.begin(club, PROFILE, "ru", (), "*123#")
    with pytest.raises(ValueError, match="'lost', which it does not declare"):
        engine.resume(club, PROFILE, call.state, Outcome("lost"))


def test_inputs_and_outcomes_cannot_be_confused(club: Menu) -> None:
    call = engine.begin(club, PROFILE, "ru", (), "*123#")
    with pytest.raises(ValueError, match="waits for an outcome"):
        engine.answer(club, PROFILE, call.state, "1")
    shown = Subscriber(club).dial()
    with pytest.raises(ValueError, match="waits for no outcome"):
        engine.resume(club, PROFILE, shown.state, Outcome("balance", BALANCE))


@given(
    keys=st.lists(st.sampled_from(["0", "00", "1", "2", "3", "4", "9", "x"]), max_size=30),
    arguments=st.lists(st.text(alphabet="0123459*#x", max_size=4), max_size=6),
    profile=st.builds(Profile, septets_max=st.integers(100, 182), ucs2_units_max=st.integers(40, 80)),
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_pressed_a_whole_screen_follows(
    club: Menu, keys: list[str], arguments: list[str], profile: Profile
) -> None:
    subscriber = Subscriber(club, profile=profile)
    seen = subscriber.press(subscriber.dial(*arguments), keys)
    assert isinstance(seen, Show)
    assert len(seen.state.back) <= BACK_STEPS_MAX


@pytest.mark.parametrize(
    ("arguments", "keys", "ways"),
    [
        pytest.param((), [], ["dial *123#", "home.on.balance"], id="dialled"),
        pytest.param(("1",), [], ["dial *123*1#", "expiry.on.balance"], id="a published string"),
        pytest.param((), ["2"], ["home_menu.options.2", "history.on.history"], id="an option and a call"),
        pytest.param((), ["2", "9"], [], id="a page is no way"),
        pytest.param((), ["2", "0"], ["home.on.balance"], id="nor is back, though it calls again"),
        pytest.param((), ["2", "00"], ["start", "home.on.balance"], id="home"),
        pytest.param((), ["7"], [], id="a wrong key"),
        pytest.param(
            ("3",), [],
            ["dial *123#", "home.on.balance", "home_menu.options.3", "language.on.changed", "home.on.balance"],
            id="dialled arguments",
        ),
    ],
)  # fmt: skip
def test_the_ways_that_a_hop_took(club: Menu, arguments: tuple[str, ...], keys: list[str], ways: list[str]) -> None:
    subscriber = Walker(club)
    assert list(subscriber.press(subscriber.dial(*arguments), keys).state.taken) == ways


class Walker(Subscriber):
    """A subscriber whose actions are answered within the hop, as its state tells."""

    def _until_seen(self, step: Step) -> Show | End:
        while isinstance(step, Call):
            outcome = self.answers.get(step.action) or Outcome("changed", {}, step.arguments["language"])
            step = engine.resume(self.menu, self.profile, step.state, outcome)
        return step


def test_the_ways_of_a_hop_are_not_kept_for_the_next(club: Menu) -> None:
    seen = Walker(club).dial()
    assert State.from_bytes(seen.state.to_bytes()).taken == ()
