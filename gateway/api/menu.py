"""`/v1/menu`: the menu that is served, as a map: what the names in reports and metrics mean, and where they lead."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from gateway.api.context import ApiContext
from gateway.api.guard import guarded
from gateway.settings import Scope


class ChartedScreenOut(BaseModel):
    """One screen."""

    screen: str
    line: int = Field(description="in the menu's file")


class ChartedWayOut(BaseModel):
    """One way to a screen."""

    way: str = Field(description="as reports and `ussd_ways_total` have it: `home_menu.options.1`, `dial *123#`")
    told: str = Field(description="how it is taken", examples=["by 1 on home_menu"])
    target: str = Field(description="the screen that it leads to")
    line: int = Field(description="in the menu's file, where the target is named")


class MenuOut(BaseModel):
    """Screens and ways in the order of the file; ways into the menu first."""

    version: str = Field(description="the pack's digest")
    start: str
    screens: list[ChartedScreenOut]
    ways: list[ChartedWayOut]


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.REPORTS)

    @routes.get("/v1/menu", summary="The menu that is served: its screens, and the ways between them")
    async def charted() -> MenuOut:
        menu = context.menu()
        return MenuOut(
            version=menu.digest,
            start=menu.start,
            screens=[ChartedScreenOut(screen=each.screen, line=each.line) for each in menu.chart.screens],
            ways=[
                ChartedWayOut(way=way.way, told=way.told, target=way.target, line=way.line) for way in menu.chart.ways
            ],
        )

    return routes
