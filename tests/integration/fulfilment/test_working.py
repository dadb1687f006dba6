"""A whole gateway that delivers by itself: which roles do it, what they show, and how they stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Message

from gateway.app import Stores, create
from gateway.pack import Pack
from gateway.settings import Repeats, Role, Settings
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.fulfilment.scene import EARNED, PRICE, Scene
from tests.live.billing import KEY

pytestmark = pytest.mark.anyio

ENDS_S = 15.0


@asynccontextmanager
async def living(application: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """The application between its start and its stop, and a client of it."""
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    outgoing: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.create_task(application({"type": "lifespan"}, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    assert (await outgoing.get())["type"] == "lifespan.startup.complete"
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://gateway") as client:
            yield client
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        async with asyncio.timeout(ENDS_S):
            assert (await outgoing.get())["type"] == "lifespan.shutdown.complete"
            await life


@dataclass(frozen=True, slots=True)
class Gateways:
    """Gateways over one scene."""

    scene: Scene
    redis_url: str
    pack: Pack

    def of(self, role: Role, timeout_s: float = 1.0, *, billing: bool = True) -> ASGIApp:
        stores = Stores(self.scene.database_url, self.redis_url, NUMBER_KEYS, CODE_KEY, demo=True, embedded=False)
        theirs = {
            "billing_url": self.scene.billing.url,
            "billing_key": SecretStr(KEY),
            "billing_repeats": Repeats.NEVER,
            "billing_timeout_s": timeout_s,
        }
        return create(Settings(**theirs if billing else {}), stores, self.pack, {}, role)


@pytest.fixture
def gateways(scene: Scene, redis_url: str, pack: Pack) -> Gateways:
    return Gateways(scene, redis_url, pack)


@pytest.mark.parametrize(
    ("role", "delivers", "callbacks"),
    [
        pytest.param(Role.ALL, True, True, id="all"),
        pytest.param(Role.JOBS, True, False, id="jobs"),
        pytest.param(Role.HTTP, False, True, id="http"),
    ],
)
async def test_roles(scene: Scene, gateways: Gateways, role: Role, delivers: bool, callbacks: bool) -> None:
    order_id = await scene.order()
    async with living(gateways.of(role)) as client:
        dialled = await client.post("/ussd/africastalking", content=b"")
        assert (dialled.status_code == 404) is not callbacks
        assert (await client.get("/health/ready")).status_code == 200
        if delivers:
            await scene.until(order_id, lambda books: books.state == "delivered", "delivered")
            shown = (await client.get("/metrics")).text
            assert 'order_calls_total{verdict="delivered"} 1.0' in shown
            assert "job_success_age_seconds" in shown
    assert (await scene.books(order_id)).state == ("delivered" if delivers else "placed")


async def test_without_a_billing_its_orders_wait_for_staff(scene: Scene, gateways: Gateways) -> None:
    order_id = await scene.order()
    async with living(gateways.of(Role.JOBS, billing=False)):
        pass
    assert (await scene.books(order_id)).state == "placed"
    async with living(gateways.of(Role.JOBS)):
        await scene.until(order_id, lambda books: books.state == "delivered", "delivered")


async def test_an_order_under_way_is_finished_before_the_stop(scene: Scene, gateways: Gateways) -> None:
    await scene.billing.behave(mode=Repeats.NEVER, slow_s=0.7)
    order_id = await scene.order()
    async with living(gateways.of(Role.JOBS, timeout_s=5)):
        while not await scene.delivered(order_id):  # it is done there, and not yet answered
            pass
        assert (await scene.books(order_id)).state == "calling"
    books = await scene.books(order_id)
    assert (books.state, books.hold, books.available) == ("delivered", "captured", EARNED - PRICE)
