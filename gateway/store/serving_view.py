"""Which process serves which version of the pack, since when, and why its files are not it. Machine time throughout."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.store.ledger import Ledger
from gateway.store.statements import PACK_SERVING_TOLD, PACK_VERSIONS_LIST, PACKS_SERVING
from gateway.store.tracks import Fetch

HEARD_OF = timedelta(minutes=2)
"""A process says what it serves every half minute; who has been silent for longer is away, or gone."""
FORGOTTEN_AFTER = timedelta(days=1)
WHY_LENGTH_MAX = 2000


@dataclass(frozen=True, slots=True)
class ProcessServing:
    """What one process serves. `standing` is of its files: `served`, `faulty` or `waits` for its next start."""

    process: str
    digest: str
    since: datetime
    standing: str
    why: str
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the pack that was ever served; `first_used_at` is programme time."""

    digest: str
    first_used_at: datetime
    files: int


def process_name() -> str:
    """By which an operator finds this process again."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def tell(ledger: Ledger, digest: str, since: datetime, standing: str, why: str) -> None:
    """Note what this process serves. Raises what the store raises."""
    now = datetime.now(UTC)
    said = (process_name(), digest, since, standing, why[:WHY_LENGTH_MAX])
    await ledger.one(PACK_SERVING_TOLD, *said, now, now - FORGOTTEN_AFTER)


async def serving(fetch: Fetch) -> Sequence[ProcessServing]:
    """What the processes that were heard of lately serve."""
    return [ProcessServing(**dict(row)) for row in await fetch(PACKS_SERVING, datetime.now(UTC) - HEARD_OF)]


async def versions(fetch: Fetch, count: int) -> Sequence[Version]:
    """The versions that were ever served, newest first."""
    return [Version(**dict(row)) for row in await fetch(PACK_VERSIONS_LIST, count)]
