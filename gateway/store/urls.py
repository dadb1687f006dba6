"""PostgreSQL URLs as operators write them, and connections to what they name.

Decides what a URL may say: what libpq documents and asyncpg knows (`sslmode`, several hosts, a socket's folder), and
settings of the server, such as `application_name`. What libpq alone can do something with is left out. Refuses to
repeat a URL in an error: it holds a password.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from gateway.errors import ConfigurationError, StoreUnavailableError

CONNECT_TIMEOUT_S = 2.0
"""For all hosts of a URL together; a subscriber waits for the answer."""
PORT_MAX = 65_535
SCHEMES = frozenset({"postgresql", "postgres"})
LIBPQ_ONLY = frozenset({
    "connect_timeout", "fallback_application_name", "gssencmode", "keepalives", "keepalives_count", "keepalives_idle",
    "keepalives_interval", "load_balance_hosts", "sslcompression", "tcp_user_timeout",
})  # fmt: skip
"""Parameters that the server would refuse to know. The rest goes to it: what it does not know either, it names."""
FORM = "postgresql://user:password@host:5432/database"


def checked(database_url: str) -> str:
    """The URL as asyncpg takes it. Raises `ConfigurationError`."""
    try:
        parts = urlsplit(database_url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise ConfigurationError(f"GATEWAY_DATABASE_URL is no URL: {FORM}") from None
    if parts.scheme not in SCHEMES:
        raise ConfigurationError(f"GATEWAY_DATABASE_URL begins with postgresql://, as in {FORM}")
    if parts.netloc.count("@") > 1 or not all(map(_port_is_right, parts.netloc.rpartition("@")[2].split(","))):
        raise ConfigurationError(
            "GATEWAY_DATABASE_URL: a port is a number from 1 to 65535, and in a password the signs : / ? # @ are "
            f"written %3A %2F %3F %23 %40: {FORM}"
        )
    kept = [(name, value) for name, value in query if name not in LIBPQ_ONLY]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _port_is_right(host: str) -> bool:
    """Of one host of the list, `[::1]:5432` among them."""
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    return not colon or (port.isascii() and port.isdigit() and 0 < int(port) <= PORT_MAX)


async def connect(
    database_url: str, server_settings: Mapping[str, str], command_timeout_s: float | None = None
) -> "asyncpg.Connection[Any]":
    """A connection to the server of a URL that takes writes. `server_settings` come before those of the URL.

    Raises `ConfigurationError` for a URL that says something impossible, and `StoreUnavailableError` for the rest: no
    server, none with room, a role or a database that is not.
    """
    try:
        return await asyncpg.connect(
            checked(database_url),
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=command_timeout_s,
            statement_cache_size=0,
            target_session_attrs=SessionAttribute.read_write,
            server_settings=dict(server_settings),
        )
    except KeyError:  # a uid without a name, as in most images: asyncpg asks the system who we are
        raise ConfigurationError(
            f"GATEWAY_DATABASE_URL names no user, and this system has no name for us: {FORM}"
        ) from None
    except (asyncpg.UndefinedObjectError, asyncpg.ClientConfigurationError) as error:
        raise ConfigurationError(f"GATEWAY_DATABASE_URL: {error}: correct that parameter or take it out") from None
    except asyncpg.PostgresError as error:
        raise StoreUnavailableError(f"PostgreSQL refuses a connection: {error}") from error
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise StoreUnavailableError(f"PostgreSQL does not answer: {str(error) or type(error).__name__}") from error


def engine(connector: Callable[[], Awaitable["asyncpg.Connection[Any]"]]) -> AsyncEngine:
    """SQLAlchemy over connections that are ours: it never reads the URL, whose parameters it would not understand."""
    return create_async_engine("postgresql+asyncpg://", async_creator=connector, poolclass=NullPool)
