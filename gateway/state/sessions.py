"""USSD sessions in Redis: one key a session, one script a step. Implements `ussd.sessions.SessionPort`.

Scripts travel whole with `EVAL`: replicas and cluster pipelines do not know them by digest, and the body is
short. Each may be sent twice: the lease knows its holder's token, and the save knows its version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.ids import SessionUid
from gateway.state.client import StateClient
from gateway.ussd.message import REPEAT_WITHIN_S, Doubt, HopIdentity, Profile, UssdReply
from gateway.ussd.sessions import Dropped, HopStatus, Last, OpenedHop, Redial, SessionKey

REPLAYS_MS: Mapping[Doubt, int] = {Doubt.NEVER: -1, Doubt.MOMENT: int(REPEAT_WITHIN_S * 1000), Doubt.SESSION: 0}
GARBAGE_AFTER_MS = 15 * 60 * 1000
"""Redis drops a session then. Whether it lives is decided by its own end, in programme time."""
EARLIER_BYTES_MAX = 1000
"""Ids of transactions say nothing of their order, so those of a session's earlier hops are kept: 27 of 36 characters,
or a hundred short ones. Later than that nobody repeats a hop."""

LAYOUT = 2
"""Of the stored array; a release that changes it counts on, so that none reads what it does not understand. The ids of
earlier hops, the last field, are there with transactions only."""

LUA = Path(__file__).parent / "lua"
OPEN, SAVE, RELEASE, CLOSE, PEEK = (
    (LUA / f"{name}.lua").read_bytes() for name in ("open", "save", "release", "close", "peek")
)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it lies in Redis. `ends_at` and `total_ends_at` are in programme time; `forgotten_in_s` says when
    Redis drops it. `hop` and `reply` are of the last hop that was answered, `state` is the menu engine's."""

    name: str
    uid: SessionUid
    version: int
    ends_at: datetime
    total_ends_at: datetime
    over: bool
    being_answered: bool
    hop: str
    reply: UssdReply | None
    state: bytes
    forgotten_in_s: float


class Sessions:
    """The sessions of every dialect."""

    def __init__(self, client: StateClient) -> None:
        self._client = client

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
        """See `SessionPort.open`."""
        identified = profile.hop_identity is not HopIdentity.NONE
        names = stored_names(key, resumes=redial is not None)
        code, within_s = (redial.code, redial.within_s) if redial else ("", 0)
        status, uid, version, last_hop, state, reply, thought_ms, *dropped = await self._client.run(
            "EVAL", OPEN, len(names), *names,
            hop, int(opening), _ms(at), profile.total_s * 1000, int(profile.answer_s * 1000),
            0 if identified else REPLAYS_MS[doubt], GARBAGE_AFTER_MS, profile.hop_identity.value, token,
            code, within_s * 1000,
        )  # fmt: skip
        return OpenedHop(
            HopStatus(status.decode()),
            SessionUid(uid.decode()),
            version,
            last_hop.decode(),
            state,
            _reply(reply) if reply else None,
            thought_ms,
            Dropped(SessionUid(dropped[0].decode()), dropped[1].decode(), dropped[2]) if dropped else None,
        )

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
        """See `SessionPort.save`."""
        names = stored_names(key, resumes=last is not None)
        earlier_max = EARLIER_BYTES_MAX if profile.hop_identity is HopIdentity.TRANSACTION else 0
        stands = await self._client.run(
            "EVAL", SAVE, len(names), *names,
            opened.uid, opened.version, hop, _bytes(reply), state, int(reply.ends),
            _ms(at), profile.idle_s * 1000, GARBAGE_AFTER_MS, earlier_max, last or "",
        )  # fmt: skip
        return _reply(stands)

    async def release(self, key: SessionKey, opened: OpenedHop) -> None:
        """See `SessionPort.release`."""
        await self._client.run("EVAL", RELEASE, 1, stored_name(key), opened.uid, opened.version, GARBAGE_AFTER_MS)

    async def lead(self, name: SessionKey, key: SessionKey) -> None:
        """See `SessionPort.lead`."""
        await self._client.run("SET", stored_name(name), key, "PX", GARBAGE_AFTER_MS)

    async def led(self, name: SessionKey) -> SessionKey | None:
        """See `SessionPort.led`."""
        found = await self._client.run("GET", stored_name(name))
        return SessionKey(found.decode()) if found else None

    async def lives(self, key: SessionKey, at: datetime) -> bool:
        """See `SessionPort.lives`."""
        stored = await self.peek(key)
        return stored is not None and not stored.over and at < stored.ends_at

    async def close(self, key: SessionKey, *, for_good: bool = False) -> tuple[SessionUid, bytes] | None:
        """See `SessionPort.close`."""
        names = stored_names(key, resumes=for_good)
        uid, state, _ = await self._client.run("EVAL", CLOSE, len(names), *names, GARBAGE_AFTER_MS)
        return (SessionUid(uid.decode()), state) if uid else None

    async def supersede(self, key: SessionKey, dropped: Dropped) -> bool:
        """See `SessionPort.supersede`."""
        if dropped.name == stored_name(key):  # its id came round: what lies there is the new session
            return True
        *_, being_answered = await self._client.run("EVAL", CLOSE, 1, dropped.name, GARBAGE_AFTER_MS)
        return not being_answered

    async def peek(self, key: SessionKey) -> StoredSession | None:
        """What lies there, for whoever looks; nothing is changed by it."""
        found = await self._client.run("EVAL", PEEK, 1, stored_name(key))
        if not found:
            return None
        uid, version, ends, total_ends, over, lease_until, hop, reply, state, ttl = found
        return StoredSession(
            stored_name(key),
            SessionUid(uid.decode()),
            version,
            _at(ends),
            _at(total_ends),
            bool(over),
            bool(lease_until),
            hop.decode(),
            _reply(reply) if reply else None,
            state,
            ttl / 1000,
        )


def stored_name(key: SessionKey) -> str:
    """The name in Redis; what stands in braces chooses a cluster's slot: all that is of one number lies together."""
    number, _, session = key.partition(":")
    return f"ussd:{LAYOUT}:{{{number}}}{session}"


def stored_names(key: SessionKey, *, resumes: bool) -> tuple[str, ...]:
    """The session's name and, where sessions resume, that of what can be picked up of its number."""
    name = stored_name(key)
    return (name, f"{name.partition('}')[0]}}}last") if resumes else (name,)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _bytes(reply: UssdReply) -> bytes:
    """One letter, then the text: `E` ends the session, `C` goes on."""
    return (b"E" if reply.ends else b"C") + reply.text.encode()


def _reply(stored: bytes) -> UssdReply:
    return UssdReply(stored[1:].decode(), stored[:1] == b"E")
