"""The hops that are sent: Africa's Talking's callbacks, whole requests in bytes."""

import itertools
from collections.abc import Iterator
from urllib.parse import quote

from tests.benchmarks.load import form_post

MEMBERS = 1_000
SESSIONS_PER_WALK = 256


def number(ordinal: int) -> str:
    """The ordinal-th member."""
    return f"+7921{ordinal % MEMBERS:07d}"


def dials(prefix: str, count: int) -> Iterator[bytes]:
    """So many openings, each a session of its own."""
    return (_hop(f"{prefix}{ordinal}", ordinal, "") for ordinal in range(count))


def walks(prefix: str, count: int) -> Iterator[bytes]:
    """Hops inside a menu that ask no store: help, then wrong keys on it. The first hop of each session opens it.

    A session's next hop comes after one of every other session, so no two of one are under way together.
    """
    histories = ["4"] + ["4" + "*7" * turns for turns in range(1, count // SESSIONS_PER_WALK + 1)]
    hops = itertools.product(histories, range(SESSIONS_PER_WALK))
    return (_hop(f"{prefix}{ordinal}", ordinal, text) for text, ordinal in itertools.islice(hops, count))


def _hop(session: str, member: int, text: str) -> bytes:
    who = f"sessionId={session}&phoneNumber={quote(number(member))}&networkCode=25020"
    return form_post("/ussd/africastalking", f"{who}&serviceCode=%2A123%23&text={quote(text)}")
