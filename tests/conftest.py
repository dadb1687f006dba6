"""What every test may use: real servers once per worker, a database of one's own per test, the run's profile.

`LONG=1` (`make test-long`) widens every property and crash profile.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import hypothesis
import pytest

from gateway import embedded, packs
from gateway.embedded import Servers
from gateway.pack import Pack, compile_pack
from gateway.store.ledger import Ledger, PackVersion, TrackCounts
from gateway.store.migrate import migrate_blocking
from gateway.store.numbers import NumberKeys
from gateway.store.tracks import Target

LONG = os.environ.get("LONG") == "1"
NUMBER_KEYS = "1:" + "5a" * 32
TEMPLATE = "template_demo"

hypothesis.settings.register_profile("short", max_examples=60, deadline=None, print_blob=True)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None, print_blob=True)
hypothesis.settings.load_profile("long" if LONG else "short")

_ordinals = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A real PostgreSQL and a real Valkey, for this worker."""
    with embedded.start(tmp_path_factory.mktemp("servers") / "data") as running:
        yield running.servers


@pytest.fixture(scope="session")
def template(servers: Servers) -> Servers:
    """The servers, with a migrated demo database to copy."""
    asyncio.run(_admin(servers, f"create database {TEMPLATE}"))
    migrate_blocking(_url(servers, TEMPLATE), demo=True, at=datetime.now(UTC))
    return servers


@pytest.fixture
def database_url(template: Servers) -> Iterator[str]:
    """A fresh demo database of the current schema, dropped afterwards."""
    name = f"test_{os.getpid()}_{next(_ordinals)}"
    asyncio.run(_admin(template, f"create database {name} template {TEMPLATE}"))
    yield _url(template, name)
    asyncio.run(_admin(template, f"drop database {name} with (force)"))


@pytest.fixture
def redis_url(servers: Servers) -> str:
    """The worker's Valkey. Sessions are told apart by their ids, so it is not emptied between tests."""
    return servers.redis_url


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The reference programme, as it ships."""
    return compile_pack(packs.locate("bolshe").read())


@pytest.fixture
async def ledger(database_url: str, pack: Pack) -> AsyncIterator[Ledger]:
    """The real ledger over a database of one's own."""
    opened = open_ledger(database_url, pack)
    yield opened
    await opened.close()


def open_ledger(database_url: str, pack: Pack, notice: Callable[[str, str], None] = lambda *_: None) -> Ledger:
    """A ledger with test keys; the caller closes it."""
    version = PackVersion(pack.menu.digest, pack.files)
    return Ledger(Target(database_url), NumberKeys.parse(NUMBER_KEYS), version, TrackCounts(), notice)


def _url(servers: Servers, database: str) -> str:
    head, _, query = servers.postgres_url.partition("?")
    return head.rpartition("/")[0] + f"/{database}?{query}"


async def _admin(servers: Servers, statement: str) -> None:
    connection = await asyncpg.connect(servers.postgres_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


REPOSITORY = Path(__file__).parents[1]
