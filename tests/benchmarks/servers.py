"""The processes that are compared: floors, the gateway, the idiomatic stack. One worker each."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from gateway.embedded import Servers
from tests.benchmarks.hops import MEMBERS, number
from tests.live.processes import free_port

READY_MAX_S = 30
STOPS_MAX_S = 20
API_KEY = "bench"
EVENTS_PER_REQUEST = 500

UVICORN = ["-m", "uvicorn", "--no-access-log", "--loop", "uvloop", "--http", "httptools", "--log-level", "error"]
GATEWAY = ("-m", "gateway", "serve")
PROGRAMS = {
    "floor": [*UVICORN, "--lifespan", "off", "tests.benchmarks.floor:app"],
    "gateway": GATEWAY,
    "idiomatic": [*UVICORN, "tests.benchmarks.idiomatic:app"],
    "kannel service": [*UVICORN, "--lifespan", "off", "tests.benchmarks.kannel_service:app"],
}


@dataclass(frozen=True, slots=True)
class Server:
    """One serving process."""

    name: str
    port: int
    pid: int

    def cpu_s(self) -> float:
        """CPU seconds that it has used."""
        return cpu_s(self.pid)


def cpu_s(pid: int) -> float:
    """CPU seconds that a process and its living children have used, user and system, in all their threads.

    In nanoseconds, where `stat` has hundredths. What a child used that has ended is not known.
    """
    used = 0.0
    with suppress(FileNotFoundError, ProcessLookupError):  # PostgreSQL's helpers come and go
        for thread in Path(f"/proc/{pid}/task").iterdir():
            used += int((thread / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
            used += sum(cpu_s(int(child)) for child in (thread / "children").read_text(encoding="ascii").split())
    return used


def prepare(servers: Servers) -> None:
    """The schema of each that has one."""
    asyncio.run(_fill_idiomatic(servers.postgres_url))
    migrate = [sys.executable, "-m", "gateway", "migrate"]
    subprocess.run(migrate, check=True, env=_environment(servers), stdout=subprocess.DEVNULL)


@contextmanager
def serving(servers: Servers, home: Path) -> Iterator[Mapping[str, Server]]:
    """All that answer hops at once; only one is under load at a time."""
    with (
        process(servers, home, "floor", PROGRAMS["floor"]) as floor,
        process(servers, home, "gateway", PROGRAMS["gateway"]) as gateway,
        process(servers, home, "idiomatic", PROGRAMS["idiomatic"]) as idiomatic,
    ):
        yield {"floor": floor, "gateway": gateway, "idiomatic": idiomatic}


@contextmanager
def process(servers: Servers, home: Path, name: str, arguments: Sequence[str], **settings: str) -> Iterator[Server]:
    """One process that serves on a port."""
    port = free_port()
    environment = _environment(servers) | {"GATEWAY_HTTP_PORT": str(port), "UVICORN_PORT": str(port)} | settings
    with child(home, name, [sys.executable, *arguments], environment) as pid:
        wait_for(name, port, log_of(home, name))
        yield Server(name, port, pid)


@contextmanager
def child(home: Path, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """One process; its number. It is interrupted at the end as a person would, and killed if it does not mind."""
    with log_of(home, name).open("wb") as written:
        started = subprocess.Popen(command, env=environment, stdout=written, stderr=written)
    try:
        yield started.pid
    finally:
        started.send_signal(signal.SIGINT)
        try:
            started.wait(STOPS_MAX_S)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def log_of(home: Path, name: str) -> Path:
    """What a process says."""
    return home / f"{name}.log"


def enrol(server: Server) -> None:
    """Give every member something to read. Once: sent again, the same events change nothing."""
    for start in range(0, MEMBERS, EVENTS_PER_REQUEST):
        events = [
            {"id": f"bench-{ordinal}", "type": "top_up", "msisdn": number(ordinal), "amount": 50_000 + 100 * ordinal}
            for ordinal in range(start, start + EVENTS_PER_REQUEST)
        ]
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/v1/events",
            json.dumps(events).encode(),
            {"X-API-Key": API_KEY, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own server on loopback
            outcomes = {item["outcome"] for item in json.load(answer)["items"]}
        if not outcomes <= {"accepted", "repeated"}:
            sys.exit(f"enrolment: {outcomes}")


def _environment(servers: Servers) -> dict[str, str]:
    return os.environ | {
        "GATEWAY_DATABASE_URL": servers.postgres_url,
        "GATEWAY_REDIS_URL": servers.redis_url,
        "GATEWAY_NUMBER_KEYS": "1:" + "7b" * 32,
        "GATEWAY_CODE_KEY": "1:" + "7c" * 32,
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


def wait_for(name: str, port: int, log: Path) -> None:
    """Return when a process listens."""
    deadline = time.monotonic() + READY_MAX_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # polls a port that another process opens
        else:
            return
    sys.exit(f"{name} does not listen on {port}:\n{log.read_text(encoding='utf-8')}")
