"""What a screen did to points is learned: from the screen, or by SMS.

The message is written with the effect, and waits. Whoever goes on in the session has seen the screen; a session that
died has not shown it; and when nothing is heard for a while, the message goes out.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.actions.verb import Intent
from gateway.ids import MemberId, SessionUid
from gateway.loyalty.ports import Written
from gateway.outcome import Outcome

Known = TypeVar("Known")


class ResultsPort(Protocol):
    """The store of what may have to be told. Each call may raise `StoreUnavailableError` or `OverloadedError`."""

    @property
    def tells(self) -> bool:
        """Whether anything can be told by SMS at all."""
        ...

    async def commit(self, intent: Intent, reply: str, session: SessionUid, at: datetime) -> Written:
        """Write what a verb decided, and with it the message that tells its result as `reply` says it."""
        ...

    async def seen(self, session: SessionUid) -> None:
        """The session's screens were shown: what waits is not sent."""
        ...

    async def unseen(self, session: SessionUid) -> None:
        """The session died: what waits is sent now."""
        ...

    async def tell(self, member_id: MemberId, reply: str, outcome: Outcome, session: SessionUid, at: datetime) -> None:
        """Send now what the session's message says; where it has none, one that says this outcome. Once."""
        ...


class Finisher(Protocol):
    """Whoever sees an action through that takes longer than its hop may."""

    async def within(
        self, work: Callable[[], Awaitable[Known]], seconds: float, tell: Callable[[Known], Awaitable[None]] | None
    ) -> Known | None:
        """What the work comes to, if it does so within this time. Otherwise None: it goes on, is begun again where it
        fails for now, and `tell` hears what it came to; without `tell` it is given up."""
        ...


class Unhurried:
    """Implements `Finisher` for whoever has no deadline."""

    async def within(
        self, work: Callable[[], Awaitable[Known]], seconds: float, tell: Callable[[Known], Awaitable[None]] | None
    ) -> Known | None:
        """See `Finisher.within`."""
        return await work()


UNHURRIED = Unhurried()
