"""Playing a dialogue: what passes, and how a difference is explained to the dialogue's author."""

from pathlib import Path
from typing import Any

import pytest

from simulator.billing_desk import BillingDesk
from simulator.deployment import Access, Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.dialogue import load
from simulator.errors import GatewayDownError, NotPlayableError, SimulatorError
from simulator.network import Network
from simulator.play import Result, play
from simulator.world import World
from tests.unit.simulator.conftest import Application

NOWHERE = "http://127.0.0.1:9"  # the discard port: without SMS, no SMSC is missed, and no billing either


def played(folder: Path, steps: str, deployment: Deployment, phones: str = "{Anna: fresh}") -> Result:
    path = folder / "d.yaml"
    path.write_text(f"title: t\nphones: {phones}\nsteps:\n{steps}", encoding="utf-8")
    with Network(NOWHERE) as network, BillingDesk(NOWHERE) as billing:
        return play(load(path), World(deployment, network, billing), DIALECT)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param('  - {dial: "*123#", expect: "Привет\\n1 Дальше", ends: no}', id="whole screen"),
        pytest.param('  - {dial: "*123#", expect: [Привет, Дальше], not_expect: Пока}', id="lines"),
        pytest.param('  - dial: "*123#"\n  - {answer: 1, expect: Пока, ends: yes}', id="to the end"),
        pytest.param('  - {dial: "*123*1#", expect: Пока}', id="dialled arguments"),
        pytest.param('  - dial: "*123#"\n  - hang_up: true\n  - dial: "*123#"', id="again after hanging up"),
        pytest.param("  - event: top-up 500 roubles\n  - wait: 3 days", id="events and time"),
        pytest.param('  - language: en\n  - {dial: "*123#", expect: [Привет]}', id="a language"),
    ],
)
def test_what_passes(tmp_path: Path, deployment: Deployment, steps: str) -> None:
    result = played(tmp_path, steps, deployment)
    assert result.passed, result.failure


@pytest.mark.parametrize(
    ("steps", "explained"),
    [
        pytest.param(
            '  - dial: "*123#"\n    expect: |\n      Привет\n      2 Дальше',
            ["d.yaml:4: dial *123#: the screen differs", "- 2 Дальше", "+ 1 Дальше"],
            id="whole screen",
        ),
        pytest.param('  - {dial: "*123#", expect: [Баланс]}', ["no line contains 'Баланс'", "| 1 Дальше"], id="line"),
        pytest.param('  - {dial: "*123#", not_expect: Прив}', ["contains 'Прив', and none should"], id="unwanted"),
        pytest.param('  - {dial: "*123#", ends: yes}', ["the session went on"], id="went on"),
        pytest.param('  - {dial: "*123*1#", ends: no}', ["the session ended"], id="ended"),
        pytest.param('  - dial: "*123#"\n  - answer: 9', ["d.yaml:5: answer 9", "HTTP 500"], id="broken hop"),
        pytest.param("  - answer: 1", ["dial first"], id="answer to nothing"),
        pytest.param('  - dial: "*123#"\n  - dial: "*123#"', ["hang up before"], id="dial in a session"),
    ],
)
def test_differences_are_explained(tmp_path: Path, deployment: Deployment, steps: str, explained: list[str]) -> None:
    result = played(tmp_path, steps, deployment)
    assert not result.passed
    for words in explained:
        assert words in result.failure


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param('  - network: hop repeated\n  - {dial: "*123#", expect: [Привет]}', id="a hop repeated"),
        pytest.param(
            '  - network: reply lost\n  - {dial: "*123#", fails: yes}\n  - {dial: "*123#", expect: [Привет]}',
            id="a reply lost",
        ),
        pytest.param(
            '  - network: reply too late\n  - {dial: "*123#", fails: yes}\n  - {dial: "*123#", expect: [Привет]}',
            id="a reply not waited for",
        ),
        pytest.param(
            '  - dial: "*123#"\n  - network: subscriber silent\n  - {dial: "*123#", expect: [Привет]}', id="silence"
        ),
        pytest.param('  - {dial: "*123#", match: "^[0-9] Даль.+$"}', id="an expression"),
        pytest.param('  - {dial: "*123#", expect: ["{choice:number} Дальше"]}\n  - answer: "{choice}"', id="a name"),
        pytest.param('  - {dial: "*123#", expect: "Привет\\n{number} {any}"}', id="kinds in a whole screen"),
    ],
)
def test_mishaps_and_names(tmp_path: Path, deployment: Deployment, steps: str) -> None:
    result = played(tmp_path, steps, deployment)
    assert result.passed, result.failure


