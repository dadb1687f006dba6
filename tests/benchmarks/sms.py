"""The part of SMS: what a keyword costs from deliver_sm to the reply's submit_sm, beside its floors and beside Kannel.

Everybody is bound to the same lean SMSC, which is this process, over TCP on loopback. One text under way at a time
says how long a subscriber waits; `OUTSTANDING` at a time say how much one process can take.
"""

import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from gateway import packs
from gateway.embedded import Embedded
from tests.benchmarks import codec_floor, kannel, shares, submits, texts
from tests.benchmarks.hops import MEMBERS
from tests.benchmarks.load import Load, percentile
from tests.benchmarks.servers import GATEWAY, PROGRAMS, child, cpu_s, enrol, log_of, process
from tests.benchmarks.smsc import Smsc
from tests.programs import has_kannel

SHORT = os.environ.get("SHORT") == "1"
ROUNDS = 5 if SHORT else 9
OUTSTANDING = int(os.environ.get("OUTSTANDING", "64"))
"""Texts under way at once. Batches grow with them, so a number means little without this one."""
WINDOW = 2 * OUTSTANDING
"""Of submits, for everybody: never what is waited for."""
TEXTS = 2_000 if SHORT else 10_000
TEXTS_OF_THE_FLOOR = 4 * TEXTS
TEXTS_OF_A_PEER = TEXTS // 2
TEXTS_ALONE = 150 if SHORT else 500
PACES = (250, 500, 1_000)
"""Texts a second; up to the first that the machine does not keep."""
PACED_S = 5 if SHORT else 20

BARE = "floor: bare ESME"
DURABLE = "durable keyword MO → reply"
RECEIPTS = "… with receipts"
ALONE = "… one at a time"
KANNEL_TEXT = "Kannel, fixed text"
KANNEL_HTTP = "Kannel, HTTP service"
TARGET_OF_KANNEL = 2.0
TARGET_ALONE_MS = 3.0


