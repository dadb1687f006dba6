"""What a screen did to points is learned: from the screen, or by SMS.

The message is written with the effect, and waits. Whoever goes on in the session has seen the screen; a session that
died has not shown it; and when nothing is heard for a while, the message goes out.
"""

from datetime import datetime
from typing import Protocol

from gateway.actions.verb import Intent
from gateway.ids import SessionUid
from gateway.loyalty.ports import Written


class ResultsPort(Protocol):
    """The store of what may have to be told. Each call may raise `StoreUnavailableError` or `OverloadedError`."""

    async def commit(self, intent: Intent, reply: str, session: SessionUid, at: datetime) -> Written:
        """Write what a verb decided, and with it the message that tells its result as `reply` says it."""
        ...

    async def seen(self, session: SessionUid) -> None:
        """The session's screens were shown: what waits is not sent."""
        ...

    async def unseen(self, session: SessionUid) -> None:
        """The session died: what waits is sent now."""
        ...
