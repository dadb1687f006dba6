"""`/v1/segments`, `/v1/members/tier`: what the operator's systems know of members, for menus to tell them apart by.

Decides which names there are: those of the programme, since a misspelt one would be shown to nobody.
"""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.fields import In, KeyHeader, Number, SegmentPath
from gateway.api.guard import guarded
from gateway.api.writing import Act, documented, done, no_member, number_of, numbers_of, once, refused
from gateway.errors import BadRequestError
from gateway.loyalty.programme import CODE
from gateway.msisdn import Msisdn, masked
from gateway.settings import Scope
from gateway.store import segments
from gateway.store.idempotent import Answer
from gateway.store.segments import CHANGE_MAX, Groups


class ChangeIn(In):
    """Whom to put into a segment, and whom to take out: 1,000 numbers together at most."""

    add: list[Number] = Field(default=[], max_length=CHANGE_MAX, examples=[["+79210000010", "+79210000011"]])
    remove: list[Number] = Field(default=[], max_length=CHANGE_MAX, examples=[["+79210000012"]])


class ChangedOut(BaseModel):
    """How many were not in it before, and how many were; the others are as they were."""

    segment: str
    added: int
    removed: int


class SegmentOut(BaseModel):
    """One segment of the programme, and how many numbers are in it; some may not have come yet."""

    segment: str
    members: int


class SegmentsOut(BaseModel):
    """All segments of the programme, in its order."""

    items: list[SegmentOut]


class TierIn(In):
    """Whose tier, and which of the programme's; null: none."""

    msisdn: Number = Field(examples=["+79210000010"])
    tier: str | None = Field(pattern=CODE, examples=["gold"])


class TierOut(BaseModel):
    """The tier from now on."""

    msisdn: str = Field(description="masked", examples=["+7921*****10"])
    tier: str | None


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.SEGMENTS)

    @routes.get("/v1/segments", summary="List the programme's segments", response_model=SegmentsOut)
    async def list_segments() -> SegmentsOut:
        counts = await segments.counted(context.ledger)
        names = context.programme.segments
        return SegmentsOut(items=[SegmentOut(segment=name, members=counts.get(name, 0)) for name in names])

    @routes.post(
        "/v1/segments/{segment}/members",
        summary="Put members into a segment, and take others out",
        responses=documented(ChangedOut, "They are in, or out"),
    )
    async def change(request: Request, segment: SegmentPath, asked: ChangeIn, key: KeyHeader) -> Response:
        add, remove = _numbers(context, asked)
        return await once(context, request, key, asked, lambda act: _changed(context, segment, add, remove, act))

    @routes.post(
        "/v1/members/tier", summary="Give a member a tier, or none", responses=documented(TierOut, "It is the tier now")
    )
    async def set_tier(request: Request, asked: TierIn, key: KeyHeader) -> Response:
        if asked.tier is not None and asked.tier not in context.programme.tiers:
            raise BadRequestError(f"tier is null, or one of the programme's: {_listed(context.programme.tiers)}")
        msisdn = number_of(context, asked.msisdn)
        return await once(context, request, key, asked, lambda act: _tier_set(context, msisdn, asked.tier, act))

    return routes


def _numbers(context: ApiContext, asked: ChangeIn) -> tuple[list[Msisdn], list[Msisdn]]:
    """Each number once. Raises `BadRequestError` and `BadNumberError` for what cannot be done as a whole."""
    if not 1 <= len(asked.add) + len(asked.remove) <= CHANGE_MAX:
        raise BadRequestError(f"`add` and `remove` have from 1 to {CHANGE_MAX} numbers together")
    add, remove = numbers_of(context, asked.add, "add"), numbers_of(context, asked.remove, "remove")
    known = set(add)
    for place, number in enumerate(remove):
        if number in known:
            raise BadRequestError(f"remove.{place}: this number is in `add`, too: which of the two is it?")
    return list(dict.fromkeys(add)), list(dict.fromkeys(remove))


async def _changed(
    context: ApiContext, segment: str, add: Sequence[Msisdn], remove: Sequence[Msisdn], act: Act
) -> Answer:
    known = context.programme.segments
    if segment not in known:
        return refused(404, "no_segment", f"the programme has no such segment; its segments: {_listed(known)}")
    changed = await _groups(context, act).change(segment, add, remove)
    return done(ChangedOut(segment=segment, added=changed.added, removed=changed.removed))


async def _tier_set(context: ApiContext, msisdn: Msisdn, tier: str | None, act: Act) -> Answer:
    if not await _groups(context, act).set_tier(msisdn, tier):
        return no_member()
    return done(TierOut(msisdn=masked(msisdn), tier=tier))


def _groups(context: ApiContext, act: Act) -> Groups:
    return Groups(act.transaction.fetch, context.ledger.keys, context.programme.languages[0], act.actor, act.at)


def _listed(known: Sequence[str]) -> str:
    return ", ".join(known) or "none"
