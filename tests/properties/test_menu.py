"""Any menu, any facts, any gateway: no reply is longer than the gateway takes, and every row and option can be reached.

Menus are made at random as files, and are read and built as files are; only those without errors are walked.
"""

import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.datafile.findings import FaultyFileError
from gateway.menu import engine
from gateway.menu.condition import Facts
from gateway.menu.engine import Call, End, Show, Step
from gateway.menu.load import load
from gateway.menu.model import Menu, TextScreen
from gateway.outcome import ActionSpec, Fact, Outcome
from gateway.templates import Vocabulary
from gateway.text.segments import fits
from gateway.ussd.message import HopIdentity, Profile
from tests.conftest import LONG

ROWS_MAX = 30
MOST = 99_999_999_999
ROW: dict[str, str | int | bool | None] = {"id": "r" * 12, "title": "Ж" * 20, "price": MOST}
SPECS = {"list": ActionSpec("list", {"listed": {"rows": [ROW] * ROWS_MAX, "points": MOST, "vip": True}, "none": {}})}
WORDS = Vocabulary(
    ("ru", "en"),
    {"points": {"ru": {"one": "балл", "few": "балла", "many": "баллов"}, "en": {"one": "point", "other": "points"}}},
    {},
    {"ru": "прочее", "en": "other"},
)
LANGUAGES = st.sampled_from(["ru", "en"])
RUSSIAN = st.text("абвж ё1", min_size=1, max_size=70)
ENGLISH = st.text("abc €[1", min_size=1, max_size=150)
LABELS = st.fixed_dictionaries({"ru": st.text("абв ", max_size=30), "en": st.text("abc ", max_size=40)}).map(
    lambda label: {language: f"x {words}".strip() for language, words in label.items()}
)
CONDITIONS = st.sampled_from(
    [None, "vip", "not vip", "points >= 300", "points < 300 or vip", "pilot.new and vip", "not pilot.new"]
)
WHO: st.SearchStrategy[Facts] = st.sampled_from([{}, {"pilot.new": True}])
PROFILES = st.builds(
    lambda ucs2, more, identity: Profile(min(182, ucs2 + more), ucs2, identity),
    st.integers(48, 80), st.integers(0, 110), st.sampled_from([HopIdentity.HISTORY, HopIdentity.NONE]),
)  # fmt: skip


@st.composite
def menus(draw: st.DrawFn) -> Menu:
    """A start with options, a list that a call brings, another that some see in its place, and a screen that asks for a
    text and shows it."""
    targets = ["call", "ask", "start"]
    text = st.fixed_dictionaries({"ru": RUSSIAN, "en": ENGLISH})

    def options(conditions: st.SearchStrategy[str | None]) -> list[dict[str, object]]:
        found = []
        for key in range(draw(st.integers(1, 6))):
            when = draw(conditions) if key else None
            option = {"key": str(key + 1), "text": draw(LABELS), "go": draw(st.sampled_from(targets))}
            found.append(option if when is None else {**option, "when": when})
        return found

    counted = {language: f"{words} {{{{ points | count('points') }}}}" for language, words in draw(text).items()}
    row = dict.fromkeys(("ru", "en"), "{{ item.title }} {{ item.price | number }}")

    def listed() -> dict[str, object]:
        each = {"list": "rows", "text": row, "go": "ask", "keep": ["id"]}
        return {"text": counted, "each": each, "options": options(CONDITIONS)}

    asked = {language: f"{words} {{{{ typed.name }}}}" for language, words in draw(text).items()}
    first = [{"key": "7", "text": draw(LABELS), "go": "call"}, {"key": "8", "text": draw(LABELS), "go": "ask"}]
    source = {
        "languages": ["ru", "en"],
        "start": "start",
        "dial": {"*123#": "start"},
        "pilots": {"new": {"percent": 50}},
        "inputs": {"name": {"text": {"from": 1, "to": draw(st.integers(1, 40))}}},
        "keys": {
            "back": {"key": "0", "text": {"ru": "Назад", "en": "Back"}},
            "home": {"key": "00", "text": {"ru": "Меню", "en": "Menu"}},
            "next": {"key": "9", "text": {"ru": "Далее", "en": "More"}},
        },
        "messages": {name: {"ru": "Нет", "en": "No"} for name in ("wrong_choice", "unavailable", "expired")},
        "screens": {
            "start": {"text": draw(text), "options": [*options(st.none()), *first]},
            "call": {"call": "list", "on": {"listed": "listed", "none": "ask"}},
            "listed": {**listed(), "instead": [{"when": "pilot.new or points > 5", "show": "other"}]},
            "other": listed(),
            "ask": {"text": draw(text), "input": {"name": "name", "go": "told"}},
            "told": {"text": asked, "options": options(st.none())},
        },
    }
    try:
        return load("any.yaml", json.dumps(source, ensure_ascii=False), SPECS, WORDS)
    except FaultyFileError:
        assume(False)
        raise


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Fact]:
    """What an action answers within what it declares."""
    rows: list[dict[str, str | int | bool | None]] = [
        {"id": f"r{place}", "title": draw(st.text("абвж ёab€", max_size=20)), "price": draw(st.integers(0, MOST))}
        for place in range(draw(st.integers(0, ROWS_MAX)))
    ]
    return {"rows": rows, "points": draw(st.integers(0, MOST)), "vip": draw(st.booleans())}


