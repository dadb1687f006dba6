"""`POST /v1/timeline`: everything that happened to a number, as one list, newest first."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.fields import EARLIEST, LATEST, Cursor, In, Limit, Number
from gateway.api.guard import guarded
from gateway.api.paging import BY_TIME, next_of, place_of
from gateway.api.writing import number_of
from gateway.http.problems import problem
from gateway.msisdn import masked
from gateway.settings import Scope
from gateway.store import timeline
from gateway.store.timeline import Stretch

PAGE = 100
USUAL = timedelta(days=92)
"""How far back one looks who does not say: what is asked about happened in this quarter."""

Moment = Annotated[AwareDatetime, Field(strict=False, ge=EARLIEST, lt=LATEST, description="with an offset")]


class TimelineIn(In):
    """Whose, and of what time: `from` (inclusive; else 92 days before `to`) to `to` (exclusive; else now)."""

    msisdn: Number = Field(examples=["+79210000010"])
    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None
    cursor: Cursor = None
    limit: Limit = PAGE


class HappeningOut(BaseModel):
    """One line; what its facts are goes by `what`."""

    at: datetime
    what: str = Field(
        examples=[
            "text", "message", "posting", "hold", "order", "order_settled", "code_attempt", "lock", "consent", "event",
            "act", "enrolled",
        ]
    )  # fmt: skip
    facts: dict[str, Any]


class TimelineOut(BaseModel):
    """A page, newest first. `next` is the cursor of the page after it; null: there is none."""

    msisdn: str = Field(description="masked")
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    items: list[HappeningOut]
    next: str | None


def router(context: ApiContext) -> APIRouter:
    """The route."""
    routes = guarded(context, Scope.TIMELINE)

    @routes.post(
        "/v1/timeline",
        summary="Tell what happened to a number",
        description="Texts, messages with their receipts, postings, holds, orders, code attempts, locks, consent, the "
        "operator's events, staff's acts. Never a text's words, a gift code or a number. USSD hops are not in the "
        "database: they are lines of the gateway's log (event `hop`), found there by the masked number.",
        response_model=TimelineOut,
    )
    async def tell(asked: TimelineIn) -> TimelineOut | Response:
        msisdn, at = number_of(context, asked.msisdn), await context.clock.at()
        until = asked.to or at + timedelta(microseconds=1)  # what happened at this very moment, too
        since = asked.from_ or max(until - USUAL, EARLIEST)
        after = place_of(BY_TIME, asked.cursor, timeline.FIRST)
        lines = await timeline.read(context.ledger, msisdn, Stretch(since, until, after, asked.limit + 1), at)
        if lines is None:
            return problem(404, "no_member", "no member has this number")
        shown = lines[: asked.limit]
        place = shown[-1].place if shown else after
        return TimelineOut(
            msisdn=masked(msisdn),
            from_=since,
            to=until,
            items=[HappeningOut.model_validate(line, from_attributes=True) for line in shown],
            next=next_of(BY_TIME, lines, asked.limit, place),
        )

    return routes
