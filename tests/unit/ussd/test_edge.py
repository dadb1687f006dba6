"""The HTTP edge alone: what is no callback is refused in time, whoever sends it and however slowly."""

import asyncio
import base64
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.callback import Callback
from gateway.errors import BadRequestError
from gateway.observability.metrics import Metrics
from gateway.settings import DialectAccess
from gateway.ussd.dialects import africastalking, dialects, names
from gateway.ussd.dialects.wire import Dialect, Route
from gateway.ussd.hops import Hops
from gateway.ussd.message import UssdRequest
from gateway.ussd.routes import UssdEdge, UssdParts

pytestmark = pytest.mark.anyio

Message = MutableMapping[str, Any]
DIALECT = replace(africastalking.DIALECT, profile=replace(africastalking.PROFILE, answer_s=0.05))
SCOPE = {
    "type": "http",
    "path": "/ussd/africastalking",
    "method": "POST",
    "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
    "client": ("127.0.0.1", 1),
    "query_string": b"",
}


SECRET = DialectAccess(secret=SecretStr("s3cret"))
BASIC = DialectAccess(user="at", password=SecretStr("p"))
HMAC = DialectAccess(hmac_key=SecretStr("k"))
PROVEN, NOT_PROVEN = 400, 401
"""An empty body is read only when its sender has proven who it is."""


async def unused(*_: object) -> None:
    raise AssertionError("nothing behind the edge is asked")


def edge() -> UssdEdge:
    parts: Any = UssdParts(Hops(None, None, Metrics()), {"africastalking": DialectAccess()}, "RU", demo=True)  # type: ignore[arg-type] # never reached
    return UssdEdge(parts, (DIALECT,), unused)


async def heard(*messages: Message, at: UssdEdge | None = None, **scope: Any) -> list[Message]:
    """What the edge sends to a caller who sends these messages and then nothing."""
    left, sent = list(messages), []

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await (at or edge())(SCOPE | scope, receive, send)
    return sent


async def test_half_a_body_is_not_waited_for() -> None:
    start, body = await heard({"type": "http.request", "body": b"sessionId=", "more_body": True})
    assert start["status"] == 408
    assert json.loads(body["body"])["title"] == "body too slow"


async def test_a_caller_who_hangs_up_is_told_nothing() -> None:
    assert await heard({"type": "http.disconnect"}) == []


def bare() -> dict[str, str]:
    return {}


def as_user() -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(b"at:p").decode()}


def signed() -> dict[str, str]:
    """The signature of an empty body."""
    now = str(int(time.time()))
    signature = hmac.digest(b"k", f"{now}.".encode(), "sha256").hex()
    return {"x-gateway-timestamp": now, "x-gateway-signature": signature}


ROUTES = [
    pytest.param(dialect, route, id=f"{dialect.name}: {route.method} {route.suffix or '/'}")
    for dialect in dialects(names())
    for route in dialect.routes
]
"""Every route that there is."""


def mounted(dialect: Dialect, access: DialectAccess, *, demo: bool = False) -> UssdEdge:
    parts: Any = UssdParts(Hops(None, None, Metrics()), {dialect.name: access}, "RU", demo=demo)  # type: ignore[arg-type] # never reached
    return UssdEdge(parts, (dialect,), unused)


def path_of(dialect: Dialect, route: Route) -> str:
    """A path of the route's, with more than any parser takes where it has a name."""
    return f"/ussd/{dialect.name}{re.sub(r'{[a-z_]+}', '1' * 200, route.suffix)}"


@pytest.mark.parametrize(("dialect", "route"), ROUTES)
@pytest.mark.parametrize(
    ("access", "suffix", "headers", "status"),
    [
        pytest.param(SECRET, "/s3cret", bare, PROVEN, id="the secret in the path"),
        pytest.param(SECRET, "/another", bare, NOT_PROVEN, id="another secret"),
        pytest.param(SECRET, "", bare, NOT_PROVEN, id="no secret"),
        pytest.param(BASIC, "", as_user, PROVEN, id="user and password"),
        pytest.param(BASIC, "", bare, NOT_PROVEN, id="no user"),
        pytest.param(HMAC, "", signed, PROVEN, id="a signature"),
        pytest.param(HMAC, "", as_user, NOT_PROVEN, id="no signature"),
        pytest.param(DialectAccess(), "", bare, NOT_PROVEN, id="no proof is set, and this is no demo"),
    ],
)
async def test_every_route_asks_for_its_proofs(
    dialect: Dialect,
    route: Route,
    access: DialectAccess,
    suffix: str,
    headers: Callable[[], dict[str, str]],
    status: int,
) -> None:
    raw = [(header.encode(), value.encode()) for header, value in headers().items()]
    edge, path = mounted(dialect, access), path_of(dialect, route) + suffix
    start, body = await heard({"type": "http.request"}, at=edge, path=path, method=route.method, headers=raw)
    assert start["status"] == status, body