def shown(menu: Menu, profile: Profile, step: Step, brought: dict[str, Fact]) -> Show | End:
    """The screen that a step comes to, its call answered."""
    while isinstance(step, Call):
        step = engine.resume(menu, profile, step.state, Outcome("listed", brought))
    return step


INPUTS = st.lists(
    st.sampled_from(["0", "00", *map(str, range(1, 14))]) | st.text("abжё👍 {}", max_size=50), max_size=12
)


@given(menus(), LANGUAGES, PROFILES, WHO, facts(), INPUTS)
@settings(max_examples=2_000 if LONG else 80, deadline=None)
def test_no_reply_is_longer_than_the_gateway_takes(
    menu: Menu, language: str, profile: Profile, who: Facts, brought: dict[str, Fact], inputs: list[str]
) -> None:
    step = shown(menu, profile, engine.begin(menu, profile, language, (), "*123#", who), brought)
    assert fits(step.text, profile)
    for text in inputs:
        step = shown(menu, profile, engine.answer(menu, profile, step.state, text), brought)
        assert fits(step.text, profile), f"{step.text!r} after {text!r}"


@given(menus(), LANGUAGES, PROFILES, WHO, facts(), INPUTS)
@settings(max_examples=2_000 if LONG else 80, deadline=None)
def test_the_ways_of_each_hop_are_on_the_map_and_lead_to_its_screen(
    menu: Menu, language: str, profile: Profile, who: Facts, brought: dict[str, Fact], inputs: list[str]
) -> None:
    targets = {way.way: way.target for way in menu.chart.ways}
    step = shown(menu, profile, engine.begin(menu, profile, language, (), "*123#", who), brought)
    assert step.state.taken == ("dial *123#",)
    for text in inputs:
        before, step = step, shown(menu, profile, engine.answer(menu, profile, step.state, text), brought)
        led_to = [targets[way] for way in step.state.taken]
        assert not led_to or led_to[-1] == step.state.screen
        assert led_to or step.state.screen in {before.state.screen, *before.state.back}, "nobody moves without a way"


@given(menus(), LANGUAGES, PROFILES, WHO, facts())
@settings(max_examples=2_000 if LONG else 80, deadline=None)
def test_every_row_and_option_is_reached_by_paging(
    menu: Menu, language: str, profile: Profile, who: Facts, brought: dict[str, Fact]
) -> None:
    step = shown(menu, profile, engine.begin(menu, profile, language, (), "*123#", who), brought)
    step = shown(menu, profile, engine.answer(menu, profile, step.state, "7"), brought)
    pages = [step.text]
    while True:
        after = shown(menu, profile, engine.answer(menu, profile, step.state, "9"), brought)
        if after.state.page == step.state.page:
            break
        step = after
        pages.append(step.text)
    begins = {line.partition(" ")[0] for page in pages for line in page.split("\n")}
    screen = menu.screens[step.state.screen]
    assert isinstance(screen, TextScreen)
    known = {**brought, **who}
    options = screen.option_keys(known, step.state.pressed if profile.hop_identity is HopIdentity.NONE else None)
    assert {*screen.row_keys(known), *options} <= begins, pages
    points = known["points"]
    assert isinstance(points, int)
    assert (screen.name == "other") is bool(who or points > 5)
