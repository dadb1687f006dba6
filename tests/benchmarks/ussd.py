"""The part of USSD: what a hop costs, beside a floor and beside the idiomatic stack."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from gateway.embedded import Embedded, Servers
from tests.benchmarks import load, shares
from tests.benchmarks.hops import MEMBERS, dials, walks
from tests.benchmarks.servers import GATEWAY, Server, enrol, process, serving

SHORT = os.environ.get("SHORT") == "1"
HOPS = 8_000 if SHORT else 40_000
ROUNDS = 5 if SHORT else 9
CONNECTIONS = int(os.environ.get("CONNECTIONS", "128"))
"""Hops under way at once. Batches grow with them, so a ratio means little without this number."""
FLOOR = "floor: bare uvicorn"
DIAL = "hop: dial, live balance"
INSIDE = "hop: inside a menu"
IDIOMATIC = "idiomatic stack"
TARGET_DIAL = 0.20
"""Of the floor; what the first hop promises. The project's own target is 0.25, see docs/roadmap.md."""
PROFILED_HOPS = 16_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One round of one server."""

    per_cpu_s: float
    per_s: float
    p50_ms: float
    p99_ms: float


def run(console: Console, running: Embedded, home: Path) -> None:
    """Measure everything in turn, round by round, so that drift hits all alike."""
    servers = running.servers
    with serving(servers, home) as processes:
        enrol(processes["gateway"])
        figures = measure_all(processes)
    if report(console, figures) < TARGET_DIAL:
        console.print(profile(servers, home))


def measure_all(servers: Mapping[str, Server]) -> Mapping[str, list[Figure]]:
    """Every round of every work."""
    figures: dict[str, list[Figure]] = {}
    for round_number in range(ROUNDS):
        works = {
            FLOOR: (servers["floor"], dials(f"f{round_number}-", HOPS)),
            DIAL: (servers["gateway"], dials(f"g{round_number}-", HOPS)),
            INSIDE: (servers["gateway"], walks(f"w{round_number}-", HOPS)),
            IDIOMATIC: (servers["idiomatic"], dials(f"i{round_number}-", HOPS // 4)),
        }
        for name, (server, requests) in works.items():
            figures.setdefault(name, []).append(measure(server, requests))
    return figures


def measure(server: Server, requests: Iterator[bytes]) -> Figure:
    """One round. Fails loudly on any answer that is not a screen."""
    before = server.cpu_s()
    seen = asyncio.run(load.run(server.port, requests, CONNECTIONS, lambda body: body.startswith(b"CON ")))
    cpu_s = server.cpu_s() - before
    if seen.wrong:
        sys.exit(f"{server.name}: {len(seen.wrong)} of {seen.answered} answers are wrong, such as {seen.wrong[0]!r}")
    return Figure(seen.answered / cpu_s, seen.answered / seen.seconds, seen.percentile(0.5), seen.percentile(0.99))


def report(console: Console, figures: Mapping[str, list[Figure]]) -> float:
    """The medians, and the ratio to the floor round by round; the dial's ratio."""
    table = Table("work", "per CPU-s", "x floor (min–max)", "per s", "p50 ms", "p99 ms")
    ratios = {}
    for name, rounds in figures.items():
        pairs = [mine.per_cpu_s / floor.per_cpu_s for mine, floor in zip(rounds, figures[FLOOR], strict=True)]
        ratios[name] = median(pairs)
        table.add_row(
            name,
            f"{median(figure.per_cpu_s for figure in rounds):,.0f}",
            f"{ratios[name]:.3f} ({min(pairs):.3f}–{max(pairs):.3f})",
            f"{median(figure.per_s for figure in rounds):,.0f}",
            f"{median(figure.p50_ms for figure in rounds):.1f}",
            f"{median(figure.p99_ms for figure in rounds):.1f}",
        )
    console.print(f"{ROUNDS} rounds of {HOPS} hops over {CONNECTIONS} connections, {MEMBERS} members; medians")
    console.print(table)
    verdict = "met" if ratios[DIAL] >= TARGET_DIAL else "not met"
    console.print(
        f"a dial is {ratios[DIAL]:.3f} of the floor (target {TARGET_DIAL:.2f}: {verdict}) "
        f"and {ratios[DIAL] / ratios[IDIOMATIC]:.1f} times the idiomatic stack"
    )
    return ratios[DIAL]


def profile(servers: Servers, home: Path) -> Table:
    """Where a dial's time goes, from a load of dials against a profiled gateway."""
    output = home / "hop.profile"
    with process(servers, home, "profiled", shares.profiled(output, GATEWAY)) as server:
        measure(server, dials("p-", PROFILED_HOPS // 4))
        shares.begin(server.pid)
        measure(server, dials("q-", PROFILED_HOPS))
    return shares.table(output, "a dial")
