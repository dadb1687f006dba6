"""Which ways of a menu were taken while something was played, and what keeps that from being told."""

import json
from pathlib import Path

import pytest

from simulator.coverage import Covering
from simulator.deployment import Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.errors import NotPlayableError
from simulator.handset import Handset
from tests.unit.simulator.conftest import MENU, Application


def dialled(deployment: Deployment) -> None:
    Handset("+79210000001", DIALECT, deployment.send).dial("*123#")


def test_what_was_done_before_is_not_covered(deployment: Deployment) -> None:
    dialled(deployment)
    covering = Covering(deployment)
    assert covering.coverage().visited == set()
    dialled(deployment)
    dialled(deployment)
    assert covering.coverage().taken == {"dial *123#": 2, "hello.options.1": 0, "hello.options.2": 0}


def test_what_is_missed_is_told_by_its_line(deployment: Deployment) -> None:
    covering = Covering(deployment)
    dialled(deployment)
    assert list(covering.coverage().told()) == [
        "Coverage of the menu: 1/3 screens, 1/3 ways.",
        "Nobody went there (the line in the menu's file):",
        "     6  by 1 on hello → bye",
        "     7  by 2 on hello → never",
        "     8  screen bye",
        "    11  screen never",
    ]


def test_it_is_written_for_programs(deployment: Deployment, tmp_path: Path) -> None:
    covering, file = Covering(deployment), tmp_path / "coverage.json"
    dialled(deployment)
    covering.coverage().write(file)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["version"] == MENU["version"]
    assert found["ways"][0] == {"way": "dial *123#", "taken": 1}


def test_several_processes_are_not_guessed_at(application: Application, deployment: Deployment) -> None:
    application.processes = 2
    with pytest.raises(NotPlayableError, match="several processes answer"):
        Covering(deployment)


def test_a_gateway_that_was_started_anew_has_counted_nothing(application: Application, deployment: Deployment) -> None:
    covering = Covering(deployment)
    application.began += 1
    with pytest.raises(NotPlayableError, match="started anew"):
        covering.coverage()


def test_a_key_that_is_shown_no_menu(application: Application, deployment: Deployment) -> None:
    application.has_menu = False
    with pytest.raises(NotPlayableError, match="one of `reports`"):
        Covering(deployment)
