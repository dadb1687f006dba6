"""Every dialogue of simulator/dialogues, played against a real gateway with real stores over real HTTP."""

from pathlib import Path

import pytest

from simulator.deployment import Deployment
from simulator.dialects import dialect
from simulator.dialogue import load
from simulator.play import play

DIALOGUES = sorted((Path(__file__).parents[2] / "simulator" / "dialogues").glob("*.yaml"))


@pytest.mark.parametrize("file", DIALOGUES, ids=[file.stem for file in DIALOGUES])
def test_dialogue(file: Path, gateway: Deployment) -> None:
    result = play(load(file), gateway, dialect("africastalking"))
    assert result.passed, result.failure
    assert result.screens, "a dialogue that sees no screen shows nothing"
