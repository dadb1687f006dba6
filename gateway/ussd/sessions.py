"""What a conversation needs of the session store: a hop is opened, then saved or given back.

A session is found by a keyed digest of dialect, the other side's session id and the number, so that one
subscriber's id never opens another's session. Where the other side's notices name no number, the digest without one
leads to the session that bore the id last.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

from gateway.ids import SessionUid
from gateway.ussd.message import Doubt, Profile, UssdReply

SessionKey = NewType("SessionKey", str)


class HopStatus(StrEnum):
    """What the opening script found. `REPLAY`: the last hop, answered before. `LATE`: one before the last. `BUSY`:
    being answered by somebody else. `DONE`: the session is over. `NEW` and `LIVE`: ours to answer, under a lease."""

    REPLAY = "replay"
    LATE = "late"
    BUSY = "busy"
    DONE = "done"
    NEW = "new"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class OpenedHop:
    """A hop as it was opened. `hop` and `reply` are of the last hop answered; `state` is what the menu engine keeps."""

    status: HopStatus
    uid: SessionUid
    version: int
    hop: str
    state: bytes
    reply: UssdReply | None


class SessionPort(Protocol):
    """The session store. Each call is one round trip and may raise `StateUnavailableError`."""

    async def open(
        self,
        key: SessionKey,
        hop: str,
        profile: Profile,
        at: datetime,
        token: SessionUid,
        *,
        opening: bool,
        doubt: Doubt = Doubt.MOMENT,
    ) -> OpenedHop:
        """Open a hop; `token` becomes the new session's uid where there is none that lives, and marks the lease.
        `doubt` is for hops that nothing tells from the one before."""
        ...

    async def save(
        self,
        key: SessionKey,
        opened: OpenedHop,
        hop: str,
        profile: Profile,
        at: datetime,
        reply: UssdReply,
        state: bytes,
    ) -> UssdReply:
        """Store the answer unless somebody was first; the reply that stands."""
        ...

    async def release(self, key: SessionKey, opened: OpenedHop) -> None:
        """Give the hop back unanswered."""
        ...

    async def lead(self, name: SessionKey, key: SessionKey) -> None:
        """Let another name lead to a session, for as long as any session is kept."""
        ...

    async def led(self, name: SessionKey) -> SessionKey | None:
        """The session that a name leads to."""
        ...

    async def lives(self, key: SessionKey, at: datetime) -> bool:
        """Whether the session is there and goes on."""
        ...

    async def close(self, key: SessionKey) -> tuple[SessionUid, bytes] | None:
        """The other side ended the session; its uid and its last state, or None when it is not known."""
        ...
