"""How a load went: what was asked, what was seen, and whether that is what was asked for."""

from dataclasses import dataclass
from datetime import datetime

from simulator.load.clients import Weight
from simulator.load.engine import Ending
from simulator.load.measure import Measure, Starts, Stream
from simulator.load.plan import Plan
from simulator.load.words import counted, share_of, time_of

HELD_MIN = 0.99
"""Of the starts, made when they were due; less is another rate than was stated."""
LAG_MAX_S = 0.1
"""The 99th percentile of our own lateness; with more, it is this machine that was measured."""


@dataclass(frozen=True, slots=True)
class Where:
    """What was put under load, and how it was spoken to."""

    url: str
    dialect: str
    stories: str
    first_number: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One load, when it is over."""

    where: Where
    plan: Plan
    measure: Measure
    ending: Ending
    put_away: int
    began_at: datetime
    took_s: float
    cpu_s: float

    @property
    def complaints(self) -> tuple[str, ...]:
        """Why this is not what was asked for; empty when it is."""
        found = []
        if self.measure.wrong_count:
            found.append(f"{counted(self.measure.wrong_count)} wrong")
        found += [_not_held(stream, starts) for stream, starts in self.measure.starts.items() if starts.held < HELD_MIN]
        if self.ending is not Ending.WHOLE:
            found.append(str(self.ending.value))
        return tuple(found)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What to mind when reading the numbers."""
        lag_s = self.measure.lag.percentile(0.99)
        if lag_s <= LAG_MAX_S:
            return ()
        told = f"One start in a hundred was made {time_of(lag_s)} late, as this process got no CPU in time"
        return (f"{told}: part of what was measured is our own. Run it on another machine, or ask for less.",)

    @property
    def verdict(self) -> str:
        """In one line."""
        if self.complaints:
            return "Not as expected: " + "; ".join(self.complaints)
        return "As expected: the rate was held, and every reply was right"

    def weights(self, which: str) -> list[tuple[float, Weight]]:
        """What `own` or `gateway` took, by the slot's beginning in seconds."""
        found = [(place * self.measure.slot_s, getattr(slot, which)) for place, slot in enumerate(self.measure.slots)]
        return [(at_s, weight) for at_s, weight in found if weight is not None]


def _not_held(stream: Stream, starts: Starts) -> str:
    whys = [(starts.refused, "found every phone busy"), (starts.late, "were late")]
    why = " and ".join(f"{counted(count)} {what}" for count, what in whys if count)
    return f"the rate of {stream.value} was not held: {share_of(starts.held)} of {counted(starts.due)} in time, {why}"
