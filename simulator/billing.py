"""The operator's billing, played: it delivers orders for rewards, as billings do, and fails as they do, on command.

POST /orders       {order_id, msisdn, reward, terms, placed_at}, signed: deliver
GET /orders/{id}   signed: what became of it, where the mode is `askable`
GET, DELETE /orders  what was really delivered, and how often: for testers, unsigned; DELETE forgets it
GET, POST, DELETE /faults  how it behaves (`Faults`); POST changes what it names, DELETE everything back

In the mode `idempotent` an order that comes again is answered as the first time; in the others it is delivered again:
who sends it twice has given twice. What a gateway must send, and may be answered, is in docs/billing.md.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Annotated

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulator import ports

HOST = "127.0.0.1"
"""Loopback only: it obeys anybody."""
PORT = 8082
KEY = "the-demo-billing-key"
"""No secret: it is in the demo's environment, and in nobody's production."""
KEY_VARIABLE = "SIMULATOR_BILLING_KEY"
BODY_BYTES_MAX = 64 * 1024
ORDERS_MAX = 100_000
"""What it remembers; a longer load needs another life."""
TIMESTAMP_AGE_MAX_S = 300

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Mode(StrEnum):
    """What it makes of an order that comes again, and whether it can be asked."""

    IDEMPOTENT = "idempotent"
    ASKABLE = "askable"
    NEVER = "never"


class Faults(BaseModel):
    """What stands until it is changed; counts count down with the orders that come. The defaults are a billing in good
    order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Mode.IDEMPOTENT
    refuse_next: Count = 0  # the next n orders are refused
    fail_after_doing: Count = 0  # the next n orders are delivered, and instead of the answer the connection drops
    fail_before_doing: Count = 0  # the connection drops before anything is done
    pending: Count = 0  # the next n answers are that the order is pending; it is delivered when it is heard of again
    status: Annotated[int, Field(ge=300, le=599)] = 503  # what the next `status_count` requests are answered with
    status_count: Count = 0
    slow_s: Annotated[float, Field(ge=0, le=600)] = 0  # before each answer, when all is done


