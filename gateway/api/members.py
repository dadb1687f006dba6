"""`/v1/members/…`, read only: a member's whole account, and the statement page by page. Nobody is enrolled by it."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.fields import Cursor, CursorQuery, In, Limit, LimitQuery, Number, NumberPath
from gateway.api.guard import guarded
from gateway.api.paging import BY_MONTH, next_of, place_of
from gateway.api.writing import member_of, number_of
from gateway.http.problems import problem
from gateway.msisdn import masked
from gateway.settings import Scope
from gateway.store import statement

PAGE = 50


class LookupIn(In):
    """Whose account."""

    msisdn: Number = Field(examples=["+79210000010"])


class StatementIn(In):
    """Whose statement, and which page of it."""

    msisdn: Number = Field(examples=["+79210000010"])
    cursor: Cursor = None
    limit: Limit = PAGE


class BalanceOut(BaseModel):
    """One unit. `available` can be spent now; `expiring` of it ends at `expires_at`."""

    unit: str
    available: int
    held: int
    pending: int
    expiring: int
    expires_at: datetime | None
    debt: int


class LotOut(BaseModel):
    """What was earned together and ends together, at `ends_at`; pending until `available_at`."""

    unit: str
    amount: int
    remaining: int
    held: int
    earned_at: datetime
    available_at: datetime | None
    ends_at: datetime | None
    transfer_id: int


class HoldOut(BaseModel):
    """What is kept for an order."""

    hold_id: int
    unit: str
    amount: int
    reason: str
    at: datetime
    expires_at: datetime | None


class LockOut(BaseModel):
    """Redeeming gift codes is locked: until `until`, or until care unlocks it."""

    since: datetime
    until: datetime | None
    strikes: int


class MemberOut(BaseModel):
    """A member's whole account, at this moment. `invited`: was sent a gift code, and has not come yet."""

    msisdn: str = Field(description="masked", examples=["+7921*****10"])
    status: str = Field(examples=["active", "blocked", "invited"])
    language: str
    tier: str | None = Field(description="of programmes with tiers", examples=["gold"])
    segments: list[str] = Field(description="of programmes with segments", examples=[["vip"]])
    enrolled_at: datetime
    terms_version: str
    terms_accepted_at: datetime
    balances: list[BalanceOut]
    lots: list[LotOut] = Field(description="with something left, in spending order, 200 at most")
    holds: list[HoldOut]
    lock: LockOut | None


class MovementOut(BaseModel):
    """One movement. `amount` is signed; `of_transfer_id` is what a refund or a reversal corrects."""

    at: datetime
    unit: str
    amount: int
    kind: str = Field(examples=["accrual", "spend", "expiry"])
    reason: str
    channel: str
    transfer_id: int
    of_transfer_id: int | None


class StatementOut(BaseModel):
    """A page, newest first. `next` is the cursor of the page after it; null: there is none."""

    items: list[MovementOut]
    next: str | None


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.MEMBERS)

    @routes.post("/v1/members/lookup", summary="Show a member (recommended form)", response_model=MemberOut)
    async def look_up(asked: LookupIn) -> MemberOut | Response:
        return await _member(context, asked.msisdn)

    @routes.get("/v1/members/{msisdn}", summary="Show a member", response_model=MemberOut)
    async def show(msisdn: NumberPath) -> MemberOut | Response:
        return await _member(context, msisdn)

    @routes.post("/v1/members/statement", summary="Read a statement (recommended form)", response_model=StatementOut)
    async def read(asked: StatementIn) -> StatementOut | Response:
        return await _statement(context, asked.msisdn, asked.cursor, asked.limit)

    @routes.get("/v1/members/{msisdn}/statement", summary="Read a statement", response_model=StatementOut)
    async def page(msisdn: NumberPath, cursor: CursorQuery = None, limit: LimitQuery = PAGE) -> StatementOut | Response:
        return await _statement(context, msisdn, cursor, limit)

    return routes


async def _member(context: ApiContext, written: str) -> MemberOut | Response:
    msisdn = number_of(context, written)
    found = await statement.account(context.ledger, msisdn, await context.clock.at())
    if found is None:
        return _nobody()
    return MemberOut(
        msisdn=masked(msisdn),
        status=found.status,
        language=found.language,
        tier=found.tier,
        segments=list(found.segments),
        enrolled_at=found.enrolled_at,
        terms_version=found.terms_version,
        terms_accepted_at=found.terms_accepted_at,
        balances=[BalanceOut.model_validate(one) for one in found.balances],
        lots=[LotOut.model_validate(one) for one in found.lots],
        holds=[HoldOut.model_validate(one) for one in found.holds],
        lock=None if found.lock is None else LockOut.model_validate(found.lock),
    )


async def _statement(context: ApiContext, written: str, cursor: str | None, limit: int) -> StatementOut | Response:
    after = place_of(BY_MONTH, cursor, statement.FIRST)
    member = await member_of(context, written)
    if member is None:
        return _nobody()
    lines = await statement.page(context.ledger, member.member_id, after, limit + 1)
    shown = lines[:limit]
    place = (shown[-1].month, shown[-1].transfer_id) if shown else after
    items = [MovementOut.model_validate(line, from_attributes=True) for line in shown]
    return StatementOut(items=items, next=next_of(BY_MONTH, lines, limit, place))


def _nobody() -> Response:
    return problem(404, "no_member", "no member has this number")
