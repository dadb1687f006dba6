"""Readiness over the real stores: what an operator and a balancer are told."""

import httpx
import pytest

from gateway import app
from gateway.app import Stores, create
from gateway.pack import Pack
from gateway.settings import Settings

pytestmark = pytest.mark.anyio

NUMBER_KEYS = "1:" + "5a" * 32


async def ready(database_url: str, redis_url: str, pack: Pack) -> httpx.Response:
    """What a gateway over these stores says of itself."""
    stores = Stores(database_url, redis_url, NUMBER_KEYS, demo=False, embedded=True)
    application = create(Settings(), stores, pack, {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://gateway") as client:
        return await client.get("/health/ready")


async def test_ready_says_that_the_stores_are_embedded(database_url: str, redis_url: str, pack: Pack) -> None:
    answer = await ready(database_url, redis_url, pack)
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"store": "ok", "state": "ok"}
    assert answer.json()["embedded"] is True


async def test_clocks_too_far_apart_are_not_ready(
    database_url: str, redis_url: str, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "CLOCKS_APART_MAX_S", -1.0)
    answer = await ready(database_url, redis_url, pack)
    assert answer.status_code == 503
    assert "away from this node" in answer.json()["checks"]["store"]


async def test_a_store_that_is_away_is_named(redis_url: str, pack: Pack) -> None:
    answer = await ready("postgresql://gateway@/gateway?host=/nowhere", redis_url, pack)
    assert answer.status_code == 503
    assert answer.json()["checks"]["store"].startswith("StoreUnavailableError")
    assert answer.json()["checks"]["state"] == "ok"


async def test_sessions_that_are_away_are_named(database_url: str, pack: Pack) -> None:
    answer = await ready(database_url, "unix:///nowhere/valkey.sock", pack)
    assert answer.status_code == 503
    assert answer.json()["checks"]["state"].startswith("StateUnavailableError")
