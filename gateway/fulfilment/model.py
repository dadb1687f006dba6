"""What an adapter is asked, and what it may answer. It never decides what becomes of an order: `fate` does.

An adapter is judged by what it says when it does not know: `UNKNOWN` is never taken for a no, nor `NOT_NOW` for a yes.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.settings import Repeats
from gateway.store.orders import ClaimedOrder


class Verdict(StrEnum):
    """How the other side stands to an order. `NOT_NOW`: it was surely not delivered by this call, and may be later.
    `UNKNOWN`: it may have been delivered, or will be. `ABSENT`: asked, the other side has never heard of it."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    NOT_NOW = "not_now"
    UNKNOWN = "unknown"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call. `reason` is for staff: short, without a number or a secret. `misconfigured`: nothing will be
    delivered until a person changes something."""

    verdict: Verdict
    reason: str = ""
    misconfigured: bool = False


class Adapter(Protocol):
    """Somebody who delivers orders. No call raises: whatever goes wrong is an answer."""

    @property
    def repeats(self) -> Repeats:
        """What an order that comes again does there."""
        ...

    @property
    def call_s_max(self) -> float:
        """How long one call may take."""
        ...

    async def deliver(self, order: ClaimedOrder) -> Answer:
        """Deliver, or deliver again under the same reference."""
        ...

    async def ask(self, order: ClaimedOrder) -> Answer:
        """What became of an order that may have come. Only where `repeats` is `ASKABLE`."""
        ...
