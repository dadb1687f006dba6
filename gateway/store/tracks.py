"""A track: one database connection with its prepared statements, which heals.

A bare asyncpg connection never comes back once it broke. A track connects again with jitter, prepares again,
and repeats once what was cut off in the middle: every statement sent over it is a read, or carries a key that
makes the second time find the first one's answer.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg

from gateway.errors import StoreUnavailableError
from gateway.store import functions, urls

STATEMENT_TIMEOUT_S = 3.0
"""Below every dialect's answer deadline, so that a slow store becomes a polite answer in time."""
LOCK_TIMEOUT_S = 2.0
REPLY_TIMEOUT_S = STATEMENT_TIMEOUT_S + 0.5
"""When a server that should have given up has not said so, it is gone."""
GOODBYE_TIMEOUT_S = 2.0
BACKOFF_FIRST_S = 0.02
BACKOFF_MAX_S = 0.25
"""While the store is away, each track knocks four times a second; once it is back, nobody apologises for longer."""
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Between the tries of a patient track: PostgreSQL is started again within them."""

BROKEN = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What says that this connection, not this statement, is at fault."""

STALE_KEY = asyncpg.ObjectNotInPrerequisiteStateError
"""What the database says to who would write under a version that is not in force, or retired."""

TOO_SLOW = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)

TrackEvent = Callable[[str, str], None]
"""Told `lost` or `ready`, and the reason."""

Fetch = Callable[..., Awaitable[Sequence[asyncpg.Record]]]
"""A statement and its arguments to its rows, over whatever connection."""


class CutOffError(StoreUnavailableError):
    """The connection broke under a statement. Whether it was carried out is not known."""


class KeyRotatedError(StoreUnavailableError):
    """Another version of a key was put in force at this moment. Ask which, and write again."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a track leads."""

    database_url: str
    application_name: str = "gateway"


class Track:
    """One connection; one statement at a time. Callers queue in front of it (see `batching`)."""

    def __init__(self, target: Target, notice: TrackEvent) -> None:
        self._target = target
        self._notice = notice
        self._connection: asyncpg.Connection[Any] | None = None
        self._prepared: dict[str, asyncpg.prepared_stmt.PreparedStatement[Any]] = {}
        self._backoff_s = 0.0
        self._not_before = 0.0

    async def fetch(self, statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """Run a statement that may be sent twice. Raises `StoreUnavailableError` when the store is away or slow.

        Errors of the statement itself are asyncpg's and leave the connection as it is.
        """
        try:
            return await self._fetch(statement, arguments)
        except CutOffError:
            return await self._fetch(statement, arguments)

    async def close(self) -> None:
        """Say goodbye to the server."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            self._prepared.clear()
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # a server that hangs hears nothing
                await connection.close(timeout=GOODBYE_TIMEOUT_S)

    async def _fetch(self, statement: str, arguments: Sequence[object]) -> Sequence[asyncpg.Record]:
        connection = self._connection or await self._connect()
        try:
            prepared = self._prepared.get(statement)
            if prepared is None:
                prepared = self._prepared[statement] = await connection.prepare(statement, timeout=REPLY_TIMEOUT_S)
            return await prepared.fetch(*arguments, timeout=REPLY_TIMEOUT_S)
        except TOO_SLOW as error:  # first: in asyncpg a lock that is not to be had is a kind of the next
            raise StoreUnavailableError("PostgreSQL took too long") from error
        except STALE_KEY as error:
            raise KeyRotatedError("a key was rotated at this moment: try again") from error
        except TimeoutError as error:  # an OSError too; not repeated, since the caller's patience is used up
            self._lose(error)
            raise StoreUnavailableError("PostgreSQL does not answer") from error
        except BROKEN as error:
            self._lose(error)
            raise CutOffError("PostgreSQL hung up") from error

    async def _connect(self) -> "asyncpg.Connection[Any]":
        """A new connection; refused at once, without knocking, while the last failure is fresh."""
        now = asyncio.get_running_loop().time()
        if now < self._not_before:
            raise StoreUnavailableError("PostgreSQL did not answer a moment ago")
        try:
            self._connection = await connect(self._target)
        except StoreUnavailableError:
            self._wait_longer(now)
            raise
        self._backoff_s = 0.0
        self._notice("ready", "")
        return self._connection

    def _wait_longer(self, now: float) -> None:
        """Full jitter, so that many tracks do not knock together."""
        self._backoff_s = min(max(2 * self._backoff_s, BACKOFF_FIRST_S), BACKOFF_MAX_S)
        self._not_before = now + random.uniform(0, self._backoff_s)  # noqa: S311 - spreads load, hides nothing

    def _lose(self, error: BaseException) -> None:
        if self._connection is not None:
            self._notice("lost", type(error).__name__)
            self._connection.terminate()
        self._connection = None
        self._prepared.clear()


class PatientTrack(Track):
    """A track for work that nobody watches on a screen: where the store is away or slow, it is asked again."""

    async def fetch(self, statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """See `Track.fetch`."""
        for pause_s in PAUSES_S:
            try:
                return await super().fetch(statement, *arguments)
            except KeyRotatedError:
                raise
            except StoreUnavailableError:
                await asyncio.sleep(pause_s)
        return await super().fetch(statement, *arguments)


async def connect(target: Target) -> "asyncpg.Connection[Any]":
    """A connection with our functions in its search path. Raises what `urls.connect` raises."""
    return await urls.connect(target.database_url, _server_settings(target.application_name), REPLY_TIMEOUT_S)


def _server_settings(application_name: str) -> dict[str, str]:
    return {
        "application_name": application_name,
        "search_path": functions.search_path(),
        "statement_timeout": f"{int(STATEMENT_TIMEOUT_S * 1000)}ms",
        "lock_timeout": f"{int(LOCK_TIMEOUT_S * 1000)}ms",
        "timezone": "UTC",
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",  # a plan may be older than the rows: decision 0016
    }
