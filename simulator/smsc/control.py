"""The SMSC's control port: what a tester does and sees, as JSON over HTTP on loopback.

POST /mo       {msisdn, to, text}: a subscriber texts. Instead of text: {hex, data_coding, esm_class}.
POST /ussd     {msisdn, destination, text, op, ...}: a subscriber dials or answers (`Ussd`); the answer is the screen,
               {text, op, its_session_info}, {} for a deed that wants none, or 409 or 504 with the reason; ?repeated=1:
               the line drops before the ESME's answer, so that it comes again
GET  /ussd     screens that nobody asked for, {"pushed": [...]} (`smsc.ussd.Pushed`); ?msisdn= of one phone, ?after=
               only what is newer than that number
GET  /inbox    what phones show; ?msisdn= one of them, ?after= only what is newer than that number
GET  /pdus     what went over the wire, octets and fields; ?after=, ?session=
GET  /deliveries  what the SMSC had for its ESMEs, and where each stands
POST /raw      {hex}: these octets to every connection, whatever they are
GET, POST, DELETE /faults  how it behaves (`faults.Faults`); POST changes what it names, DELETE everything back
GET  /state    who is bound, counts, faults; `texts`, `pdus` and `pushed` are the numbers of the newest
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict
from functools import wraps
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from gateway.smpp.pdu.status import described
from gateway.smpp.pdu.writers import SHORT_MESSAGE_BYTES_MAX
from simulator.smsc.deliveries import Delivery
from simulator.smsc.faults import Faults, Orders
from simulator.smsc.server import Server
from simulator.smsc.trace import shown
from simulator.smsc.ussd import Deed, Outcome, Screen

BODY_BYTES_MAX = 1024 * 1024
TEXT_LENGTH_MAX = 10_000
SCREEN_WITHIN_S = 8.0
"""As a network waits for an application; the subscriber sees an error then."""
ANSWERED_MAX = 1000
"""Rows of one answer; `after` asks for the next."""


def _octets(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("octets are a string of hex digits")
    return bytes.fromhex(value)


Octets = Annotated[bytes, BeforeValidator(_octets)]
Octet = Annotated[int, Field(ge=0, le=255)]
TwoOctets = Annotated[int, Field(ge=0, le=0xFFFF)]
Body = TypeVar("Body", bound=BaseModel)
Handler = Callable[[Server, Request], Awaitable[JSONResponse]]


class Mo(BaseModel):
    """A message of a subscriber; to one account's connections by `system_id`, else to whichever is bound."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    msisdn: Annotated[str, Field(pattern=r"^\+?[0-9A-Za-z]{1,20}$")]
    to: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,20}$")]
    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] | None = None
    hex: Annotated[Octets, Field(max_length=SHORT_MESSAGE_BYTES_MAX)] | None = None
    data_coding: Octet = 0
    esm_class: Octet = 0
    system_id: str = ""

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if (self.text is None) == (self.hex is None):
            raise ValueError("send either text or hex")
        return self


class Ussd(BaseModel):
    """What a subscriber does at a USSD gateway (`smsc.ussd.Deed`), over the account of `system_id`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    msisdn: Annotated[str, Field(pattern=r"^\+?[0-9]{1,20}$")]
    destination: Annotated[str, Field(max_length=20)]
    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] = ""
    op: Octet
    its_session_info: TwoOctets | None = None
    session_mask: TwoOctets = 0
    user_message_reference: TwoOctets | None = None
    cbs: bool = False
    wants_screen: bool = True
    system_id: str = ""

    def deed(self) -> Deed:
        """For the centre."""
        said = self.model_dump(exclude={"system_id", "msisdn"})
        return Deed(msisdn=self.msisdn.removeprefix("+"), **said)


class Raw(BaseModel):
    """Octets for every connection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hex: Annotated[Octets, Field(max_length=BODY_BYTES_MAX)]


def create(server: Server, lifespan: AbstractAsyncContextManager[None], page: ASGIApp | None = None) -> Starlette:
    """The control port's application; `lifespan` is what lives as long as it, `page` what it serves beside its own."""

    def route(path: str, handler: Handler, method: str) -> Route:
        @wraps(handler)
        async def endpoint(request: Request) -> JSONResponse:
            return await _answer(handler, server, request)

        return Route(path, endpoint, methods=[method])

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        async with lifespan:
            yield

    routes = [
        route("/mo", _mo, "POST"),
        route("/ussd", _ussd, "POST"),
        route("/ussd", _pushed, "GET"),
        route("/inbox", _inbox, "GET"),
        route("/pdus", _pdus, "GET"),
        route("/deliveries", _deliveries, "GET"),
        route("/raw", _raw, "POST"),
        route("/faults", _faults, "GET"),
        route("/faults", _change_faults, "POST"),
        route("/faults", _reset_faults, "DELETE"),
        route("/state", _state, "GET"),
    ]
    pages = [] if page is None else [Mount("/", page)]
    return Starlette(routes=[*routes, *pages], lifespan=living, max_body_size=BODY_BYTES_MAX)


