"""What members asked and what they were told: all that an auditor may hold against the books.

A request that moves points has three ends: `DONE` and `REFUSED` are answers; of an `OPEN` one nobody was told, so that
it may have happened, once, or not. Numbers and codes are in here as they are; `Member.told` shows neither.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.live.network import Event

SECRET = re.compile(r"\d{6,}")
"""A gift code, a hand-over code, a number."""


class End(StrEnum):
    """How a request that moves points ended, as far as whoever asked knows."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


@dataclass(slots=True)
class Exchange:
    """A quote that was confirmed. `learned`: its screen was answered, and then the subscriber went on, or the network
    said that the session had ended well."""

    reward: str
    by: str
    end: End = End.OPEN
    order_id: int | None = None
    learned: bool = False


@dataclass(slots=True)
class Redemption:
    """A gift code that was dialled, typed or texted. `already`: it was said to be used before, by this member."""

    by: str
    end: End = End.OPEN
    already: bool = False
    learned: bool = False


@dataclass(slots=True)
class Text:
    """What was texted. No member texts the same octets to the same number twice."""

    to: str
    said: str
    acknowledged: bool = False


@dataclass(slots=True)
class Member:
    """One subscriber: his gift code, which SMSC has his phone, and everything that was said."""

    msisdn: str
    smsc: str
    gift_code: str = field(repr=False)
    began: float
    lines: list[tuple[int, str]] = field(default_factory=list)
    events: dict[Event, list[Mapping[str, Any]]] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def note(self, asked: str, got: str) -> None:
        """Write down what was asked, and what came of it."""
        shown = SECRET.sub("…", f"{asked} -> {' / '.join(got.splitlines())}")
        self.lines.append((round((time.monotonic() - self.began) * 1000), shown))
