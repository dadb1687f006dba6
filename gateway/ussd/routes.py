"""The HTTP edge of USSD: reads the raw body, proves the caller, times every hop.

Hot, so it stands in front of the framework as plain ASGI and lets everything else pass: measured, the framework's
layers and its route cost as much as the hop itself (`make bench`).
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import BadNumberError, BadRequestError, GatewayError
from gateway.http import callbacks
from gateway.http.body import CallerGoneError
from gateway.http.callbacks import Proofs, RefusedError, read_callback, refuse
from gateway.http.problems import problem
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.settings import DialectAccess
from gateway.ussd.answered import How
from gateway.ussd.dialects.wire import Answer, Dialect, Route
from gateway.ussd.hops import Hops
from gateway.ussd.message import UssdRequest

_NAME = re.compile(r"\\\{([a-z_]+)\\\}")
"""A name in braces, as `re.escape` leaves it."""


@dataclass(frozen=True, slots=True)
class UssdParts:
    """Everything a callback needs on its way in."""

    hops: Hops
    access: Mapping[str, DialectAccess]
    region: str
    demo: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """One path of a dialect, and its routes by method."""

    dialect: Dialect
    routes: Mapping[str, Route]

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.routes)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a path leads. `secret` is what it ends with beyond the route, `named` what stands where the route has
    names."""

    place: _Place
    secret: str = ""
    named: Mapping[str, str] = field(default_factory=dict)


class UssdEdge:
    """An ASGI application: the mounted dialects' callbacks, and `behind` for every other path."""

    def __init__(self, parts: UssdParts, mounted: tuple[Dialect, ...], behind: ASGIApp) -> None:
        self._parts = parts
        self._behind = behind
        places = [place for dialect in mounted for place in _places(dialect)]
        self._plain = {path: _Found(place) for path, place in places if "{" not in path}
        self._named = [(_template(path), place) for path, place in places if "{" in path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a callback, or hand the request on."""
        found = self._find(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._behind(scope, receive, send)
            return
        place = found.place
        try:
            answer = await self._take(found, scope, receive)
        except CallerGoneError:
            return
        except RefusedError as refused:
            self._parts.hops.refused(place.dialect.name, refused.code, refused.detail)
            await refuse(refused, place.methods, scope, receive, send)
            return
        except Exception as error:
            logging.error(LogEvent.UNEXPECTED, error)
            await problem(500, "unexpected", "a fault of the gateway's own; it is in its log")(scope, receive, send)
            return
        await callbacks.answer(send, answer.status, answer.body, answer.content_type, answer.headers)

    def _find(self, path: str) -> _Found | None:
        """The place of a path, and the secret that may stand as its last part. Almost every hop is found at once: only
        what is no plain path is compared with those that have names."""
        if exact := self._plain.get(path):
            return exact
        head, _, secret = path.rpartition("/")
        if (found := self._plain.get(head)) and self._has_secret(found.place):
            return _Found(found.place, secret)
        for template, place in self._named:
            if named := template.fullmatch(path):
                return _Found(place, "", named.groupdict())
            if (named := template.fullmatch(head)) and self._has_secret(place):
                return _Found(place, secret, named.groupdict())
        return None

    def _has_secret(self, place: _Place) -> bool:
        return self._parts.access[place.dialect.name].secret is not None

    async def _take(self, found: _Found, scope: Scope, receive: Receive) -> Answer:
        """Read and answer one callback, both within the dialect's deadline. Whatever fails once it is read, the
        subscriber reads a sentence. Raises `RefusedError` for what is no callback of this dialect."""
        started, hops, dialect = time.perf_counter(), self._parts.hops, found.place.dialect
        profile, request = dialect.profile, None
        try:
            async with asyncio.timeout(profile.answer_s):
                route, request = await self._read(found, scope, receive)
                profile = route.profile or profile
                answered = await hops.converse(dialect.name, request, profile)
                await hops.conversation.shown(answered, profile)
        except GatewayError as error:
            answered = hops.apology(error)
        except TimeoutError:
            if request is None:
                raise RefusedError(408, "body_too_slow", "the body did not come in time") from None
            answered = hops.late(profile)
        assert request is not None, "a GatewayError comes from the conversation only"
        hops.tell(dialect.name, request, answered, time.perf_counter() - started)
        return dialect.acknowledge if answered.how is How.CLOSED else dialect.format_reply(answered.reply, request)

    async def _read(self, found: _Found, scope: Scope, receive: Receive) -> tuple[Route, UssdRequest]:
        """The callback in neutral words, from a caller who has proven who it is, and its route."""
        place = found.place
        proofs = Proofs(self._parts.access[place.dialect.name], self._parts.demo, place.dialect.login)
        try:
            callback = await read_callback(scope, receive, place.methods, found.secret, proofs)
            route = place.routes[scope["method"]]
            if found.named:
                callback = replace(callback, path=found.named)
            return route, route.parse(callback, self._parts.region)
        except (BadRequestError, BadNumberError) as error:
            raise RefusedError(400, error.code, str(error)) from None


def _places(dialect: Dialect) -> list[tuple[str, _Place]]:
    """A dialect's paths, each once."""
    by_suffix: dict[str, dict[str, Route]] = {}
    for route in dialect.routes:
        by_suffix.setdefault(route.suffix, {})[route.method] = route
    return [(f"/ussd/{dialect.name}{suffix}", _Place(dialect, routes)) for suffix, routes in by_suffix.items()]


def _template(path: str) -> re.Pattern[str]:
    """What matches a path with names: `/session/{session_id}` matches `/session/7`, and the name has `7`."""
    return re.compile(_NAME.sub(r"(?P<\1>[^/]+)", re.escape(path)))
