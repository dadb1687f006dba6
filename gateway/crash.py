"""The instants at which a process may die and nothing may be lost: named, so that a test can die at each.

A step that commits something calls `reach` right before or after it. In service that does nothing; a demo
process whose environment says `GATEWAY_CRASH_AT=<point>:<n>` is killed when it reaches that point the n-th time.
"""

from collections.abc import Callable
from enum import StrEnum


class CrashPoint(StrEnum):
    """`tests/crash` walks every member."""

    HOP_OPENED = "hop_opened"
    MEMBER_ENROLLED = "member_enrolled"
    CALL_ANSWERED = "call_answered"
    HOP_SAVED = "hop_saved"
    EVENT_DECIDED = "event_decided"
    EVENT_RECORDED = "event_recorded"
    TEXT_READ = "text_read"
    TEXT_TAKEN = "text_taken"
    TEXT_ANSWERED = "text_answered"
    MESSAGE_CLAIMED = "message_claimed"
    MESSAGE_ANSWERED = "message_answered"
    MESSAGE_SETTLED = "message_settled"
    RECEIPT_TAKEN = "receipt_taken"
    ORDER_CLAIMED = "order_claimed"
    ORDER_CALLED = "order_called"
    ORDER_SETTLED = "order_settled"
    WRITE_BOOKED = "write_booked"
    WRITE_COMMITTED = "write_committed"
    BATCH_BEGUN = "batch_begun"
    CODES_ADDED = "codes_added"
    CODES_FILED = "codes_filed"
    BATCH_ACTIVATED = "batch_activated"
    JOB_TAKEN = "job_taken"
    JOB_PASSED = "job_passed"
    KEYS_OFFERED = "keys_offered"
    KEYS_IN_FORCE = "keys_in_force"
    ROWS_RENEWED = "rows_renewed"
    KEYS_DROPPED = "keys_dropped"


Reach = Callable[[CrashPoint], None]


def pass_by(_: CrashPoint) -> None:
    """In service: nothing happens."""
