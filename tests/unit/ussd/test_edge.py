"""The HTTP edge alone: what is no callback is refused in time, whoever sends it and however slowly."""

import asyncio
import json
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.observability.metrics import Metrics
from gateway.settings import DialectAccess
from gateway.ussd.dialects import africastalking
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


async def unused(*_: object) -> None:
    raise AssertionError("nothing behind the edge is asked")


def edge() -> UssdEdge:
    parts: Any = UssdParts(None, None, Metrics(), {"africastalking": DialectAccess()}, "RU", demo=True)  # type: ignore[arg-type] # never reached
    return UssdEdge(parts, (DIALECT,), unused)


async def heard(*messages: Message) -> list[Message]:
    """What the edge sends to a caller who sends these messages and then nothing."""
    left, sent = list(messages), []

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await edge()(SCOPE, receive, send)
    return sent


async def test_half_a_body_is_not_waited_for() -> None:
    start, body = await heard({"type": "http.request", "body": b"sessionId=", "more_body": True})
    assert start["status"] == 408
    assert json.loads(body["body"])["title"] == "body too slow"


async def test_a_caller_who_hangs_up_is_told_nothing() -> None:
    assert await heard({"type": "http.disconnect"}) == []
