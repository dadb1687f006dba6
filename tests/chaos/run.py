"""One run: everything up, load and faults, then quiet, then the audit.

Quiet means that nothing waits any more: texts are acknowledged, messages delivered, orders over or parked. What rests
for minutes of machine time, a result that waits whether its screen was seen, a voucher that waits for its receipt, is
let go once the rest is done: as its time would.
"""

import asyncio
import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from gateway.msisdn import masked
from gateway.settings import Repeats
from tests.chaos.actors import AT_ONCE, Actor, World
from tests.chaos.auditor import Breach, audit
from tests.chaos.evidence import Evidence, gathered
from tests.chaos.faults import Timeline, carry_out, plan
from tests.chaos.journal import Member
from tests.chaos.operator import Operator, Postman
from tests.chaos.stage import Stage, staged
from tests.crash.test_exchange_points import issued

LOOK_S = 0.2
NUMBERS_PER_S = 12
"""Twice the lives of a second."""
QUIET_MAX_S = 90.0
"""A link that was refused for long rests half a minute, and so does what it had for us."""
SETTLED_BY_STAFF_MAX = 4
"""Of parked orders: each is a command of its own."""
SHOWN_MAX = 10
"""Breaches of one run that are printed with all that their member said."""

WAITING = """
select 'order ' || o.state as what, count(*) as count
  from reward_order o where o.state in ('placed', 'calling') group by 1
 union all
select 'message ' || x.state, count(*)
  from outbox x
 where x.state in ('sending', 'sent', 'queued', 'in_doubt')
   and not (x.state in ('queued', 'in_doubt') and coalesce(x.send_lease_until > now() + interval '10 s', false)
            and (x.session is not null or x.kind = 'voucher'))
 group by 1"""
PARKED = "select order_id from reward_order where state = 'parked' order by order_id limit $1"
REST_ENDS = "update outbox set send_lease_until = null where state in ('queued', 'in_doubt')"


@dataclass(slots=True)
class Report:
    """How a run went."""

    seed: int
    seconds: float
    repeats: Repeats
    took_s: float = 0.0
    requests: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    timeline: Sequence[tuple[int, str]] = ()
    members: Sequence[Member] = ()
    evidence: Evidence | None = None
    breaches: Sequence[Breach] = ()

    @property
    def line(self) -> str:
        """The run in one line."""
        verdict = f"{len(self.breaches)} BREACHES" if self.breaches else "ok"
        counts = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return (
            f"seed {self.seed:<4} {verdict:<12} billing {self.repeats:<10} {self.requests} requests, "
            f"{self.kinds.total()} faults: {counts}; {self.took_s:.0f} s"
        )

    @property
    def failure(self) -> str:
        """What somebody needs who wants to know why: the faults, each breach, its member's story, and the command."""
        faults = [f"  {at_ms:>7} ms  {words}" for at_ms, words in self.timeline]
        told = [line for breach in self.breaches[:SHOWN_MAX] for line in self._told(breach)]
        more = len(self.breaches) - SHOWN_MAX
        rest = [f"... and {more} more"] if more > 0 else []
        again = f"again: make chaos SEED={self.seed} SECONDS={self.seconds:g}"
        return "\n".join([self.line, "", "faults:", *faults, "", *told, *rest, again])

    def _told(self, breach: Breach) -> list[str]:
        head = f"BREACH {masked(breach.msisdn)}: {breach.words}" if breach.msisdn else f"BREACH: {breach.words}"
        story = next((one.lines for one in self.members if one.msisdn == breach.msisdn), ())
        return [head, *(f"  {at_ms:>7} ms  {words}" for at_ms, words in story), ""]


async def run(seed: int, seconds: float) -> Report:
    """Play a seed. What breaks on the way is a breach too, and comes with its story."""
    repeats = random.Random(f"{seed} billing").choice(list(Repeats))
    report, began = Report(seed, seconds, repeats), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        async with staged(Path(folder), repeats) as stage:
            try:
                await _play(stage, report)
            except Exception as error:
                report.breaches = [*report.breaches, Breach("", "".join(traceback.format_exception(error)))]
    report.took_s = time.monotonic() - began
    return report


