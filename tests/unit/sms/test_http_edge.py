"""The edge of SMS over HTTP: what is no callback, whose account a callback speaks of, and who has proven itself."""

import asyncio
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.settings import DialectAccess
from gateway.sms.http_settings import parse
from gateway.sms.incoming import Heard, TextHeard, TextIgnored
from gateway.sms.ports import Answer
from gateway.sms.routes import SmsEdge, SmsParts

pytestmark = pytest.mark.anyio

TWO = "kannel://b:p@h?smsc=mts,kannel://b:p@h2?smsc=bee,africastalking://b:p@h?smsc=at"
QUERY = "id=1&from=%2B79210000001&to=6111&charset=UTF-8&text=x"
BIG = 16 * 1024 + 1


class Receiver:
    """Stands in for the one that needs a store: keeps what it is told, and answers as a test wants."""

    def __init__(self, how: Answer | None = Answer.OK) -> None:
        self.heard: list[Heard] = []
        self._how = how

    async def deliver(self, heard: Heard, answer: Any) -> None:
        self.heard.append(heard)
        if self._how is None:
            raise RuntimeError("a fault of ours")
        assert answer(self._how)


async def behind(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def edge(receiver: Receiver, links: str = TWO, **access: Any) -> SmsEdge:
    proofs = DialectAccess(**access)
    parts: Any = SmsParts(
        receiver,  # type: ignore[arg-type]  # as much of it as is asked
        parse(links),
        {"kannel": proofs, "africastalking": proofs},
        frozenset({"6111"}),
        "RU",
        demo=True,
    )
    return SmsEdge(parts, behind)


async def asked(
    at: SmsEdge,
    path: str,
    query: str = "",
    method: str = "GET",
    body: bytes | None = b"",
    headers: Mapping[str, str] | None = None,
) -> tuple[int | None, bytes]:
    """The status and the body of our answer; None when there is none. A body of None is never whole."""
    sent: list[Any] = []

    async def receive() -> Any:
        if body is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
    }
    await at(scope, receive, send)
    return (sent[0]["status"], sent[1]["body"]) if sent else (None, b"")


@pytest.mark.parametrize(
    ("query", "smsc"),
    [pytest.param("&smsc=mts", "mts", id="the first"), pytest.param("&smsc=bee", "bee", id="the second")],
)
async def test_a_callback_names_its_link_where_there_are_several(query: str, smsc: str) -> None:
    receiver = Receiver()
    assert await asked(edge(receiver), "/sms/kannel", QUERY + query) == (200, b"")
    (heard,) = receiver.heard
    assert isinstance(heard, TextHeard)
    assert (heard.smsc, heard.about, heard.is_named) == (smsc, "id 1", True)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param("", "add smsc=", id="none"),
        pytest.param("&smsc=at", "names no link", id="of another dialect"),
        pytest.param("&smsc=%00", "names no link", id="of nobody"),
        pytest.param("&a=1" * 40, "more than 40 fields", id="too many fields"),
    ],
)
async def test_a_callback_of_nobody_s_is_refused(query: str, says: str) -> None:
    receiver = Receiver()
    status, body = await asked(edge(receiver), "/sms/kannel", QUERY + query)
    assert (status, receiver.heard) == (400, [])
    assert says in json.loads(body)["detail"]


async def test_the_only_link_of_a_dialect_need_not_be_named() -> None:
    receiver = Receiver()
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"id=1&from=%2B79210000001&to=6111&text=x"
    assert await asked(edge(receiver), "/sms/africastalking", "", "POST", body, form) == (200, b"")
    assert [one.smsc for one in receiver.heard if isinstance(one, TextHeard)] == ["at"]


async def test_not_now_is_503_and_so_is_a_fault_of_ours() -> None:
    for how in (Answer.NOT_NOW, None):
        assert await asked(edge(Receiver(how)), "/sms/kannel", QUERY + "&smsc=mts") == (503, b"")


@pytest.mark.parametrize(
    ("sender", "to", "why"),
    [
        pytest.param("MyBank", "6111", "robot", id="a name"),
        pytest.param("5010", "6111", "robot", id="a service"),
        pytest.param("99999999999999999", "6111", "bad_number", id="no number"),
        pytest.param("%2B79210000001", "7777", "not_ours", id="not to us"),
    ],
)
async def test_whose_texts_are_not_taken(sender: str, to: str, why: str) -> None:
    receiver = Receiver()
    query = f"smsc=mts&id=1&from={sender}&to={to}&text=x"
    assert await asked(edge(receiver), "/sms/kannel", query) == (200, b"")
    (heard,) = receiver.heard
    assert isinstance(heard, TextIgnored)
    assert heard.why == why


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param({"path": "/sms/kannel", "method": "PUT"}, 405, id="a method"),
        pytest.param({"path": "/sms/africastalking", "method": "GET"}, 405, id="a method of the other dialect"),
        pytest.param({"path": "/sms/kannel", "method": "POST", "body": b"x" * BIG}, 413, id="a large body"),
        pytest.param({"path": "/sms/kannel", "method": "POST", "body": None}, 408, id="a body that never comes"),
        pytest.param({"path": "/sms/nobody"}, 418, id="another path is not ours"),
        pytest.param({"path": "/sms/kannel/f3c7"}, 418, id="nor is a secret where none is set"),
    ],
)
async def test_what_is_no_callback(monkeypatch: pytest.MonkeyPatch, request_: dict[str, Any], status: int) -> None:
    monkeypatch.setattr("gateway.sms.routes.BODY_MAX_S", 0.01)
    receiver = Receiver()
    assert (await asked(edge(receiver), **request_))[0] == status
    assert receiver.heard == []


@pytest.mark.parametrize(
    ("over", "status"),
    [pytest.param(QUERY + "&smsc=mts", 200, id="its own query"), pytest.param(QUERY, 401, id="another's")],
)
async def test_a_get_is_signed_over_its_query(over: str, status: int) -> None:
    now = str(int(time.time()))
    signature = hmac.digest(b"k", f"{now}.{over}".encode(), "sha256").hex()
    headers = {"x-gateway-timestamp": now, "x-gateway-signature": signature}
    at = edge(Receiver(), hmac_key=SecretStr("k"))
    assert (await asked(at, "/sms/kannel", QUERY + "&smsc=mts", headers=headers))[0] == status


async def test_without_a_proof_it_says_which_to_set() -> None:
    at = edge(Receiver(), prefix="GATEWAY_SMS_KANNEL_")
    status, body = await asked(at, "/sms/kannel", QUERY, headers={"x-forwarded-for": "192.0.2.7"})
    assert status == 401
    assert "GATEWAY_SMS_KANNEL_SECRET" in json.loads(body)["detail"]
