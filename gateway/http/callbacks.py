"""One callback of a gateway of USSD or SMS on its way in and out, as plain ASGI: method, body, proof of the caller.

Decides what is no callback at all, and with which status that is refused. Refuses to know what a callback says.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from gateway.callback import Callback
from gateway.http.access import Caller, refusal
from gateway.http.body import BodyTooLargeError, read_body
from gateway.http.problems import problem
from gateway.settings import DialectAccess

BODY_BYTES_MAX = 16 * 1024
"""A callback is a few hundred bytes; the longest history of a session is two thousand characters."""


class RefusedError(Exception):
    """What is wrong with a request that is no callback."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a caller must show: in demo mode nothing, where nothing is configured and it is on this machine. `login`
    finds user and password in a callback that has them outside its headers."""

    access: DialectAccess
    demo: bool
    login: Callable[[Callback], tuple[str, str]] | None = None


async def read_callback(
    scope: Scope, receive: Receive, methods: Sequence[str], secret: str, proofs: Proofs
) -> Callback:
    """A callback from a caller who has proven who it is; `secret` is what its path ends with.

    A signature of a GET is over its query, which stands where a body would. Raises `RefusedError`, or
    `CallerGoneError` for one who hung up.
    """
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["method"] not in methods:
        raise RefusedError(405, "method_not_allowed", f"send {' or '.join(methods)}")
    try:
        body = await read_body(receive, headers, BODY_BYTES_MAX)
    except BodyTooLargeError as error:
        raise RefusedError(413, "body_too_large", str(error)) from None
    signed = scope["query_string"] if scope["method"] == "GET" else body
    callback = Callback(headers, scope["query_string"].decode("latin-1"), body)
    login = proofs.login(callback) if proofs.login else ("", "")
    caller = Caller((scope["client"] or ("",))[0], headers, signed, secret, login)
    if why := refusal(proofs.access, caller, time.time(), demo=proofs.demo):
        raise RefusedError(401, "not_proven", why)
    return callback


async def refuse(refused: RefusedError, methods: Sequence[str], scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what is no callback."""
    allow = {"allow": ", ".join(methods)} if refused.status == 405 else None
    await problem(refused.status, refused.code, refused.detail, allow)(scope, receive, send)


async def answer(send: Send, status: int, body: bytes, content_type: str, headers: Mapping[str, str]) -> None:
    """Answer a callback."""
    pairs = [
        (b"content-type", content_type.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
        *((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
