"""`/v1/reports`: what subscribers do, in numbers of whom nobody can be told."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from gateway.api.context import ApiContext
from gateway.api.guard import guarded
from gateway.reports import menu
from gateway.reports.menu import DAYS, DAYS_MAX, MenuReport
from gateway.reports.page import page
from gateway.settings import Scope

Days = Annotated[int, Query(ge=1, le=DAYS_MAX, description="of the programme, today's included")]


class ScreenOut(BaseModel):
    """One screen. `shown` = `answered` + `ended` + `left`."""

    screen: str = Field(description="its name in the menu's file; `resume` is the question after a drop")
    opened: int = Field(description="sessions that began there")
    shown: int
    answered: int = Field(description="went on to another screen")
    wrong: int = Field(description="keys that meant nothing")
    refused: int = Field(description="inputs that are not what the screen asks for")
    ended: int = Field(description="times it was the last screen")
    resumed: int = Field(description="shown again after a drop")
    hung_up: int
    timed_out: int
    broken: int
    failed: int = Field(description="hops that could not be answered")
    left: int = Field(description="sessions that broke off there, told or not, or stand there now")
    left_share: float
    seconds: float = Field(description="to an answer, on average")


class DayOut(BaseModel):
    """Sessions that began on a day."""

    day: date
    sessions: int


class WayOut(BaseModel):
    """One way of the menu, and how often it was taken."""

    way: str = Field(
        description="`home_menu.options.1`, `home.on.balance`, `dial *123#`; `/v1/menu` says where it leads"
    )
    taken: int


class RefusedOut(BaseModel):
    """What was typed, and is not what the menu's input asks for."""

    input: str
    failure: str = Field(description="`too_short`, `not_a_number`, …")
    count: int


class MenuReportOut(BaseModel):
    """Screens that were seen most first."""

    since: date
    until: date
    sessions: int
    days: list[DayOut]
    screens: list[ScreenOut]
    ways: list[WayOut]
    refused: list[RefusedOut]


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.REPORTS)

    @routes.get("/v1/reports/menu", summary="The funnel of every menu screen", response_model=MenuReportOut)
    async def of_menu(days: Days = DAYS) -> MenuReportOut:
        return MenuReportOut.model_validate((await _read(context, days)).as_json(), strict=False)

    @routes.get("/v1/reports/menu.html", summary="The same as a page with a chart", response_class=HTMLResponse)
    async def shown(days: Days = DAYS) -> HTMLResponse:
        return HTMLResponse(page(await _read(context, days), "of this programme"))

    return routes


async def _read(context: ApiContext, days: int) -> MenuReport:
    async def fetch(statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        return await context.ledger.looks((statement, arguments))

    return await menu.read(fetch, await context.clock.at(), context.programme.time_zone, days)
