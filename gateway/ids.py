"""Identifiers, as types. Nothing here draws a random number: whoever mints an id is handed the source."""

from typing import NewType

MemberId = NewType("MemberId", int)
Unit = NewType("Unit", str)
"""A programme's unit by its name in the pack: `points`, `gift_units`."""

Amount = NewType("Amount", int)
"""Whole units; never a fraction. 1 point = 1 kopeck."""

SessionUid = NewType("SessionUid", str)
"""Our own id of a USSD session, minted at each opening; the other side's ids come round again."""

IdempotencyKey = NewType("IdempotencyKey", str)
