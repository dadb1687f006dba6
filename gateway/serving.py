"""Runs the service on real or embedded stores: finds them, brings their schema up, opens the port."""

import asyncio
import gc
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from gateway import app, embedded, packs
from gateway.app import Stores
from gateway.embedded import Servers
from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.pack import compile_pack
from gateway.settings import Role, Settings
from gateway.store.migrate import migrate_blocking
from gateway.store.schema import Schema, read_schema

NUMBER_KEYS_FILE = "number.keys"
BACKLOG = 2048
GC_THRESHOLDS = (20_000, 20, 100)
"""A hop leaves no cycles of its own, so young objects are looked at less often than Python would."""
GRACE_S = 10
"""How long hops under way may take when we are asked to stop; longer than any answer deadline."""


def serve(settings: Settings, environment: Mapping[str, str], role: Role, *, demo: bool) -> None:
    """Serve until interrupted. Raises `ConfigurationError` for whatever a person must change first."""
    pack = compile_pack(packs.locate(settings.pack).read())
    with listener(settings.http_host, settings.http_port) as listening:
        logging.configure(sys.stderr.buffer)
        with stores_of(settings, role, demo=demo) as stores:
            application = app.create(settings, stores, pack, environment)
            config = uvicorn.Config(
                application,
                loop="uvloop",
                http="httptools",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                log_config=None,
                timeout_graceful_shutdown=GRACE_S,
            )
            _spare_the_collector()
            uvicorn.Server(config).run(sockets=[listening])


def _spare_the_collector() -> None:
    """What was loaded to serve lives as long as the process: the collector need not look at it again and again.

    Measured with a full collection in the middle of a load: pauses of 100 ms, seen as the 99th percentile of a hop.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def listener(host: str, port: int) -> socket.socket:
    """The listening socket, opened before anything slow, so that a taken port is told at once."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"{host}:{port} cannot be opened ({error.strerror}): "
            "choose another with GATEWAY_HTTP_HOST and GATEWAY_HTTP_PORT"
        ) from None
    return listening


@contextmanager
def stores_of(settings: Settings, role: Role, *, demo: bool, ours: bool = False) -> Iterator[Stores]:
    """The stores by URL, or embedded ones for as long as the context lasts.

    Embedded servers that another process holds over the data folder are used, unless `ours` are asked for.
    """
    if settings.embedded and role is not Role.ALL:
        raise ConfigurationError("roles other than `all` need GATEWAY_DATABASE_URL and GATEWAY_REDIS_URL")
    with servers_of(settings, ours=ours) as servers:
        database_url = _secret(settings.database_url) or _of(servers).postgres_url
        redis_url = _secret(settings.redis_url) or _of(servers).redis_url
        if settings.database_url is None:
            migrate_blocking(database_url, demo=demo, at=datetime.now(UTC))
        try:
            _same_kind(asyncio.run(read_schema(database_url)), demo)
        except StoreUnavailableError as error:
            logging.warning(
                LogEvent.TRACK_LOST, why=str(error)
            )  # awaited: until then answers are polite and `ready` says so
        yield Stores(database_url, redis_url, number_keys(settings), demo, settings.embedded)


@contextmanager
def servers_of(settings: Settings, *, ours: bool = False) -> Iterator[Servers | None]:
    """The embedded servers if any URL is missing, else None."""
    if not settings.embedded:
        yield None
        return
    held = None if ours else embedded.running(settings.data_dir)
    if held is not None:
        yield held
        return
    with embedded.start(settings.data_dir, postgres_bin=settings.postgres_bin, valkey_bin=settings.valkey_bin) as own:
        yield own.servers


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The database of a command: configured, or the embedded one of the data folder, started if nobody holds it."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with servers_of(settings) as servers:
        yield _of(servers).postgres_url


def clock_offset_s(database_url: str) -> int:
    """How far the database's programme time runs ahead; 0 without a virtual clock."""
    return asyncio.run(read_schema(database_url)).clock_offset_s


def number_keys(settings: Settings) -> str:
    """The keys of numbers, as configured; for an embedded database the data folder's own, made once."""
    if settings.number_keys is not None:
        return settings.number_keys.get_secret_value()
    if settings.database_url is not None:
        raise ConfigurationError(
            "GATEWAY_NUMBER_KEYS is required with GATEWAY_DATABASE_URL: 1:<64 hexadecimal digits>, kept as long as the "
            "database; `openssl rand -hex 32` makes one"
        )
    return _own_keys(settings.data_dir / NUMBER_KEYS_FILE)


def _own_keys(path: Path) -> str:
    """A secret of the data folder. Two processes that start at once end with the same: the first file stays."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(f"1:{secrets.token_hex(32)}\n", encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _same_kind(schema: Schema, demo: bool) -> None:
    """A gateway and its database agree on whether programme time is virtual, or the gateway does not start."""
    if schema.demo and not demo:
        raise ConfigurationError("this database was made with --demo: serve it with --demo, or use another database")
    if demo and not schema.demo:
        raise ConfigurationError(
            "this database was not made with --demo, so it has no virtual clock: use another database"
        )


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _of(servers: Servers | None) -> Servers:
    if servers is None:
        raise ConfigurationError("no embedded servers are needed where both URLs are set")
    return servers
