"""Runs each job in its rhythm, under a lease, so that of many processes one does.

The lease spares work and nothing else: a job may run twice at once without harm. A job that fails is told, and
tried again in its rhythm. Rhythms and leases are machine time.
"""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from gateway.clock import ProgrammeClock
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import BadRequestError, GatewayError
from gateway.jobs import closing, expiry, orders_due, sealing
from gateway.jobs.job import Job, Pass
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.store.jobs import Jobs
from gateway.store.ledger import Ledger

JOBS = (expiry.JOB, orders_due.JOB, closing.JOB, sealing.JOB)

RUN_S_MAX = 20.0
"""After so long a run ends between two passes, and what is left is done in the next."""
PASSES_MAX = 1_000
"""Of one run: more than fit into its time."""
LEASE = timedelta(seconds=60)
"""Longer than a run with its last pass: a process that died keeps a job from the others for so long."""
AGES_S = 15.0
"""Between two looks at when jobs went well; scrapers ask no more often."""


@dataclass(frozen=True, slots=True)
class SchedulerParts:
    """What a scheduler works with. `node` is this process's own name; `ran` is told a job and how it went; `aged`, a
    job and the seconds since it last went well."""

    ledger: Ledger
    store: Jobs
    clock: ProgrammeClock
    node: str
    ran: Callable[[str, str], object] = lambda *_: None
    aged: Callable[[str, float], object] = lambda *_: None
    reach: Reach = pass_by


class Scheduler:
    """The jobs of one process."""

    def __init__(self, parts: SchedulerParts) -> None:
        self._parts = parts
        self._runs = itertools.count(1)
        self._asking = asyncio.Lock()  # the store answers one question at a time

    async def keep(self, job: Job) -> NoReturn:
        """Until cancelled: run a job in its rhythm."""
        while True:
            try:
                await self.run(job, ran_before=datetime.now(UTC) - timedelta(seconds=job.every_s))
            except GatewayError as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(job.every_s)

    async def run(self, job: Job, ran_before: datetime | None = None) -> Pass | None:
        """Run a job now, or leave it (None) while another process runs it, or has run it since `ran_before`.

        Raises what the job raises, and what the store raises.
        """
        owner, now = f"{self._parts.node}/{next(self._runs)}", datetime.now(UTC)
        async with self._asking:
            taken = await self._parts.store.take(job.name, owner, now + LEASE, ran_before or now, now)
        if not taken:
            return None
        self._parts.reach(CrashPoint.JOB_TAKEN)
        try:
            done = await self._work_off(job)
        except Exception as error:
            self._parts.ran(job.name, "failed")
            logging.warning(LogEvent.JOB_FAILED, job=job.name, why=type(error).__name__)
            await self._end(job, owner, f"failed: {type(error).__name__}", well=False)
            raise
        self._parts.ran(job.name, "failed" if done.failed else "well")
        if done.done or done.failed:
            logging.info(LogEvent.JOB_RAN, job=job.name, done=done.done, failed=done.failed)
        await self._end(job, owner, f"{done.done} done, {done.failed} failed", well=not done.failed)
        return done

    async def tell_ages(self) -> NoReturn:
        """Until cancelled: tell how long ago each job went well, wherever that was."""
        while True:
            try:
                async with self._asking:
                    seen = await self._parts.store.listed()
                for job in seen:
                    if job.last_success_at is not None:
                        self._parts.aged(job.name, (datetime.now(UTC) - job.last_success_at).total_seconds())
            except GatewayError as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(AGES_S)

    async def _work_off(self, job: Job) -> Pass:
        """Pass after pass, each at its own moment, until there is no more to do, or nothing comes of it."""
        ends_at = asyncio.get_running_loop().time() + RUN_S_MAX
        done = failed = 0
        for _ in range(PASSES_MAX):
            one = await job.run(self._parts.ledger, await self._parts.clock.at())
            self._parts.reach(CrashPoint.JOB_PASSED)
            done, failed = done + one.done, failed + one.failed
            if not one.more or not one.done or asyncio.get_running_loop().time() > ends_at:
                break
        return Pass(done, failed)

    async def _end(self, job: Job, owner: str, result: str, *, well: bool) -> None:
        async with self._asking:
            await self._parts.store.end(job.name, owner, datetime.now(UTC), result, well=well)


def job_of(name: str) -> Job:
    """The job of that name. Raises `BadRequestError` when there is none."""
    for job in JOBS:
        if job.name == name:
            return job
    raise BadRequestError(f"there is no job {name}: there are {', '.join(job.name for job in JOBS)}")
