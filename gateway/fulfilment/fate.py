"""What becomes of an order by what its adapter answered: pure, and the one place that decides it.

The rule above all others: an order that may have been delivered is never refused by itself, and one that must not come
again is never called again. What cannot be known is parked, and people find out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.fulfilment.model import Answer, Verdict
from gateway.settings import Repeats
from gateway.store.orders import ClaimedOrder

DELIVERED, REFUSED, PARKED, LATER = "delivered", "refused", "parked", "later"
"""What `SettleOrder.becomes` may be."""

BACKOFF_DOUBLINGS_MAX = 16


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an order is tried. Rests double from `first_s` to `longest_s`; after a call whose outcome is not known
    they are `doubt_s` at least, for the other side may be at it still. `give_up` is programme time since the order;
    `tries_max` is more than it holds, for a clock that stands still. `look_s` is how often the store is looked at for
    orders that wait: members are told that theirs is on its way."""

    first_s: float = 1.0
    longest_s: float = 300.0
    doubt_s: float = 5.0
    give_up: timedelta = timedelta(hours=24)
    tries_max: int = 1_000
    look_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What is written down: see `SettleOrder`. One that is to come later rests for `rest_s` before."""

    becomes: str
    reason: str = ""
    doubtful: bool = False
    rest_s: float = 0.0


def fate(
    order: ClaimedOrder, answer: Answer, repeats: Repeats, patience: Patience, at: datetime, *, doubtful: bool
) -> Fate:
    """What becomes of an order at this moment. `doubtful`: before this answer, it may have been delivered already."""
    match answer.verdict:
        case Verdict.DELIVERED:
            return Fate(DELIVERED, answer.reason)
        case Verdict.REFUSED:
            return Fate(REFUSED, answer.reason)
        case Verdict.NOT_NOW | Verdict.UNKNOWN | Verdict.ABSENT:
            unknown = doubtful or answer.verdict is Verdict.UNKNOWN
            if unknown and repeats is Repeats.NEVER:
                return Fate(PARKED, answer.reason, doubtful=True)
            if at - order.at >= patience.give_up or order.tries >= patience.tries_max:
                return Fate(PARKED if unknown else REFUSED, answer.reason, unknown)
            return Fate(LATER, answer.reason, unknown, _rest_s(order.tries, unknown, patience))


def _rest_s(tries: int, unknown: bool, patience: Patience) -> float:
    """At its longest: whoever waits takes a random part of the second half, lest all come back together."""
    longest_s: float = min(patience.first_s * 2 ** min(tries - 1, BACKOFF_DOUBLINGS_MAX), patience.longest_s)
    return max(longest_s, patience.doubt_s) if unknown else longest_s
