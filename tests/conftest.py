"""What every test may use: real servers once per worker, a database of one's own per test, the run's profile.

Everything that is logged during a run, by tests and by the processes that they start, goes to one folder; at the
end the run fails if any line of it names a number or a key, or has words of a message: those are in Russian, and logs
are not.

`LONG=1` (`make test-long`) widens every property and crash profile.
"""

import asyncio
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import hypothesis
import pytest

from gateway import embedded, packs
from gateway.embedded import Servers
from gateway.observability import logging
from gateway.pack import Pack, compile_pack
from gateway.store.items import Sender
from gateway.store.ledger import Identity, Ledger, PackVersion, TrackCounts
from gateway.store.migrate import migrate_blocking
from gateway.store.schema import Keys
from gateway.store.tracks import Target
from tests.browser import chromium
from tests.interop import peers

LONG = os.environ.get("LONG") == "1"
NUMBER_KEYS = "1:" + "5a" * 32
CODE_KEY = "1:" + "c0" * 32
SENDER = Sender("main", "9373")
TEMPLATE = "template_demo"
TRACKS = TrackCounts(read=2, write=2, slow=4, single=2)

hypothesis.settings.register_profile("short", max_examples=60, deadline=None, print_blob=True)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None, print_blob=True)
hypothesis.settings.load_profile("long" if LONG else "short")

_ordinals = itertools.count(1)

# Before anything imports them, from whichever folder: a module that is already imported keeps its bare asserts.
pytest.register_assert_rewrite(
    "tests.crash.load",
    "tests.crash.books",
    "tests.crash.texts",
    "tests.live",
    "tests.integration.store.traffic",
    "tests.integration.store.rotating",
)

LOGS = "TEST_LOGS"
LEAKS = {
    "a number": re.compile(r"(?<![\w.+])(?:\+\d{10,15}|(?:7|8|)9\d{9})(?!\w)"),
    "a text": re.compile(r"[А-Яа-яЁё]{3}|You have \d|Text Balance|Text Stop"),
    "a key": re.compile(rf"(?<!\w)[0-9a-f]{{64}}(?!\w)|{NUMBER_KEYS}|hunter2|s3cret", re.IGNORECASE),
}


def pytest_configure(config: pytest.Config) -> None:
    """One folder of logs for the whole run; workers inherit its name."""
    os.environ.setdefault(LOGS, tempfile.mkdtemp(prefix="test-logs-"))
    log = log_file("tests").open("ab", buffering=0)
    config.add_cleanup(log.close)
    logging.configure(log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run for what its logs give away. Workers leave it to the one that started them."""
    if hasattr(session.config, "workerinput"):
        return
    found = [f"{path.name}: {leak}" for path in logs() for leak in leaks(path.read_text("utf-8", "replace"))]
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    session.config.stash[FOUND] = found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was looked at, so that nobody takes an empty folder for a clean one."""
    if hasattr(config, "workerinput"):
        return
    lines = sum(path.read_bytes().count(b"\n") for path in logs())
    found = config.stash.get(FOUND, [])
    terminalreporter.write_line(
        f"logs: {lines} lines in {len(logs())} files, {len(found)} of them name a number, a text or a key"
    )
    if chromium.found() is None and not config.getoption("collectonly"):
        terminalreporter.write_line(chromium.ADVICE, red=True, bold=True)
    if peers.missing() and not config.getoption("collectonly"):
        terminalreporter.write_line(peers.advice(peers.missing()), red=True, bold=True)
    for leak in found[:20]:
        terminalreporter.write_line(leak, red=True)
    shutil.rmtree(os.environ[LOGS], ignore_errors=not found)


FOUND = pytest.StashKey[list[str]]()


def log_file(name: str) -> Path:
    """Where a process of this run writes its log."""
    return Path(os.environ[LOGS]) / f"{name}-{os.getpid()}-{next(_ordinals)}.log"


def logs() -> list[Path]:
    """Every log of the run so far."""
    return sorted(Path(os.environ[LOGS]).glob("*.log"))


def leaks(text: str) -> list[str]:
    """The lines of a log that name a subscriber or a key, and which of the two."""
    return [
        f"{what}: {line[:300]}" for line in text.splitlines() for what, pattern in LEAKS.items() if pattern.search(line)
    ]


@pytest.fixture(scope="session")
def leaks_of() -> Callable[[str], list[str]]:
    """What a log gives away."""
    return leaks


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
    """The servers, with a migrated demo database to copy. Its tables are known to be empty: the worst plans there are.

    No machine fails here, so no copy waits for the disk. Processes that die have servers of their own, as they ship.
    """
    asyncio.run(_admin(servers.postgres_url, "alter system set fsync = off", "select pg_reload_conf()"))
    asyncio.run(_admin(servers.postgres_url, f"create database {TEMPLATE}"))
    migrate_blocking(_url(servers, TEMPLATE), demo=True, at=datetime.now(UTC))
    asyncio.run(_admin(_url(servers, TEMPLATE), "analyze"))
    return servers


@pytest.fixture
def database_url(template: Servers) -> Iterator[str]:
    """A fresh demo database of the current schema, dropped afterwards."""
    with copied(template, TEMPLATE) as (_, url):
        yield url


@contextmanager
def copied(servers: Servers, template: str) -> Iterator[tuple[str, str]]:
    """A copy of a database that nobody is connected to, dropped afterwards: its name and its URL."""
    name = f"test_{os.getpid()}_{next(_ordinals)}"
    asyncio.run(_admin(servers.postgres_url, f"create database {name} template {template}"))
    yield name, _url(servers, name)
    asyncio.run(_admin(servers.postgres_url, f"drop database {name} with (force)"))


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


def open_ledger(
    database_url: str,
    pack: Pack,
    notice: Callable[[str, str], None] = lambda *_: None,
    counts: TrackCounts = TRACKS,
    number_keys: str = NUMBER_KEYS,
) -> Ledger:
    """A ledger of a gateway on a demo database; the caller closes it."""
    version = PackVersion(pack.menu.digest, pack.files)
    identity = Identity(Keys.parse(number_keys, CODE_KEY), version, True, pack.programme.grace_s, SENDER)
    return Ledger(Target(database_url), identity, counts, notice)


def _url(servers: Servers, database: str) -> str:
    head, _, query = servers.postgres_url.partition("?")
    return head.rpartition("/")[0] + f"/{database}?{query}"


async def _admin(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


REPOSITORY = Path(__file__).parents[1]
