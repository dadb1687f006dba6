"""The HTTP edge alone: what is no callback is refused in time, whoever sends it and however slowly."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.observability.metrics import Metrics
from gateway.settings import DialectAccess
from gateway.ussd.dialects import africastalking, dialects, names
from gateway.ussd.hops import Hops
from gateway.ussd.routes import UssdEdge, UssdParts

pytestmark = pytest.mark.anyio

Message = MutableMapping[str, Any]
DIALECT = replace(africastalking.DIALECT, profile=replace(africastalking.PROFILE, answer_s=0.05))
SCOPE = {
    "type": "http",
    "path": "/ussd/africastalking",
    "method": "POST",
    "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
    "client": ("127.0.0.1", 1),
    "query_string": b"",
}


SECRET = DialectAccess(secret=SecretStr("s3cret"))
BASIC = DialectAccess(user="at", password=SecretStr("p"))
HMAC = DialectAccess(hmac_key=SecretStr("k"))
PROVEN, NOT_PROVEN = 400, 401
"""An empty body is read only when its sender has proven who it is."""


async def unused(*_: object) -> None:
    raise AssertionError("nothing behind the edge is asked")


def edge() -> UssdEdge:
    parts: Any = UssdParts(Hops(None, None, Metrics()), {"africastalking": DialectAccess()}, "RU", demo=True)  # type: ignore[arg-type] # never reached
    return UssdEdge(parts, (DIALECT,), unused)


async def heard(*messages: Message, at: UssdEdge | None = None, **scope: Any) -> list[Message]:
    """What the edge sends to a caller who sends these messages and then nothing."""
    left, sent = list(messages), []

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await (at or edge())(SCOPE | scope, receive, send)
    return sent


async def test_half_a_body_is_not_waited_for() -> None:
    start, body = await heard({"type": "http.request", "body": b"sessionId=", "more_body": True})
    assert start["status"] == 408
    assert json.loads(body["body"])["title"] == "body too slow"


async def test_a_caller_who_hangs_up_is_told_nothing() -> None:
    assert await heard({"type": "http.disconnect"}) == []


def bare() -> dict[str, str]:
    return {}


def as_user() -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(b"at:p").decode()}


def signed() -> dict[str, str]:
    """The signature of an empty body."""
    now = str(int(time.time()))
    signature = hmac.digest(b"k", f"{now}.".encode(), "sha256").hex()
    return {"x-gateway-timestamp": now, "x-gateway-signature": signature}


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(
    ("access", "suffix", "headers", "status"),
    [
        pytest.param(SECRET, "/s3cret", bare, PROVEN, id="the secret in the path"),
        pytest.param(SECRET, "/another", bare, NOT_PROVEN, id="another secret"),
        pytest.param(SECRET, "", bare, NOT_PROVEN, id="no secret"),
        pytest.param(BASIC, "", as_user, PROVEN, id="user and password"),
        pytest.param(BASIC, "", bare, NOT_PROVEN, id="no user"),
        pytest.param(HMAC, "", signed, PROVEN, id="a signature"),
        pytest.param(HMAC, "", as_user, NOT_PROVEN, id="no signature"),
        pytest.param(DialectAccess(), "", bare, NOT_PROVEN, id="no proof is set, and this is no demo"),
    ],
)
async def test_every_dialect_asks_for_its_proofs(
    name: str, access: DialectAccess, suffix: str, headers: Callable[[], dict[str, str]], status: int
) -> None:
    parts: Any = UssdParts(Hops(None, None, Metrics()), {name: access}, "RU", demo=False)  # type: ignore[arg-type] # never reached
    raw = [(header.encode(), value.encode()) for header, value in headers().items()]
    mounted = UssdEdge(parts, dialects((name,)), unused)
    start, body = await heard({"type": "http.request"}, at=mounted, path=f"/ussd/{name}{suffix}", headers=raw)
    assert start["status"] == status, body
