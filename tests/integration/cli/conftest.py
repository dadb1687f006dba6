"""The command `gateway` as an operator types it."""

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.cli.staff import Staff, typed
from tests.live.processes import command


@pytest.fixture
def gateway(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a command in an empty folder, with only the settings that are given."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return command(tmp_path, {f"GATEWAY_{name.upper()}": value for name, value in settings.items()}, *arguments)

    return run


@pytest.fixture
def known(database_url: str) -> dict[str, str]:
    """The settings of somebody who works with this database."""
    return {"database_url": database_url, "number_keys": NUMBER_KEYS, "code_key": CODE_KEY}


@pytest.fixture
def staff(known: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """Whoever types commands for this database."""
    monkeypatch.chdir(tmp_path)  # away from a developer's .env
    return partial(typed, known)
