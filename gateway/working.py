"""Everything that works by itself, without anybody's call: orders that are delivered, jobs. The composition root's
third part.

Decides in which order it starts and stops. An order that is being delivered when we stop is in doubt only when its
adapter does not answer in time; a job that is cut off goes on where it was, in whatever process.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from gateway.errors import GatewayError
from gateway.fulfilment.billing import Billing
from gateway.fulfilment.fulfiller import Fulfiller, FulfillerParts
from gateway.jobs.scheduler import JOBS, Scheduler, SchedulerParts
from gateway.loops import forever
from gateway.loyalty.programme import Fulfilment
from gateway.messaging import Ground
from gateway.settings import BillingAccess
from gateway.store.jobs import Jobs
from gateway.store.orders import Orders

FINISH_S = 12.0
"""How long orders under way may take when we are asked to stop: a call at its usual longest, and more."""
COUNT_S = 15.0
"""Between two counts of what waits; scrapers ask no more often."""


class Working:
    """Deliveries and jobs of one process. Without a billing its orders wait for staff, or a process that has one."""

    def __init__(self, billing: BillingAccess | None, ground: Ground) -> None:
        node = secrets.token_hex(6)
        self._ground = ground
        self._billing = Billing(billing) if billing else None
        self._orders = Orders(ground.target, ground.ledger.keys, ground.notice)
        self._jobs = Jobs(ground.target, ground.notice)
        metrics, ledger = ground.metrics, ground.ledger
        parts = FulfillerParts(self._orders, ledger.write, ground.clock, node, metrics.order_call, ground.reach)
        self._fulfiller = Fulfiller(Fulfilment.BILLING, self._billing, parts) if self._billing else None
        self._scheduler = Scheduler(
            SchedulerParts(ledger, self._jobs, ground.clock, node, metrics.job, metrics.job_age, ground.reach)
        )
        self._loops: list[asyncio.Task[None]] = []
        self._leaving: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the context lasts."""
        if self._fulfiller is not None:
            self._loops.append(forever(self._fulfiller.run))
        for job in JOBS:
            self._loops.append(forever(partial(self._scheduler.keep, job)))
        self._loops += [forever(self._scheduler.tell_ages), forever(self._count)]
        try:
            yield
        finally:
            await self.leave()
            if self._billing is not None:
                await self._billing.close()
            await self._orders.close()
            await self._jobs.close()

    def leave(self) -> "asyncio.Task[None]":
        """Begin nothing more, and let what is under way end; others may leave meanwhile."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())
        return self._leaving

    async def _leave(self) -> None:
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if self._fulfiller is not None:
            await self._fulfiller.finish(FINISH_S)

    async def _count(self) -> None:
        """Keep the gauge of what waits."""
        while True:
            with suppress(GatewayError):
                self._ground.metrics.orders(await self._orders.counts())
            await asyncio.sleep(COUNT_S)
