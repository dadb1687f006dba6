"""The application behind Kannel in its usual form: it asks over HTTP what to answer. No store, no logic."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tests.benchmarks import texts

Message = MutableMapping[str, Any]
HEADERS = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-kannel-coding", b"2")]  # 2: UCS-2


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer every request with one text."""
    if scope["type"] != "http":
        return
    body = texts.REPLY.encode()
    headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
