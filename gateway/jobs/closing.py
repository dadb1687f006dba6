"""Days that are over are closed: what each moved on every account, for reports and for the proof."""

from datetime import datetime

from gateway.jobs.job import Job, Pass
from gateway.store.ledger import Ledger
from gateway.store.statements import DAY_CLOSED

EVERY_S = 600.0
"""A day is closed an hour after its end; ten minutes more hurt no report."""


async def run(ledger: Ledger, at: datetime) -> Pass:
    """Close the next day that is over."""
    row = await ledger.one(DAY_CLOSED, ledger.time_zone, at)
    return Pass(0) if row["day"] is None else Pass(1, more=True)


JOB = Job("closing", EVERY_S, run)