@dataclass(frozen=True, slots=True)
class Party:
    """One ESME at its SMSC: its own processes, and those behind it: PostgreSQL, or Kannel's application."""

    name: str
    smsc: Smsc
    pids: tuple[int, ...]
    behind_pids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """One load."""

    texts: int
    outstanding: int = OUTSTANDING
    receipts: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One round of one work; CPU in microseconds a cycle."""

    cpu_us: float
    behind_us: float
    smsc_us: float
    per_s: float
    p50_ms: float
    p99_ms: float

    @property
    def whole_us(self) -> float:
        """What a cycle costs whoever runs it."""
        return self.cpu_us + self.behind_us


def run(console: Console, running: Embedded, home: Path) -> None:
    """Measure everything in turn, round by round, so that drift hits all alike."""
    figures = uvloop.run(measure_all(running, home))
    codec_us = median(codec_floor.cpu_us(TEXTS_OF_THE_FLOOR) for _ in range(ROUNDS))
    if not report(console, figures, codec_us):
        console.print(uvloop.run(profile(running, home)))
    for per_s in PACES:
        is_kept, told = uvloop.run(acknowledge(running, home, per_s))
        console.print(told)
        if not is_kept:  # what waits in the outbox now would answer the next one's texts
            break
    submits.run(console)


async def acknowledge(running: Embedded, home: Path, per_s: int) -> tuple[bool, str]:
    """How long texts wait for their deliver_sm_resp at a steady rate; or that the machine does not keep it, since the
    gateway then tells the SMSC to come again."""
    async with serving(running, home, f"paced {per_s}", GATEWAY) as party:
        await measure(party, Work(MEMBERS))
        seen, acknowledged = await party.smsc.paced(texts.keywords(per_s * PACED_S), per_s)
    told = f"{per_s} texts a second, by the clock: "
    if seen.wrong or len(acknowledged) != per_s * PACED_S:
        return False, f"{told}not kept here, {len(acknowledged)} of {per_s * PACED_S} acknowledged{_such(seen)}"
    half, nearly_all = (percentile(acknowledged, share) for share in (0.5, 0.99))
    return True, f"{told}acknowledged in {half:.1f} ms (p50), {nearly_all:.1f} ms (p99); SMSCs give up after 5,000"


async def measure_all(running: Embedded, home: Path) -> Mapping[str, Sequence[Figure]]:
    """Every round of every work."""
    figures: dict[str, list[Figure]] = {}
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(bare_esme(home))
        gateway = await stack.enter_async_context(serving(running, home, "texting", GATEWAY))
        works = {
            BARE: (bare, Work(TEXTS_OF_THE_FLOOR)),
            DURABLE: (gateway, Work(TEXTS)),
            RECEIPTS: (gateway, Work(TEXTS, receipts=True)),
            ALONE: (gateway, Work(TEXTS_ALONE, outstanding=1)),
        }
        if has_kannel():
            works[KANNEL_TEXT] = (await stack.enter_async_context(kannel_text(home)), Work(TEXTS_OF_A_PEER))
            works[KANNEL_HTTP] = (await stack.enter_async_context(kannel_http(running, home)), Work(TEXTS_OF_A_PEER))
        for party, _ in works.values():
            await measure(party, Work(MEMBERS))  # prepared statements, compiled texts, and whatever else comes once
        await analyse(running)
        for _ in range(ROUNDS):
            for name, (party, work) in works.items():
                figures.setdefault(name, []).append(await measure(party, work))
    return figures


def _such(seen: Load) -> str:
    return f", such as {seen.wrong[0].decode()}" if seen.wrong else ""


async def measure(party: Party, work: Work) -> Figure:
    """One round. Fails loudly on any answer that is wrong or does not come."""
    pids = (party.pids, party.behind_pids)
    before = [sum(map(cpu_s, each)) for each in pids]
    smsc_before = time.process_time()
    seen = await party.smsc.run(texts.keywords(work.texts), work.outstanding, receipts=work.receipts)
    smsc_s = time.process_time() - smsc_before
    own_s, behind_s = (sum(map(cpu_s, each)) - was for each, was in zip(pids, before, strict=True))
    if seen.wrong or seen.answered != work.texts:
        sys.exit(f"{party.name}: {seen.answered} of {work.texts} answered, {len(seen.wrong)} wrong{_such(seen)}")
    us = 1e6 / seen.answered
    rate = seen.answered / seen.seconds
    return Figure(own_s * us, behind_s * us, smsc_s * us, rate, seen.percentile(0.5), seen.percentile(0.99))


async def analyse(running: Embedded) -> None:
    """What a database of some age knows of its tables; a new one learns it within minutes, longer than this lasts."""
    connection = await asyncpg.connect(running.servers.postgres_url)
    await connection.execute("analyze")
    await connection.close()


@asynccontextmanager
async def bare_esme(home: Path) -> AsyncIterator[Party]:
    """The floor, bound."""
    smsc = Smsc()
    port = await smsc.listen()
    command = [sys.executable, "-m", "tests.benchmarks.bare_esme", str(port)]
    with child(home, "bare", command, os.environ) as pid:
        async with _bound(smsc, home, "bare"):
            yield Party(BARE, smsc, (pid,))


@asynccontextmanager
async def serving(running: Embedded, home: Path, name: str, program: Sequence[str]) -> AsyncIterator[Party]:
    """The gateway, bound, with members who have points."""
    smsc = Smsc()
    port = await smsc.listen()
    link = f"smpp://bench:bench@127.0.0.1:{port}?window={WINDOW}"
    with process(running.servers, home, name, program, GATEWAY_SMPP=link, GATEWAY_PACK=_tireless(home)) as server:
        async with _bound(smsc, home, name):
            enrol(server)
            yield Party("gateway", smsc, (server.pid,), (running.pid("postgres"),))


def _tireless(home: Path) -> str:
    """The shipped pack as a folder of one's own, but that a phone is answered as often as it asks."""
    folder = home / "tireless"
    for place, text in packs.locate("bolshe").read().items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = ("answers: {per_10_minutes: 1000000, per_day: 1000000}" if line.startswith("answers:") else line
                 for line in text.splitlines())  # fmt: skip
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(folder)


@asynccontextmanager
async def kannel_text(home: Path) -> AsyncIterator[Party]:
    """Kannel that knows the answer, bound."""
    place = home / "kannel text"
    smsc = Smsc()
    port = await smsc.listen()
    with kannel.bound(place, port, WINDOW, kannel.TEXT_SERVICE) as running:
        async with _bound(smsc, place, "bearerbox"):
            yield Party(KANNEL_TEXT, smsc, running.pids)


@asynccontextmanager
async def kannel_http(running: Embedded, home: Path) -> AsyncIterator[Party]:
    """Kannel that asks an application, bound."""
    place = home / "kannel http"
    smsc = Smsc()
    port = await smsc.listen()
    with (
        process(running.servers, home, "service", PROGRAMS["kannel service"]) as service,
        kannel.bound(place, port, WINDOW, kannel.http_service(service.port)) as asking,
    ):
        async with _bound(smsc, place, "bearerbox"):
            yield Party(KANNEL_HTTP, smsc, asking.pids, (service.pid,))


