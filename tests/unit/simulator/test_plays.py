"""Many dialogues: which are played together, and the report that is left."""

import xml.etree.ElementTree as ET
from pathlib import Path
from threading import Barrier

import pytest

from simulator import junit
from simulator.call import Answer, Message
from simulator.dialects.africastalking import DIALECT
from simulator.dialogue import Dialogue, load
from simulator.errors import GatewayDownError, NotWritableError
from simulator.plays import play_all
from simulator.world import World
from tests.unit.simulator.conftest import Application


@pytest.fixture
def dialogues(tmp_path: Path) -> list[Dialogue]:
    """Two that may be played together, one that differs, and one that moves the clock."""
    written = {
        "first": '  - {dial: "*123#", expect: [Привет]}',
        "second": '  - {dial: "*123#", expect: [Привет]}',
        "differs": '  - {dial: "*123*1#", expect: "Ага"}',
        "clock": "  - wait: 3 days",
    }
    for name, steps in written.items():
        (tmp_path / f"{name}.yaml").write_text(f"title: {name} <&>\nsteps:\n{steps}\n", encoding="utf-8")
    return [load(tmp_path / f"{name}.yaml") for name in written]


def test_one_after_another_in_the_order_of_the_files(world: World, dialogues: list[Dialogue]) -> None:
    results = list(play_all(dialogues, world, DIALECT))
    assert [result.dialogue for result in results] == dialogues
    assert [result.passed for result in results] == [True, True, False, True]


def test_what_nobody_else_notices_is_played_at_once(
    world: World, dialogues: list[Dialogue], application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two dials wait for each other: one after another, they would wait in vain."""
    meeting = Barrier(2, timeout=30)
    answer = Application.__call__

    def meet(self: Application, message: Message) -> Answer:
        if message.body.endswith("text="):
            meeting.wait()
        return answer(self, message)

    monkeypatch.setattr(Application, "__call__", meet)
    results = list(play_all(dialogues, world, DIALECT, jobs=3))
    assert {result.dialogue.file.stem for result in results if result.passed} == {"first", "second", "clock"}
    assert results[-1].dialogue.file.stem == "clock", "what moves the clock is played alone, at the end"


def test_a_gateway_that_is_down_ends_it(dialogues: list[Dialogue], world: World) -> None:
    world.deployment.http.base_url = "http://127.0.0.1:9"
    with pytest.raises(GatewayDownError):
        list(play_all(dialogues, world, DIALECT, jobs=4))


def test_the_report(world: World, dialogues: list[Dialogue], tmp_path: Path, application: Application) -> None:
    application.screens["1"] = "END Ой\x07"
    report = tmp_path / "junit.xml"
    junit.write(list(play_all(dialogues, world, DIALECT)), report)
    suite = ET.parse(report).getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")
    cases = {case.get("classname"): case for case in suite}
    assert cases["first"].get("name") == "first <&>"
    failure = cases["differs"].find("failure")
    assert failure is not None
    assert "differs.yaml:3: dial *123*1#: the screen differs" in str(failure.get("message"))
    assert "+ Ой\ufffd" in str(failure.text)
    assert cases["differs"].get("line") == "3"


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(NotWritableError, match="cannot write"):
        junit.write([], tmp_path / "nowhere" / "junit.xml")
