"""The part of the ledger: what a movement of points costs with many writers, beside pgbench over the same server.

The writers are tasks of this process, each with members of its own, over one ledger as a gateway has it. pgbench's
transaction writes about as many rows and bytes as a posting does, in as many round trips as statements: what a service
would write that had no batches. Both commit durably, on the same cores as PostgreSQL.
"""

import asyncio
import csv
import itertools
import os
import random
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from gateway import packs
from gateway.embedded import Embedded, find
from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.code_limits import CodeLimits
from gateway.loyalty.ports import Enrolment, Result
from gateway.loyalty.rules import Earning
from gateway.loyalty.writes import CaptureHold, MakeQuote, PlaceHold, PlaceOrder, RedeemCode, Spend
from gateway.msisdn import Msisdn
from gateway.pack import compile_pack
from gateway.store import rewards_view
from gateway.store.code_file import CodeFile
from gateway.store.codes import CodeBatch, issue
from gateway.store.ledger import Identity, Ledger, PackVersion, TrackCounts
from gateway.store.schema import Keys
from gateway.store.tracks import Target
from tests.benchmarks.servers import cpu_s

SHORT = os.environ.get("SHORT") == "1"
SECONDS = 3.0 if SHORT else 10.0
WRITERS = int(os.environ.get("WRITERS", "32"))
CODES = 12_000 if SHORT else 40_000
DIGITS = 14
STOCK = 10_000_000
STOCKED = ("mug", "visit")
POINTS = Unit("points")
KEYS = "1:" + "7b" * 32, "1:" + "7c" * 32
TRACKS = TrackCounts(read=1, write=2, slow=4, single=2)
LIMITS = CodeLimits(5, 86_400, 20, 86_400, (86_400,), 1_000_000, 600)
BASELINE = """
\\set member random(1, 1000000)
begin;
insert into bench_journal values (:member, 1, repeat('x', 160));
insert into bench_journal values (:member, 2, repeat('x', 60));
insert into bench_journal values (:member, 3, repeat('x', 60));
insert into bench_journal values (:member, 4, repeat('x', 100));
insert into bench_journal values (:member, 5, repeat('x', 120));
insert into bench_account values (:member, 1)
  on conflict (member) do update set posted = bench_account.posted + 1;
end;
"""
TABLES = """
create table bench_journal (member bigint, line integer, what text, id bigint generated always as identity primary key);
create table bench_account (member bigint primary key, posted bigint)"""


@dataclass(frozen=True, slots=True)
class Measured:
    """So many a second; CPU in microseconds each, of this process and of PostgreSQL."""

    name: str
    per_s: float
    client_us: float | None
    postgres_us: float | None


@dataclass(slots=True)
class Counter:
    """One writer: a member, and keys that nobody used."""

    ledger: Ledger
    member_id: MemberId
    codes: list[str]
    at: datetime
    keys: "itertools.count[int]"

    def key(self) -> IdempotencyKey:
        return IdempotencyKey(f"bench {self.member_id} {next(self.keys)}")

    async def post(self) -> None:
        earning = Earning("charge", POINTS, Amount(10), self.at + timedelta(days=300))
        await self.ledger.post(self.member_id, earning, self.key(), "bench", self.at)

    async def spend(self) -> None:
        spend = Spend(self.member_id, POINTS, Amount(1), "bench", "bench", self.key())
        _is(await self._write(spend), Result.SPENT)

    async def hold_and_capture(self) -> None:
        held = await self.ledger.write(
            PlaceHold(self.member_id, POINTS, Amount(1), "bench", "bench", self.key()), self.at
        )
        capture = CaptureHold(self.member_id, held.ids["hold_id"], "bench", self.key())
        _is(await self._write(capture), Result.CAPTURED)

    async def redeem(self) -> None:
        expires_at = {POINTS: self.at + timedelta(days=300)}
        code = RedeemCode(self.member_id, self.codes.pop(), "+7", "bench", self.key(), LIMITS, "UTC", expires_at)
        _is(await self._write(code), Result.REDEEMED)

    async def exchange(self) -> None:
        """A quote and its order, of one of two rewards that are counted."""
        reward, quote = random.choice(STOCKED), self.key()
        until = self.at + timedelta(minutes=10)
        await self._write(MakeQuote(self.member_id, reward, POINTS, Amount(1), "", quote, until))
        order = PlaceOrder(
            self.member_id, reward, "manual", POINTS, Amount(1), quote, "bench", self.key(), counted=True,
            due_at=self.at + timedelta(days=30),
        )  # fmt: skip
        _is(await self._write(order), Result.ORDERED)

    async def _write(self, write: Spend | CaptureHold | RedeemCode | MakeQuote | PlaceOrder) -> Result:
        return (await self.ledger.write(write, self.at)).result


def _is(result: Result, wanted: Result) -> None:
    if result is not wanted:
        raise AssertionError(f"a benchmark must do what it says: {result}, not {wanted}")


