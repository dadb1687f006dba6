"""A link of SMPP as those see it who send over it (`smpp.link.Link`)."""

from typing import Protocol

from gateway.smpp.pdu.messages import SubmitSm, SubmitSmResp
from gateway.smpp.settings import LinkSettings


class SubmitPort(Protocol):
    """Slots, and what goes over them."""

    @property
    def settings(self) -> LinkSettings:
        """Where it leads."""
        ...

    @property
    def is_bound(self) -> bool:
        """Whether messages can come and go."""
        ...

    @property
    def connections(self) -> int:
        """An ordinal of the connection that stands."""
        ...

    @property
    def free_slots(self) -> int:
        """How many submits may begin now; 0 while it is not bound."""
        ...

    def reserve(self, wanted: int) -> int:
        """Keep so many slots, or fewer; how many."""
        ...

    def release(self, unused: int) -> None:
        """Give slots back."""
        ...

    async def submit(self, pdu: SubmitSm) -> SubmitSmResp:
        """Send over a slot that was reserved. Raises `NotSentError` or `UnansweredError`."""
        ...
