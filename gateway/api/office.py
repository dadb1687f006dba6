"""All routes of /v1, each behind its scope."""

from fastapi import APIRouter

from gateway.api import (
    approvals,
    codes,
    events,
    languages,
    members,
    menu,
    orders,
    pushes,
    reports,
    rewards,
    segments,
    switches,
    timeline,
)
from gateway.api import credits as credits_api
from gateway.api.context import ApiContext


def routers(context: ApiContext) -> tuple[APIRouter, ...]:
    """In the order of the documentation. `members` comes after what has a word in the place of its number."""
    modules = (
        events,
        credits_api,
        switches,
        languages,
        segments,
        members,
        approvals,
        codes,
        rewards,
        orders,
        pushes,
        timeline,
        reports,
        menu,
    )
    return tuple(module.router(context) for module in modules)
