"""What a demo database begins with, so that a newcomer has somebody to look at, and something to exchange points for.

Members are made as any member is: by events and by a choice of language, under keys that make a second start find them.
So is what rewards there are: by staff's own acts.
"""

from datetime import datetime

from gateway.ids import Amount, IdempotencyKey
from gateway.loyalty.ports import Event
from gateway.loyalty.programme import EventType, Fulfilment, Programme
from gateway.loyalty.service import Loyalty
from gateway.loyalty.writes import ChooseLanguage
from gateway.msisdn import Msisdn
from gateway.store import rewards_view
from gateway.store.ledger import Ledger

ACTIVE = Msisdn("+79210000010")
ENGLISH = Msisdn("+79210000011")
BLOCKED = Msisdn("+79210000012")

SOURCE = "demo members"
STOCK = 1_000
"""Of each reward that is counted, and vouchers of each that hands them out."""
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


async def fill_shelves(ledger: Ledger, programme: Programme, at: datetime) -> None:
    """Fill the catalogue, once. Raises what the store raises."""
    for reward in programme.rewards:
        if reward.counted:
            await rewards_view.change_stock(ledger, reward.reward, STOCK, f"{SOURCE}: {reward.reward}", SOURCE, at)
        if reward.fulfilment is Fulfilment.VOUCHER:
            vouchers = [f"DEMO-{reward.number:02d}-{ordinal:04d}" for ordinal in range(1, STOCK + 1)]
            await rewards_view.put_vouchers(ledger, reward.reward, vouchers, SOURCE, at)
