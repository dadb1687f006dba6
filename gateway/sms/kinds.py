"""The kinds of messages: which lane each takes, how long it is worth sending, and what is done when it is in doubt.

A message is *in doubt* when it was on the wire and its link or process died before the answer: SMPP cannot say whether
the SMSC has it (decision 0010).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Lane(StrEnum):
    """Lanes share a link by weight: a campaign of a million never delays a reply."""

    REPLY = "reply"
    SERVICE = "service"
    CAMPAIGN = "campaign"


class WhenInDoubt(StrEnum):
    """`RESEND`: at once, the same text. `AWAIT_RECEIPT`: when no receipt has come for a while. `DROP`: never."""

    RESEND = "resend"
    AWAIT_RECEIPT = "await_receipt"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `lives` is how long after its creation it may still be sent, and its validity in the SMSC."""

    name: str
    lane: Lane
    lives: timedelta
    when_in_doubt: WhenInDoubt
    wants_receipt: bool = True


REPLY = Kind("reply", Lane.REPLY, timedelta(minutes=10), WhenInDoubt.RESEND)
"""To somebody who has just texted and waits: worthless after ten minutes, and two are better than none."""
VOUCHER = Kind("voucher", Lane.SERVICE, timedelta(days=3), WhenInDoubt.AWAIT_RECEIPT)
"""Something of value, the same in each copy: it must arrive, and a second copy only frightens."""
RESULT = Kind("result", Lane.SERVICE, timedelta(days=1), WhenInDoubt.RESEND)
"""What became of points, to somebody who may not have seen the screen that said it."""
ADVERTISING = Kind("advertising", Lane.CAMPAIGN, timedelta(hours=12), WhenInDoubt.DROP, wants_receipt=False)
"""Nobody misses it; twice, it annoys."""

KINDS = {kind.name: kind for kind in (REPLY, VOUCHER, RESULT, ADVERTISING)}
