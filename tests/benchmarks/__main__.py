"""The report. Ratios of operations per CPU-second of the serving process, from one run; the machine is shared.

python -m tests.benchmarks            # SHORT=1 for the two-minute form
"""

import asyncio
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import quote

import asyncpg
from rich.console import Console
from rich.table import Table

from gateway import embedded
from gateway.embedded import Servers
from tests.benchmarks import load

SHORT = os.environ.get("SHORT") == "1"
HOPS = 6_000 if SHORT else 40_000
ROUNDS = 3 if SHORT else 7
CONNECTIONS = 32
MEMBERS = 1_000
READY_MAX_S = 30
TARGET_DIAL = 0.20
"""Of the floor, for a dial with a live balance; performance.md has the project's own target, 0.25."""
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """One serving process."""

    name: str
    port: int
    pid: int

    def cpu_s(self) -> float:
        """CPU seconds that it has used, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


@dataclass(frozen=True, slots=True)
class Figure:
    """One round of one server."""

    per_cpu_s: float
    per_s: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    """Measure everything in turn, round by round, so that drift hits all alike."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with embedded.start(home / "data") as running, serving(running.servers, home) as servers:
            enrol(servers["gateway"])
            figures: dict[str, list[Figure]] = {}
            for round_number in range(ROUNDS):
                for name, server, requests in works(servers, round_number):
                    figures.setdefault(name, []).append(measure(server, requests))
            report(figures)
    finally:
        shutil.rmtree(home)


