"""The serving processes that are compared: the floor, the gateway, the idiomatic stack. One worker each."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from gateway.embedded import Servers
from tests.benchmarks.hops import MEMBERS, number
from tests.live.processes import free_port

READY_MAX_S = 30
STOPS_MAX_S = 20
API_KEY = "bench"

UVICORN = ["-m", "uvicorn", "--no-access-log", "--loop", "uvloop", "--http", "httptools", "--log-level", "error"]
PROGRAMS = {
    "floor": [*UVICORN, "--lifespan", "off", "tests.benchmarks.floor:app"],
    "gateway": ["-m", "gateway", "serve"],
    "idiomatic": [*UVICORN, "tests.benchmarks.idiomatic:app"],
}


@dataclass(frozen=True, slots=True)
class Server:
    """One serving process."""

    name: str
    port: int
    pid: int

    def cpu_s(self) -> float:
        """CPU seconds that its threads have used, user and system; in nanoseconds, where `stat` has hundredths."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def prepare(servers: Servers) -> None:
    """The schema of each that has one."""
    asyncio.run(_fill_idiomatic(servers.postgres_url))
    migrate = [sys.executable, "-m", "gateway", "migrate"]
    subprocess.run(migrate, check=True, env=_environment(servers), stdout=subprocess.DEVNULL)


@contextmanager
def serving(servers: Servers, home: Path) -> Iterator[Mapping[str, Server]]:
    """All of them at once; only one is under load at a time."""
    with (
        process(servers, home, "floor", PROGRAMS["floor"]) as floor,
        process(servers, home, "gateway", PROGRAMS["gateway"]) as gateway,
        process(servers, home, "idiomatic", PROGRAMS["idiomatic"]) as idiomatic,
    ):
        yield {"floor": floor, "gateway": gateway, "idiomatic": idiomatic}


@contextmanager
def process(servers: Servers, home: Path, name: str, arguments: list[str]) -> Iterator[Server]:
    """One serving process, interrupted at the end as a person would."""
    port = free_port()
    environment = _environment(servers) | {"GATEWAY_HTTP_PORT": str(port), "UVICORN_PORT": str(port)}
    log = home / f"{name}.log"
    with log.open("wb") as written:
        started = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=written, stderr=written)
    try:
        _wait_for(name, port, log)
        yield Server(name, port, started.pid)
    finally:
        started.send_signal(signal.SIGINT)
        started.wait(STOPS_MAX_S)


def _environment(servers: Servers) -> dict[str, str]:
    return os.environ | {
        "GATEWAY_DATABASE_URL": servers.postgres_url,
        "GATEWAY_REDIS_URL": servers.redis_url,
        "GATEWAY_NUMBER_KEYS": "1:" + "7b" * 32,
        "GATEWAY_API_KEYS": f"bench:{API_KEY}:events",
        "GATEWAY_USSD": "africastalking",
        "GATEWAY_USSD_AFRICASTALKING_ALLOW": "127.0.0.0/8",
        "BENCH_DATABASE_URL": servers.postgres_url.replace("postgresql://", "postgresql+asyncpg://"),
        "BENCH_REDIS_URL": servers.redis_url,
    }


async def _fill_idiomatic(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("create table bench_balance (msisdn text primary key, points bigint not null)")
    rows = [(number(ordinal), 1000 + ordinal) for ordinal in range(MEMBERS)]
    await connection.copy_records_to_table("bench_balance", records=rows)
    await connection.close()


def _wait_for(name: str, port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_MAX_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # polls a port that another process opens
        else:
            return
    sys.exit(f"{name} does not listen on {port}:\n{log.read_text(encoding='utf-8')}")
