"""Rewards and orders over the API: stock, vouchers, switches, and staff's word on how an order ended."""

from typing import Any

import asyncpg
import pytest

from gateway.loyalty.service import Loyalty
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.integration.api.office import NUMBER, Office, ordered

pytestmark = pytest.mark.anyio


@pytest.fixture
def loyalty(ledger: Ledger, pack: Pack) -> Loyalty:
    return Loyalty(pack.programme, ledger)


async def reward(office: Office, code: str) -> dict[str, Any]:
    items = (await office.get("/v1/rewards")).json()["items"]
    return next(item for item in items if item["reward"] == code)


async def stocked(office: Office, by: int = 5) -> int:
    left: int = (await office.done("/v1/rewards/mug/stock", {"by": by}))["left"]
    return left


async def test_stock_comes_in_once(office: Office) -> None:
    before = (await reward(office, "mug"))["left"]
    for _ in range(2):
        answer = await office.done("/v1/rewards/mug/stock", {"by": 7}, key="s")
        assert answer == {"reward": "mug", "left": before + 7}
    fewer = await office.post("/v1/rewards/mug/stock", {"by": -(before + 8)})
    assert (fewer.status_code, fewer.json()["title"]) == (409, "too much")
    assert (await reward(office, "mug"))["left"] == before + 7
    for code, by, status in (("moon", 1, 404), ("cinema", 1, 409), ("mug", 0, 409)):
        assert (await office.post(f"/v1/rewards/{code}/stock", {"by": by})).status_code == status


async def test_vouchers_come_in_once(office: Office) -> None:
    before = (await reward(office, "cinema"))["left"]
    vouchers = [f"KINO-{ordinal}" for ordinal in range(2500)]
    for _ in range(2):
        answer = await office.done("/v1/rewards/cinema/vouchers", {"vouchers": vouchers}, key="v")
        assert answer == {"reward": "cinema", "new": 2500}
    assert (await office.done("/v1/rewards/cinema/vouchers", {"vouchers": [*vouchers, "NEW"]}))["new"] == 1
    assert (await reward(office, "cinema"))["left"] == before + 2501
    wrong = await office.post("/v1/rewards/cinema/vouchers", {"vouchers": ["has space"]})
    assert wrong.status_code == 400
    assert "has space" not in wrong.text
    assert (await office.post("/v1/rewards/mug/vouchers", {"vouchers": ["A"]})).status_code == 409


async def test_an_order_that_waits_is_delivered_once(office: Office, loyalty: Loyalty, database_url: str) -> None:
    await office.earn(3000)
    order_id = await ordered(loyalty, "12")
    (item,) = (await office.get("/v1/orders")).json()["items"]
    assert (item["order_id"], item["state"], item["msisdn"]) == (order_id, "waiting", "+7921*****01")
    path = f"/v1/orders/{order_id}/deliver"
    for _ in range(2):
        assert (await office.done(path, {"reason": "done"}, key="d")) == {"order_id": order_id, "state": "delivered"}
    for word in ("deliver", "refuse"):
        late = await office.post(f"/v1/orders/{order_id}/{word}", {"reason": "again"})
        assert (late.status_code, late.json()["detail"]) == (409, "left alone: it is delivered")
    assert await office.points() == 500
    assert (await office.get("/v1/orders")).json()["items"] == []
    (over,) = (await office.done("/v1/orders/search", {"msisdn": NUMBER}))["items"]
    assert (over["state"], over["reason"]) == ("delivered", "done")
    connection = await asyncpg.connect(database_url)
    told = await connection.fetchval("select outcome from outbox where reply = 'order'")
    await connection.close()
    assert told == "delivered"
    assert await verify(database_url) == ()


async def test_a_refused_order_gives_points_and_stock_back(office: Office, loyalty: Loyalty) -> None:
    await office.earn(1000)
    left = await stocked(office)
    order_id = await ordered(loyalty, "10")
    assert ((await reward(office, "mug"))["left"], await office.points()) == (left - 1, 300)
    await office.done(f"/v1/orders/{order_id}/refuse", {"reason": "broken"})
    assert ((await reward(office, "mug"))["left"], await office.points()) == (left, 1000)


async def test_a_code_hands_an_order_over(office: Office, loyalty: Loyalty, ledger: Ledger, database_url: str) -> None:
    await office.earn(1000)
    await stocked(office)
    order_id = await ordered(loyalty, "10")
    connection = await asyncpg.connect(database_url)
    row = await connection.fetchrow("select member_id, key from reward_order where order_id = $1", order_id)
    await connection.close()
    code = ledger.items.code_keys.handovers(*row)[0]
    wrong = await office.post("/v1/orders/hand-over", {"code": f"{(int(code) + 1) % 10**10:010}"})
    assert (wrong.status_code, wrong.json()["title"]) == (404, "no order")
    spaced = f"{code[:5]} {code[5:]}"
    assert await office.done("/v1/orders/hand-over", {"code": spaced}) == {"order_id": order_id, "state": "delivered"}
    assert (await office.post("/v1/orders/hand-over", {"code": code})).status_code == 409


async def test_only_a_billings_order_is_tried_again(office: Office, loyalty: Loyalty) -> None:
    await office.earn(5000)
    by_hand, by_billing = await ordered(loyalty, "12"), await ordered(loyalty, "5")
    assert (await office.post(f"/v1/orders/{by_hand}/retry", {"reason": "r", "not_delivered": True})).status_code == 409
    doubtful = await office.post(f"/v1/orders/{by_billing}/retry", {"reason": "r"})
    assert (doubtful.status_code, doubtful.json()["title"]) == (409, "no repeats")
    assert (await office.post("/v1/orders/99999/deliver", {"reason": "r"})).status_code == 404


async def test_orders_are_paged_and_chosen_by_state(office: Office, loyalty: Loyalty) -> None:
    await office.earn(9000)
    orders = [await ordered(loyalty, "12") for _ in range(3)]
    await office.done(f"/v1/orders/{orders[0]}/refuse", {"reason": "r"})
    first = (await office.get("/v1/orders", limit=1)).json()
    second = (await office.get("/v1/orders", limit=1, cursor=first["next"])).json()
    assert [item["order_id"] for item in first["items"] + second["items"]] == [orders[2], orders[1]]
    assert second["next"] is None
    (refused,) = (await office.get("/v1/orders", state="refused")).json()["items"]
    assert refused["order_id"] == orders[0]


async def test_a_switch_stops_and_lets_go_on(office: Office, loyalty: Loyalty) -> None:
    await office.earn(3000)
    for _ in range(2):
        thrown = await office.done("/v1/switches/throw", {"name": "reward:visit", "reason": "no master"})
        assert thrown == {"name": "reward:visit", "thrown": True}
    assert (await reward(office, "visit"))["stopped"] is True
    (item,) = (await office.get("/v1/switches")).json()["items"]
    assert (item["name"], item["thrown_by"], item["reason"]) == ("reward:visit", "api:care", "no master")
    assert await office.done("/v1/switches/close", {"name": "reward:visit"}) == {
        "name": "reward:visit",
        "thrown": False,
    }
    assert (await office.get("/v1/switches")).json()["items"] == []
    misspelt = await office.post("/v1/switches/throw", {"name": "reward:vizit", "reason": "r"})
    assert (misspelt.status_code, misspelt.json()["title"]) == (404, "no switch")
