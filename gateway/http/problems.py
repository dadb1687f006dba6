"""Errors as RFC 9457 problem details: `type`, `title`, `status`, `detail`."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

STATUS = {
    "bad_request": 400,
    "bad_number": 400,
    "key_reused": 422,
    "store_unavailable": 503,
    "state_unavailable": 503,
    "overloaded": 503,
}
"""The HTTP status of each `GatewayError.code`; any other is 500."""


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem document. `code` is stable for programs, `detail` is a sentence for people."""
    body = {
        "type": f"urn:loyalty-gateway:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")
