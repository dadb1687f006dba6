"""`/demo/clock`: the virtual clock of a demo database. These routes do not exist otherwise."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from gateway.api.context import caller_of
from gateway.http.access import is_local
from gateway.http.problems import problem
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.store.clock import ADVANCE_MAX_S, VirtualClock


class ClockOut(BaseModel):
    """The programme's time, and how far it runs ahead of the machine's."""

    at: str
    offset_s: int


class Advance(BaseModel):
    """Seconds to move forward."""

    model_config = ConfigDict(extra="forbid")

    advance_s: int = Field(ge=0, le=ADVANCE_MAX_S)


def router(clock: VirtualClock) -> APIRouter:
    """The two routes of the clock, for callers on this machine."""
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

    return routes


def _stranger() -> Response:
    return problem(403, "not_local", "the demo clock answers this machine only")
