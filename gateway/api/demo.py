"""`/demo/…`: the virtual clock of a demo database, its sessions, the menu that they walk, and stores that hang. These
routes do not exist otherwise, and answer callers on this machine only."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from gateway.api.context import caller_of
from gateway.http.access import is_local
from gateway.http.problems import problem
from gateway.log_events import LogEvent
from gateway.msisdn import canonical
from gateway.observability import logging
from gateway.state.sessions import Sessions, StoredSession
from gateway.store.clock import ADVANCE_MAX_S, VirtualClock
from gateway.ussd.message import UssdRequest
from gateway.ussd.recent import RecentSessions
from gateway.ussd.sessions import SessionKey
from gateway.ussd.stood import Stood

FROZEN_MAX_S = 60.0
"""Longer, and a tester has forgotten it."""
LANGUAGE_LENGTH_MAX = 40
SVG = "image/svg+xml"


class ClockOut(BaseModel):
    """The programme's time, and how far it runs ahead of the machine's."""

    at: str
    offset_s: int


class Advance(BaseModel):
    """Seconds to move forward."""

    model_config = ConfigDict(extra="forbid")

    advance_s: int = Field(ge=0, le=ADVANCE_MAX_S)


class Whose(BaseModel):
    """Whose session."""

    model_config = ConfigDict(extra="forbid")

    msisdn: str = Field(max_length=40, examples=["+79210000010"])


class SessionOut(BaseModel):
    """A number's newest session as it lies in Redis; times are the programme's. `state` is where the subscriber is in
    the menu, with what was kept on the way."""

    name: str
    uid: str
    version: int
    ends_at: datetime
    total_ends_at: datetime
    over: bool
    being_answered: bool
    hop: str
    reply: str | None
    reply_ends: bool
    state: dict[str, Any] | None
    forgotten_in_s: float


class Freeze(BaseModel):
    """A store that is to hang, and for how long; 0 seconds end it."""

    model_config = ConfigDict(extra="forbid")

    store: Literal["postgresql", "valkey"]
    seconds: float = Field(ge=0, le=FROZEN_MAX_S)


class FrozenOut(BaseModel):
    """The stores that hang."""

    frozen: list[str]


class Freezer(Protocol):
    """What lets embedded stores hang (`gateway.embedded.freeze`)."""

    def frozen(self) -> list[str]: ...

    def freeze(self, store: str, seconds: float) -> bool: ...

    def thaw(self, store: str) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Looks:
    """What is needed to look into a session. `key_of` says where that of a dialect's request is, `menu` draws the menu
    that is served, as SVG, in a language."""

    sessions: Sessions
    recent: RecentSessions
    key_of: Callable[[str, UssdRequest], SessionKey]
    region: str
    menu: Callable[[str], str]


def router(clock: VirtualClock, looks: Looks, freezer: Freezer | None) -> APIRouter:
    """The routes. Stores that are not embedded cannot be made to hang from here."""
    routes = APIRouter(tags=["demo"])

    async def shown() -> ClockOut:
        return ClockOut(at=(await clock.at()).isoformat(timespec="milliseconds"), offset_s=await clock.offset_s())

    @routes.get("/demo/clock", summary="Read the virtual clock", response_model=ClockOut)
    async def read(request: Request) -> ClockOut | Response:
        return await shown() if is_local(caller_of(request)) else _stranger()

    @routes.post("/demo/clock", summary="Move the virtual clock forward", response_model=ClockOut)
    async def advance(request: Request, step: Advance) -> ClockOut | Response:
        if not is_local(caller_of(request)):
            return _stranger()
        await clock.advance(step.advance_s)
        logging.info(LogEvent.CLOCK_ADVANCED, advance_s=step.advance_s)
        return await shown()

    @routes.post("/demo/session", summary="Look into a number's newest session", response_model=SessionOut)
    async def look(request: Request, asked: Whose) -> SessionOut | Response:
        if not is_local(caller_of(request)):
            return _stranger()
        last = looks.recent.of(canonical(asked.msisdn, looks.region))
        stored = None if last is None else await looks.sessions.peek(looks.key_of(*last))
        return problem(404, "no_session", "this number has no session") if stored is None else _shown(stored)

    _add_menu(routes, looks)
    if freezer is not None:
        _add_stores(routes, freezer)
    return routes


def _add_menu(routes: APIRouter, looks: Looks) -> None:
    drawing = {"content": {SVG: {"schema": {"type": "string"}}}}

    @routes.get("/demo/menu", summary="The menu as a drawing", response_class=Response, responses={200: drawing})
    async def menu(request: Request, language: Annotated[str, Query(max_length=LANGUAGE_LENGTH_MAX)] = "") -> Response:
        if not is_local(caller_of(request)):
            return _stranger()
        return Response(await asyncio.to_thread(looks.menu, language), media_type=SVG)


def _add_stores(routes: APIRouter, freezer: Freezer) -> None:
    @routes.get("/demo/stores", summary="Which stores hang", response_model=FrozenOut)
    async def hang(request: Request) -> FrozenOut | Response:
        return FrozenOut(frozen=freezer.frozen()) if is_local(caller_of(request)) else _stranger()

    @routes.post("/demo/stores", summary="Let a store hang for a while", response_model=FrozenOut)
    async def freeze(request: Request, asked: Freeze) -> FrozenOut | Response:
        if not is_local(caller_of(request)):
            return _stranger()
        if not asked.seconds:
            freezer.thaw(asked.store)
        elif not freezer.freeze(asked.store, asked.seconds):
            return problem(409, "not_here", "the store's processes are not to be seen from here: this needs Linux")
        logging.info(LogEvent.STORE_FROZEN, store=asked.store, seconds=asked.seconds)
        return FrozenOut(frozen=freezer.frozen())


def _shown(stored: StoredSession) -> SessionOut:
    reply = stored.reply
    return SessionOut(
        name=stored.name,
        uid=stored.uid,
        version=stored.version,
        ends_at=stored.ends_at,
        total_ends_at=stored.total_ends_at,
        over=stored.over,
        being_answered=stored.being_answered,
        hop=stored.hop,
        reply=None if reply is None else reply.text,
        reply_ends=reply is not None and reply.ends,
        state=asdict(Stood.from_bytes(stored.state).state) if stored.state else None,
        forgotten_in_s=stored.forgotten_in_s,
    )


def _stranger() -> Response:
    return problem(403, "not_local", "a demo's own paths answer this machine only")