async def _play(stage: Stage, report: Report) -> None:
    numbers = [f"+7921{1_000_000 + ordinal}" for ordinal in range(round(report.seconds * NUMBERS_PER_S))]
    fresh = iter(zip(numbers, issued(stage.ground, stage.folder, numbers), strict=True))
    timeline = Timeline(time.monotonic())
    report.timeline = timeline.lines
    async with Operator(random.Random(f"{report.seed} operator"), *stage.urls) as operator:
        postmen = {name: Postman(smsc) for name, smsc in stage.smscs.items()}
        world = World(operator, postmen, fresh, timeline.began)
        report.members = world.members
        async with background(postman.run() for postman in postmen.values()):
            await _under_load(stage, world, report, timeline)
        await operator.until_ready()
        report.requests = operator.requests + sum(postman.texts for postman in postmen.values())
    by_staff = await _quiet(stage, timeline)
    report.evidence = await gathered(stage, world.members)
    report.breaches = audit(world.members, report.evidence, report.repeats)
    report.counts = _counts(report.evidence)
    report.counts["parked"] += by_staff


async def _under_load(stage: Stage, world: World, report: Report, timeline: Timeline) -> None:
    """Actors and faults at the same time; when it returns, everything that was begun is answered."""
    steps = plan(report.seed, report.seconds)
    report.kinds = Counter(fault.shown for _, faults in steps for fault in faults)
    async with asyncio.TaskGroup() as tasks:
        for number in range(AT_ONCE):
            tasks.create_task(Actor(world, f"{report.seed} actor {number}").run())
        await carry_out(steps, stage, timeline)
        world.stopped = True


async def _quiet(stage: Stage, timeline: Timeline) -> int:
    """Wait until nothing is left to do; then what rests is let go, and staff come last. How much these settled."""
    timeline.note("the faults are over, and what was asked is answered")
    await stage.until_bound()
    connection = await asyncpg.connect(stage.database_url)
    try:
        await _until_idle(stage, connection)
        timeline.note("what rests is let go")
        await connection.execute(REST_ENDS)
        await _until_idle(stage, connection)
        by_staff = await _settled_by_staff(stage, connection)
        await _until_idle(stage, connection)
    finally:
        await connection.close()
    timeline.note("all is quiet")
    return by_staff


async def _until_idle(stage: Stage, connection: "asyncpg.Connection[Any]") -> None:
    left: Counter[str] = Counter()
    try:
        async with asyncio.timeout(QUIET_MAX_S):
            while (left := await _left(stage, connection)).total():  # noqa: ASYNC110 - processes tell nobody but who asks
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(f"not quiet within {QUIET_MAX_S:.0f} s: {dict(left)}") from None


async def _left(stage: Stage, connection: "asyncpg.Connection[Any]") -> Counter[str]:
    """What is still to be done, and how much of it."""
    left = Counter({row["what"]: row["count"] for row in await connection.fetch(WAITING)})
    for name, smsc in stage.smscs.items():
        counts = (await smsc.state())["deliveries"]
        left[f"delivery of {name}"] = counts["waiting"] + counts["sent"]
    return left


async def _settled_by_staff(stage: Stage, connection: "asyncpg.Connection[Any]") -> int:
    """Staff ask the billing what became of parked orders, and say so; of how many."""
    parked, came = await connection.fetch(PARKED, SETTLED_BY_STAFF_MAX), await stage.billing.orders()
    for row in parked:
        known = next((one for name, one in came.items() if name.endswith(f"-{row['order_id']}")), {"delivered": 0})
        word = "deliver" if known["delivered"] else "refuse"
        done = stage.ground.command("orders", word, str(row["order_id"]), "--reason", "the billing was asked")
        assert done.returncode == 0, done.stdout + done.stderr
    return len(parked)


def _counts(evidence: Evidence) -> Counter[str]:
    """What a run was made of; where any of it is nothing, it proves nothing about that."""
    books = evidence.books
    known = {(row["smsc"], smsc_id) for row in books.outbox for smsc_id in row["ids"]}
    copies = [
        (name, one) for name, seen in evidence.traffic.items() for ids in seen.wire.copies.values() for one in ids
    ]
    results = Counter(row["state"] for row in books.outbox if row["of_session"])
    return Counter(
        {
            "orders by USSD": sum(row["channel"] == "ussd" for row in books.orders),
            "by SMS": sum(row["channel"] == "sms" for row in books.orders),
            "codes": sum(row["state"] == "redeemed" for row in books.codes.values()),
            "texts": len(books.inbox),
            "results seen": results["withdrawn"],
            "results by SMS": results["delivered"],
            "in doubt": sum(row["doubts"] for row in books.outbox),
            "sent twice": len([copy for copy in copies if copy not in known]),
            "parked": sum(row["state"] == "parked" for row in books.orders),
        }
    )


@asynccontextmanager
async def background(works: Iterable[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """As long as the context lasts."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
