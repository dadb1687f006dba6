"""What is proved of `resume`, and what a session that was dropped shows again."""

import pytest

from gateway.menu import engine, resuming
from gateway.menu.engine import Call, Show
from gateway.menu.load import load
from gateway.outcome import ActionSpec, Outcome
from gateway.templates import Vocabulary
from gateway.ussd.message import HopIdentity, Profile
from tests.unit.menu.conftest import BALANCE, Check

PROFILE = Profile(hop_identity=HopIdentity.HISTORY)
RESUME = """resume:
  mode: ask
  question: {ru: "Вернуться?", en: "Go back?"}
  go_on: {key: "1", text: {ru: Да, en: "Yes"}}
  anew: {key: "2", text: {ru: Нет, en: "No"}}
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param('{key: "2", text: {ru: Нет', '{key: "1", text: {ru: Нет', "resume.anew.key", id="one key twice"),
        pytest.param('go_on: {key: "1"', 'go_on: {key: "0"', "resume.go_on.key", id="a key of navigation"),
        pytest.param(
            'question: {ru: "Вернуться?", en: "Go back?"}', 'question: {ru: "Вернуться?"}', "'en'", id="a language"
        ),
        pytest.param('  question: {ru: "Вернуться?", en: "Go back?"}\n', "", "mode: ask needs", id="no question"),
        pytest.param("mode: ask", "mode: continue", "belong to mode: ask", id="a question that is not asked"),
        pytest.param("mode: ask", "mode: ask\n  within_s: 901", "resume.within_s", id="longer than it is remembered"),
        pytest.param("Вернуться?", "Вернуться туда, где прервалась связь, " * 3, "shorten it", id="too long"),
    ],
)
def test_faults_of_resuming(found: Check, before: str, after: str, told: str) -> None:
    assert before in RESUME
    findings = found("screens:\n", f"{RESUME.replace(before, after)}screens:\n")
    assert [told in str(finding) for finding in findings] == [True], findings


def test_a_sound_one_has_no_findings(found: Check) -> None:
    assert found("screens:\n", f"{RESUME}screens:\n") == ()


@pytest.mark.parametrize(
    ("key", "outcome", "runs"),
    [
        pytest.param("1", Outcome("balance", BALANCE), True, id="a balance is asked for again"),
        pytest.param("2", Outcome("done"), False, id="what moved points stands"),
    ],
)
def test_what_is_run_again(
    small_text: str, specs: dict[str, ActionSpec], vocabulary: Vocabulary, key: str, outcome: Outcome, runs: bool
) -> None:
    menu = load("small.yaml", small_text, specs, vocabulary)
    home = engine.begin(menu, PROFILE, None, (), "*123#")
    assert isinstance(home, Show)
    asked = engine.answer(menu, PROFILE, home.state, key)
    assert isinstance(asked, Call)
    shown = engine.resume(menu, PROFILE, asked.state, outcome)
    assert isinstance(shown, Show)
    again = resuming.again(menu, PROFILE, shown.state)
    assert isinstance(again, Call) is runs
    after = engine.resume(menu, PROFILE, again.state, outcome) if isinstance(again, Call) else again
    assert isinstance(after, Show)
    assert (after.text, after.state.back) == (shown.text, shown.state.back)
