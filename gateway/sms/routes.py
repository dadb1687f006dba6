"""The HTTP edge of SMS: callbacks of SMS gateways with texts and receipts, each answered once it is committed.

Decides with which status: 200 and nothing more, so that no gateway sends an answer of its own; 503 when the store is
away or slower than a gateway waits, so that it tries again. Plain ASGI in front of the framework, as for USSD. A GET
has the number and the text in its query: nothing here is written to an access log.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import BadRequestError
from gateway.http import callbacks
from gateway.http.body import BODY_MAX_S, CallerGoneError
from gateway.http.callbacks import Proofs, RefusedError, read_callback, refuse
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.settings import DialectAccess
from gateway.sms import over_http
from gateway.sms.dialects import dialect
from gateway.sms.dialects.wire import Dialect, HttpLinkSettings, Route
from gateway.sms.ports import Answer
from gateway.sms.receiver import Receiver

PLAIN = "text/plain; charset=utf-8"
STATUSES = {Answer.OK: 200, Answer.NOT_NOW: 503}


@dataclass(frozen=True, slots=True)
class SmsParts:
    """Everything a callback needs on its way in. `access` is by dialect."""

    receiver: Receiver
    links: Sequence[HttpLinkSettings]
    access: Mapping[str, DialectAccess]
    our_numbers: frozenset[str]
    region: str
    demo: bool


class SmsEdge:
    """An ASGI application: the callbacks of the dialects that links speak, and `behind` for every other path."""

    def __init__(self, parts: SmsParts, behind: ASGIApp) -> None:
        self._parts = parts
        self._behind = behind
        self._routes = {f"/sms/{spoken.name}{one.suffix}": (spoken, one) for spoken, one in routes(parts.links)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a callback, or hand the request on."""
        found = self._find(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._behind(scope, receive, send)
            return
        spoken, route, secret = found
        try:
            answered = await self._take(spoken, route, secret, scope, receive)
        except CallerGoneError:
            return
        except RefusedError as refused:
            logging.warning(LogEvent.CALLBACK_REFUSED, dialect=spoken.name, code=refused.code, detail=refused.detail)
            await refuse(refused, route.methods, scope, receive, send)
            return
        except Exception as error:
            logging.error(LogEvent.UNEXPECTED, error)
            answered = Answer.NOT_NOW
        await callbacks.answer(send, STATUSES[answered], b"", PLAIN, {})

    def _find(self, path: str) -> tuple[Dialect, Route, str] | None:
        """The route of a path, and the secret that may stand as its last part."""
        if exact := self._routes.get(path):
            return *exact, ""
        head, _, secret = path.rpartition("/")
        found = self._routes.get(head)
        return (*found, secret) if found and self._parts.access[found[0].name].secret is not None else None

    async def _take(self, spoken: Dialect, route: Route, secret: str, scope: Scope, receive: Receive) -> Answer:
        """One callback. Raises `RefusedError` for what is none of this dialect, or of nobody that we know."""
        parts = self._parts
        proofs = Proofs(parts.access[spoken.name], parts.demo)
        try:
            async with asyncio.timeout(BODY_MAX_S):
                callback = await read_callback(scope, receive, route.methods, secret, proofs)
        except TimeoutError:
            raise RefusedError(408, "body_too_slow", f"the body was not whole within {BODY_MAX_S:.0f} s") from None
        try:
            link = over_http.link_of(callback, [one for one in parts.links if one.dialect == spoken.name])
            said = route.parse(callback)
        except BadRequestError as error:
            raise RefusedError(400, error.code, str(error)) from None
        answered = Answer.NOT_NOW

        def answer(how: Answer) -> bool:
            nonlocal answered
            answered = how
            return True

        await parts.receiver.deliver(over_http.heard(said, link, parts.our_numbers, parts.region), answer)
        return answered


def routes(links: Sequence[HttpLinkSettings]) -> list[tuple[Dialect, Route]]:
    """The callbacks of the dialects that these links speak."""
    spoken = [dialect(name) for name in sorted({link.dialect for link in links})]
    return [(one, route) for one in spoken for route in one.routes]
