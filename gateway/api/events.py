"""`POST /v1/events`: what the operator tells us of its subscribers, one or many, each with an outcome of its own."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.api.context import ApiContext, client_of
from gateway.api.guard import guarded
from gateway.errors import BadNumberError, BadRequestError, GatewayError, KeyReusedError
from gateway.ids import Amount
from gateway.log_events import LogEvent
from gateway.loyalty.ports import Event, Written
from gateway.loyalty.programme import AMOUNT_MAX, CODE, EventType
from gateway.msisdn import canonical
from gateway.observability import logging
from gateway.settings import Scope

BODY_BYTES_MAX = 1024 * 1024
ITEMS_MAX = 1000
MEMBERS_AT_ONCE = 64
"""Members of one request that are worked on together; each one's events keep their order."""


EVENT_ID = r"^[\x21-\x7e]{1,100}$"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Nothing outside has happened to a subscriber; and every moment between can be told in every time zone."""


class EventIn(BaseModel):
    """One event. `id` is yours: the same id with the same content is answered as the first time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "pay-7001", "type": "top_up", "msisdn": "+79210000001", "amount": 50000}],
        },
    )

    id: str = Field(pattern=EVENT_ID)
    type: EventType
    msisdn: str = Field(min_length=5, max_length=20, description="E.164, or as the operator's region writes it")
    occurred_at: AwareDatetime | None = Field(
        default=None, ge=EARLIEST, lt=LATEST, description="with an offset; now, when it is left out"
    )
    amount: int | None = Field(
        default=None,
        strict=True,
        gt=0,
        le=AMOUNT_MAX,
        description="kopecks; of a top-up, a charge or a purchase, of nothing else",
    )
    partner: str | None = Field(
        default=None, pattern=CODE, description="where a purchase was made; of nothing else", examples=["kinograd"]
    )

    @model_validator(mode="after")
    def _each_where_it_belongs(self) -> "EventIn":
        wanted = {"amount": self.type.has_amount, "partner": self.type.has_partner}
        for name, belongs in wanted.items():
            if (getattr(self, name) is not None) != belongs:
                raise ValueError(f"{name}: {'missing' if belongs else f'not with {self.type}'}")
        return self


class EarnedOut(BaseModel):
    """What one rule gave."""

    unit: str
    amount: int
    rule: str


class EventOut(BaseModel):
    """What became of one event. `repeated`: answered before. `refused`: never will be. `not_now`: send it again."""

    id: str
    outcome: Literal["accepted", "repeated", "refused", "not_now"]
    earned: list[EarnedOut] = []
    error: str | None = None
    detail: str | None = None


class PartnerOut(BaseModel):
    """One partner; its label by language."""

    partner: str = Field(examples=["kinograd"])
    label: dict[str, str]


class PartnersOut(BaseModel):
    """All partners of the programme, 100 at most."""

    items: list[PartnerOut]


class EventsOut(BaseModel):
    """An outcome for each event, in the request's order."""

    items: list[EventOut]


def router(context: ApiContext) -> APIRouter:
    """The route, with the parts that it needs."""
    routes = guarded(context, Scope.EVENTS, BODY_BYTES_MAX)

    @routes.post(
        "/v1/events",
        summary="Take events",
        response_model=EventsOut,
        responses={
            503: {"description": "Some items could not be taken now: send the same request again", "model": EventsOut},
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "oneOf": [
                                _whole_schema(),
                                {"type": "array", "minItems": 1, "maxItems": ITEMS_MAX, "items": _whole_schema()},
                            ]
                        }
                    }
                },
            }
        },
    )
    async def take_events(request: Request) -> Response:
        items = _items(await request.body())
        at = await context.clock.at()
        outcomes = await _take_all(context, client_of(request).name, items, at)
        for outcome in outcomes:
            context.metrics.event(outcome.outcome)
        counts = {
            name: sum(o.outcome == name for o in outcomes) for name in ("accepted", "repeated", "refused", "not_now")
        }
        logging.info(LogEvent.EVENTS_ACCEPTED, source=client_of(request).name, **counts)
        status = 503 if counts["not_now"] else 200
        return JSONResponse(EventsOut(items=outcomes).model_dump(exclude_none=True), status)

    @routes.get("/v1/partners", summary="List the partners", response_model=PartnersOut)
    async def list_partners() -> PartnersOut:
        known = context.programme.partners
        return PartnersOut(items=[PartnerOut(partner=one.partner, label=dict(one.label)) for one in known])

    return routes


def _whole_schema() -> dict[str, Any]:
    """An event's schema with its parts in their places: `$defs` would lead nowhere in the OpenAPI document."""
    schema = EventIn.model_json_schema()
    schema["properties"]["type"] = schema.pop("$defs")["EventType"]
    return schema


def _items(body: bytes) -> list[object]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequestError("the body is not JSON") from None
    items = data if isinstance(data, list) else [data]
    if not items or len(items) > ITEMS_MAX:
        raise BadRequestError(f"send one event, or a list of 1 to {ITEMS_MAX}")
    return items


async def _take_all(context: ApiContext, source: str, items: Sequence[object], at: datetime) -> list[EventOut]:
    """Take them member by member, each member's in their order."""
    outcomes: dict[int, EventOut] = {}
    by_member: dict[str, list[tuple[int, Event]]] = {}
    for position, item in enumerate(items):
        try:
            event_in = EventIn.model_validate(item)
            event = _event(context, source, event_in)
        except (ValidationError, BadNumberError) as error:
            outcomes[position] = _refused(item, error)
        else:
            by_member.setdefault(event.msisdn, []).append((position, event))
    places = asyncio.Semaphore(MEMBERS_AT_ONCE)

    async def take_in_order(theirs: list[tuple[int, Event]]) -> None:
        async with places:
            for position, event in theirs:
                outcomes[position] = await _take(context, event, at)

    await asyncio.gather(*(take_in_order(theirs) for theirs in by_member.values()))
    return [outcomes[position] for position in range(len(items))]


def _event(context: ApiContext, source: str, event: EventIn) -> Event:
    occurred_at = None if event.occurred_at is None else event.occurred_at.astimezone(UTC)
    msisdn, amount = canonical(event.msisdn, context.region), Amount(event.amount or 0)
    return Event(source, event.id, event.type, msisdn, amount, occurred_at, event.partner)


async def _take(context: ApiContext, event: Event, at: datetime) -> EventOut:
    try:
        written = await context.loyalty.take_event(event, at)
    except (BadRequestError, KeyReusedError) as error:
        return EventOut(id=event.event_id, outcome="refused", error=error.code, detail=str(error))
    except GatewayError as error:
        if not error.retryable:
            logging.error(LogEvent.UNEXPECTED, error)  # one poisoned item never fails its neighbours
        return EventOut(id=event.event_id, outcome="not_now", error=error.code, detail="send it again")
    return EventOut(id=event.event_id, outcome="repeated" if written.repeated else "accepted", earned=_earned(written))


def _earned(written: Written) -> list[EarnedOut]:
    return [EarnedOut(unit=earned.unit, amount=earned.amount, rule=earned.reason) for earned in written.earned]


def _refused(item: object, error: ValidationError | BadNumberError) -> EventOut:
    event_id = item.get("id") if isinstance(item, dict) else None
    if not isinstance(event_id, str) or not re.fullmatch(EVENT_ID, event_id):
        event_id = ""  # what cannot be an id is not said back
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False)
        detail = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'item'}: {fault['msg']}" for fault in faults)
        return EventOut(id=event_id, outcome="refused", error="bad_request", detail=detail)
    return EventOut(id=event_id, outcome="refused", error=error.code, detail=str(error))
