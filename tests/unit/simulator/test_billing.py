"""The billing of the simulator: what it delivers, what it refuses to hear, and that its faults are what they say."""

import hmac
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from simulator.billing import KEY, Billing, create

pytestmark = pytest.mark.anyio

ORDER = (
    b'{"order_id": "1-1", "msisdn": "+79210000001", "reward": "mug", "terms": {"size": 1}, "placed_at": "2026-11-22"}'
)


def signed(body: bytes = b"", key: str = KEY, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    signature = hmac.digest(key.encode(), timestamp.encode() + b"." + body, "sha256").hex()
    return {"X-Gateway-Timestamp": timestamp, "X-Gateway-Signature": signature}


@pytest.fixture
def http() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create(Billing(), KEY)), base_url="http://billing")


async def placed(http: httpx.AsyncClient, body: bytes = ORDER) -> tuple[int, Any]:
    response = await http.post("/orders", content=body, headers=signed(body))
    return response.status_code, response.json().get("state")


async def asked(http: httpx.AsyncClient, order_id: str = "1-1") -> tuple[int, Any]:
    response = await http.get(f"/orders/{order_id}", headers=signed())
    return response.status_code, response.json().get("state")


async def books(http: httpx.AsyncClient) -> list[tuple[str, int, int]]:
    rows = (await http.get("/orders")).json()["orders"]
    return [(row["state"], row["delivered"], row["came"]) for row in rows]


@pytest.mark.parametrize(
    ("mode", "twice"), [pytest.param("idempotent", 1, id="once"), ("askable", 2), pytest.param("never", 2, id="twice")]
)
async def test_an_order_that_comes_again(http: httpx.AsyncClient, mode: str, twice: int) -> None:
    async with http:
        await http.post("/faults", json={"mode": mode})
        assert await placed(http) == (200, "delivered")
        assert await placed(http) == (200, "delivered")
        assert await books(http) == [("delivered", twice, 2)]
        assert (await http.delete("/orders")).json() == {"orders": []}


async def test_faults_are_done_as_often_as_they_are_ordered(http: httpx.AsyncClient) -> None:
    async with http:
        await http.post("/faults", json={"refuse_next": 1, "status": 500, "status_count": 1})
        assert await placed(http) == (500, None)
        assert await books(http) == []
        assert await placed(http) == (200, "refused")
        assert await placed(http) == (200, "refused"), "it stands by its word"
        other = ORDER.replace(b"1-1", b"1-2")
        await http.post("/faults", json={"pending": 1})
        assert [await placed(http, other) for _ in range(2)] == [(202, "pending"), (200, "delivered")]
        assert (await http.delete("/faults")).json()["pending"] == 0


async def test_an_askable_billing_says_what_became_of_an_order(http: httpx.AsyncClient) -> None:
    async with http:
        assert (await asked(http))[0] == 405, "not in another mode"
        await http.post("/faults", json={"mode": "askable", "pending": 2})
        assert await asked(http) == (404, "unknown")
        assert await placed(http) == (202, "pending")
        assert [await asked(http) for _ in range(2)] == [(202, "pending"), (200, "delivered")]
        assert await books(http) == [("delivered", 1, 1)]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(dict, ORDER, id="no signature"),
        pytest.param(lambda: signed(ORDER, "another key"), ORDER, id="another key"),
        pytest.param(lambda: signed(ORDER), ORDER + b" ", id="another body"),
        pytest.param(lambda: signed(ORDER, at=time.time() - 301), ORDER, id="kept for too long"),
    ],
)
async def test_who_cannot_prove_who_he_is_gets_nothing(
    http: httpx.AsyncClient, headers: Callable[[], dict[str, str]], body: bytes
) -> None:
    async with http:
        assert (await http.post("/orders", content=body, headers=headers())).status_code == 401
        assert await books(http) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", ORDER.replace(b"+7", b"7"), ORDER.replace(b'"mug"', b"1"), ORDER.replace(b"size", b"si\xffze")]
)
async def test_an_order_that_cannot_be_read_is_told(http: httpx.AsyncClient, body: bytes) -> None:
    async with http:
        response = await http.post("/orders", content=body, headers=signed(body))
        assert response.status_code == 400
        assert response.json()["detail"]


async def test_a_fault_that_is_none_is_told(http: httpx.AsyncClient) -> None:
    async with http:
        assert (await http.post("/faults", json={"refuse": 1})).json() == {
            "detail": ["refuse: Extra inputs are not permitted"]
        }
