"""Readiness: every check is asked, and one that fails in whatever way is named."""

import asyncio

import pytest

from gateway.observability import health
from gateway.observability.health import Health

pytestmark = pytest.mark.anyio


async def well() -> str:
    return "ok"


async def unwell() -> str:
    return "the database's clock is 3.0 s away from this node's"


async def broken() -> str:
    raise ConnectionResetError("gone")


async def silent() -> str:
    await asyncio.Event().wait()
    return "never"


async def test_ready_when_every_check_is_well() -> None:
    is_ready, report = await Health({"store": well, "state": well}, lambda: {"embedded": True}).ready()
    assert is_ready
    assert report == {"ready": True, "checks": {"store": "ok", "state": "ok"}, "embedded": True}


async def test_not_ready_names_each_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.05)
    is_ready, report = await Health({"a": well, "b": unwell, "c": broken, "d": silent}, dict).ready()
    assert not is_ready
    assert report["checks"] == {
        "a": "ok",
        "b": "the database's clock is 3.0 s away from this node's",
        "c": "ConnectionResetError: gone",
        "d": "no answer within 0 s",
    }
