"""The back office over a real database: the whole application, keys of every kind, and a few words to speak with it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp, Message

from gateway.actions import verbs
from gateway.actions.verb import Call
from gateway.app import Stores, create
from gateway.ids import IdempotencyKey
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.settings import Role, Scope, Settings
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.store.traffic import LASTS_MAX_S

NUMBER, OTHER, NOBODY = "+79217770001", "+79217770002", "+79217770009"
KEYS = {
    "care": "+".join(Scope),
    "lead": "+".join(Scope),
    **{f"only-{scope}": scope.value for scope in Scope},
}
"""Names, which are their own secrets, and what each may do."""

_ordinals = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Office:
    """The API as a caller has it."""

    http: httpx.AsyncClient

    async def get(self, path: str, who: str = "care", **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query, headers={"x-api-key": who})

    async def post(self, path: str, body: Any, who: str = "care", key: str | None = None) -> httpx.Response:
        """Under a key of its own, unless one is given."""
        headers = {"x-api-key": who, "idempotency-key": f"test-{next(_ordinals)}" if key is None else key}
        return await self.http.post(path, json=body, headers=headers)

    async def done(self, path: str, body: Any, who: str = "care", key: str | None = None, status: int = 200) -> Any:
        """The same, and it must be done."""
        answer = await self.post(path, body, who, key)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def earn(self, amount: int, msisdn: str = NUMBER) -> None:
        """A charge of so many roubles earns so many points."""
        event = {"id": f"e{next(_ordinals)}", "type": "charge", "msisdn": msisdn, "amount": amount * 100}
        answer = await self.http.post("/v1/events", json=event, headers={"x-api-key": "care"})
        assert answer.json()["items"][0]["outcome"] == "accepted", answer.text

    async def points(self, msisdn: str = NUMBER) -> int:
        """What the number can spend."""
        member = (await self.post("/v1/members/lookup", {"msisdn": msisdn})).json()
        return sum(one["available"] for one in member["balances"] if one["unit"] == "points")


async def ordered(loyalty: Loyalty, number: str, msisdn: str = NUMBER) -> int:
    """The member exchanges points for the reward of that number, as a menu would; the order's number."""
    key = IdempotencyKey(f"quote {next(_ordinals)}")
    at = datetime.now(UTC)

    def call(of: IdempotencyKey, arguments: dict[str, str]) -> Call:
        return Call(loyalty, Msisdn(msisdn), at, "ussd", of, arguments)

    await verbs()["quote"].carry_out(call(key, {"reward": number}))
    done = await verbs()["exchange"].carry_out(call(IdempotencyKey(f"{key}:exchange"), {"quote": key}))
    order_id = done.facts["order"]
    assert isinstance(order_id, int), done
    return order_id


def settings(**changes: Any) -> Settings:
    """Keys of every kind; a day of 5,000 points for credits and of 100,000 for codes, and 1,000 for a second look."""
    keys = ",".join(f"{name}:{name}:{scopes}" for name, scopes in KEYS.items())
    usual = {"credit_max": 3000, "credit_day_max": 5000, "credit_approval_from": 1000, "codes_day_max": 100_000}
    return Settings(**{"api_keys": SecretStr(keys), **usual, **changes})


def application(database_url: str, redis_url: str, pack: Pack, **changes: Any) -> ASGIApp:
    stores = Stores(database_url, redis_url, NUMBER_KEYS, CODE_KEY, demo=True, embedded=True)
    return create(settings(**changes), stores, pack, {}, Role.HTTP)


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[Office]:
    """The application from its start to its end, as the server runs it."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    heard: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan", "state": {}}, told.get, heard.put))
    await told.put({"type": "lifespan.startup"})
    started = await asyncio.wait_for(heard.get(), LASTS_MAX_S)
    assert started["type"] == "lifespan.startup.complete", started
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=LASTS_MAX_S) as client:
        yield Office(client)
    await told.put({"type": "lifespan.shutdown"})
    await asyncio.wait_for(life, LASTS_MAX_S)
