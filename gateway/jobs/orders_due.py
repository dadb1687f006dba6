"""Orders that nobody collected, or that nobody delivered, in time give the points back, and their members are told.

An order that the operator's billing may have delivered is left alone: whoever finds out says how it ended.
"""

from datetime import datetime

from gateway.ids import IdempotencyKey, MemberId
from gateway.jobs.job import Job, Pass, done_each
from gateway.loyalty.ports import OrderState
from gateway.loyalty.writes import SettleOrder, Told
from gateway.store.ledger import Ledger
from gateway.store.statements import ORDERS_DUE

EVERY_S = 5.0
"""One look at an index; a day's orders come due at the hours of the day before."""
ORDERS_MAX = 100
EXPIRED = "expired"


async def run(ledger: Ledger, at: datetime) -> Pass:
    """One pass over orders whose time is out."""
    rows = await ledger.looks((ORDERS_DUE, (at, ORDERS_MAX)))
    ends = [
        SettleOrder(
            MemberId(row["member_id"]),
            row["order_id"],
            EXPIRED,
            "not collected in time" if row["state"] == OrderState.READY else "not delivered in time",
            "job",
            # An order that is being delivered when its turn comes is left; when it waits again, this is another try.
            IdempotencyKey(f"order:{row['order_id']}:{row['tries']}:due"),
            told=Told("result", "order", EXPIRED, {"reward": row["reward"]}, row["language"]),
        )
        for row in rows
    ]
    return await done_each([ledger.write(end, at) for end in ends], ORDERS_MAX)


JOB = Job("orders_due", EVERY_S, run)