@pytest.mark.parametrize(
    ("steps", "explained"),
    [
        pytest.param('  - {dial: "*123#", fails: yes}', ["a screen came, and none should", "| Привет"], id="a screen"),
        pytest.param("  - network: session dropped", ["no session is open"], id="no session"),
        pytest.param('  - {dial: "*123#", match: "^Дальше"}', ["nothing matches '^Дальше'"], id="an expression"),
        pytest.param(
            '  - dial: "*123#"\n    expect: |\n      {any}\n      {number} Назад',
            ["  Привет", "- {number} Назад", "+ 1 Дальше"],
            id="only what differs",
        ),
        pytest.param("  - smsc: {receipts: never}", ["SIMULATOR_CONTROL_URL"], id="no SMSC"),
        pytest.param("  - billing: {refuse_next: 1}", ["SIMULATOR_BILLING_URL"], id="no billing"),
    ],
)
def test_mishaps_that_differ_are_explained(
    tmp_path: Path, deployment: Deployment, steps: str, explained: list[str]
) -> None:
    try:
        failure = played(tmp_path, steps, deployment).failure
    except SimulatorError as error:
        failure = str(error)
    for words in explained:
        assert words in failure


def test_the_network_ends_a_session_in_its_own_words(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    played(tmp_path, '  - dial: "*123#"\n  - network: session dropped', deployment)
    assert application.field("status") == "Failed"


def test_a_screen_that_is_cut_off_fails_unasked(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    application.screens[""] = "CON " + "Я" * 81
    assert "81/80 UCS-2" in played(tmp_path, '  - dial: "*123#"', deployment).failure


def test_a_refused_end_note_fails_unasked(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    application.end_note_status = 404
    assert "HTTP 404" in played(tmp_path, '  - dial: "*123*1#"', deployment).failure
    assert "HTTP 404" in played(tmp_path, '  - dial: "*123#"\n  - hang_up: true', deployment).failure


def test_an_event_that_is_not_taken_fails(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    application.event_outcome = "refused"
    assert (
        "d.yaml:4: event blocked: the gateway did not take"
        in played(tmp_path, "  - event: blocked", deployment).failure
    )


def test_no_session_is_left_open(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    assert played(tmp_path, '  - dial: "*123#"', deployment).passed
    assert application.field("status") == "Incomplete"


def test_phones_are_fresh_unless_fixed(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    for _ in range(2):
        played(
            tmp_path,
            '  - {phone: A, dial: "*123*1#"}\n  - {phone: B, dial: "*123*1#"}',
            deployment,
            '{A: fresh, B: "+79210000002"}',
        )
    hops = [message.body for message in application.heard if message.path == "/ussd/africastalking"]
    assert len(set(hops)) == 4
    assert sum("phoneNumber=%2B79210000002" in body for body in hops) == 2


def test_waiting_moves_the_virtual_clock(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    assert played(tmp_path, "  - wait: 31 days", deployment).passed
    assert application.advanced_s == 31 * 86400


def test_waiting_without_a_virtual_clock(tmp_path: Path, deployment: Deployment, application: Any) -> None:
    application.has_clock = False
    assert played(tmp_path, "  - wait: 0 seconds", deployment).passed
    with pytest.raises(NotPlayableError, match="no virtual clock"):
        played(tmp_path, "  - wait: 61 seconds", deployment)


def test_no_gateway(tmp_path: Path) -> None:
    nothing_listens = "http://127.0.0.1:9"  # the discard port
    with Deployment(Access(nothing_listens)) as nowhere, pytest.raises(GatewayDownError, match="make run"):
        played(tmp_path, '  - dial: "*123#"', nowhere)


def test_what_staff_did_is_undone_at_the_end(tmp_path: Path, application: Application, deployment: Deployment) -> None:
    steps = """
  - switch: [reward:mug, action:redeem]
  - switch: in order
  - switch: reward:visit
  - stock: {mug: 0}
  - {dial: "*123#", expect: [what does not come]}
"""
    assert not played(tmp_path, steps, deployment).passed
    assert application.ordered == [
        ("switches/throw", "reward:mug"),
        ("switches/throw", "action:redeem"),
        ("switches/close", "action:redeem"),
        ("switches/close", "reward:mug"),
        ("switches/throw", "reward:visit"),
        ("rewards/mug/stock", -3),
        ("switches/close", "reward:visit"),
        ("rewards/mug/stock", 3),
    ]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        pytest.param("stock: {visit: 0}", "counts no stock of 'visit'", id="not counted"),
        pytest.param("stock: {cup: 0}", "counts no stock of 'cup'", id="no such reward"),
    ],
)
def test_a_stock_that_is_none(tmp_path: Path, deployment: Deployment, step: str, told: str) -> None:
    assert told in played(tmp_path, f"  - {step}", deployment).failure
