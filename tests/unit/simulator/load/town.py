"""A small programme in the test's own time: a gateway that keeps points, and an SMSC, with faults to order."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs

from simulator.call import Answer, Message
from simulator.dialects.africastalking import DIALECT
from simulator.load.book import Phones, Sms
from simulator.load.clients import Weight
from simulator.load.engine import Engine
from simulator.load.measure import Measure
from simulator.load.plan import Plan, Think
from simulator.load.story import Stories
from simulator.load.story_file import load
from simulator.load.subscriber import World
from simulator.phrases import Happening
from tests.unit.simulator.load.virtual import played

FIRST = 79_990_000_000
STORIES = """
title: A small town
new_number: {points: 0}
screens:
  home: |
    You have {points:number}
    1 More
  more: Nothing more\\.
sms: {points: "You have {points:number}"}
dials:
  - story: looks
    steps:
      - {dial: "*123#", see: home}
      - {hang_up: true}
  - story: pays
    steps:
      - {event: top-up 10 roubles, then: {points: points + 10}}
      - {dial: "*123#", see: home}
      - {answer: 1, see: more, ends: true}
"""
TEXTS = """
texts:
  - story: asks
    steps: [{text: Balance, to: 6111, see_sms: points, from: 6111, within: 10 seconds}]
"""


@dataclass
class Town:
    """What the gateway says, how long it takes, and what was heard."""

    takes: Callable[[float], float] = lambda at: 0.01
    """How long an answer takes to a hop that comes at a moment."""
    points: Counter[str] = field(default_factory=Counter)
    arrived_at: list[float] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    shows: Callable[[str, str], str] = lambda msisdn, screen: screen
    status: int = 200
    note_status: int = 200
    answers: int = 1
    """How many SMS answer one text."""
    sms: list[Sms] = field(default_factory=list)

    async def send(self, message: Message) -> Answer:
        form = {name: values[0] for name, values in parse_qs(message.body, keep_blank_values=True).items()}
        if message.path.endswith("/events"):
            self.closed.append(form["status"])
            return Answer(self.note_status, "text/plain", "")
        at = asyncio.get_running_loop().time()
        self.arrived_at.append(at)
        await asyncio.sleep(self.takes(at))
        msisdn = form["phoneNumber"]
        screen = f"CON You have {self.points[msisdn]:,}\n1 More" if not form["text"] else "END Nothing more."
        return Answer(self.status, "text/plain", self.shows(msisdn, screen))

    async def tell(self, msisdn: str, happening: Happening) -> None:
        self.points[msisdn] += (happening.amount or 0) // 100

    async def weight(self) -> Weight | None:
        return Weight(100_000_000, asyncio.get_running_loop().time() / 10)

    async def newest(self) -> int:
        return len(self.sms)

    async def text(self, msisdn: str, to: str, text: str) -> None:
        at = asyncio.get_running_loop().time()
        for _ in range(self.answers):
            self.sms.append(Sms(len(self.sms) + 1, msisdn[1:], to, f"You have {self.points[msisdn]}", at))

    async def arrived(self, after: int) -> list[Sms]:
        at = asyncio.get_running_loop().time()
        return [replace(sms, seen_at=at) for sms in self.sms[after:]]


def stories_in(folder: Path, written: str = STORIES) -> Stories:
    """A file of stories, read."""
    file = folder / "stories.yaml"
    file.write_text(written, encoding="utf-8")
    return load(file)


def plan(*, rate: float = 10, texts: float = 0, for_s: float = 10, phones: int = 100, wrong_max: int = 1000) -> Plan:
    return Plan(rate, texts, for_s, Think(1, 1), phones, 1, wrong_max=wrong_max)


def engine(town: Town, stories: Stories, asked: Plan) -> Engine:
    """A load of this town. Call it in the loop that runs it."""
    world = World(stories, DIALECT, town, town if stories.says_sms else None, lambda: asked.think.least_s)
    phones = Phones(FIRST, asked.phones, stories.new_number)
    return Engine(asked, world, phones, Measure(asyncio.get_running_loop().time))


def loaded(town: Town, stories: Stories, asked: Plan) -> Engine:
    """The load when it is over, in virtual time."""

    async def work() -> Engine:
        playing = engine(town, stories, asked)
        await playing.run()
        return playing

    return played(work())
