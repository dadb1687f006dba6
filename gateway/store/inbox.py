"""Texts of subscribers as the store keeps them: taken once, with effect and answer (decision 0009)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from cryptography.exceptions import InvalidTag

from gateway.batching import Coalescer, Fly, Limits
from gateway.ids import IdempotencyKey, MemberId
from gateway.loyalty.ports import MOVED
from gateway.loyalty.writes import Write
from gateway.msisdn import Msisdn
from gateway.sms.ports import Answer, Incomplete, Message, Mo, PartOf, Reply, Taken, Taking
from gateway.store.items import Item, Sender
from gateway.store.items import message as message_of_kind
from gateway.store.ledger import Ledger
from gateway.store.statements import TEXTS_ANSWERED, TEXTS_INCOMPLETE
from gateway.store.tracks import Target, Track, TrackEvent

NOT_NOW_SAME_S = 72 * 3600
"""A text that was refused for now, though it had been taken, is the same for as long as SMSCs try again."""
UNKNOWN_SAME_S = 600
"""One whose answer is not known, because we died: an SMSC that did not get it sends again within minutes."""
PART_SAME_S = 600
"""A part of a long text that was answered: its copy, since no phone sends 256 long texts in that time."""
NAMED_SAME_S = 72 * 3600
"""A text that its gateway has given an id, whatever the gateway was answered: an id does not come round, and no gateway
tries for longer."""
PARTS_STALE_S = 3600
"""Parts further apart belong to different texts: a phone counts its references round in 256 texts."""
INCOMPLETE_MAX = 100  # of one look; the next look finds the rest


@dataclass(frozen=True, slots=True)
class Answered:
    """How the SMSC was answered about one attempt of ours to take a text."""

    msisdn: Msisdn
    identity: bytes
    key: IdempotencyKey
    answer: Answer


class Inbox:
    """Implements `sms.ports.InboxPort` over the ledger's batches, and tracks for what is noted and looked for later."""

    def __init__(self, ledger: Ledger, target: Target, notice: TrackEvent, pack_digest: str) -> None:
        self._ledger = ledger
        self._keys = ledger.keys
        self._pack_digest = pack_digest
        self._track, self._looks = Track(target, notice), Track(target, notice)
        self.answered = Coalescer("answered", [self._answered_line()], Limits())

    def adopt(self, pack_digest: str) -> None:
        """Texts are answered in the words of another version from now on."""
        self._pack_digest = pack_digest

    async def close(self) -> None:
        """Let what flies land, then close the connections."""
        await self.answered.drain()
        await self._track.close()
        await self._looks.close()

    async def take(self, taking: Taking, at: datetime) -> Taken | None:
        """See `InboxPort.take`."""
        mo, kind = taking.mo, taking.kind
        expires_at = at + kind.lives
        pack_version_id = await self._ledger.open(at)
        message = message_of_kind(kind.name, at, pack_version_id)
        if taking.reservation is not None:
            message |= {
                "owner": taking.reservation.owner,
                "lease_until": taking.reservation.lease_until.isoformat(),
            }
        effect = None if taking.write is None else self._effect(taking.write, mo, at, pack_version_id)
        item = self._about(taking.member_id, mo, taking.key, at) | {
            "primitive": "take_text",
            "effect": effect,
            "replies": {result.value: _reply(reply) for result, reply in taking.replies.items()},
            "limits": taking.limits,
            "message": message,
        }
        if effect is not None and "shared" in effect:
            item["shared"] = effect["shared"]
        if taking.parked:
            item |= self._sealed(mo.content, mo.identity)
        outcome = await self._ledger.carry_out(item)
        if outcome["result"] not in {"taken", "same"}:
            return None
        return self._taken(outcome, taking, expires_at)

    async def keep_part(
        self, member_id: MemberId, mo: Mo, part: PartOf, key: IdempotencyKey, at: datetime
    ) -> Sequence[bytes] | Taken | None:
        """See `InboxPort.keep_part`."""
        outcome = await self._ledger.carry_out(
            self._about(member_id, mo, key, at)
            | {"primitive": "keep_part", "part": part.number, "total": part.total}
            | {"ok_s": PART_SAME_S, "stale_s": PARTS_STALE_S}
            | self._sealed(mo.content, mo.identity)
        )
        match outcome["result"]:
            case "kept":
                return None
            case "whole":
                return [self._keys.unseal(bytes.fromhex(c), version, mo.identity) for c, version in outcome["parts"]]
            case _:
                return Taken(outcome["said"], outcome["key"], same=True)

    async def incomplete(self, at: datetime) -> Sequence[Incomplete]:
        """Long texts whose missing parts have not come for an hour; taking one ends it."""
        rows = await self._looks.fetch(TEXTS_INCOMPLETE, at - timedelta(seconds=PARTS_STALE_S), INCOMPLETE_MAX)
        found = []
        for row in rows:
            with suppress(InvalidTag, KeyError):  # no key of ours opens it: left for whoever has the key
                found.append(self._incomplete(row))
        return found

    def _incomplete(self, row: asyncpg.Record) -> Incomplete:
        identity = row["identity"]
        sealed = zip(row["contents"], row["content_key_versions"], strict=True)
        contents = tuple(self._keys.unseal(content, version, identity) for content, version in sealed)
        msisdn = self._keys.decrypt(row["number_cipher"], row["key_version"], row["number_digest"])
        mo = Mo(row["smsc"], msisdn, row["short_number"], identity, b"")
        return Incomplete(MemberId(row["member_id"]), mo, contents)

    def _answered_line(self) -> Fly[Answered, None]:
        async def fly(notes: Sequence[Answered]) -> Sequence[tuple[int, Exception | None]]:
            asked = [(digest, note) for note in notes for digest in self._keys.digests(note.msisdn)]
            await self._track.fetch(
                TEXTS_ANSWERED,
                [digest for digest, _ in asked],
                [note.identity for _, note in asked],
                [note.key for _, note in asked],
                [note.answer for _, note in asked],
            )
            return [(ordinal, None) for ordinal in range(len(notes))]

        return fly

    def _effect(self, write: Write, mo: Mo, at: datetime, pack_version_id: int) -> Item:
        """What it tells by itself goes from the number that was texted to, over the link that the text came by."""
        return self._ledger.items.of(write, at, pack_version_id, Sender(mo.smsc, mo.short_number))

    def _about(self, member_id: MemberId, mo: Mo, key: IdempotencyKey, at: datetime) -> dict[str, Any]:
        return {
            "member_id": member_id,
            "key": key,
            "identity": mo.identity.hex(),
            "smsc": mo.smsc,
            "short_number": mo.short_number,
            "at": at.isoformat(),
            "not_now_s": NOT_NOW_SAME_S,
            "unknown_s": NAMED_SAME_S if mo.is_named else UNKNOWN_SAME_S,
            "ok_s": NAMED_SAME_S if mo.is_named else 0,
        }

    def _sealed(self, content: bytes, identity: bytes) -> dict[str, Any]:
        return {
            "content_cipher": self._keys.seal(content, identity).hex(),
            "content_key_version": self._keys.current,
        }

    def _taken(self, outcome: Mapping[str, Any], taking: Taking, expires_at: datetime) -> Taken:
        """Our own attempt, asked twice over a connection that broke, is answered as the first time."""
        said = outcome["said"]
        if outcome["result"] == "same" and outcome["key"] != taking.key:
            return Taken(said, outcome["key"], same=True)
        reply = next((reply for reply in taking.replies.values() if reply is not None and _said(reply) == said), None)
        if outcome["state"] != "sending" or taking.reservation is None or reply is None:
            told = outcome.get("effect") in MOVED  # the effect may have sent a message of its own
            return Taken(said, taking.key, waits=told or outcome["state"] == "queued")
        if facts := outcome.get("facts"):
            reply = replace(reply, facts=facts)  # with what only the effect knew
        message = Message(
            outcome["message_id"],
            taking.mo.msisdn,
            taking.mo.short_number,
            taking.kind,
            reply,
            self._pack_digest,
            expires_at,
            taking.reservation.owner,
        )
        return Taken(said, taking.key, message=message)


def _said(reply: Reply) -> str:
    return f"{reply.reply}:{reply.outcome}"


def _reply(reply: Reply | None) -> Mapping[str, Any] | None:
    if reply is None:
        return None
    return {
        "said": _said(reply),
        "reply": reply.reply,
        "outcome": reply.outcome,
        "facts": dict(reply.facts),
        "language": reply.language,
    }
