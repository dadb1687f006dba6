"""`gateway jobs`: what is done from time to time, and how it went."""

import dataclasses
import secrets

import typer
from rich.table import Table

from gateway.cli_ground import EXIT_FAULTS, Desk, Json, at_desk, out, print_json, say
from gateway.clock import ProgrammeClock
from gateway.jobs.job import Pass
from gateway.jobs.scheduler import JOBS, Scheduler, SchedulerParts, job_of
from gateway.store.clock import MachineClock, VirtualClock
from gateway.store.jobs import Jobs, JobView

app = typer.Typer(no_args_is_help=True, help="Jobs.")


@app.command("list")
def list_jobs(as_json: Json = False) -> None:
    """List the jobs, with how each went the last time."""

    async def read(desk: Desk) -> dict[str, JobView]:
        store = Jobs(desk.target, lambda *_: None)
        try:
            return {job.name: job for job in await store.listed()}
        finally:
            await store.close()

    ran = at_desk(read)
    rows = [ran.get(job.name, JobView(job.name, None, None, None, None, "never")) for job in JOBS]
    if as_json:
        print_json({"jobs": [dataclasses.asdict(row) for row in rows]})
        return
    table = Table("job", "last ran", "last went well", "result", box=None)
    for row in rows:
        moments = [
            moment.isoformat(timespec="seconds") if moment else "" for moment in (row.last_ran_at, row.last_success_at)
        ]
        table.add_row(row.name, *moments, f"{row.last_result}{', runs now' if row.owner else ''}")
    out.print(table)


@app.command()
def run(name: str) -> None:
    """Run a job now. Exit 1 while another process runs it, or when something of it failed."""
    job = job_of(name)

    async def work(desk: Desk) -> Pass | None:
        clock: ProgrammeClock = VirtualClock(desk.ledger) if desk.demo else MachineClock()
        store = Jobs(desk.target, lambda *_: None)
        try:
            node = f"command {secrets.token_hex(6)}"
            parts = SchedulerParts(desk.ledger, store, clock, node, reach=desk.reach)
            return await Scheduler(parts).run(job)
        finally:
            await store.close()

    done = at_desk(work)
    if done is None:
        say(f"{name} is being run by another process")
    else:
        say(f"{name}: {done.done} done, {done.failed} failed")
    raise typer.Exit(EXIT_FAULTS if done is None or done.failed else 0)
