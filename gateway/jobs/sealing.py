"""Journals are sealed: each batch of rows is digested into a chain, by which an edited row is found.

The head of the chain is told in the log: whoever keeps logs elsewhere can prove that nobody made the chain anew.
"""

from datetime import UTC, datetime, timedelta

from gateway.jobs.job import Job, Pass
from gateway.store.ledger import Ledger
from gateway.store.statements import JOURNAL_SEALED

EVERY_S = 60.0
JOURNALS = ("transfer", "audit")
ROWS_MAX = 5_000
"""Of one seal: some megabytes of text, digested in tens of milliseconds."""
SETTLES = timedelta(seconds=60)
"""Longer than any transaction of ours lasts: then no row can come below an id that was seen."""


async def run(ledger: Ledger, at: datetime) -> Pass:
    """One seal of each journal, where there is something to seal."""
    now = datetime.now(UTC)
    rows = [
        (await ledger.one(JOURNAL_SEALED, journal, ROWS_MAX, at, now, now + SETTLES))["rows"] for journal in JOURNALS
    ]
    return Pass(sum(rows), more=ROWS_MAX in rows)


JOB = Job("sealing", EVERY_S, run)
