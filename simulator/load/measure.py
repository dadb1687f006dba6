"""What a load saw: how long replies took, how many starts were asked for and made, and what was wrong.

Its memory does not grow with the number of sessions: durations are counted in buckets, faults are counted and the first
few kept with their text, and the chart has a bounded number of slots: when they are used up, each two become one.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from simulator.load.clients import Weight
from simulator.load.histogram import COARSE, Histogram
from simulator.load.wrong import Wrong

SLOTS_MAX = 600
FAULTS_KEPT = 20
FAULT_LENGTH_MAX = 2_000
IN_TIME_S = 1.0
"""A start that is later than this was not made when it was due."""


class Wait(StrEnum):
    """What somebody waited for."""

    SCREEN = "screens"
    SMS = "SMS"
    EVENT = "events"


class Stream(StrEnum):
    """What is started."""

    SESSIONS = "sessions"
    TEXTS = "texts"


@dataclass(slots=True)
class Starts:
    """Of those that were due: `made` in time or `late`, the rest refused because every phone was busy."""

    due: int = 0
    made: int = 0
    late: int = 0

    @property
    def refused(self) -> int:
        return self.due - self.made - self.late

    @property
    def held(self) -> float:
        """The share that was made when it was due."""
        return self.made / self.due if self.due else 1.0

    def add(self, other: "Starts") -> None:
        self.due += other.due
        self.made += other.made
        self.late += other.late


def _starts() -> dict[Stream, Starts]:
    return {stream: Starts() for stream in Stream}


def _coarse() -> dict[Wait, Histogram]:
    return {wait: Histogram(COARSE) for wait in Wait}


@dataclass(slots=True)
class Slot:
    """What happened within one slot of time; replies stand where they came."""

    starts: dict[Stream, Starts] = field(default_factory=_starts)
    waits: dict[Wait, Histogram] = field(default_factory=_coarse)
    wrong: int = 0
    under_way: int = 0
    """At most."""
    own: Weight | None = None
    gateway: Weight | None = None

    def add(self, other: "Slot") -> None:
        """Take in the slot that follows."""
        for stream, starts in other.starts.items():
            self.starts[stream].add(starts)
        for wait, histogram in other.waits.items():
            self.waits[wait].add(histogram)
        self.wrong += other.wrong
        self.under_way = max(self.under_way, other.under_way)
        self.own = other.own or self.own
        self.gateway = other.gateway or self.gateway


@dataclass(slots=True)
class OfStory:
    """What one story saw."""

    played: int = 0
    wrong: int = 0
    waits: dict[Wait, Histogram] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that was wrong, and when: seconds from the beginning."""

    at_s: float
    kind: Wrong
    text: str


class Measure:
    """Everything that is counted, from `begin` on by a clock that counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self.starts = _starts()
        self.waits = {wait: Histogram() for wait in Wait}
        self.lag = Histogram()
        """How late our own process was: from when a start was due to when it was made or refused."""
        self.stories: dict[str, OfStory] = {}
        self.wrong: Counter[Wrong] = Counter()
        self.faults: list[Fault] = []
        self.slot_s = 1
        self.slots: list[Slot] = []

    def begin(self) -> None:
        """Now is the moment 0."""
        self._began = self._clock()

    @property
    def wrong_count(self) -> int:
        """Of all kinds."""
        return self.wrong.total()

    @property
    def now_s(self) -> float:
        """Seconds from the beginning."""
        return self._clock() - self._began

    def weighed(self, own: Weight | None, gateway: Weight | None) -> None:
        """What our process and the gateway's take at this moment."""
        slot = self._slot()
        slot.own, slot.gateway = own, gateway

    def due(self, stream: Stream, late_s: float, *, made: bool, under_way: int) -> None:
        """A start was due so many seconds ago, and is made now, or refused."""
        self.lag.record(late_s)
        one = Starts(due=1, made=int(made and late_s <= IN_TIME_S), late=int(made and late_s > IN_TIME_S))
        slot = self._slot()
        for starts in (self.starts[stream], slot.starts[stream]):
            starts.add(one)
        slot.under_way = max(slot.under_way, under_way)

    def took(self, wait: Wait, story: str, seconds: float) -> None:
        """A reply came, so long after it was intended to be asked for."""
        self.waits[wait].record(seconds)
        self._slot().waits[wait].record(seconds)
        of_story = self._of(story).waits
        if wait not in of_story:
            of_story[wait] = Histogram()
        of_story[wait].record(seconds)

    def played(self, story: str) -> None:
        """A story came to its end, right or wrong."""
        self._of(story).played += 1

    def fault(self, kind: Wrong, text: str, story: str = "") -> None:
        """Something was wrong."""
        self.wrong[kind] += 1
        self._slot().wrong += 1
        if story:
            self._of(story).wrong += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(Fault(self.now_s, kind, text[:FAULT_LENGTH_MAX]))

    def latest(self, seconds: float) -> Slot:
        """The last whole slots, of so many seconds or a little more, as one."""
        count = max(1, round(seconds / self.slot_s))
        together = Slot()
        for slot in self.slots[:-1][-count:] or self.slots:
            together.add(slot)
        return together

    def _of(self, story: str) -> OfStory:
        return self.stories.setdefault(story, OfStory())

    def _slot(self) -> Slot:
        now_s = self.now_s
        while (place := int(now_s // self.slot_s)) >= SLOTS_MAX:
            self._halve()
        while len(self.slots) <= place:
            self.slots.append(Slot())
        return self.slots[place]

    def _halve(self) -> None:
        """Each two slots become one, of twice the time."""
        if len(self.slots) % 2:
            self.slots.append(Slot())
        for first, second in zip(self.slots[::2], self.slots[1::2], strict=True):
            first.add(second)
        self.slots = self.slots[::2]
        self.slot_s *= 2
