"""Messages to subscribers as the store keeps them, from the reply that was decided to the receipt that ended it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import asyncpg
import orjson
from cryptography.exceptions import InvalidTag

from gateway.batching import Coalescer, Fly, Limits
from gateway.msisdn import Msisdn
from gateway.sms.kinds import KINDS, Lane, WhenInDoubt
from gateway.sms.ports import Message, Reply
from gateway.store.numbers import NumberKeys
from gateway.store.statements import (
    OUTBOX_CLAIM,
    OUTBOX_COUNTS,
    OUTBOX_SETTLE,
    OUTBOX_TIDY,
    RECEIPTS_TAKE,
)
from gateway.store.tracks import Target, Track, TrackEvent

REASON_LENGTH_MAX = 200
SEALED = "sealed"
"""Among the facts of a message: those that are secret, each with its cipher, the key's version, what it is bound to."""


class MessageState(StrEnum):
    """Where a message stands. From `sending` on, something of it may be on a phone; what is `withdrawn` was said by a
    screen."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    PARKED = "parked"
    IN_DOUBT = "in_doubt"
    WITHDRAWN = "withdrawn"


UNSETTLED = (MessageState.QUEUED, MessageState.SENDING, MessageState.IN_DOUBT, MessageState.PARKED)
"""Not over, or a person must look at them."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a message on the wire. `taken` are the parts that the SMSC took now, with its ids; `parts` how
    many there are. `rest_until` (machine time): before it one that waits is not sent; one that goes on is leased."""

    message_id: int
    owner: str
    smsc: str
    state: MessageState
    taken: tuple[tuple[int, str], ...] = ()
    parts: int | None = None
    reason: str = ""
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class After:
    """What is so once a message is settled. `more`: another waits for the same number; `ours`: we may go on with it."""

    more: bool
    ours: bool


@dataclass(frozen=True, slots=True)
class ReceiptSeen:
    """A receipt. `ids` are the ways in which the SMSC may have written the message's id: pairs of form and id."""

    smsc: str
    msisdn: Msisdn
    ids: tuple[tuple[str, str], ...]
    state: str
    final: bool
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """What to take: so many of each lane that wait for one SMSC, to be sent by another where it stands in for it, under
    an owner that no other claim has."""

    smsc: str
    by: str
    counts: Mapping[Lane, int]
    owner: str
    lease_until: datetime
    at: datetime


class Outbox:
    """The outbox of all gateways; each call is one statement, and those that come together leave together."""

    def __init__(self, target: Target, keys: NumberKeys, notice: TrackEvent) -> None:
        self._keys = keys
        self._claims, settles, receipts, self._looks = (Track(target, notice) for _ in range(4))
        self._tracks = (self._claims, settles, receipts, self._looks)
        self.settle = Coalescer("settles", [_settles_line(settles)], Limits())
        self.receipt = Coalescer("receipts", [self._receipts_line(receipts)], Limits())

    async def close(self) -> None:
        """Let what flies land, then close the connections."""
        await self.settle.drain()
        await self.receipt.drain()
        for track in self._tracks:
            await track.close()

    async def claim(self, claim: Claim) -> Sequence[Message]:
        """Take what may be sent next. One claim at a time."""
        rows = await self._claims.fetch(
            OUTBOX_CLAIM,
            claim.smsc,
            claim.by,
            list(claim.counts),
            list(claim.counts.values()),
            list(KINDS),
            claim.owner,
            claim.lease_until,
            datetime.now(UTC),
            claim.at,
        )
        messages = []
        for row in rows:
            try:
                messages.append(self._message(row, claim.owner))
            except (InvalidTag, KeyError) as error:  # a number that no key of ours opens: nobody waits for this one
                reason = f"cannot be read: {type(error).__name__}"
                parked = Settled(row["message_id"], claim.owner, claim.by, MessageState.PARKED, reason=reason)
                await self.settle(parked)
        return messages

    async def tidy(self, at: datetime, rests: Mapping[WhenInDoubt, timedelta]) -> tuple[int, int]:
        """Give up what is too old, call in doubt what was left alone; how many of each. What is in doubt is sent again
        after its rest at the earliest. Receipts that came early find their messages. Not beside a claim."""
        now = datetime.now(UTC)
        again_at, receipt_until = now + rests[WhenInDoubt.RESEND], now + rests[WhenInDoubt.AWAIT_RECEIPT]
        [row] = await self._claims.fetch(OUTBOX_TIDY, now, at, again_at, receipt_until)
        return row["expired"], row["in_doubt"]

    async def counts(self) -> Mapping[tuple[str, str], int]:
        """How many are not over, by state and lane. One look at a time."""
        rows = await self._looks.fetch(OUTBOX_COUNTS)
        return {(row["state"], row["lane"]): row["count"] for row in rows}

    def _message(self, row: asyncpg.Record, owner: str) -> Message:
        return Message(
            row["message_id"],
            self._keys.decrypt(row["number_cipher"], row["key_version"], row["number_digest"]),
            row["short_number"],
            KINDS[row["kind"]],
            Reply(row["reply"], row["outcome"], self._opened(orjson.loads(row["facts"])), row["language"]),
            row["pack_digest"],
            row["expires_at"],
            owner,
            row["tries"],
            row["doubts"],
            frozenset(row["parts_taken"]),
        )

    def _opened(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Facts with their secrets (a voucher, a hand-over code), which lie in the store sealed."""
        sealed = facts.pop(SEALED, {})
        return facts | {
            name: self._keys.unseal(bytes.fromhex(cipher), version, bytes.fromhex(bound_to)).decode()
            for name, (cipher, version, bound_to) in sealed.items()
        }

    def _receipts_line(self, track: Track) -> Fly[ReceiptSeen, str]:
        async def fly(receipts: Sequence[ReceiptSeen]) -> Sequence[tuple[int, str | Exception]]:
            rows = await track.fetch(RECEIPTS_TAKE, orjson.dumps([self._receipt(one) for one in receipts]).decode())
            return [(row["ord"], row["how"]) for row in rows]

        return fly

    def _receipt(self, seen: ReceiptSeen) -> dict[str, Any]:
        return {
            "smsc": seen.smsc,
            "number_digests": [digest.hex() for digest in self._keys.digests(seen.msisdn)],
            "ids": seen.ids,
            "state": seen.state,
            "final": seen.final,
            "error": seen.error,
            "at": seen.at.isoformat(),
        }


def _settles_line(track: Track) -> Fly[Settled, After]:
    async def fly(settled: Sequence[Settled]) -> Sequence[tuple[int, After | Exception]]:
        rows = await track.fetch(OUTBOX_SETTLE, orjson.dumps([_settled(one) for one in settled]).decode())
        return [(row["ord"], After(row["more"], row["ours"])) for row in rows]

    return fly


def _settled(one: Settled) -> dict[str, Any]:
    return {
        "message_id": one.message_id,
        "owner": one.owner,
        "smsc": one.smsc,
        "state": one.state,
        "taken": one.taken,
        "parts": one.parts,
        "reason": one.reason[:REASON_LENGTH_MAX],
        "rest_until": None if one.rest_until is None else one.rest_until.isoformat(),
    }