def works(servers: Mapping[str, Server], round_number: int) -> Iterator[tuple[str, Server, Iterator[bytes]]]:
    """What is measured, in turn."""
    yield "floor: bare uvicorn", servers["floor"], dials(f"f{round_number}-", HOPS)
    yield "hop: dial, live balance", servers["gateway"], dials(f"g{round_number}-", HOPS)
    yield "hop: inside a menu", servers["gateway"], walks(f"w{round_number}-", HOPS)
    yield "idiomatic stack", servers["idiomatic"], dials(f"i{round_number}-", HOPS // 4)


def measure(server: Server, requests: Iterator[bytes]) -> Figure:
    """One round. Fails loudly on any answer that is not a screen."""
    before = server.cpu_s()
    seen = asyncio.run(load.run(server.port, requests, CONNECTIONS, lambda body: body.startswith(b"CON ")))
    cpu_s = server.cpu_s() - before
    if seen.wrong:
        sys.exit(f"{server.name}: {len(seen.wrong)} of {seen.answered} answers are wrong, such as {seen.wrong[0]!r}")
    return Figure(seen.answered / cpu_s, seen.answered / seen.seconds, seen.percentile(0.5), seen.percentile(0.99))


def report(figures: Mapping[str, list[Figure]]) -> None:
    """The medians, the ratio to the floor round by round, and whether the target is met."""
    floor = figures["floor: bare uvicorn"]
    table = Table("work", "per CPU-s", "x floor (min–max)", "per s", "p50 ms", "p99 ms")
    ratios = {}
    for name, rounds in figures.items():
        pairs = [mine.per_cpu_s / theirs.per_cpu_s for mine, theirs in zip(rounds, floor, strict=True)]
        ratios[name] = median(pairs)
        table.add_row(
            name,
            f"{median(r.per_cpu_s for r in rounds):,.0f}",
            f"{ratios[name]:.3f} ({min(pairs):.3f}–{max(pairs):.3f})",
            f"{median(r.per_s for r in rounds):,.0f}",
            f"{median(r.p50_ms for r in rounds):.1f}",
            f"{median(r.p99_ms for r in rounds):.1f}",
        )
    console = Console(width=110)
    console.print(f"{ROUNDS} rounds of {HOPS} hops over {CONNECTIONS} connections, {MEMBERS} members; medians")
    console.print(table)
    dial = ratios["hop: dial, live balance"]
    verdict = "met" if dial >= TARGET_DIAL else "NOT met"
    console.print(f"dial: {dial:.3f} of the floor, target {TARGET_DIAL:.2f}: {verdict}; ", end="")
    console.print(f"{dial / ratios['idiomatic stack']:.1f} times the idiomatic stack")


def number(ordinal: int) -> str:
    """The ordinal-th member."""
    return f"+7921{ordinal % MEMBERS:07d}"


def hop(session: str, member: int, text: str) -> bytes:
    """One callback of Africa's Talking."""
    who = f"sessionId={session}&phoneNumber={quote(number(member))}&networkCode=25020"
    form = f"{who}&serviceCode=%2A123%23&text={quote(text)}"
    return load.form_post("/ussd/africastalking", form)


def dials(prefix: str, count: int) -> Iterator[bytes]:
    """So many openings, each a session of its own."""
    return (hop(f"{prefix}{ordinal}", ordinal, "") for ordinal in range(count))


def walks(prefix: str, count: int) -> Iterator[bytes]:
    """Hops inside a menu that ask no store: the sessions are opened by the first of them, then walk between help pages.

    Sessions are far enough apart that no two hops of one are under way together.
    """
    sessions = 4 * CONNECTIONS
    histories = ["4"] + ["4" + "*x" * turns for turns in range(1, count // sessions)]
    return (
        hop(f"{prefix}{ordinal}", ordinal, text)
        for text, ordinal in itertools.islice(itertools.product(histories, range(sessions)), count)
    )


def enrol(server: Server) -> None:
    """Give every member something to read."""
    for start in range(0, MEMBERS, 500):
        events = [
            {"id": f"bench-{ordinal}", "type": "top_up", "msisdn": number(ordinal), "amount": 50_000 + 100 * ordinal}
            for ordinal in range(start, start + 500)
        ]
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/v1/events",
            json.dumps(events).encode(),
            {"X-API-Key": "bench", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
            outcomes = {item["outcome"] for item in json.load(answer)["items"]}
        if outcomes != {"accepted"}:
            sys.exit(f"enrolment: {outcomes}")


@contextmanager
def serving(servers: Servers, home: Path) -> Iterator[Mapping[str, Server]]:
    """The three servers, each a process with one worker."""
    asyncio.run(fill_idiomatic(servers.postgres_url))
    ours = {
        "GATEWAY_DATABASE_URL": servers.postgres_url,
        "GATEWAY_REDIS_URL": servers.redis_url,
        "GATEWAY_NUMBER_KEYS": "1:" + "7b" * 32,
        "GATEWAY_API_KEYS": "bench:bench:events",
        "GATEWAY_USSD": "africastalking",
        "GATEWAY_USSD_AFRICASTALKING_ALLOW": "127.0.0.0/8",
    }
    theirs = {
        "BENCH_DATABASE_URL": servers.postgres_url.replace("postgresql://", "postgresql+asyncpg://"),
        "BENCH_REDIS_URL": servers.redis_url,
    }
    subprocess.run(
        [sys.executable, "-m", "gateway", "migrate"], check=True, env=os.environ | ours, stdout=subprocess.DEVNULL
    )
    ports = {name: free_port() for name in ("floor", "gateway", "idiomatic")}
    bare = [
        sys.executable,
        "-m",
        "uvicorn",
        "--no-access-log",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--log-level",
        "error",
    ]
    commands = {
        "floor": [*bare, "--port", str(ports["floor"]), "--lifespan", "off", "tests.benchmarks.floor:app"],
        "gateway": [sys.executable, "-m", "gateway", "serve"],
        "idiomatic": [*bare, "--port", str(ports["idiomatic"]), "tests.benchmarks.idiomatic:app"],
    }
    processes = {}
    try:
        for name, command in commands.items():
            environment = os.environ | ours | theirs | {"GATEWAY_HTTP_PORT": str(ports[name])}
            with (home / f"{name}.log").open("wb") as log:
                processes[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        for name, port in ports.items():
            wait_for(name, port, home / f"{name}.log")
        yield {name: Server(name, ports[name], process.pid) for name, process in processes.items()}
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(20)


async def fill_idiomatic(database_url: str) -> None:
    """The idiomatic stack's own table."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("create table bench_balance (msisdn text primary key, points bigint not null)")
    rows = [(number(ordinal), 1000 + ordinal) for ordinal in range(MEMBERS)]
    await connection.copy_records_to_table("bench_balance", records=rows)
    await connection.close()


def free_port() -> int:
    """A port that nobody had a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(name: str, port: int, log: Path) -> None:
    """Return when the port answers; show the log when it does not."""
    deadline = time.monotonic() + READY_MAX_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # polls a port that another process opens
        else:
            return
    sys.exit(f"{name} does not listen on {port}:\n{log.read_text(encoding='utf-8')}")


if __name__ == "__main__":
    main()
