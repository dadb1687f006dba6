"""The one place where a route of /v1 says what its callers must be allowed, and the door that asks them.

Decides in which order a request is looked at: key, scope, body within its limit and its time, form. Nobody without a
key makes us read a body. What is answered here repeats nothing that was sent.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from enum import Enum
from typing import Any

from fastapi import APIRouter, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from gateway.api.context import ApiContext, caller_of
from gateway.http.body import BODY_MAX_S, BodyTooLargeError, CallerGoneError, read_body
from gateway.http.problems import problem
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.settings import Scope

BODY_BYTES_MAX = 1024 * 1024
"""Ten thousand numbers, or vouchers, with their quotes and commas, and as much again."""
PLACE = re.compile(r"[A-Za-z_-]{1,40}|\d{1,5}")
"""A part of a field's place that may be said: a word, a place in a list. Anything else may be a number."""
PLACES_SHOWN_MAX = 20

KEY_HEADER = APIKeyHeader(name="X-API-Key", scheme_name="ApiKey", auto_error=False)

PROBLEM: dict[str, Any] = {
    "application/problem+json": {
        "schema": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string", "examples": ["urn:loyalty-gateway:problem:bad_request"]},
                "title": {"type": "string", "examples": ["bad request"]},
                "status": {"type": "integer", "examples": [400]},
                "detail": {"type": "string", "description": "a sentence for people, which says what to do"},
            },
        }
    }
}


def problems(described: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Answers that are problem documents, as the OpenAPI document has them."""
    return {status: {"description": description, "content": PROBLEM} for status, description in described.items()}


ALWAYS = problems(
    {
        400: "What was sent has not the form that is described here",
        401: "The header X-API-Key has no key",
        403: "The key may not do this",
        404: "There is no such thing",
        408: "The body did not come in time",
        409: "It cannot be as things stand, and nothing was done",
        413: "The body is too large",
        422: "The Idempotency-Key came with another request before",
        503: "Not now: send the same request again",
    }
)
"""What any route may answer."""


def guarded(context: ApiContext, scope: Scope, bytes_max: int = BODY_BYTES_MAX) -> APIRouter:
    """A router whose routes answer keys of this scope only."""

    class Guarded(APIRoute):
        """A route behind the door."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle, path = super().get_route_handler(), self.path

            async def admitted(request: Request) -> Response:
                refusal = await _refused(context, scope, path, request)
                return refusal or await _answered(handle, request, bytes_max)

            return admitted

    tags: list[str | Enum] = [scope.value]
    return APIRouter(
        route_class=Guarded,
        tags=tags,
        dependencies=[Security(KEY_HEADER, scopes=[scope.value])],
        responses=ALWAYS,
    )


async def _refused(context: ApiContext, scope: Scope, path: str, request: Request) -> Response | None:
    client = await context.keys.client(caller_of(request))
    if client is None:
        logging.warning(LogEvent.API_REFUSED, path=path, outcome="no_key")
        return problem(401, "no_key", f"send the header X-API-Key with a key of the scope {scope}")
    if scope not in client.scopes:
        logging.warning(LogEvent.API_REFUSED, path=path, outcome="no_scope", source=client.name)
        return problem(403, "no_scope", f"this key is not of the scope {scope}")
    request.state.client = client
    return None


async def _answered(handle: Callable[[Request], Awaitable[Response]], request: Request, bytes_max: int) -> Response:
    try:
        async with asyncio.timeout(BODY_MAX_S):
            body = await read_body(request.receive, request.headers, bytes_max)
    except BodyTooLargeError as error:
        return problem(413, "body_too_large", str(error))
    except TimeoutError:
        return problem(408, "body_too_slow", f"the body was not whole within {BODY_MAX_S:.0f} s")
    except CallerGoneError:
        return Response(status_code=499)  # nobody hears it

    async def replayed() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        return await handle(Request(request.scope, replayed))
    except RequestValidationError as error:
        faults = error.errors()
        detail = "; ".join(f"{_place(fault['loc'])}: {fault['msg']}" for fault in faults[:PLACES_SHOWN_MAX])
        return problem(400, "bad_request", detail)


def _place(parts: tuple[object, ...]) -> str:
    return ".".join(part if PLACE.fullmatch(part) else "?" for part in map(str, parts))