class State(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    REFUSED = "refused"


class Placed(BaseModel):
    """An order as a gateway sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order_id: Annotated[str, Field(min_length=1, max_length=64)]
    msisdn: Annotated[str, Field(pattern=r"^\+\d{8,15}$")]
    reward: str
    terms: dict[str, JsonValue]
    placed_at: str


@dataclass(slots=True)
class Entry:
    """One order in the books. `delivered` is how often it really was; `came`, how often it was sent."""

    order: Placed
    state: State
    delivered: int = 0
    came: int = 0


class DroppedError(Exception):
    """No answer: the connection is to be dropped."""


@dataclass(slots=True)
class Billing:
    """The books, and how it behaves: everything but the wire."""

    faults: Faults = field(default_factory=Faults)
    entries: dict[str, Entry] = field(default_factory=dict)

    def place(self, order: Placed) -> JSONResponse:
        """An order came. Raises `DroppedError`."""
        if self._takes("fail_before_doing"):
            raise DroppedError
        if order.order_id not in self.entries and len(self.entries) >= ORDERS_MAX:
            return JSONResponse({"detail": f"more than {ORDERS_MAX} orders: start me again"}, 503)
        entry = self.entries.setdefault(order.order_id, Entry(order, State.PENDING))
        entry.came += 1
        self._work_on(entry)
        if self._takes("fail_after_doing"):
            raise DroppedError
        return _said(entry)

    def ask(self, order_id: str) -> JSONResponse:
        """What became of an order."""
        if self.faults.mode is not Mode.ASKABLE:
            return JSONResponse({"detail": "this billing cannot be asked"}, 405)
        entry = self.entries.get(order_id)
        if entry is None:
            return JSONResponse({"state": "unknown"}, 404)
        if entry.state is State.PENDING and not self._takes("pending"):
            self._deliver(entry)
        return _said(entry)

    def failure(self) -> int | None:
        """The status of an answer without anything done, if that is ordered."""
        return self.faults.status if self._takes("status_count") else None

    def _work_on(self, entry: Entry) -> None:
        """In the mode `idempotent` what is over stays as it is."""
        if self.faults.mode is Mode.IDEMPOTENT and entry.state is not State.PENDING:
            return
        if self._takes("refuse_next"):
            entry.state = State.REFUSED
        elif self._takes("pending"):
            entry.state = State.PENDING
        else:
            self._deliver(entry)

    def _deliver(self, entry: Entry) -> None:
        entry.state = State.DELIVERED
        entry.delivered += 1

    def _takes(self, name: str) -> bool:
        """Whether a count still counts; it is one less then."""
        left: int = getattr(self.faults, name)
        if left:
            self.faults = self.faults.model_copy(update={name: left - 1})
        return left > 0


def _said(entry: Entry) -> JSONResponse:
    if entry.state is State.PENDING:
        return JSONResponse({"state": "pending"}, 202)
    reason = {"reason": "the tariff does not allow it"} if entry.state is State.REFUSED else {}
    return JSONResponse({"state": entry.state.value} | reason)


def create(billing: Billing, key: str) -> Starlette:
    """The application; `key` is the secret that orders are signed with."""

    async def place(request: Request, body: bytes) -> JSONResponse:
        return billing.place(Placed.model_validate_json(body))

    async def ask(request: Request, body: bytes) -> JSONResponse:
        return billing.ask(request.path_params["order_id"])

    async def books(request: Request) -> JSONResponse:
        if request.method == "DELETE":
            billing.entries.clear()
        rows = [
            one.order.model_dump() | {"state": one.state.value, "delivered": one.delivered, "came": one.came}
            for one in billing.entries.values()
        ]
        return JSONResponse({"orders": rows})

    async def faults(request: Request) -> JSONResponse:
        try:
            named = Faults.model_validate_json(await request.body()) if request.method == "POST" else Faults()
        except ValidationError as error:
            return JSONResponse({"detail": _faults(error)}, 422)
        if request.method == "POST":
            billing.faults = billing.faults.model_copy(
                update={name: getattr(named, name) for name in named.model_fields_set}
            )
        elif request.method == "DELETE":
            billing.faults = named
        return JSONResponse(billing.faults.model_dump(mode="json"))

    return Starlette(
        routes=[
            Route("/orders", books, methods=["GET", "DELETE"]),
            Route("/orders", _signed_only(billing, key, place), methods=["POST"]),
            Route("/orders/{order_id}", _signed_only(billing, key, ask), methods=["GET"]),
            Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
        ]
    )


def _signed_only(
    billing: Billing, key: str, handler: Callable[[Request, bytes], Awaitable[JSONResponse]]
) -> Callable[[Request], Awaitable[Response]]:
    """What every request of a gateway goes through: its signature, the failures that are ordered, the delay."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        if len(body) > BODY_BYTES_MAX or not is_signed(request, body, key, time.time()):
            return JSONResponse({"detail": "X-Gateway-Signature does not hold"}, 401)
        status = billing.failure()
        if status is not None:
            return JSONResponse({"detail": "as ordered"}, status)
        try:
            answer: Response = await handler(request, body)
        except ValidationError as error:
            answer = JSONResponse({"detail": _faults(error)}, 400)
        except DroppedError:
            answer = _Drop()
        await asyncio.sleep(billing.faults.slow_s)
        return answer

    return endpoint


def _faults(error: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in error.errors()]


def is_signed(request: Request, body: bytes, key: str, now_s: float) -> bool:
    """Whether whoever sent this has the key, and has not kept it for long."""
    timestamp = request.headers.get("x-gateway-timestamp", "")
    if not timestamp.isdecimal() or abs(now_s - int(timestamp[:12])) > TIMESTAMP_AGE_MAX_S:
        return False
    wanted = hmac.digest(key.encode(), timestamp.encode() + b"." + body, "sha256").hex()
    return hmac.compare_digest(request.headers.get("x-gateway-signature", "").encode(), wanted.encode())


class _Drop(Response):
    """An answer that breaks off before it says anything: the server closes the connection when a body does not end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})


def run(port: int, key: str, console: Console) -> None:
    """Serve until SIGINT or SIGTERM."""
    with ports.listener(HOST, port, "--port") as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        console.print(_welcome(url), highlight=False, markup=False, soft_wrap=True)
        # Answers that break off are ordered; the server would report each as an error of ours.
        config = uvicorn.Config(
            create(Billing(), key), access_log=False, server_header=False, log_config=None, log_level="critical"
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped; uvicorn has closed everything by then
            uvicorn.Server(config).run(sockets=[listener])


def _welcome(url: str) -> str:
    return f"""
The billing is up.

  Orders go to     POST {url}/orders, signed
  What it did      curl {url}/orders
  Let it fail      curl -d '{{"fail_after_doing": 1}}' {url}/faults
  Stop             Ctrl-C
"""
