"""What a conversation needs of the session store: a hop is opened, then saved or given back.

A session is found by a keyed digest of dialect, the other side's session id and the number, so that one
subscriber's id never opens another's session. Where the other side's notices name no number, the digest without one
leads to the session that bore the id last. Beside it lies what can be picked up of the number's last
session, should that be dropped (decision 0022).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

from gateway.ids import SessionUid
from gateway.ussd.message import Doubt, Profile, UssdReply

SessionKey = NewType("SessionKey", str)
"""`<digest of the number>:<digest of the session>`."""


class HopStatus(StrEnum):
    """What the opening script found. `REPLAY`: the last hop, answered before. `LATE`: one before the last. `BUSY`:
    being answered by somebody else. `DONE`: the session is over. `NEW` and `LIVE`: ours to answer, under a lease."""

    REPLAY = "replay"
    LATE = "late"
    BUSY = "busy"
    DONE = "done"
    NEW = "new"
    LIVE = "live"


class Last(StrEnum):
    """What becomes of the number's last session as it could be picked up. `WRITE`: it is this one, from here. `DROP`:
    none. `KEEP`: as it was."""

    WRITE = "write"
    DROP = "drop"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Redial:
    """How a hop may pick a dropped session up: `code` is what both were dialled by; with `within_s` of 0 it may not,
    and a session that begins is only noted under its code."""

    code: str
    within_s: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """A session that was dropped: its uid, the name by which the store knows it, and what the conversation kept."""

    uid: SessionUid
    name: str
    state: bytes


@dataclass(frozen=True, slots=True)
class OpenedHop:
    """A hop as it was opened. `hop` and `reply` are of the last hop answered; `state` is what the conversation keeps;
    `thought_ms` is how long ago that answer was given; `dropped` is what a first hop may go on from."""

    status: HopStatus
    uid: SessionUid
    version: int
    hop: str
    state: bytes
    reply: UssdReply | None
    thought_ms: int = 0
    dropped: Dropped | None = None


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
        redial: Redial | None = None,
    ) -> OpenedHop:
        """Open a hop; `token` becomes the new session's uid where there is none that lives, and marks the lease.
        `doubt` is for hops that nothing tells from the one before; `redial` is there where sessions resume."""
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
        last: Last | None = None,
    ) -> UssdReply:
        """Store the answer unless somebody was first; the reply that stands. `last` is there where sessions resume."""
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

    async def close(self, key: SessionKey, *, for_good: bool = False) -> tuple[SessionUid, bytes] | None:
        """The other side ended the session; its uid and its last state, or None when it is not known. `for_good`: it
        shall not be picked up."""
        ...

    async def supersede(self, key: SessionKey, dropped: Dropped) -> bool:
        """The session of `key` goes on from a dropped one, which is over now. False when a hop of that one is being
        answered at this moment: nobody knows what comes of it, so nobody goes on from before it."""
        ...
