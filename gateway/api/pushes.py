"""`/v1/pushes`: what is shown on a phone unasked, by USSD: a notice, or a question that the subscriber answers.

What may be shown is in the menu (`pushes`). A push waits in a queue for a link that speaks USSD, and for no longer than
it is worth; whoever asked looks what became of it.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.fields import BIGINT_MAX, In, KeyHeader, Number
from gateway.api.guard import guarded
from gateway.api.writing import Act, documented, done, member_of, no_member, once, refused
from gateway.errors import BadRequestError
from gateway.http.problems import problem
from gateway.loyalty.ports import Status
from gateway.menu.push import PushKind
from gateway.settings import Scope
from gateway.smpp.settings import SMSC
from gateway.store import pushes
from gateway.store.idempotent import Answer
from gateway.store.pushes import PushAsked, PushState

EXPIRES_IN_S = 60
EXPIRES_IN_MAX_S = 3600
"""A question of an hour ago is about nothing that the subscriber remembers."""

PushId = Annotated[int, Path(ge=1, le=BIGINT_MAX)]


class PushIn(In):
    """Whom to show what, over which links, and for how long that is worth it."""

    msisdn: Number = Field(examples=["+79210000001"])
    push: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="one of `GET /v1/pushes`", examples=["expiring"])
    smsc: str | None = Field(default=None, pattern=SMSC, description="links of this name only; none: any that can")
    expires_in_s: int = Field(default=EXPIRES_IN_S, ge=1, le=EXPIRES_IN_MAX_S)


class PushMadeOut(BaseModel):
    """It waits for a link."""

    push_id: int
    state: PushState


class PushOut(BaseModel):
    """How a push stands. `shown`: the USSD gateway took it; `answered`: the subscriber did something about it;
    `in_doubt`: nobody knows, and it is not shown again."""

    push_id: int
    msisdn: str = Field(description="masked")
    push: str
    kind: PushKind
    smsc: str | None
    state: PushState
    reason: str
    at: datetime
    expires_at: datetime
    settled_at: datetime | None


class KnownOut(BaseModel):
    """What the menu can show unasked."""

    push: str
    kind: PushKind


class KnownsOut(BaseModel):
    """All of them."""

    items: list[KnownOut]


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.PUSHES)

    @routes.get("/v1/pushes", summary="List what the menu can show unasked", response_model=KnownsOut)
    async def list_known() -> KnownsOut:
        known = context.menu().pushes
        return KnownsOut(items=[KnownOut(push=name, kind=push.kind) for name, push in sorted(known.items())])

    @routes.post(
        "/v1/pushes",
        summary="Show a screen on a phone, by USSD",
        status_code=202,
        responses=documented(PushMadeOut, "It waits for a link", 202),
    )
    async def make(request: Request, asked: PushIn, key: KeyHeader) -> Response:
        known = context.menu().pushes
        if asked.push not in known:
            there_are = ", ".join(sorted(known)) or "none"
            raise BadRequestError(f"push: the menu has no such push; it has: {there_are}")
        kind = known[asked.push].kind
        return await once(context, request, key, asked, lambda act: _made(context, asked, kind, act))

    @routes.get("/v1/pushes/{push_id}", summary="Look what became of a push", response_model=PushOut)
    async def look(push_id: PushId) -> PushOut | Response:
        view = await pushes.seen(context.ledger, push_id)
        if view is None:
            return problem(404, "no_push", "there is no push of this number")
        fields = {name: getattr(view, name) for name in PushOut.model_fields if name != "push_id"}
        return PushOut(push_id=push_id, **fields)

    return routes


async def _made(context: ApiContext, asked: PushIn, kind: PushKind, act: Act) -> Answer:
    """Nobody is enrolled by being shown something, and who is blocked is shown nothing."""
    member = await member_of(context, asked.msisdn)
    if member is None or member.status is Status.INVITED:
        return no_member()
    if member.status is Status.BLOCKED:
        return refused(409, "blocked", "the number is blocked: unblock it first")
    wanted = PushAsked(asked.push, kind, asked.smsc, act.at + timedelta(seconds=asked.expires_in_s))
    push_id = await pushes.made(act.transaction, member.member_id, wanted, act.at)
    return done(PushMadeOut(push_id=push_id, state=PushState.QUEUED), 202)
