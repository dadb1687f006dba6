"""Who calls the API: keys of the settings first, then those of the database, remembered for a moment.

Decides for how long a revoked key may still be believed. What a key may do is asked by `guard`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.http.access import ApiKeys, Caller
from gateway.settings import Scope
from gateway.store.api_keys import KeyTable, digest_of

REMEMBERED_S = 5.0
"""A revoked key is refused within this time, and a caller in a hurry asks the database twelve times a minute."""
REMEMBERED_MAX = 1024
"""Secrets, right and wrong; an operator has a handful of right ones."""
SECRET_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Client:
    """A caller whose key holds: its name, for the audit log and for idempotency, and what it may do."""

    name: str
    scopes: frozenset[Scope]

    @property
    def actor(self) -> str:
        """Its name in the audit log."""
        return f"api:{self.name}"


class KeyRing:
    """All keys of the API."""

    def __init__(self, configured: ApiKeys, stored: KeyTable, now_s: Callable[[], float] = time.monotonic) -> None:
        self._configured = configured
        self._stored = stored
        self._now_s = now_s
        self._remembered: dict[bytes, tuple[Client | None, float]] = {}

    async def client(self, caller: Caller) -> Client | None:
        """Whose key is in `X-API-Key`; None when it is nobody's. Raises what a track raises."""
        configured = self._configured.caller(caller)
        if configured is not None:
            return Client(configured.name, configured.scopes)
        secret = caller.headers.get("x-api-key", "")
        if not 0 < len(secret) <= SECRET_LENGTH_MAX:
            return None
        digest = digest_of(secret)
        known, until_s = self._remembered.get(digest, (None, 0.0))
        return known if self._now_s() < until_s else await self._looked_up(digest)

    async def close(self) -> None:
        """Close the connection to the database."""
        await self._stored.close()

    async def _looked_up(self, digest: bytes) -> Client | None:
        until_s = self._now_s() + REMEMBERED_S  # from before the look, so that no answer is believed for longer
        found = await self._stored.find(digest)
        client = None if found is None else Client(found.name, found.scopes)
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[digest] = client, until_s
        return client
