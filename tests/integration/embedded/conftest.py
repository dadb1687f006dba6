"""Real servers, real processes, real kills. One cluster is made per run; each test works on a copy of it."""

import asyncio
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
import redis

from gateway import embedded
from gateway.embedded import find

REPOSITORY = Path(__file__).parents[3]
MEMORY = Path("/dev/shm")  # noqa: S108  the folder inside it is made by mkdtemp
ROOM_BYTES_MIN = 1_000_000_000  # a data folder takes 40 MB; a few of them live at once, in each of several workers
ENDS_MAX_S = 60.0
RETURNS_MAX_S = 60.0


@pytest.fixture
def note() -> Callable[[embedded.Servers, str], None]:
    return _note


@pytest.fixture
def knows() -> Callable[[embedded.Servers, str], tuple[bool, bool]]:
    return _knows


@pytest.fixture
def wait_ended() -> Callable[..., None]:
    return _wait_ended


def _note(servers: embedded.Servers, word: str) -> None:
    """Commits a word to PostgreSQL and another copy of it to Valkey."""

    async def insert() -> None:
        connection = await asyncpg.connect(servers.postgres_url)
        await connection.execute("create table if not exists notes (word text)")
        await connection.execute("insert into notes values ($1)", word)
        await connection.close()

    asyncio.run(insert())
    with redis.Redis.from_url(servers.redis_url) as valkey:
        valkey.set(word, "kept")


def _knows(servers: embedded.Servers, word: str) -> tuple[bool, bool]:
    """Whether PostgreSQL and Valkey have the word. Reconnects as the service does, since a server may be starting."""
    deadline = time.monotonic() + RETURNS_MAX_S

    async def in_postgres() -> bool:
        connection = await asyncpg.connect(servers.postgres_url)
        found = await connection.fetchval("select exists (select from notes where word = $1)", word)
        await connection.close()
        return bool(found)

    def in_valkey() -> bool:
        with redis.Redis.from_url(servers.redis_url) as valkey:
            return bool(valkey.get(word) == b"kept")

    def patiently(ask: Callable[[], bool]) -> bool:
        while True:
            try:
                return ask()
            except (OSError, asyncpg.PostgresError, redis.RedisError):
                assert time.monotonic() < deadline, f"no answer from {servers} within {RETURNS_MAX_S} s: see its logs"
                time.sleep(0.02)  # the pause between two attempts to connect, as a client makes it

    return patiently(lambda: asyncio.run(in_postgres())), patiently(in_valkey)


def _wait_ended(*pids: int) -> None:
    """Waits until each process has ended, be it reaped or not."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        ended = poll.poll(ENDS_MAX_S * 1000)
        os.close(handle)
        assert ended, f"process {pid} still lives: {Path(f'/proc/{pid}/cmdline').read_text()}"


@dataclass
class Gateway:
    """A running `gateway_process.py`, and what it said."""

    process: subprocess.Popen[str]
    said: dict[str, object] = field(default_factory=dict)
    data_dir: Path = Path()

    @property
    def servers(self) -> embedded.Servers:
        assert "fault" not in self.said, self.said["fault"]
        return embedded.Servers(str(self.said["postgres_url"]), str(self.said["redis_url"]), self.data_dir)

    @property
    def fault(self) -> str:
        assert "fault" in self.said, "it started, and should have been refused"
        return str(self.said["fault"])

    @property
    def pids(self) -> dict[str, int]:
        pids = self.said.get("pids")
        assert isinstance(pids, dict), self.said
        return {"gateway": self.process.pid, **pids}

    @property
    def sockets(self) -> Path:
        return Path(self.servers.redis_url.removeprefix("unix://").partition("?")[0]).parent

    def end(self) -> None:
        """Lets it go, as a gateway that stops."""
        self.process.communicate()


Launch = Callable[..., Gateway]


@dataclass(frozen=True)
class Place:
    """Where a gateway's interpreter, package and binaries are."""

    python: Path
    package: Path
    postgres: Path
    valkey: Path


@pytest.fixture(scope="session")
def here() -> Place:
    return Place(Path(sys.executable), REPOSITORY, find.postgres(None), find.valkey(None))


@pytest.fixture
def launch(here: Place) -> Iterator[Launch]:
    """Starts gateways: `launch(data_dir, *words_before, place=..., env=...)`; ends those that are left."""
    started: list[Gateway] = []

    def start(data_dir: Path, *words: str, place: Place = here, env: Mapping[str, str] | None = None) -> Gateway:
        script = place.package / "tests/integration/embedded/gateway_process.py"
        process = subprocess.Popen(
            [*words, place.python, script, data_dir, place.postgres, place.valkey],
            env={**os.environ, "PYTHONPATH": str(place.package), **(env or {})},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        gateway = Gateway(process, data_dir=data_dir)
        started.append(gateway)
        assert process.stdout is not None
        gateway.said = json.loads(process.stdout.readline() or '{"fault": "it said nothing"}')
        return gateway

    yield start
    for gateway in started:
        gateway.end()
        if "pids" in gateway.said:
            _wait_ended(*gateway.pids.values())


def _folder() -> Path:
    """A temporary folder, in memory where there is room: nothing here tries the disk, whose clearing takes longest."""
    room = shutil.disk_usage(MEMORY).free if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else 0
    return Path(tempfile.mkdtemp(prefix="embedded-", dir=MEMORY if room > ROOM_BYTES_MIN else None))


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A data folder, made once by a first start, with the word `before` in both servers."""
    folder = _folder()
    with embedded.start(folder / "data") as held:
        _note(held.servers, "before")
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def module_dir() -> Iterator[Path]:
    """Where a data folder may be made for a whole module."""
    folder = _folder()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def new_dir() -> Iterator[Path]:
    """Where a data folder may be made, alone in a private folder."""
    folder = _folder()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(made: Path, new_dir: Path) -> Path:
    """A copy of the made folder."""
    return shutil.copytree(made, new_dir)
