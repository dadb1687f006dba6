"""Dialogues with SMS: what passes and how differences are explained, over a real SMSC."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.billing_desk import BillingDesk
from simulator.deployment import Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.dialogue import load
from simulator.errors import SmscAwayError
from simulator.network import Network
from simulator.play import Result, play
from simulator.world import World
from tests.integration.smsc.peers import Smsc
from tests.unit.simulator.responder import Responder

Play = Callable[..., Result]


@pytest.fixture
def played(tmp_path: Path, world: World, responder: Responder) -> Play:
    """Plays steps against a gateway that answers `Баланс` once, `both` twice, and is otherwise silent."""
    responder.answers = {"Баланс": ("У вас 500 баллов\nдо 30.11",), "both": ("one", "two"), "long": ("Я" * 71,)}

    def run(steps: str, head: str = "") -> Result:
        path = tmp_path / "d.yaml"
        path.write_text(f"title: t\n{head}\nsteps:\n{steps}", encoding="utf-8")
        return play(load(path), world, DIALECT)

    return run


@pytest.mark.parametrize(
    ("steps", "texts"),
    [
        pytest.param("  - {text: Баланс, to: 6111, expect_sms: [500 баллов, до 30]}", 1, id="lines"),
        pytest.param('  - {text: Баланс, to: 6111, expect_sms: "У вас 500 баллов\\nдо 30.11"}', 1, id="whole text"),
        pytest.param("  - {text: Баланс, to: 6111}\n  - {expect_sms: [500], from: 6111, parts: 1}", 1, id="two steps"),
        pytest.param("  - {text: long, to: 6111, expect_sms: [ЯЯ], parts: 2}", 1, id="two parts"),
        pytest.param("  - {text: both, to: 6111, expect_sms: one}\n  - expect_sms: two", 2, id="in their order"),
        pytest.param("  - {text: other, to: 6111, expect_no_sms: 1 second}", 0, id="silence"),
        pytest.param(
            '  - dial: "*123#"\n  - {text: Баланс, to: 6111, expect_sms: [500]}\n  - {answer: 1, expect: Пока}',
            1,
            id="in a session",
        ),
    ],
)
def test_what_passes(played: Play, steps: str, texts: int) -> None:
    result = played(steps)
    assert result.passed, result.failure
    assert result.texts == texts


@pytest.mark.parametrize(
    ("steps", "explained"),
    [
        pytest.param(
            '  - text: Баланс\n    to: 6111\n    expect_sms: "У вас 600 баллов\\nдо 30.11"',
            ["d.yaml:4: text Баланс to 6111: the SMS differs", "- У вас 600 баллов", "+ У вас 500 баллов"],
            id="whole text",
        ),
        pytest.param(
            "  - {text: Баланс, to: 6111, expect_sms: [600]}", ["no line contains '600'", "| У вас"], id="line"
        ),
        pytest.param(
            "  - {text: Баланс, to: 6111, expect_sms: [], not_expect_sms: до}",
            ["contains 'до', and none"],
            id="unwanted",
        ),
        pytest.param(
            "  - {text: Баланс, to: 6111, expect_sms: [500], from: 1414}", ["from 6111, not from 1414"], id="sender"
        ),
        pytest.param(
            "  - {text: Баланс, to: 6111, expect_sms: [500], parts: 2}", ["than 2: 25/70 UCS-2, 1 part"], id="parts"
        ),
        pytest.param(
            "  - {text: other, to: 6111, expect_sms: [500], within: 1 second}",
            ["no SMS came within 1 second", "the gateway took it and sent nothing back"],
            id="no answer",
        ),
        pytest.param(
            "  - {text: Баланс, to: 6111, expect_no_sms: 9 seconds}",
            ["an SMS came from 6111 that no step expects", "| У вас 500"],
            id="no silence",
        ),
        pytest.param(
            "  - {text: Баланс, to: 6111}",
            ["d.yaml: phone, after the last step: an SMS came from 6111 that no step expects"],
            id="left unread",
        ),
        pytest.param(
            "  - {text: both, to: 6111, expect_sms: one}", ["after the last step", "| two"], id="a second answer"
        ),
        pytest.param("  - {expect_sms: [500], within: 1 second}", ["no SMS came within 1 second"], id="nothing sent"),
    ],
)
def test_differences_are_explained(played: Play, steps: str, explained: list[str]) -> None:
    result = played(steps)
    assert not result.passed
    for words in explained:
        assert words in result.failure


def test_unread_texts_can_be_ignored(played: Play) -> None:
    assert played("  - {text: Баланс, to: 6111}", "unread_sms: ignored").passed


def test_each_phone_has_its_own_texts(played: Play) -> None:
    steps = """
  - {phone: Anna, text: Баланс, to: 6111}
  - {phone: Boris, text: long, to: 6111}
  - {phone: Boris, expect_sms: [ЯЯ]}
  - {phone: Anna, expect_sms: [500]}
"""
    result = played(steps, "phones: {Anna: fresh, Boris: fresh}")
    assert result.passed, result.failure


def test_texts_from_before_the_play_are_not_of_it(played: Play) -> None:
    for _ in range(2):
        result = played("  - {text: Баланс, to: 6111, expect_sms: [500]}", 'phones: {Anna: "+79210000002"}')
        assert result.passed, result.failure


def test_waiting_for_a_text_moves_no_virtual_clock(played: Play, application: Any) -> None:
    assert played("  - {text: other, to: 6111, expect_no_sms: 1 second}").passed
    assert application.advanced_s == 0


def test_an_smsc_that_was_told_to_fail_is_in_order_again(played: Play, smsc: Smsc) -> None:
    result = played("  - smsc: {receipts: never}\n  - {text: Баланс, to: 6111, expect_sms: [500]}")
    assert result.passed, result.failure
    assert smsc.http.get("/faults").json()["receipts"] == "on_time"


def test_what_an_sms_told_is_known_from_then_on(played: Play) -> None:
    steps = """
  - {text: Баланс, to: 6111, expect_sms: ["У вас {balance:number} баллов", "до 30.11"]}
  - {text: Баланс, to: 6111, match_sms: '^У вас (?P<again>\\d+)', expect_sms: ["У вас {balance} баллов"]}
  - {text: Баланс, to: 6111, expect_sms: ["У вас {again} баллов"], not_expect_sms: ["{any}1 000"]}
"""
    result = played(steps)
    assert result.passed, result.failure


def test_a_text_goes_to_the_link_of_its_phone(played: Play) -> None:
    result = played(
        "  - {text: Баланс, to: 6111, expect_no_sms: 1 second}", "phones: {Anna: {number: fresh, link: nobody}}"
    )
    assert result.passed, result.failure


def test_no_smsc(tmp_path: Path, deployment: Deployment, nowhere: Network) -> None:
    path = tmp_path / "d.yaml"
    path.write_text("title: t\nsteps:\n  - {text: Баланс, to: 6111}", encoding="utf-8")
    with pytest.raises(SmscAwayError, match="SIMULATOR_CONTROL_URL"):
        play(load(path), World(deployment, nowhere, BillingDesk(nowhere.url)), DIALECT)
