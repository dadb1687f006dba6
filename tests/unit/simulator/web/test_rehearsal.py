"""A recording is played once to learn what changes; a dialogue of a tester is played as it is written."""

import pytest

from simulator.dialects.africastalking import DIALECT
from simulator.errors import DialogueFileError
from simulator.web.rehearsal import merged, played, rehearsed
from simulator.world import World
from tests.unit.simulator.conftest import Application

RECORDED = """title: What was recorded

steps:
  - dial: "*123#"
    expect: |
      Заказ 5, код DEMO-08-AB12
      1 Дальше
    ends: no
  - answer: "1"
    expect: |
      Пока
    ends: yes
"""


def test_what_changed_since_is_written_as_a_placeholder(alone: World, application: Application) -> None:
    application.screens[""] = "CON Заказ 12, код DEMO-08-X9Z1\n1 Дальше"
    told = rehearsed(RECORDED, alone, DIALECT)
    assert told["passed"], told["failure"]
    text = str(told["text"])
    assert "Заказ {number}, код {code}\n      1 Дальше" in text
    application.screens[""] = "CON Заказ 13, код DEMO-08-Q\n1 Дальше"
    assert played(text, alone, DIALECT)["passed"]
    application.screens[""] = "CON Заказ 13, код DEMO-08-Q\n2 Дальше"
    assert not played(text, alone, DIALECT)["passed"], "what did not change is still expected"


def test_a_screen_in_other_words_is_a_difference(alone: World, application: Application) -> None:
    application.screens[""] = "CON Привет"
    told = rehearsed(RECORDED, alone, DIALECT)
    assert (told["passed"], told["line"]) == (False, 4)
    assert "dial *123#: the screen differs" in str(told["failure"])
    assert told["text"] == RECORDED


def test_a_play_tells_what_was_seen_at_which_line(alone: World, application: Application) -> None:
    application.screens[""] = "CON Заказ 5, код DEMO-08-AB12\n1 Дальше"
    told = played(RECORDED, alone, DIALECT)
    assert told["passed"]
    assert told["seen"] == [
        {"line": 4, "kind": "screen", "text": "Заказ 5, код DEMO-08-AB12\n1 Дальше"},
        {"line": 9, "kind": "screen", "text": "Пока"},
    ]


def test_what_is_no_dialogue_is_said_with_its_line(alone: World) -> None:
    with pytest.raises(DialogueFileError, match=r"recorded.yaml:3: steps 1: a step is exactly one"):
        played("title: t\nsteps:\n  - expect: x\n", alone, DIALECT)


@pytest.mark.parametrize(
    ("expected", "shown", "holds"),
    [
        ("Заказ 5 выполнен", "Заказ 6 выполнен", "Заказ {number} выполнен"),
        ("до {date}, заказ 5", "до 30.11.27, заказ 6", "до {date}, заказ {number}"),
        ("код AB12", "код CD34", "код {code}"),
        ("Привет", "Пока", "Привет"),
        ("two words", "two worms", "two words"),
        ("1\n2", "1", "1\n2"),
        ("У вас 5 (+1)", "У вас 5 (+1)", "У вас 5 (+1)"),
    ],
)
def test_only_numbers_and_codes_change(expected: str, shown: str, holds: str) -> None:
    assert merged(expected, shown, {}) == holds
