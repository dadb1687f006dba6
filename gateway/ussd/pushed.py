"""Sessions that we open: how their ids say so, for as long as they live and in whatever process."""

import re

from gateway.ids import SessionUid

_UID = re.compile(r"push([0-9]{1,18})\.[0-9a-f]+")


def uid_of(push_id: int, drawn: SessionUid) -> SessionUid:
    """The id of a session that a push opens; `drawn` makes it one of its own."""
    return SessionUid(f"push{push_id}.{drawn}")


def push_of(uid: SessionUid | None) -> int | None:
    """The push that opened a session; None for one that a subscriber opened, or none at all."""
    found = _UID.fullmatch(uid or "")
    return int(found[1]) if found else None
