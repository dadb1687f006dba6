"""What subscribers do on screens, counted: what one hop adds, and what it all comes to.

Decides what counts as seen, answered and left. Nobody can be told from it: a screen's name, and numbers. Refuses to
know where counts are kept.

    shown = answered + ended + left

A page that is turned, a key that means nothing and an input that is refused leave the subscriber where they are: none
shows or answers anything. `left` is what remains: who was on a screen when the session broke off, told or not, and who
is on it now.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from gateway.ussd.message import ClosedBy

QUESTION = "resume"
"""What the question after a drop is called among screens: no screen of a menu can be, since it is a key of the file."""
SECONDS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
"""Bounds of how long subscribers look at a screen: a network gives them a minute or two."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one hop did: which screen it answered, pressed a wrong key on, typed something on that was `refused` (as
    `gift_code.too_short`), failed on or closed, which it showed, and which ways of the menu it took."""

    at: datetime
    shown: str = ""
    answered: str = ""
    wrong: str = ""
    refused: str = ""
    failed: str = ""
    closed: str = ""
    closed_by: ClosedBy = ClosedBy.UNKNOWN
    opened: bool = False
    ends: bool = False
    resumed: bool = False
    thought_ms: int = 0
    taken: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What was counted of one screen. `opened`: sessions that began there; `resumed`: shown again after a drop;
    `wrong`: keys that meant nothing; `refused`: what was typed and is not what the screen asks for; `failed`: hops that
    could not be answered; `hung_up`, `timed_out` and `broken` are what gateways told of those who left, as far as they
    do; `thought_ms`, together, until an answer."""

    opened: int = 0
    shown: int = 0
    answered: int = 0
    wrong: int = 0
    refused: int = 0
    ended: int = 0
    resumed: int = 0
    hung_up: int = 0
    timed_out: int = 0
    broken: int = 0
    failed: int = 0
    thought_ms: int = 0
    thoughts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    """Answers by the bounds of `SECONDS`; not kept in the database."""

    @property
    def left(self) -> int:
        """Who was shown the screen and did not go on. A day may answer what the day before has shown."""
        return max(self.shown - self.answered - self.ended, 0)

    @property
    def left_share(self) -> float:
        """Of those who were shown it."""
        return self.left / self.shown if self.shown else 0.0

    @property
    def seconds(self) -> float:
        """How long an answer took, on average."""
        return self.thought_ms / self.answered / 1000 if self.answered else 0.0

    def add(self, other: "Tally") -> None:
        """Count what another has counted, too."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.thoughts = [mine + theirs for mine, theirs in zip(self.thoughts, other.thoughts, strict=True)]

    def thought(self, thought_ms: int) -> None:
        """An answer took so long."""
        self.answered += 1
        self.thought_ms += thought_ms
        self.thoughts[bisect_left(SECONDS, thought_ms / 1000)] += 1


NUMBERS: Sequence[str] = tuple(each.name for each in fields(Tally) if each.name != "thoughts")
ENDS = {ClosedBy.SUBSCRIBER: "hung_up", ClosedBy.SILENCE: "timed_out", ClosedBy.NETWORK: "broken"}
