"""What is over becomes breakage, and holds whose time is out end.

A balance never shows what is over, swept or not; the sweep is for the books and for the statement.
"""

from datetime import datetime

from gateway.jobs.job import Job, Pass, done_each
from gateway.store.ledger import Ledger
from gateway.store.statements import MEMBERS_DUE

EVERY_S = 30.0
"""Points expire at midnight, a month at a time; holds of minutes are ended by whoever moves points next."""
MEMBERS_MAX = 200
"""Of one pass: four flights of the ledger, between which everybody else's writes go."""


async def run(ledger: Ledger, at: datetime) -> Pass:
    """One pass over members of whom something is over."""
    pack_version_id = await ledger.open(at)
    rows = await ledger.looks((MEMBERS_DUE, (at, MEMBERS_MAX)))
    sweeps = [
        {
            "primitive": "expire",
            "member_id": row["member_id"],
            "channel": "job",
            "pack_version_id": pack_version_id,
            "at": at.isoformat(),
            "grace_s": ledger.items.grace_s,
        }
        for row in rows
    ]
    return await done_each([ledger.carry_out(sweep) for sweep in sweeps], MEMBERS_MAX)


JOB = Job("expiry", EVERY_S, run)
