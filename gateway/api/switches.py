"""`/v1/switches`, `/v1/members/{block,unblock}`: stop something for everybody, or everything for one number."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.fields import In, KeyHeader, Number, Reason
from gateway.api.guard import guarded
from gateway.api.writing import Act, documented, done, no_member, number_of, once, refused
from gateway.msisdn import Msisdn, masked
from gateway.settings import Scope
from gateway.store import rewards_view
from gateway.store.idempotent import Answer
from gateway.store.statements import INVITE, NUMBER_BLOCKED, SWITCH_CLOSED, SWITCH_THROWN

ACTIONS = ("action:redeem", "action:exchange")
SWITCH = r"^(action|reward|campaign):[\w.-]{1,60}$"


class ThrowIn(In):
    """What to stop: an action, a reward, a campaign."""

    name: str = Field(pattern=SWITCH, examples=["action:redeem", "reward:mug", "campaign:spring"])
    reason: Reason


class CloseIn(In):
    """What may go on."""

    name: str = Field(pattern=SWITCH, examples=["reward:mug"])


class SwitchOut(BaseModel):
    """How a switch stands now."""

    name: str
    thrown: bool


class ThrownOut(BaseModel):
    """A switch that is thrown."""

    name: str
    since: datetime
    thrown_by: str
    reason: str


class SwitchesOut(BaseModel):
    """All switches that are thrown; there are a handful at most."""

    items: list[ThrownOut]


class BlockIn(In):
    """Whom, and why. A number that never came may be blocked too."""

    msisdn: Number = Field(examples=["+79210000012"])
    reason: Reason


class BlockOut(BaseModel):
    """How a number stands now."""

    msisdn: str = Field(description="masked")
    status: Literal["active", "blocked", "invited"]


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.SWITCHES)

    @routes.get("/v1/switches", summary="List what is stopped", response_model=SwitchesOut)
    async def list_switches() -> SwitchesOut:
        found = await rewards_view.switches(context.ledger)
        return SwitchesOut(items=[ThrownOut.model_validate(one, from_attributes=True) for one in found])

    @routes.post(
        "/v1/switches/throw", summary="Stop something at once", responses=documented(SwitchOut, "It is stopped")
    )
    async def throw(request: Request, asked: ThrowIn, key: KeyHeader) -> Response:
        return await once(context, request, key, asked, lambda act: _thrown(context, asked, act))

    @routes.post("/v1/switches/close", summary="Let something go on", responses=documented(SwitchOut, "It goes on"))
    async def close(request: Request, asked: CloseIn, key: KeyHeader) -> Response:
        async def do(act: Act) -> Answer:
            await act.transaction.fetch(SWITCH_CLOSED, asked.name, act.at, act.actor)
            return done(SwitchOut(name=asked.name, thrown=False))

        return await once(context, request, key, asked, do)

    @routes.post("/v1/members/block", summary="Block a number", responses=documented(BlockOut, "It is blocked"))
    async def block(request: Request, asked: BlockIn, key: KeyHeader) -> Response:
        msisdn = number_of(context, asked.msisdn)
        return await once(
            context, request, key, asked, lambda act: _blocked(context, msisdn, asked.reason, act, blocked=True)
        )

    @routes.post(
        "/v1/members/unblock", summary="Let a number go on", responses=documented(BlockOut, "It is not blocked")
    )
    async def unblock(request: Request, asked: BlockIn, key: KeyHeader) -> Response:
        msisdn = number_of(context, asked.msisdn)
        return await once(
            context, request, key, asked, lambda act: _blocked(context, msisdn, asked.reason, act, blocked=False)
        )

    return routes


async def _thrown(context: ApiContext, asked: ThrowIn, act: Act) -> Answer:
    """A misspelt switch would stop nothing."""
    rewards = [f"reward:{one.reward}" for one in context.programme.rewards]
    campaigns = [f"campaign:{one}" for one in await rewards_view.campaigns(context.ledger)]
    if asked.name not in (*ACTIONS, *rewards, *campaigns):
        return refused(404, "no_switch", "nothing of that name can be stopped: there are actions, rewards, campaigns")
    await act.transaction.fetch(SWITCH_THROWN, asked.name, act.at, act.actor, asked.reason)
    return done(SwitchOut(name=asked.name, thrown=True))


async def _blocked(context: ApiContext, msisdn: Msisdn, reason: str, act: Act, *, blocked: bool) -> Answer:
    keys = context.ledger.keys
    if blocked:
        sealed = [keys.encrypt(msisdn)], keys.current
        first, *others = keys.digests(msisdn)
        await act.transaction.fetch(INVITE, [first], others, *sealed, context.programme.languages[0], act.at)
    rows = await act.transaction.fetch(NUMBER_BLOCKED, keys.digests(msisdn), blocked, act.actor, reason, act.at)
    if not rows:
        return no_member()
    return done(BlockOut(msisdn=masked(msisdn), status=rows[0]["status"]))
