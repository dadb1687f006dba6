"""A bug of ours behind the API: the caller hears a problem document, and nothing prints what the error holds."""

import httpx
import pytest

from gateway.api import events
from gateway.app import Stores, create
from gateway.pack import Pack
from gateway.settings import Settings
from tests.conftest import CODE_KEY, NUMBER_KEYS

pytestmark = pytest.mark.anyio


async def test_it_is_answered_and_not_raised_again(
    database_url: str, redis_url: str, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("+79210000001 has hunter2")

    monkeypatch.setattr(events, "_take_all", broken)
    application = create(
        Settings(), Stores(database_url, redis_url, NUMBER_KEYS, CODE_KEY, demo=True, embedded=True), pack, {}
    )
    event = {"id": "1", "type": "activated", "msisdn": "+79210000001"}
    # The transport raises whatever leaves the application, as the server would print it.
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://gateway") as client:
        answer = await client.post("/v1/events", json=event, headers={"x-api-key": "demo"})
    assert (answer.status_code, answer.json()["title"]) == (500, "unexpected")
    assert "hunter2" not in answer.text
