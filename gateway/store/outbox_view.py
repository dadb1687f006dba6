"""The outbox as staff sees it, and what staff may order: send again, or park. Numbers come out masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.store.numbers import NumberKeys
from gateway.store.outbox import MessageState
from gateway.store.statements import OUTBOX_LIST, OUTBOX_ORDER
from gateway.store.tracks import Target, Track

SENT_AGAIN_LIVES = timedelta(hours=1)
"""Whoever sends a message again by hand wants it now, and not tomorrow."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message. `says` is what it is made of; its text is kept nowhere."""

    message_id: int
    msisdn: str
    smsc: str
    short_number: str
    kind: str
    says: str
    state: str
    reason: str
    parts: int | None
    tries: int
    doubts: int
    at: datetime
    expires_at: datetime


async def listed(
    database_url: str, keys: NumberKeys, states: Sequence[MessageState], count: int, *, doubtful: bool
) -> list[MessageView]:
    """The newest in these states; with `doubtful` those that ever were in doubt. Raises what a track raises."""
    track = Track(Target(database_url, "gateway outbox"), lambda *_: None)
    try:
        rows = await track.fetch(OUTBOX_LIST, list(states), doubtful, count)
    finally:
        await track.close()
    return [
        MessageView(
            row["message_id"],
            keys.shown(row["number_cipher"], row["key_version"], row["number_digest"]),
            row["smsc"],
            row["short_number"],
            row["kind"],
            f"{row['reply']}:{row['outcome']}",
            row["state"],
            row["reason"],
            row["parts"],
            row["tries"],
            row["doubts"],
            row["at"],
            row["expires_at"],
        )
        for row in rows
    ]


async def order(database_url: str, message_ids: Sequence[int], state: MessageState, at: datetime) -> dict[int, bool]:
    """Bring messages to `QUEUED` or `PARKED`; for each, whether that could be done."""
    track = Track(Target(database_url, "gateway outbox"), lambda *_: None)
    try:
        done = [await track.fetch(OUTBOX_ORDER, one, state, at + SENT_AGAIN_LIVES) for one in message_ids]
    finally:
        await track.close()
    return {message_id: bool(rows) for message_id, rows in zip(message_ids, done, strict=True)}
