"""The command `gateway` as an operator types it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.processes import command


@pytest.fixture
def gateway(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a command in an empty folder, with only the settings that are given."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return command(tmp_path, {f"GATEWAY_{name.upper()}": value for name, value in settings.items()}, *arguments)

    return run
