"""Runs the service on real or embedded stores: finds them, brings their schema up, opens the port."""

import asyncio
import gc
import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from gateway import app, embedded, packs
from gateway.app import Stores
from gateway.embedded import Servers
from gateway.embedded.freeze import Freezer
from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.pack import compile_pack
from gateway.reloading import Watch
from gateway.settings import Role, Settings
from gateway.store.migrate import migrate_blocking
from gateway.store.schema import Keys, agree

NUMBER_KEYS_FILE = "number.keys"
CODE_KEY_FILE = "code.key"
BACKLOG = 2048
GC_THRESHOLDS = (20_000, 20, 100)
"""A hop leaves no cycles of its own, so young objects are looked at less often than Python would."""
KEEP_ALIVE_S = 75
"""A USSD gateway keeps its connections; closing them between two hops would cost each a handshake."""
CONNECTIONS_MAX = 4096
"""Beyond this a caller is told 503 at once; queues behind it are bounded too."""
GRACE_S = 10
"""How long hops under way may take when we are asked to stop; longer than any answer deadline."""


def serve(settings: Settings, environment: Mapping[str, str], role: Role, *, demo: bool) -> None:
    """Serve until interrupted. Raises `ConfigurationError` for whatever a person must change first."""
    watch = Watch.begin(settings.pack, settings.pack_look_s)
    pack = compile_pack(packs.locate(settings.pack).read())
    with listener(settings.http_host, settings.http_port) as listening:
        logging.configure(sys.stderr.buffer)
        with stores_of(settings, role, demo=demo) as stores:
            application = app.create(settings, stores, pack, environment, role, watch)
            config = uvicorn.Config(
                application,
                loop="uvloop",
                http="httptools",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                log_config=None,
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=KEEP_ALIVE_S,
                limit_concurrency=CONNECTIONS_MAX,
            )
            _spare_the_collector()
            server = _Server(config, stores.alive)
            server.run(sockets=[listening])
        if server.stores_gone:
            raise ConfigurationError(
                f"the embedded servers in {settings.data_dir} are gone: whoever held them was stopped; start again"
            )


class _Server(uvicorn.Server):
    """Stops by itself when the embedded servers are gone for good: without them it could only apologise."""

    def __init__(self, config: uvicorn.Config, alive: Callable[[], bool]) -> None:
        super().__init__(config)
        self._alive = alive
        self.stores_gone = False

    async def on_tick(self, counter: int) -> bool:
        """uvicorn asks ten times a second whether to stop; we look once."""
        if counter % 10 == 0 and not self._alive():
            self.stores_gone = True
        return await super().on_tick(counter) or self.stores_gone


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
    with servers_of(settings, ours=ours) as held:
        database_url = _secret(settings.database_url) or _of(held).postgres_url
        redis_url = _secret(settings.redis_url) or _of(held).redis_url
        if settings.database_url is None:
            migrate_blocking(database_url, demo=demo, at=datetime.now(UTC))
        keys, codes = number_keys(settings), code_key(settings)
        try:
            asyncio.run(agree(database_url, Keys.parse(keys, codes), demo=demo))
        except StoreUnavailableError as error:
            logging.warning(LogEvent.TRACK_LOST, why=str(error))  # awaited: meanwhile we apologise and are not ready
        alive = (lambda: True) if held is None else held.alive
        freezer = Freezer(settings.data_dir) if demo and held is not None else None
        yield Stores(database_url, redis_url, keys, codes, demo, settings.embedded, freezer, alive)


@dataclass(frozen=True, slots=True)
class Held:
    """Embedded servers, by whomever they are held, and whether they still are."""

    servers: Servers
    alive: Callable[[], bool]


@contextmanager
def servers_of(settings: Settings, *, ours: bool = False) -> Iterator[Held | None]:
    """The embedded servers if any URL is missing, else None."""
    if not settings.embedded:
        yield None
        return
    others = None if ours else embedded.running(settings.data_dir)
    if others is not None:
        yield Held(others, lambda: embedded.running(settings.data_dir) == others)
        return
    with embedded.start(settings.data_dir, postgres_bin=settings.postgres_bin, valkey_bin=settings.valkey_bin) as own:
        yield Held(own.servers, own.alive)


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The database of a command: configured, or the embedded one of the data folder, started if nobody holds it."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with servers_of(settings) as held:
        yield _of(held).postgres_url


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


def code_key(settings: Settings) -> str:
    """The keys of gift codes, as configured; for an embedded database the data folder's own, made once."""
    if settings.code_key is not None:
        return settings.code_key.get_secret_value()
    if settings.database_url is not None:
        raise ConfigurationError(
            "GATEWAY_CODE_KEY is required with GATEWAY_DATABASE_URL: 1:<64 hexadecimal digits>, kept as long as a gift "
            "code of its time is alive; `openssl rand -hex 32` makes one"
        )
    return _own_keys(settings.data_dir / CODE_KEY_FILE)


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


def add_own_key(settings: Settings, is_of_numbers: bool, added: str) -> None:
    """Add a version to a secret of the data folder, `version:key`: all of the file is there at every instant."""
    path = settings.data_dir / (NUMBER_KEYS_FILE if is_of_numbers else CODE_KEY_FILE)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(f"{_own_keys(path)},{added}\n", encoding="ascii")
    draft.replace(path)


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _of(held: Held | None) -> Servers:
    assert held is not None, "servers are held whenever a URL is missing"
    return held.servers
