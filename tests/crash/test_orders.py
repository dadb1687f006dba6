"""A gateway is killed at each named instant of an order's delivery. Whoever comes next delivers what surely was not,
asks or repeats where the billing can bear it, and parks the rest: no reward without its points, no points without it.
"""

from pathlib import Path

import pytest

from gateway.settings import Repeats
from gateway.store.ledger import Ledger
from gateway.store.tracks import Target, connect
from tests.conftest import CODE_KEY, LONG, NUMBER_KEYS
from tests.crash.orders import ORDERS, REACHED
from tests.integration.fulfilment.scene import EARNED, PRICE, Scene
from tests.live.billing import Billing
from tests.live.processes import Gateway

pytestmark = pytest.mark.anyio

TIMEOUT_S = 0.3
"""Of the billing; the lease of an order is six times as long, and five seconds."""


@pytest.mark.parametrize("number", range(1, ORDERS + 1) if LONG else (2,))
@pytest.mark.parametrize("repeats", Repeats)
async def test_a_death_at_any_point_delivers_nothing_twice_and_loses_nothing(
    repeats: Repeats, number: int, ledger: Ledger, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    stores = {"GATEWAY_DATABASE_URL": database_url, "GATEWAY_REDIS_URL": redis_url}
    keys = {"GATEWAY_NUMBER_KEYS": NUMBER_KEYS, "GATEWAY_CODE_KEY": CODE_KEY}
    connection = await connect(Target(database_url, "test"))
    async with Billing(tmp_path) as billing:
        await billing.behave(mode=repeats)
        scene = Scene(ledger, database_url, connection, billing)
        settings = stores | keys | billing.settings(repeats, TIMEOUT_S)
        orders: list[int] = []
        for point in REACHED:
            orders += [await scene.order() for _ in range(ORDERS)]
            with Gateway(tmp_path, settings) as dying:
                dying.start(GATEWAY_CRASH_AT=f"{point}:{number}")
                assert dying.wait_killed(), f"no order came to {point}: {dying.last_words()}"
        orders.append(await scene.order())
        with Gateway(tmp_path, settings) as alive:
            alive.start()
            ends = {order_id: await scene.ended(order_id) for order_id in orders}
        came = {order_id: await scene.delivered(order_id) for order_id in orders}
    await connection.close()

    for order_id, books in ends.items():
        stands = (books.state, books.hold, books.available, books.told)
        if repeats is Repeats.NEVER and books.state == "parked":
            assert stands == ("parked", "open", EARNED - PRICE, ())
            assert came[order_id] <= 1, "staff find out whether it came"
        else:
            assert stands == ("delivered", "captured", EARNED - PRICE, ("delivered",))
            assert came[order_id] == 1
    assert ends[orders[-1]].state == "delivered", "what nobody had begun is delivered whatever happened before"
