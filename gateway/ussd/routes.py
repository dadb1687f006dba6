"""The HTTP edge of USSD: plain routes that read the raw body, prove the caller, and time every hop.

Hot, so no framework's models here: a form that a framework parses costs three to four times as much.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as HttpRoute

from gateway.clock import ProgrammeClock
from gateway.errors import BadNumberError, BadRequestError, GatewayError
from gateway.http.access import Caller, refusal
from gateway.http.body import BodyTooLargeError, read_body
from gateway.http.problems import problem
from gateway.log_events import LogEvent
from gateway.msisdn import masked
from gateway.observability import logging
from gateway.observability.metrics import Metrics
from gateway.settings import DialectAccess
from gateway.ussd.conversation import Answered, Conversation, How
from gateway.ussd.dialects.wire import Answer, Callback, Dialect, Route
from gateway.ussd.message import UssdRequest

BODY_BYTES_MAX = 16 * 1024
"""A callback is a few hundred bytes; the longest history of a session is two thousand characters."""

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class UssdEdge:
    """Everything a callback needs on its way in."""

    conversation: Conversation
    clock: ProgrammeClock
    metrics: Metrics
    access: Mapping[str, DialectAccess]
    region: str
    demo: bool

    def routes(self, dialects: tuple[Dialect, ...]) -> list[HttpRoute]:
        """The routes of the mounted dialects, each with and without a secret as the last part of its path."""
        found = []
        for dialect in dialects:
            for route in dialect.routes:
                endpoint = self._endpoint(dialect, route)
                path = f"/ussd/{dialect.name}{route.suffix}"
                found.append(HttpRoute(path, endpoint, methods=[route.method]))
                if self.access[dialect.name].secret is not None:
                    found.append(HttpRoute(path + "/{secret}", endpoint, methods=[route.method]))
        return found

    def _endpoint(self, dialect: Dialect, route: Route) -> Endpoint:
        access = self.access[dialect.name]

        async def endpoint(request: Request) -> Response:
            started = time.perf_counter()
            headers = dict(request.headers)
            try:
                body = await read_body(request, BODY_BYTES_MAX)
                host = request.client.host if request.client else ""
                caller = Caller(host, headers, body, request.path_params.get("secret", ""))
                if why := refusal(access, caller, time.time(), demo=self.demo):
                    return self._refuse(dialect, 401, "not_proven", why)
                parsed = route.parse(Callback(headers, request.url.query, body), self.region)
            except BodyTooLargeError as error:
                return self._refuse(dialect, 413, "body_too_large", str(error))
            except (BadRequestError, BadNumberError) as error:
                return self._refuse(dialect, 400, error.code, str(error))
            return _response(await self._answer(dialect, parsed, started))

        return endpoint

    async def _answer(self, dialect: Dialect, request: UssdRequest, started: float) -> Answer:
        """The screen, or a polite end: whatever fails behind this line, the subscriber reads a sentence."""
        failure = ""
        try:
            async with asyncio.timeout(dialect.profile.answer_s):
                at = await self.clock.at()
                answered = await self.conversation.hop(dialect.name, request, dialect.profile, at)
        except (GatewayError, TimeoutError) as error:
            failure = error.code if isinstance(error, GatewayError) else "too_slow"
            answered = Answered(self.conversation.apology(), How.BUSY)
        except Exception as error:
            logging.error(LogEvent.UNEXPECTED, error)
            failure = "unexpected"
            answered = Answered(self.conversation.apology(), How.BUSY)
        self._tell(dialect, request, answered, failure, time.perf_counter() - started)
        if answered.how is How.CLOSED:
            return dialect.acknowledge
        return dialect.format_reply(answered.reply)

    def _tell(self, dialect: Dialect, request: UssdRequest, answered: Answered, failure: str, seconds: float) -> None:
        outcome = failure or answered.how.value
        self.metrics.hop(dialect.name, outcome, seconds)
        for call in answered.calls:
            self.metrics.call(call)
        tell = logging.warning if failure else logging.info
        tell(
            LogEvent.SESSION_CLOSED if answered.how is How.CLOSED else LogEvent.HOP,
            dialect=dialect.name,
            msisdn=masked(request.msisdn),
            session=answered.uid or "",
            outcome=outcome,
            screen=answered.screen,
            calls=answered.calls,
            ends=answered.reply.ends,
            ms=round(seconds * 1000, 2),
            note=request.note,
        )

    def _refuse(self, dialect: Dialect, status: int, code: str, detail: str) -> Response:
        self.metrics.hop(dialect.name, code, 0.0)
        logging.warning(LogEvent.HOP_REFUSED, dialect=dialect.name, outcome=code, detail=detail)
        return problem(status, code, detail)


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers), media_type=answer.content_type)