def run(console: Console, running: Embedded, home: Path) -> None:
    """Measure, and print."""
    url, pid = running.servers.postgres_url, running.pid("postgres")
    baseline = _pgbench(url, home)
    measured = uvloop.run(_movements(url, home, pid))
    table = Table(title=f"The ledger, {WRITERS} writers, {SECONDS:.0f} s each", title_justify="left")
    for heading in ("work", "per second", "client CPU µs", "PostgreSQL CPU µs", "× pgbench"):
        table.add_column(heading)
    for one in (baseline, *measured):
        ratio = f"{one.per_s / baseline.per_s:.2f}"
        table.add_row(one.name, f"{one.per_s:,.0f}", _us(one.client_us), _us(one.postgres_us), ratio)
    console.print(table)


def _us(microseconds: float | None) -> str:
    return "–" if microseconds is None else f"{microseconds:.0f}"


def _pgbench(url: str, home: Path) -> Measured:
    """The same rows and bytes as a posting, a statement each."""
    bin_ = find.postgres(None).parent
    script = home / "baseline.sql"
    script.write_text(BASELINE, encoding="utf-8")
    subprocess.run([bin_ / "psql", "--quiet", "--command", TABLES, url], check=True)
    options = ["--no-vacuum", f"--client={WRITERS}", "--jobs=2", f"--time={SECONDS:.0f}", "--protocol=prepared"]
    done = subprocess.run(
        [bin_ / "pgbench", *options, f"--file={script}", url], check=True, capture_output=True, text=True
    )
    tps = next(float(line.split()[2]) for line in done.stdout.splitlines() if line.startswith("tps"))
    return Measured("pgbench: the same rows, a statement each", tps, None, None)  # its backends end with their CPU


async def _movements(url: str, home: Path, pid: int) -> list[Measured]:
    pack = compile_pack(packs.locate("bolshe").read())
    keys = Keys.parse(*KEYS)
    version = PackVersion(pack.menu.digest, pack.files)
    at = datetime.now(UTC)
    ledger = Ledger(Target(url), Identity(keys, version, False, pack.programme.grace_s), TRACKS, _silent)
    try:
        await ledger.open(at)
        for reward in STOCKED:
            await rewards_view.change_stock(ledger, reward, STOCK, f"bench {reward}", "bench", at)
        codes = await _codes(url, keys, home / "codes.csv", at)
        writers = [await _writer(ledger, ordinal, codes[ordinal::WRITERS], at) for ordinal in range(WRITERS)]
        works: Mapping[str, Callable[[Counter], Awaitable[None]]] = {
            "accrual": Counter.post,
            "spend, of a member with thousands of lots": Counter.spend,
            "hold, then capture": Counter.hold_and_capture,
            f"redemption of a bearer code of {DIGITS} digits": Counter.redeem,
            "quote, then exchange of one of two stocked rewards": Counter.exchange,
        }
        return [await _measured(name, work, writers, pid) for name, work in works.items()]
    finally:
        await ledger.close()


async def _measured(
    name: str, work: Callable[[Counter], Awaitable[None]], writers: list[Counter], pid: int
) -> Measured:
    """All writers at once, each one thing after another, until the time is over or codes are."""
    done = 0
    ends = time.monotonic() + SECONDS

    async def write(writer: Counter) -> None:
        nonlocal done
        while time.monotonic() < ends and writer.codes:
            await work(writer)
            done += 1

    started, client, postgres = time.monotonic(), time.process_time(), cpu_s(pid)
    await asyncio.gather(*(write(writer) for writer in writers))
    seconds = time.monotonic() - started
    used = (time.process_time() - client) / done * 1e6
    return Measured(name, done / seconds, used, (cpu_s(pid) - postgres) / done * 1e6)


async def _writer(ledger: Ledger, ordinal: int, codes: list[str], at: datetime) -> Counter:
    msisdn = Msisdn(f"+7922{ordinal:07d}")
    member_id = await ledger.enrol(Enrolment(msisdn, "ru", (POINTS,), "bench"), at)
    earning = Earning("charge", POINTS, Amount(10_000_000), at + timedelta(days=300))
    await ledger.post(member_id, earning, IdempotencyKey("bench"), "bench", at)
    return Counter(ledger, member_id, codes, at, itertools.count())


async def _codes(url: str, keys: Keys, path: Path, at: datetime) -> list[str]:
    batch = CodeBatch(
        "bench", "bench", {"unit": POINTS, "amount": 5}, DIGITS, CODES, (), "ru", at, at + timedelta(days=90), "bench"
    )
    with CodeFile(path) as file:
        await issue(url, keys, batch, file, at, random.SystemRandom().randrange)
    with path.open(encoding="ascii", newline="") as written:
        return [row["gift_code"] for row in csv.DictReader(written)]


def _silent(_what: str, _why: str) -> None:
    """Connections that come and go are not measured."""
