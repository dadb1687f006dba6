"""The API's keys that lie in the database: found by digest, made and ended by whoever is at the keyboard."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.batching import Coalescer, Fly, Limits
from gateway.settings import Scope
from gateway.store.ledger import Ledger
from gateway.store.statements import API_KEY_CREATED, API_KEY_REVOKED, API_KEYS_LIST, API_KEYS_SEEN
from gateway.store.tracks import Target, Track, TrackEvent


@dataclass(frozen=True, slots=True)
class StoredKey:
    """Whose key it is, and what it may do."""

    name: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key as it is listed. Its secret is nowhere."""

    name: str
    scopes: list[str]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None


class KeyTable:
    """The keys that are in force. Callers that come together are looked up together."""

    def __init__(self, target: Target, notice: TrackEvent) -> None:
        self._track = Track(target, notice)
        self.find = Coalescer("api_keys", [_line(self._track)], Limits())

    async def close(self) -> None:
        """Let what flies land, then close the connection."""
        await self.find.drain()
        await self._track.close()


def digest_of(secret: str) -> bytes:
    """By what a key is found. Secrets are drawn from 256 bits: a plain digest gives none away."""
    return hashlib.sha256(secret.encode()).digest()


async def create(ledger: Ledger, name: str, secret: str, scopes: Sequence[Scope], actor: str, at: datetime) -> bool:
    """Make a key; False when there is or was one of that name. Raises what the ledger raises, as all of these do."""
    row = await ledger.one(API_KEY_CREATED, name, digest_of(secret), [scope.value for scope in scopes], actor, at)
    return bool(row["done"])


async def revoke(ledger: Ledger, name: str, actor: str, at: datetime) -> bool:
    """End a key for ever; False when there is none, or it was ended before."""
    row = await ledger.one(API_KEY_REVOKED, name, actor, at)
    return bool(row["done"])


async def listed(ledger: Ledger) -> list[KeyView]:
    """All keys, also those that were ended."""
    return [KeyView(**dict(row)) for row in await ledger.looks((API_KEYS_LIST, ()))]


def _line(track: Track) -> Fly[bytes, StoredKey | None]:
    async def fly(digests: Sequence[bytes]) -> Sequence[tuple[int, StoredKey | Exception | None]]:
        found: dict[int, StoredKey | None] = dict.fromkeys(range(len(digests)))
        for row in await track.fetch(API_KEYS_SEEN, list(digests)):
            known = frozenset(Scope(scope) for scope in row["scopes"] if scope in set(Scope))
            found[row["ord"] - 1] = StoredKey(row["name"], known)
        return list(found.items())

    return fly