@asynccontextmanager
async def _bound(smsc: Smsc, home: Path, name: str) -> AsyncIterator[None]:
    """From the bind to the end of the connection."""
    try:
        await smsc.until_bound()
    except TimeoutError:
        sys.exit(f"{name} does not bind; it says:\n{log_of(home, name).read_text(encoding='utf-8')}")
    try:
        yield
    finally:
        await smsc.hang_up()


def report(console: Console, figures: Mapping[str, Sequence[Figure]], codec_us: float) -> bool:
    """The medians, and the ratios round by round; whether the targets are met, as far as they can be compared here."""
    table = Table("work", "CPU µs", "behind it", "SMSC", "per CPU-s", "x bare (min–max)", "per s", "p50 ms", "p99 ms")
    for name, rounds in figures.items():
        pairs = [floor.cpu_us / mine.cpu_us for mine, floor in zip(rounds, figures[BARE], strict=True)]
        table.add_row(
            name,
            f"{median(figure.cpu_us for figure in rounds):,.0f}",
            f"{median(figure.behind_us for figure in rounds):,.0f}" if rounds[0].behind_us else "–",
            f"{median(figure.smsc_us for figure in rounds):,.0f}",
            f"{median(1e6 / figure.cpu_us for figure in rounds):,.0f}",
            f"{median(pairs):.3f} ({min(pairs):.3f}–{max(pairs):.3f})",
            f"{median(figure.per_s for figure in rounds):,.0f}",
            f"{median(figure.p50_ms for figure in rounds):.1f}",
            f"{median(figure.p99_ms for figure in rounds):.1f}",
        )
    console.print(
        f"{ROUNDS} rounds of {TEXTS} texts, {OUTSTANDING} outstanding, window {WINDOW}, {MEMBERS} members; medians; "
        "CPU in microseconds a cycle: of the ESME's own processes, of what is behind it (PostgreSQL; Kannel's "
        "application), and of the load; Kannel looks nothing up and does not fsync"
    )
    console.print(table)
    durable_us = median(figure.cpu_us for figure in figures[DURABLE])
    console.print(
        f"the four PDUs of a cycle alone cost {codec_us:.1f} µs: {codec_us / durable_us:.3f} of a durable one"
    )
    met = [_alone(console, figures)]
    if not has_kannel():
        console.print(kannel.MISSING)
    else:
        met += [_beside(console, figures, KANNEL_TEXT), _beside(console, figures, KANNEL_HTTP)]
    return all(met)


def _alone(console: Console, figures: Mapping[str, Sequence[Figure]]) -> bool:
    p50_ms = median(figure.p50_ms for figure in figures[ALONE])
    met = p50_ms <= TARGET_ALONE_MS
    console.print(f"one text alone is answered in {p50_ms:.1f} ms (target {TARGET_ALONE_MS:.0f}: {_verdict(met)})")
    return met


def _beside(console: Console, figures: Mapping[str, Sequence[Figure]], peer: str) -> bool:
    """How many times a peer we are, its rounds beside ours."""
    pairs = list(zip(figures[DURABLE], figures[peer], strict=True))
    per_s = median(mine.per_s / its.per_s for mine, its in pairs)
    per_cpu_s = median(its.cpu_us / mine.cpu_us for mine, its in pairs)
    whole = median(its.whole_us / mine.whole_us for mine, its in pairs)
    met = min(per_s, per_cpu_s) >= TARGET_OF_KANNEL
    console.print(
        f"durable is {per_s:.2f} x {peer} per second, {per_cpu_s:.2f} x per CPU-second of its own processes "
        f"(target {TARGET_OF_KANNEL:.0f} x of both: {_verdict(met)}), {whole:.2f} x with what is behind them"
    )
    return met


def _verdict(met: bool) -> str:
    return "met" if met else "not met"


async def profile(running: Embedded, home: Path) -> Table:
    """Where a text's time goes, from a load of texts against a profiled gateway."""
    output = home / "text.profile"
    async with serving(running, home, "profiled", shares.profiled(output, GATEWAY)) as party:
        await measure(party, Work(MEMBERS))
        shares.begin(*party.pids)
        await measure(party, Work(2 * TEXTS))
    return shares.table(output, "a text")
