"""The members that a demo database begins with, so that a newcomer has somebody to look at.

They are made as any member is: by events and by a choice of language, under keys that make a second start find them.
"""

from datetime import datetime

from gateway.ids import Amount, IdempotencyKey
from gateway.loyalty.ports import Event
from gateway.loyalty.programme import EventType
from gateway.loyalty.service import Loyalty
from gateway.loyalty.writes import ChooseLanguage
from gateway.msisdn import Msisdn

ACTIVE = Msisdn("+79210000010")
ENGLISH = Msisdn("+79210000011")
BLOCKED = Msisdn("+79210000012")

SOURCE = "demo members"
EVENTS = (
    (ACTIVE, EventType.ACTIVATED, 0),
    (ACTIVE, EventType.TOP_UP, 50_000),
    (ACTIVE, EventType.CHARGE, 7_700),
    (ACTIVE, EventType.CHARGE, 31_000),
    (ACTIVE, EventType.TOP_UP, 100_000),
    (ENGLISH, EventType.ACTIVATED, 0),
    (ENGLISH, EventType.TOP_UP, 30_000),
    (BLOCKED, EventType.TOP_UP, 20_000),
    (BLOCKED, EventType.BLOCKED, 0),
)


async def make_members(loyalty: Loyalty, at: datetime) -> None:
    """Make them, or find them made. Raises what the store raises."""
    for ordinal, (msisdn, kind, amount) in enumerate(EVENTS, 1):
        await loyalty.take_event(Event(SOURCE, str(ordinal), kind, msisdn, Amount(amount)), at)
    english = await loyalty.recognise(ENGLISH, at)
    if "en" in loyalty.programme.languages:
        await loyalty.ledger.write(ChooseLanguage(english.member_id, "en", IdempotencyKey(SOURCE)), at)
