"""What leaves of an error: a problem document that repeats nothing of what was sent."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.http.problems import STATUS, problem
from gateway.log_events import LogEvent
from gateway.observability import logging


def told_once(app: ASGIApp) -> ASGIApp:
    """Starlette answers an unexpected error, then raises it again for the server to print, with whatever values it
    holds. It is in our log already, without them."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception:
            if scope["type"] != "http":
                raise

    return outer


def answer_errors(app: FastAPI) -> None:
    """Every error leaves as a problem document, and none repeats what was sent."""

    async def of_ours(_: Request, error: Exception) -> Response:
        code = error.code if isinstance(error, GatewayError) else "unexpected"
        return problem(STATUS.get(code, 500), code, str(error))

    async def of_http(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = str(error.detail) if isinstance(error, HTTPException) else ""
        headers = error.headers if isinstance(error, HTTPException) else None
        return problem(status, detail.lower().replace(" ", "_") or "http", detail, headers)

    async def of_validation(_: Request, error: Exception) -> Response:
        faults = error.errors() if isinstance(error, RequestValidationError) else ()
        detail = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        return problem(400, "bad_request", detail)

    async def unexpected(_: Request, error: Exception) -> Response:
        logging.error(LogEvent.UNEXPECTED, error)
        return problem(500, "unexpected", "a fault of the gateway's own; it is in its log")

    app.add_exception_handler(GatewayError, of_ours)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(Exception, unexpected)
