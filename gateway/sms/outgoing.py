"""What the sender needs of a link, whatever it speaks: room, and parts of a message that send themselves.

Decides nothing. A link says what became of a part in the verdicts of SMPP's statuses, which other gateways share.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.smpp.pdu.status import Verdict
from gateway.sms.ports import Message


@dataclass(frozen=True, slots=True)
class Said:
    """What the other side said of a part. `message_id` is that by which its receipts name it, where it was taken;
    `reason` is for people, where it was not."""

    verdict: Verdict
    message_id: str = ""
    reason: str = ""


Part = Callable[[], Awaitable[Said]]
"""Sends one part of a message over a slot that was reserved, which is free again whatever comes. Raises `NotSentError`,
`UnansweredError`, and `ValueError` for what can never be sent."""


class LinkFacts(Protocol):
    """What is known of a link."""

    @property
    def smsc(self) -> str:
        """The account that it belongs to, whose waiting messages it takes."""
        ...

    @property
    def shown(self) -> str:
        """Its name in logs, of which there is one in a process."""
        ...

    @property
    def window(self) -> int:
        """How many parts may be without an answer."""
        ...

    @property
    def response_s(self) -> float:
        """How long an answer is waited for."""
        ...

    @property
    def stands_in_for(self) -> str:
        """The account whose messages it takes while that one is away; empty: none."""
        ...

    @property
    def stands_in_after_s(self) -> float:
        """How long that one must have been away."""
        ...


class LinkPort(Protocol):
    """A link as the sender uses it."""

    @property
    def settings(self) -> LinkFacts:
        """Where it leads."""
        ...

    @property
    def is_bound(self) -> bool:
        """Whether the other side is there for us."""
        ...

    @property
    def free_slots(self) -> int:
        """How many parts may begin now; 0 while nothing can be sent."""
        ...

    def reserve(self, wanted: int) -> int:
        """Keep so many slots, or fewer; how many."""
        ...

    def release(self, unused: int) -> None:
        """Give slots back."""
        ...

    def parts(self, message: Message, text: str, at: datetime) -> Sequence[Part]:
        """All parts of a message in their order. The same message has the same parts, so that those which were taken
        need not go again. Raises `ValueError` for a text that this link can never say."""
        ...
