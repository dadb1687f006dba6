"""A run of each job is killed when it has taken the job, and when a first pass of its work is done. Whoever runs the
job next does what is left, and nothing again: points, books and texts are as if nobody had died.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.crash import CrashPoint
from gateway.jobs import closing, expiry, orders_due, sealing
from gateway.jobs.job import Job
from gateway.store.clock import VirtualClock
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.crash.writes import OF_JOBS
from tests.integration.fulfilment.scene import Scene
from tests.integration.store.traffic import AT, enrolled, number, posted
from tests.live.billing import Billing
from tests.live.processes import command

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
DAYS = 4
ORDERS = orders_due.ORDERS_MAX + 1
MEMBERS = expiry.MEMBERS_MAX + 1


@dataclass(frozen=True, slots=True)
class Night:
    """A database of one's own, the jobs' command, and what they did."""

    ledger: Ledger
    database_url: str
    folder: Path
    connection: "asyncpg.Connection[Any]"

    def run(self, job: Job, **settings: str) -> tuple[int, str]:
        """`gateway jobs run JOB`."""
        ours = {
            "GATEWAY_DATABASE_URL": self.database_url,
            "GATEWAY_NUMBER_KEYS": NUMBER_KEYS,
            "GATEWAY_CODE_KEY": CODE_KEY,
        }
        done = command(self.folder, ours | settings, "jobs", "run", job.name)
        return done.returncode, done.stdout + done.stderr

    async def cut_off(self, job: Job, point: CrashPoint) -> None:
        """A run that dies, and keeps its job from the others until its lease ends: a minute goes by."""
        code, words = self.run(job, GATEWAY_CRASH_AT=f"{point}:1")
        assert code == -signal.SIGKILL, f"it did not come to {point}: {words}"
        code, words = self.run(job)
        assert (code, "is being run by another process" in words) == (1, True), words
        await self.connection.execute("update job set job_lease_until = now() - interval '1 second'")

    async def later(self, by: timedelta) -> None:
        """Programme time goes by."""
        await VirtualClock(self.ledger).advance(int(by.total_seconds()))


@pytest.fixture
async def night(ledger: Ledger, database_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    connection = await asyncpg.connect(database_url)
    yield Night(ledger, database_url, tmp_path, connection)
    await connection.close()


async def points_end(night: Night) -> None:
    members = [await enrolled(night.ledger, number(ordinal)) for ordinal in range(MEMBERS)]
    await asyncio.gather(*(posted(night.ledger, member_id, 100, member_id) for member_id in members))
    await night.later(367 * DAY)


async def orders_come_due(night: Night) -> None:
    scene = Scene(night.ledger, night.database_url, night.connection, Billing(night.folder))
    for _ in range(ORDERS):
        await scene.order("pick_up", "mug", due_at=AT + DAY)
    await night.later(2 * DAY)


async def days_end(night: Night) -> None:
    await posted(night.ledger, await enrolled(night.ledger), 100, 1)
    await night.later(DAYS * DAY)


async def rows_settle(night: Night) -> None:
    """The first run notes how far the journals have come; what it noted may be sealed a minute later."""
    await posted(night.ledger, await enrolled(night.ledger), 100, 1)
    assert night.run(sealing.JOB)[0] == 0
    await night.connection.execute("update seal_mark set noted_lease_until = now() - interval '1 second'")


@pytest.mark.parametrize(
    ("job", "prepare", "effects", "whole"),
    [
        pytest.param(
            expiry.JOB,
            points_end,
            "select sum(amount) / 100 from entry where account = 'breakage'",
            range(MEMBERS, MEMBERS + 1),
            id="expiry",
        ),
        pytest.param(
            orders_due.JOB,
            orders_come_due,
            "select count(*) from outbox where outcome = 'expired'",
            range(ORDERS, ORDERS + 1),
            id="orders that come due",
        ),
        pytest.param(
            closing.JOB, days_end, "select count(*) from closed_day", range(DAYS - 1, DAYS + 2), id="closings"
        ),
        pytest.param(sealing.JOB, rows_settle, "select count(*) from seal", range(1, 3), id="seals"),
    ],
)
async def test_what_a_dead_run_left_is_done_by_the_next(
    job: Job, prepare: Callable[[Night], Awaitable[None]], effects: str, whole: range, night: Night
) -> None:
    await prepare(night)
    seen = []
    for point in OF_JOBS:
        await night.cut_off(job, point)
        seen.append(int(await night.connection.fetchval(effects) or 0))
        assert await verify(night.database_url) == ()
    for _ in ("the next run", "the one after it"):
        code, words = night.run(job)
        assert code == 0, words
        seen.append(int(await night.connection.fetchval(effects)))
    assert "0 done, 0 failed" in words
    nothing, part, *after = seen
    assert nothing == 0
    assert after[0] == after[1]
    assert after[0] in whole
    assert part in (range(1, after[0]) if job is not sealing.JOB else whole), "it died in the middle of its work"
    assert await verify(night.database_url) == ()