async def _answer(handler: Handler, server: Server, request: Request) -> JSONResponse:
    """A handler's answer, or 422 with a sentence for each thing that is wrong with the request."""
    try:
        return await handler(server, request)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in error.errors()]
        return JSONResponse({"detail": faults}, 422)


async def _mo(server: Server, request: Request) -> JSONResponse:
    mo = Mo.model_validate_json(await request.body())
    now = time.time()
    if mo.hex is not None:
        raw = server.centre.raw(mo.msisdn, mo.to, mo.hex, mo.data_coding, mo.esm_class, mo.system_id, now)
        deliveries = [raw]
    else:
        deliveries = server.centre.text(mo.msisdn, mo.to, mo.text or "", mo.system_id, now)
    server.flush()
    return JSONResponse({"deliveries": [delivery.number for delivery in deliveries]}, 202)


async def _ussd(server: Server, request: Request) -> JSONResponse:
    asked = Ussd.model_validate_json(await request.body())
    came: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def told(outcome: Outcome) -> None:
        if not came.done():
            came.set_result(outcome)

    repeated = _number(request, "repeated") > 0
    server.centre.ussd(asked.deed(), asked.system_id, told, time.time(), repeated=repeated)
    server.flush()
    try:
        async with asyncio.timeout(SCREEN_WITHIN_S):
            outcome = await came
    except TimeoutError:
        return JSONResponse({"detail": [f"no screen came within {SCREEN_WITHIN_S:.0f} s"]}, 504)
    match outcome:
        case None:
            return JSONResponse({})
        case int():
            return JSONResponse({"detail": [f"the ESME refused it: {described(outcome)}"]}, 409)
        case Screen():
            return JSONResponse(asdict(outcome))


async def _pushed(server: Server, request: Request) -> JSONResponse:
    screens = server.centre.dialogues.pushed(request.query_params.get("msisdn", ""), _number(request, "after"))
    return JSONResponse({"pushed": [asdict(screen) for screen in screens]})


async def _inbox(server: Server, request: Request) -> JSONResponse:
    texts = server.centre.inbox.texts(request.query_params.get("msisdn", ""), _number(request, "after"))
    return JSONResponse({"texts": [asdict(text) for text in texts[:ANSWERED_MAX]]})


async def _pdus(server: Server, request: Request) -> JSONResponse:
    session = _number(request, "session") or None
    seen = server.centre.trace.after(_number(request, "after"), session)
    return JSONResponse({"pdus": [shown(one) for one in seen[:ANSWERED_MAX]]})


async def _deliveries(server: Server, request: Request) -> JSONResponse:
    after = _number(request, "after")
    rows = sorted((one for one in server.centre.deliveries.all() if one.number > after), key=lambda one: one.number)
    return JSONResponse({"deliveries": [_delivery(one) for one in rows[:ANSWERED_MAX]]})


async def _raw(server: Server, request: Request) -> JSONResponse:
    raw = Raw.model_validate_json(await request.body())
    for session in server.centre.sessions:
        session.write(raw.hex)
    server.flush()
    return JSONResponse({"connections": len(server.centre.sessions)}, 202)


async def _faults(server: Server, request: Request) -> JSONResponse:
    return JSONResponse(server.centre.faults.model_dump(mode="json"))


async def _change_faults(server: Server, request: Request) -> JSONResponse:
    server.centre.order(Orders.model_validate_json(await request.body()), time.time())
    server.flush()
    return await _faults(server, request)


async def _reset_faults(server: Server, request: Request) -> JSONResponse:
    server.centre.order(Orders(**Faults().model_dump()), time.time())
    server.flush()
    return await _faults(server, request)


async def _state(server: Server, request: Request) -> JSONResponse:
    centre = server.centre
    sessions = [
        {"session": one.number, "state": one.state.name.lower(), "system_id": one.system_id} for one in centre.sessions
    ]
    return JSONResponse(
        {
            "sessions": sessions,
            "submitted": centre.messages.count,
            "texts": centre.inbox.count,
            "pdus": centre.trace.count,
            "pushed": centre.dialogues.pushed_count,
            "incomplete": centre.inbox.incomplete,
            "deliveries": centre.deliveries.counts(),
            "faults": centre.faults.model_dump(mode="json"),
        }
    )


def _delivery(delivery: Delivery) -> dict[str, str | int | None]:
    return {
        "number": delivery.number,
        "fate": delivery.fate.value,
        "tries": delivery.tries,
        "status": delivery.status,
        "source": delivery.pdu.source.digits,
        "destination": delivery.pdu.destination.digits,
        "system_id": delivery.account,
    }


def _number(request: Request, name: str) -> int:
    """A number of the query; what is none counts as 0."""
    value = request.query_params.get(name, "0")
    return int(value) if value.isdecimal() else 0
