"""Readiness over the real stores: what an operator and a balancer are told."""

import asyncpg
import httpx
import pytest

from gateway import app
from gateway.app import Stores, create
from gateway.pack import Pack
from gateway.settings import Settings
from gateway.store import functions
from tests.conftest import CODE_KEY

pytestmark = pytest.mark.anyio

NUMBER_KEYS = "1:" + "5a" * 32


async def ready(
    database_url: str, redis_url: str, pack: Pack, number_keys: str = NUMBER_KEYS, *, demo: bool = True
) -> httpx.Response:
    """What a gateway over these stores says of itself."""
    stores = Stores(database_url, redis_url, number_keys, CODE_KEY, demo=demo, embedded=True)
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


async def test_another_key_is_not_ready(database_url: str, redis_url: str, pack: Pack) -> None:
    assert (await ready(database_url, redis_url, pack)).status_code == 200
    answer = await ready(database_url, redis_url, pack, "1:" + "6b" * 32)
    assert answer.status_code == 503
    assert "GATEWAY_NUMBER_KEYS" in answer.json()["checks"]["store"]


async def test_a_demo_database_is_not_ready_to_be_a_real_one(database_url: str, redis_url: str, pack: Pack) -> None:
    answer = await ready(database_url, redis_url, pack, demo=False)
    assert "--demo" in answer.json()["checks"]["store"]


async def test_a_schema_that_is_gone_is_not_ready(database_url: str, redis_url: str, pack: Pack) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(f"alter schema {functions.schema_name()} rename to fn_of_yesterday")
    await connection.close()
    answer = await ready(database_url, redis_url, pack)
    assert answer.status_code == 503
    assert "gateway migrate" in answer.json()["checks"]["store"]
