"""Who may ask: the page itself, on a name of this machine. A tester's browser also has pages of strangers open.

A foreign Host header is a stranger's name that was pointed at this machine; a foreign Origin is a stranger's page that
asks by our address. Both are refused before anything is read. Answers tell the browser to run nothing but our files.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}


class Guard:
    """Stands before an application; `host` is where that listens."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1") -> None:
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = refused(Headers(scope=scope), self._host)
        if refusal:
            await JSONResponse({"detail": refusal}, 403)(scope, receive, sending)
        else:
            await self._app(scope, receive, sending)


def refused(headers: Headers, host: str) -> str:
    """Why a request is refused, as a sentence; nothing when it is not."""
    asked, origin = headers.get("host", ""), headers.get("origin")
    if not _is_ours(_name_of(asked), host):
        return f"this page is not known as {asked!r}: open it by 127.0.0.1, or start it with --host"
    if origin is not None and urlsplit(origin).netloc != asked:
        return f"a page of {origin!r} may not use this one"
    return ""


def _is_ours(name: str, host: str) -> bool:
    """Whether a name may be ours. Listening everywhere, any address may: a stranger can only bend a name."""
    if name in LOOPBACK or name == host:
        return True
    return host in EVERYWHERE and (_is_address(name) or name == socket.gethostname())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _name_of(asked: str) -> str:
    try:
        return urlsplit(f"//{asked}").hostname or ""
    except ValueError:
        return ""
