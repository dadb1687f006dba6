"""The terminal handset as somebody at the keyboard sees it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from simulator.deployment import Access, Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.handset import Handset
from simulator.mailbox import Mailbox
from simulator.network import Network
from simulator.terminal import Terminal
from tests.integration.smsc.peers import Smsc
from tests.live.network import new_number
from tests.live.nursery import end
from tests.unit.simulator.responder import Responder

NOWHERE = "http://127.0.0.1:9"  # the discard port
MSISDN = "+79210000001"
Type = Callable[..., str]


@pytest.fixture
def type_lines(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types lines into a handset and gives back everything that was shown."""
    return lambda *lines: shown(deployment, monkeypatch, *lines)


def shown(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    *lines: str,
    control_url: str = NOWHERE,
    msisdn: str = MSISDN,
) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    output = io.StringIO()
    handset = Handset(msisdn, DIALECT, deployment.send)
    with Network(control_url) as network:
        Terminal(handset, Mailbox(msisdn, network), deployment, Console(file=output, width=100)).run()
    return output.getvalue()


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        pytest.param([], ["You hold +79210000001", "*123#"], id="start"),
        pytest.param(["*123#"], ["│ Привет", "│ 1 Дальше", "15/80 UCS-2"], id="screen and gauge"),
        pytest.param(["*123#", "1"], ["│ Пока", "The session is over"], id="end"),
        pytest.param(["1"], ["dial a code such as *123#"], id="hint"),
        pytest.param(["*123#", "7"], ["HTTP 500"], id="broken hop"),
        pytest.param(["*123#", "7", "*123#", "1"], ["HTTP 500", "│ Пока"], id="again after trouble"),
        pytest.param(["top-up 500"], ["heard of it: accepted"], id="event"),
        pytest.param(["wait 3d"], ["it is now 31.12.2026 21:00 UTC"], id="clock"),
        pytest.param(["help"], ["hang up", "top-up 500", "wait 3d"], id="help"),
        pytest.param(["*123#", "hang up"], ["You hung up."], id="hang up"),
    ],
)
def test_what_is_seen(type_lines: Type, lines: list[str], seen: list[str]) -> None:
    output = type_lines(*lines)
    for words in seen:
        assert words in output


def test_a_screen_that_is_cut_off_is_called_so(type_lines: Type, application: Any) -> None:
    application.screens[""] = "CON " + "Я" * 81
    assert "would cut this screen off: 81/80 UCS-2" in type_lines("*123#")


def test_markup_in_a_screen_is_text(type_lines: Type, application: Any) -> None:
    application.screens[""] = "CON [red]1[/red]"
    assert "[red]1[/red]" in type_lines("*123#")


def test_nothing_after_exit_is_done(type_lines: Type, application: Any) -> None:
    type_lines("exit", "*123#")
    assert application.heard == []


def test_leaving_hangs_up(type_lines: Type, application: Any) -> None:
    type_lines("*123#")
    assert application.field("status") == "Incomplete"


def test_no_virtual_clock(type_lines: Type, application: Any) -> None:
    application.has_clock = False
    assert "no virtual clock" in type_lines("wait 3d")


def test_no_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    with Deployment(Access(NOWHERE)) as nowhere:
        assert "no gateway answers at http://127.0.0.1:9" in shown(nowhere, monkeypatch, "*123#")


@pytest.fixture
def text_lines(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, network: Network, responder: Responder) -> Type:
    """Types lines into a handset whose SMS a small gateway answers."""
    responder.answers["Баланс"] = ("У вас [b]500[/b] баллов",)
    return lambda *lines: shown(deployment, monkeypatch, *lines, control_url=network.url)


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        pytest.param(["text 6111 Баланс"], ["SMS from 6111, ", "23/70 UCS-2, 1 part", "  У вас [b]500"], id="answer"),
        pytest.param(["sms 6111 Баланс"], ["У вас [b]500[/b] баллов"], id="the other word"),
        pytest.param(["*123#", "text 6111 Баланс", "1"], ["│ Привет", "У вас", "│ Пока"], id="in a session"),
        pytest.param(["text", "text 6111 Баланс"], ["such as: text 6111 Баланс", "У вас"], id="hint"),
    ],
)
def test_texting(text_lines: Type, lines: list[str], seen: list[str]) -> None:
    output = text_lines(*lines)
    for words in seen:
        assert words in output


def test_what_comes_by_itself_shows_after_the_next_command(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, network: Network, responder: Responder, smsc: Smsc
) -> None:
    msisdn = new_number()

    class Keyboard(io.StringIO):
        """Types a line only when an SMS has come since the handset was switched on."""

        def readline(self, *_: int) -> str:
            responder.tell(msisdn.removeprefix("+"), "Вам 500 баллов", "Bolshe")
            smsc.until(lambda: len(smsc.texts(msisdn)) > 0, "the SMS is there")
            return super().readline()

    monkeypatch.setattr("sys.stdin", Keyboard("help\n"))
    output = io.StringIO()
    handset = Handset(msisdn, DIALECT, deployment.send)
    Terminal(handset, Mailbox(msisdn, network), deployment, Console(file=output, width=100)).run()
    assert "SMS from Bolshe" in output.getvalue()


def test_the_inbox_shows_what_came_before(text_lines: Type) -> None:
    text_lines("text 6111 Баланс")
    assert "У вас [b]500" in text_lines("inbox")


def test_no_answer_says_where_the_text_is(text_lines: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.terminal.REPLY_S", 1.0)
    assert "No SMS came back within 1 s: the gateway took it and sent nothing back." in text_lines("text 6111 other")


def test_an_smsc_that_goes_away_is_said_once(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Smsc(tmp_path) as smsc:
        address = f"http://127.0.0.1:{smsc.control_port}"

        class Keyboard(io.StringIO):
            def readline(self, *_: int) -> str:
                end(smsc.process)
                return super().readline()

        monkeypatch.setattr("sys.stdin", Keyboard("help\nhelp\n*123#\n"))
        output = io.StringIO()
        handset = Handset(MSISDN, DIALECT, deployment.send)
        with Network(address) as network:
            Terminal(handset, Mailbox(MSISDN, network), deployment, Console(file=output, width=100)).run()
    assert output.getvalue().count("no SMSC answers") == 1
    assert "│ Привет" in output.getvalue()


def test_an_empty_inbox(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, network: Network) -> None:
    output = shown(deployment, monkeypatch, "inbox", control_url=network.url, msisdn=new_number())
    assert "No SMS has come to this phone" in output


@pytest.mark.parametrize("line", ["text 6111 Баланс", "inbox"])
def test_no_smsc_is_a_sentence_when_it_is_asked_for(type_lines: Type, line: str) -> None:
    assert "no SMSC answers at http://127.0.0.1:9" not in type_lines("*123#")
    assert "no SMSC answers at http://127.0.0.1:9" in type_lines(line)
