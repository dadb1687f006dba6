"""Every dialogue of simulator/dialogues, played against a real gateway with real stores, over real HTTP and SMPP."""

from pathlib import Path

import pytest

from simulator.deployment import Deployment
from simulator.dialects.africastalking import DIALECT, AfricasTalking
from simulator.dialogue import load
from simulator.handset import Handset
from simulator.play import play
from simulator.world import World

DIALOGUES = sorted((Path(__file__).parents[2] / "simulator" / "dialogues").glob("*.yaml"))


@pytest.mark.parametrize("file", DIALOGUES, ids=[file.stem for file in DIALOGUES])
def test_dialogue(file: Path, world: World) -> None:
    result = play(load(file), world, DIALECT)
    assert result.passed, result.failure
    assert result.screens + result.texts, "a dialogue that sees no screen and no SMS shows nothing"


@pytest.mark.parametrize("arguments_in_text", [True, False], ids=["in the first text", "in the service code"])
def test_dialled_arguments_arrive_either_way(gateway: Deployment, arguments_in_text: bool) -> None:
    handset = Handset("+79210000003", AfricasTalking(arguments_in_text=arguments_in_text), gateway.send)
    assert "подарочных единиц" in handset.dial("*123*1#").text
    assert "У вас" in handset.answer("0").text
    handset.hang_up()
