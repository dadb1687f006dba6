"""Crash points are armed by a test's environment and by nothing else."""

import os
import signal
from typing import Any

import pytest

from gateway.app import armed
from gateway.crash import CrashPoint, pass_by
from gateway.errors import ConfigurationError


def test_in_service_nothing_is_armed() -> None:
    assert armed({}) is pass_by


def test_the_process_is_killed_the_nth_time(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[Any] = []
    monkeypatch.setattr(os, "kill", lambda *arguments: killed.append(arguments))
    reach = armed({"GATEWAY_CRASH_AT": "hop_saved:2"})
    reach(CrashPoint.HOP_SAVED)
    reach(CrashPoint.HOP_OPENED)
    assert killed == []
    reach(CrashPoint.HOP_SAVED)
    assert killed == [(os.getpid(), signal.SIGKILL)]


@pytest.mark.parametrize("wrong", ["nowhere:1", "hop_saved:x"])
def test_a_wrong_point_is_told_what_there_is(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="hop_opened"):
        armed({"GATEWAY_CRASH_AT": wrong})
