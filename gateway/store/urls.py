"""PostgreSQL URLs as operators write them, for the two clients that read them."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from gateway.errors import ConfigurationError


def sqlalchemy_url(database_url: str) -> URL:
    """The same server for SQLAlchemy over asyncpg. Raises `ConfigurationError` without repeating the URL."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise ConfigurationError(
            "GATEWAY_DATABASE_URL is no URL: postgresql://user:password@host:5432/database"
        ) from None
    if url.drivername not in {"postgresql", "postgres"}:
        raise ConfigurationError("GATEWAY_DATABASE_URL begins with postgresql://")
    return url.set(drivername="postgresql+asyncpg")
