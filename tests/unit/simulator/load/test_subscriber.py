"""A subscriber where nothing tells one hop from the next: a screen is read before the same key is pressed again."""

import asyncio
import json
from pathlib import Path

import pytest

from simulator.call import Answer, Message
from simulator.dialects import dialect
from simulator.handset import SAME_KEY_AGAIN_S
from simulator.load.book import Phone
from simulator.load.measure import Measure, Wait
from simulator.load.subscriber import Subscriber, World
from tests.unit.simulator.load.town import Town, stories_in
from tests.unit.simulator.load.virtual import played

PRESSES = """
title: A narrow street
new_number: {points: 0}
screens: {street: On}
dials:
  - story: presses
    steps:
      - {dial: "*123#", see: street}
      - {answer: "1", see: street}
      - {answer: "1", see: street}
      - {answer: "2", see: street}
"""


class Street(Town):
    """Shows one screen for whatever is pressed, a tenth of a second later."""

    async def send(self, message: Message) -> Answer:
        self.arrived_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        screen = {"USERID": "NALOTest", "MSG": "On", "MSGTYPE": True}
        release = {"SessionId": "s", "Type": "response", "Message": "On", "Label": "", "DataType": "", "FieldType": ""}
        return Answer(200, "application/json", json.dumps(screen | release))


@pytest.mark.parametrize(
    ("name", "arrived_at"),
    [
        pytest.param("nalo", [0.0, 0.1, 0.2 + SAME_KEY_AGAIN_S, 0.3 + SAME_KEY_AGAIN_S], id="nothing tells hops apart"),
        pytest.param("hubtel", [0.0, 0.1, 0.2, 0.3], id="hops are numbered"),
    ],
)
def test_whoever_is_in_a_hurry(tmp_path: Path, name: str, arrived_at: list[float]) -> None:
    stories, street = stories_in(tmp_path, PRESSES), Street()

    async def work() -> Measure:
        measure = Measure(asyncio.get_running_loop().time)
        world = World(stories, dialect(name), street, None, lambda: 0.0)
        await Subscriber(stories.dials[0], Phone("+79990000000", {"points": 0}), world, measure).play(0.0)
        return measure

    measure = played(work())
    assert street.arrived_at[:4] == pytest.approx(arrived_at)
    assert measure.waits[Wait.SCREEN].longest < 0.2, "the gateway is not to blame"
