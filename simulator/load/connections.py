"""HTTP/1.1 for many at once and little CPU: connections that stay open, one request under way on each.

Nothing is sent twice: a request whose connection breaks may have been heard, and whoever sent it must know that. It
reads bodies of known length and in chunks, over TLS too (the parser is httptools', as in the server); it follows no
redirects and knows no cookies, as no USSD gateway does.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

from simulator.call import Answer
from simulator.errors import SimulatorError

ANSWER_BYTES_MAX = 8 * 1024 * 1024  # a thousand texts of an inbox are below 1 MB
IDLE_S = 1.0  # one that has rested longer is not used again: servers hang up on those, some after 2 s


class NoAnswerError(Exception):
    """No answer came. Its text says why; the request may have been heard."""


class UnreachableError(NoAnswerError):
    """Nobody listens there: the request was not heard."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where requests go, and the path below which all of them are."""

    host: str
    port: int
    tls: bool
    prefix: str
    authority: str


def origin_of(url: str) -> Origin:
    """`https://gateway.example/loyalty` as an origin."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port:
        raise SimulatorError(f"not an address: {url!r}; write it as http://127.0.0.1:8080")
    return Origin(parts.hostname, port, parts.scheme == "https", parts.path.rstrip("/"), parts.netloc.split("@")[-1])


class _Connection(asyncio.Protocol):
    """One connection. httptools calls its `on_…` methods as an answer comes in."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[Answer] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._body_bytes = 0
        self.is_open = False
        self.is_owed = False
        """Whether an answer is still to come, be it that nobody waits for it any more."""
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, not isinstance: uvloop's transports have the methods without being subclasses.
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        self._fail(f"the connection broke before the answer was whole{f' ({error})' if error else ''}")

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"the answer is not HTTP ({error})")
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._body_bytes += len(body)
        if self._body_bytes > ANSWER_BYTES_MAX:
            self._fail(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")
            self.close()

    def on_message_complete(self) -> None:
        body = b"".join(self._body).decode(errors="replace")
        answer = Answer(self._parser.get_status_code(), self._headers.get("content-type", ""), body, self._headers)
        self.is_owed = False
        if not self._parser.should_keep_alive():
            self.close()
        self._headers, self._body, self._body_bytes = {}, [], 0
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)
        else:  # nobody asked: whatever else comes on this connection cannot be trusted
            self.close()

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer."""
        assert self._transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        self.is_owed = True
        self._transport.write(request)
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Hang up at once."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, why: str) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(NoAnswerError(why))


class Connections:
    """All connections to one origin: as many as requests are under way. The one used last is used next."""

    def __init__(self, url: str, answer_s: float) -> None:
        self.url = url
        self._origin = origin_of(url)
        self._tls = ssl.create_default_context() if self._origin.tls else None
        self._answer_s = answer_s
        self._idle: list[_Connection] = []

    async def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """The answer, whatever its status. Raises `NoAnswerError` when none comes in time, and `UnreachableError` when
        nobody is there.
        """
        request = self._written(method, path, headers or {}, body)
        connection = None
        try:
            async with asyncio.timeout(self._answer_s):
                connection = self._rested() or await self._connected()
                answer = await connection.ask(request)
        except TimeoutError:
            raise NoAnswerError(f"no answer within {self._answer_s:g} s") from None
        finally:
            self._put_back(connection, asyncio.get_running_loop().time())
        return answer

    def close(self) -> None:
        """Hang up on all that rest."""
        while self._idle:
            self._idle.pop().close()

    def _written(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = [f"{method} {self._origin.prefix}{path} HTTP/1.1", f"Host: {self._origin.authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join((*lines, "", "")).encode("latin-1", "replace") + body

    def _rested(self) -> _Connection | None:
        now = asyncio.get_running_loop().time()
        if self._idle and now - self._idle[-1].idle_since > IDLE_S:
            self.close()  # the others have rested longer still
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _connected(self) -> _Connection:
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                _Connection, self._origin.host, self._origin.port, ssl=self._tls
            )
        except OSError as error:
            raise UnreachableError(f"nobody answers at {self.url} ({error})") from None
        return connection

    def _put_back(self, connection: _Connection | None, now: float) -> None:
        """Keep it for the next request; not one on which the answer to this one would still come."""
        if connection is None or not connection.is_open:
            return
        if connection.is_owed:
            connection.close()
            return
        connection.idle_since = now
        self._idle.append(connection)
