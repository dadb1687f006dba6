"""What a conversation keeps of a session between hops: where it stands in the menu, and whether it goes on from
another.

Decides its form on disk. Most sessions go on from none: then it is the menu's state and nothing else, which is also how
a release before this wrote it.
"""

from dataclasses import dataclass

import orjson

from gateway.ids import SessionUid
from gateway.menu.state import State

_MARK = b"R"
"""Before the state of a session that goes on from another; a state alone begins with a bracket."""


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a session stands. `tells_of`: the session whose result its screen tells, where that is another one.
    `asks`: its subscriber is being asked whether to go on from there."""

    state: State
    tells_of: SessionUid | None = None
    asks: bool = False

    def to_bytes(self) -> bytes:
        """For a store."""
        if self.tells_of is None and not self.asks:
            return self.state.to_bytes()
        return _MARK + orjson.dumps([self.tells_of, self.asks]) + b"\n" + self.state.to_bytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Stood":
        """What `to_bytes` stored. Raises `ValueError` for anything else."""
        if not stored.startswith(_MARK):
            return cls(State.from_bytes(stored))
        head, _, state = stored[1:].partition(b"\n")
        tells_of, asks = orjson.loads(head)
        return cls(State.from_bytes(state), None if tells_of is None else SessionUid(tells_of), asks)