@pytest.mark.parametrize(("dialect", "route"), ROUTES)
@pytest.mark.parametrize("method", ["DELETE", "PATCH", "GET", "POST", "PUT"])
async def test_every_route_says_its_methods(dialect: Dialect, route: Route, method: str) -> None:
    taken = {other.method for other in dialect.routes if other.suffix == route.suffix}
    if method in taken:
        return
    edge, path = mounted(dialect, DialectAccess(), demo=True), path_of(dialect, route)
    start, body = await heard({"type": "http.request"}, at=edge, path=path, method=method)
    assert start["status"] == 405, body
    assert set(dict(start["headers"])[b"allow"].decode().split(", ")) == taken


@pytest.mark.parametrize(("dialect", "route"), ROUTES)
async def test_no_route_takes_a_megabyte(dialect: Dialect, route: Route) -> None:
    edge, path = mounted(dialect, DialectAccess(), demo=True), path_of(dialect, route)
    sent = {"type": "http.request", "body": b"x" * 2**20}
    start, body = await heard(sent, at=edge, path=path, method=route.method, headers=[])
    assert start["status"] == 413, body


@pytest.mark.parametrize("dialect", dialects(names()), ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("suffix", ["/nobody", "/session/4711", "/s3cret/s3cret", "//"])
async def test_no_dialect_has_another_path(dialect: Dialect, suffix: str) -> None:
    passed = []

    async def behind(scope: Any, *_: object) -> None:
        passed.append(scope["path"])

    parts: Any = UssdParts(Hops(None, None, Metrics()), {dialect.name: DialectAccess()}, "RU", demo=True)  # type: ignore[arg-type] # never reached
    path = f"/ussd/{dialect.name}{suffix}"
    assert await heard(at=UssdEdge(parts, (dialect,), behind), path=path) == []
    assert passed == [path]


@pytest.mark.parametrize(
    ("login", "status"),
    [
        pytest.param("userid=at&password=p", PROVEN, id="both"),
        pytest.param("userid=at&password=q", NOT_PROVEN, id="another password"),
        pytest.param("userid=bt&password=p", NOT_PROVEN, id="another user"),
        pytest.param("userid=at", NOT_PROVEN, id="no password"),
        pytest.param("password=p", NOT_PROVEN, id="no user"),
        pytest.param("userid=%FF&password=p", NOT_PROVEN, id="bytes"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_flares_proves_itself_among_its_fields(method: str, login: str, status: int) -> None:
    (dialect,) = dialects(("flares",))
    query, form = (login.encode(), b"") if method == "GET" else (b"", login.encode())
    edge, path = mounted(dialect, BASIC), "/ussd/flares"
    sent = {"type": "http.request", "body": form}
    start, body = await heard(sent, at=edge, path=path, method=method, query_string=query)
    assert start["status"] == status, body


async def test_no_other_dialect_takes_a_user_from_its_fields() -> None:
    query = b"userid=at&password=p"
    sent = {"type": "http.request"}
    start, _ = await heard(sent, at=mounted(DIALECT, BASIC), method="POST", query_string=query)
    assert start["status"] == NOT_PROVEN


async def test_what_stands_where_a_path_has_a_name_is_told_to_the_parser() -> None:
    """Also with the secret behind it, which is not part of it."""
    read: list[Mapping[str, str]] = []

    def parse(callback: Callback, _: str) -> UssdRequest:
        read.append(callback.path)
        raise BadRequestError("read")

    routes = tuple(Route(method, "/session/{session_id}/end", parse, {}) for method in ("PUT", "POST"))
    dialect = replace(africastalking.DIALECT, name="named", routes=routes)
    for path in ("/ussd/named/session/47.11-a/end/s3cret", "/ussd/named/session/s3cret/end/s3cret"):
        start, _ = await heard({"type": "http.request"}, at=mounted(dialect, SECRET), path=path, method="PUT")
        assert start["status"] == PROVEN
    assert read == [{"session_id": "47.11-a"}, {"session_id": "s3cret"}]
