"""The HTTP edge of USSD: reads the raw body, proves the caller, times every hop.

Hot, so it stands in front of the framework as plain ASGI and lets everything else pass: measured, the framework's
layers and its route cost as much as the hop itself (`make bench`).
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import BadNumberError, BadRequestError, GatewayError
from gateway.http import callbacks
from gateway.http.body import CallerGoneError
from gateway.http.callbacks import Proofs, RefusedError, read_callback, refuse
from gateway.http.problems import problem
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.settings import DialectAccess
from gateway.ussd.conversation import How
from gateway.ussd.dialects.wire import Answer, Dialect, Route
from gateway.ussd.hops import Hops
from gateway.ussd.message import UssdRequest


@dataclass(frozen=True, slots=True)
class UssdParts:
    """Everything a callback needs on its way in."""

    hops: Hops
    access: Mapping[str, DialectAccess]
    region: str
    demo: bool


class UssdEdge:
    """An ASGI application: the mounted dialects' callbacks, and `behind` for every other path."""

    def __init__(self, parts: UssdParts, mounted: tuple[Dialect, ...], behind: ASGIApp) -> None:
        self._parts = parts
        self._behind = behind
        self._routes = {
            f"/ussd/{dialect.name}{route.suffix}": (dialect, route) for dialect in mounted for route in dialect.routes
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a callback, or hand the request on."""
        found = self._find(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._behind(scope, receive, send)
            return
        dialect, route, secret = found
        try:
            answer = await self._take(dialect, route, secret, scope, receive)
        except CallerGoneError:
            return
        except RefusedError as refused:
            self._parts.hops.refused(dialect.name, refused.code, refused.detail)
            await refuse(refused, (route.method,), scope, receive, send)
            return
        except Exception as error:
            logging.error(LogEvent.UNEXPECTED, error)
            await problem(500, "unexpected", "a fault of the gateway's own; it is in its log")(scope, receive, send)
            return
        await callbacks.answer(send, answer.status, answer.body, answer.content_type, answer.headers)

    def _find(self, path: str) -> tuple[Dialect, Route, str] | None:
        """The route of a path, and the secret that may stand as its last part."""
        if exact := self._routes.get(path):
            return *exact, ""
        head, _, secret = path.rpartition("/")
        found = self._routes.get(head)
        return (*found, secret) if found and self._parts.access[found[0].name].secret is not None else None

    async def _take(self, dialect: Dialect, route: Route, secret: str, scope: Scope, receive: Receive) -> Answer:
        """Read and answer one callback, both within the dialect's deadline. Whatever fails once it is read, the
        subscriber reads a sentence. Raises `RefusedError` for what is no callback of this dialect."""
        started, hops = time.perf_counter(), self._parts.hops
        request = None
        try:
            async with asyncio.timeout(dialect.profile.answer_s):
                request = await self._read(dialect, route, secret, scope, receive)
                answered = await hops.converse(dialect.name, request, dialect.profile)
                await hops.conversation.shown(answered, dialect.profile)
        except GatewayError as error:
            answered = hops.apology(error)
        except TimeoutError:
            if request is None:
                raise RefusedError(408, "body_too_slow", "the body did not come in time") from None
            answered = hops.late(dialect.profile)
        assert request is not None, "a GatewayError comes from the conversation only"
        hops.tell(dialect.name, request, answered, time.perf_counter() - started)
        return dialect.acknowledge if answered.how is How.CLOSED else dialect.format_reply(answered.reply, request)

    async def _read(self, dialect: Dialect, route: Route, secret: str, scope: Scope, receive: Receive) -> UssdRequest:
        """The callback in neutral words, from a caller who has proven who it is."""
        proofs = Proofs(self._parts.access[dialect.name], self._parts.demo)
        try:
            return route.parse(await read_callback(scope, receive, (route.method,), secret, proofs), self._parts.region)
        except (BadRequestError, BadNumberError) as error:
            raise RefusedError(400, error.code, str(error)) from None
