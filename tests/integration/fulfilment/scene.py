"""Members who order, a billing that delivers over real HTTP, and what the books say afterwards."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from gateway.clock import ProgrammeClock
from gateway.fulfilment.billing import Billing
from gateway.fulfilment.fate import Patience
from gateway.fulfilment.fulfiller import Fulfiller, FulfillerParts, Settle
from gateway.ids import Amount, MemberId
from gateway.loyalty.ports import Result
from gateway.loyalty.writes import MakeQuote, PlaceOrder, Told
from gateway.settings import BillingAccess, Repeats
from gateway.store.ledger import Ledger
from gateway.store.orders import Orders
from gateway.store.tracks import Target
from gateway.store.verify import verify
from tests.integration.store.traffic import AT, POINTS, Connection, enrolled, key, number, posted
from tests.live import billing as live

HASTY = Patience(first_s=0.02, longest_s=0.1, doubt_s=0.02, look_s=0.02)
"""The same steps as in service, in little time."""
PATIENCE_S = 60.0
KNOCK_S = 0.02
PRICE = Amount(300)
EARNED = 1_000
TERMS: Mapping[str, Any] = {"product": "internet_1gb"}

_ordinals = itertools.count(1)


class SetClock:
    """Programme time as a test wants it."""

    def __init__(self) -> None:
        self.now = AT

    async def at(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Books:
    """How an order stands: its state and reason, its hold's state, what its member can spend, and what was texted."""

    state: str
    reason: str
    hold: str
    available: int
    told: tuple[str, ...]
    tries: int
    doubtful: bool


@dataclass
class Scene:
    """A shop with one billing behind it."""

    ledger: Ledger
    database_url: str
    connection: Connection
    billing: live.Billing
    clock: SetClock = field(default_factory=SetClock)

    async def order(self, fulfilment: str = "billing", reward: str = "internet_1gb", **more: Any) -> int:
        """A new member with 1000 points orders for 300 of them; the order's number."""
        return (await self.placed(fulfilment, reward, **more))[0]

    async def placed(
        self, fulfilment: str, reward: str, told: Mapping[str, Told] | None = None, **more: Any
    ) -> tuple[int, MemberId]:
        """The same, with the member."""
        ordinal, at = next(_ordinals), self.clock.now
        member_id = await enrolled(self.ledger, number(2_000_000 + ordinal))
        await posted(self.ledger, member_id, EARNED, f"points {ordinal}", at)
        quote = key(f"quote {ordinal}")
        expires_at = at + timedelta(minutes=10)
        await self.ledger.write(MakeQuote(member_id, reward, POINTS, PRICE, "9373", quote, expires_at), at)
        written = await self.ledger.write(
            PlaceOrder(
                member_id,
                reward,
                fulfilment,
                POINTS,
                PRICE,
                quote,
                "sms",
                key(f"order {ordinal}"),
                terms=TERMS,
                told=told or {},
                **more,
            ),
            at,
        )
        assert written.result in {Result.ORDERED, Result.READY}, written
        return written.ids["order_id"], member_id

    def access(self, repeats: Repeats, timeout_s: float = 0.5) -> BillingAccess:
        return BillingAccess(self.billing.url, SecretStr(live.KEY), repeats, timeout_s)

    @asynccontextmanager
    async def delivering(
        self,
        repeats: Repeats,
        *,
        timeout_s: float = 0.5,
        patience: Patience = HASTY,
        settle: Settle | None = None,
        clock: ProgrammeClock | None = None,
    ) -> AsyncIterator[Fulfiller]:
        """The loop, for as long as the context lasts."""
        orders = Orders(Target(self.database_url), self.ledger.keys, lambda *_: None)
        adapter = Billing(self.access(repeats, timeout_s))
        parts = FulfillerParts(
            orders, settle or self.ledger.write, clock or self.clock, f"test {next(_ordinals)}", patience=patience
        )
        fulfiller = Fulfiller("billing", adapter, parts)
        loop = asyncio.create_task(fulfiller.run())
        try:
            yield fulfiller
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
            await fulfiller.finish(PATIENCE_S)
            await adapter.close()
            await orders.close()

    async def books(self, order_id: int) -> Books:
        row = await self.connection.fetchrow(
            """select o.state, o.reason, h.state as hold, o.tries, o.doubtful,
                      available(o.member_id, o.unit, $2) as available,
                      array(select x.outcome from outbox x
                             where x.member_id = o.member_id and x.reply = 'order' order by x.message_id) as told
                 from reward_order o left join hold h on h.member_id = o.member_id and h.hold_id = o.hold_id
                where o.order_id = $1""",
            order_id,
            self.clock.now,
        )
        assert row is not None
        return Books(**dict(row) | {"told": tuple(row["told"])})

    async def until(self, order_id: int, reached: Callable[[Books], bool], what: str) -> Books:
        """The books of an order, once they are so."""
        books = await self.books(order_id)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not reached(books):
                    await asyncio.sleep(KNOCK_S)
                    books = await self.books(order_id)
        except TimeoutError:
            raise AssertionError(f"not within {PATIENCE_S:.0f} s: {what}; {books}") from None
        return books

    async def ended(self, order_id: int) -> Books:
        """The books of an order, once it is over or parked; the ledger is right."""
        over = {"delivered", "refused", "expired", "parked"}
        books = await self.until(order_id, lambda seen: seen.state in over, "over or parked")
        assert await verify(self.database_url) == ()
        return books

    async def delivered(self, order_id: int) -> int:
        """How often the billing really delivered it."""
        of_ours = [row for name, row in (await self.billing.orders()).items() if name.endswith(f"-{order_id}")]
        return sum(row["delivered"] for row in of_ours)

    async def leased(self, order_id: int, lease_until: datetime) -> None:
        """Somebody took the order to deliver it, and died."""
        orders = Orders(Target(self.database_url), self.ledger.keys, lambda *_: None)
        try:
            taken = await orders.claim(["billing"], 1, "somebody who died", lease_until)
        finally:
            await orders.close()
        assert [one.order_id for one in taken] == [order_id]
