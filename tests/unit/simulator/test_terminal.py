"""The terminal handset as somebody at the keyboard sees it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from simulator.deployment import Access, Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.handset import Handset
from simulator.terminal import Terminal

Type = Callable[..., str]


@pytest.fixture
def type_lines(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types lines into a handset and gives back everything that was shown."""
    return lambda *lines: shown(deployment, monkeypatch, *lines)


def shown(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *lines: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    output = io.StringIO()
    handset = Handset("+79210000001", DIALECT, deployment.send)
    Terminal(handset, deployment, Console(file=output, width=100)).run()
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
    with Deployment(Access("http://127.0.0.1:9")) as nowhere:
        assert "no gateway answers at http://127.0.0.1:9" in shown(nowhere, monkeypatch, "*123#")
