"""`/v1/members/{credits,refunds,reversals}`: what staff give, take and put right, within limits.

Decides what a key may do alone: a credit up to a limit, a day's sum, and from a threshold on only with somebody else's
word (`approvals`). Refunds and reversals need no limit: they cannot be more than what they correct.
"""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.fields import Comment, In, KeyHeader, Number, Reason, TransferId, UnitCode
from gateway.api.guard import guarded
from gateway.api.writing import CHANNEL, Act, documented, done, member_of, no_member, once, refused
from gateway.errors import BadRequestError
from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.ports import Member, Result
from gateway.loyalty.programme import AMOUNT_MAX
from gateway.loyalty.rules import expires
from gateway.loyalty.writes import Adjust, ClawBack, IntoExpired, Refund, Reverse
from gateway.settings import Scope
from gateway.store import credits as book
from gateway.store.credits import ApprovalKind, Day
from gateway.store.idempotent import Answer


class CreditIn(In):
    """A correction. `reason` is one of the programme's words (`apology`), which the member reads, or free."""

    msisdn: Number
    unit: UnitCode
    amount: int = Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX, description="whole units; below 0 they are taken; never 0")
    reason: Reason
    comment: Comment

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"msisdn": "+79210000010", "unit": "points", "amount": 500, "reason": "apology", "comment": "lost SMS"}
            ]
        }
    )


class RefundIn(In):
    """Give back what a spend took, all that is left of it or `amount`, into the lots that it came from."""

    msisdn: Number
    transfer_id: TransferId
    amount: int | None = Field(default=None, ge=1, le=AMOUNT_MAX)
    into_expired: Literal["original", "grace", "fresh"] = Field(
        default="grace", description="of lots that are over: as they are, for the days of grace, or into a new lot"
    )
    reason: Reason = "refund"
    comment: Comment


class ReversalIn(In):
    """Take an accrual back, all that is left of it or `amount`."""

    msisdn: Number
    transfer_id: TransferId
    amount: int | None = Field(default=None, ge=1, le=AMOUNT_MAX)
    claw_back: Literal["only_pending", "within_balance", "unlimited"] = Field(
        default="within_balance", description="`unlimited`: what was spent already becomes a debt"
    )
    reason: Reason = "reversal"
    comment: Comment


class MovedOut(BaseModel):
    """It was booked. `amount` is what moved; `shortfall`, of a reversal, what could not be got back."""

    transfer_id: int
    amount: int
    shortfall: int | None = None


class WaitingOut(BaseModel):
    """It waits for a key of the scope `approve`."""

    approval_id: int
    state: str = Field(default="waiting", examples=["waiting"])


REFUSALS = {
    Result.INSUFFICIENT: (409, "the member has not so much to take"),
    Result.NO_TRANSFER: (404, "the member has no such movement that could be corrected like this"),
    Result.TOO_MUCH: (409, "less than that is left of the movement"),
    Result.NOT_PENDING: (409, "the accrual is not pending any more"),
}
WAITS = documented(WaitingOut, "It waits for another key's word", 202)


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.CREDITS)

    @routes.post(
        "/v1/members/credits",
        summary="Credit or debit a member",
        responses=documented(MovedOut, "It was booked") | WAITS,
    )
    async def credit(request: Request, asked: CreditIn, key: KeyHeader) -> Response:
        if asked.amount == 0 or asked.unit not in context.programme.units:
            units = ", ".join(context.programme.units)
            raise BadRequestError(f"amount is not 0, and unit is one of {units}")
        member = await member_of(context, asked.msisdn)
        return await once(context, request, key, asked, lambda act: _credit(context, asked, member, act))

    @routes.post("/v1/members/refunds", summary="Refund a spend", responses=documented(MovedOut, "It was booked"))
    async def refund(request: Request, asked: RefundIn, key: KeyHeader) -> Response:
        member = await member_of(context, asked.msisdn)
        return await once(context, request, key, asked, lambda act: _refund(context, asked, member, act))

    @routes.post(
        "/v1/members/reversals", summary="Take an accrual back", responses=documented(MovedOut, "It was booked")
    )
    async def reverse(request: Request, asked: ReversalIn, key: KeyHeader) -> Response:
        member = await member_of(context, asked.msisdn)
        return await once(context, request, key, asked, lambda act: _reverse(context, asked, member, act))

    return routes


async def _credit(context: ApiContext, asked: CreditIn, member: Member | None, act: Act) -> Answer:
    limits, amount = context.limits, abs(asked.amount)
    if member is None:
        return no_member()
    if amount > limits.credit_max:
        return refused(409, "limit", f"one credit is at most {limits.credit_max}")
    today = act.at.astimezone(context.programme.zone).date()
    day = Day(act.client.name, ApprovalKind.CREDIT, asked.unit, today)
    if not await book.count(act.transaction, day, amount, limits.credit_day_max):
        return refused(409, "day_limit", f"the credits of one key are at most {limits.credit_day_max} a day")
    if amount >= limits.credit_approval_from:
        facts = {"unit": asked.unit, "amount": asked.amount, "reason": asked.reason, "comment": asked.comment}
        approval_id = await book.ask(
            act.transaction, ApprovalKind.CREDIT, member.member_id, facts, act.client.name, act.at
        )
        return done(WaitingOut(approval_id=approval_id), 202)
    answer = await booked(
        context, act, adjustment(context, member.member_id, asked.unit, asked.amount, asked.reason, act), asked.comment
    )
    if answer.status >= 400:
        await book.count(act.transaction, day, -amount, limits.credit_day_max)  # nothing was given
    return answer


def adjustment(context: ApiContext, member_id: MemberId, unit: str, amount: int, reason: str, act: Act) -> Adjust:
    """A correction as the ledger takes it; what is given ends when the unit's accruals of this moment end."""
    expiry = context.programme.units[unit].expires
    ends_at = None if expiry is None or amount < 0 else expires(expiry, act.at, context.programme.zone)
    return Adjust(member_id, Unit(unit), Amount(amount), reason, CHANNEL, IdempotencyKey(act.key), ends_at)


async def _refund(context: ApiContext, asked: RefundIn, member: Member | None, act: Act) -> Answer:
    if member is None:
        return no_member()
    unit = await book.unit_of(act.transaction, member.member_id, asked.transfer_id)
    known = context.programme.units.get(unit) if unit else None
    expiry = known.expires if known else None
    write = Refund(
        member.member_id,
        asked.transfer_id,
        asked.reason,
        CHANNEL,
        act.key,
        None if asked.amount is None else Amount(asked.amount),
        IntoExpired(asked.into_expired),
        None if expiry is None else expires(expiry, act.at, context.programme.zone),
    )
    return await booked(context, act, write, asked.comment)


async def _reverse(context: ApiContext, asked: ReversalIn, member: Member | None, act: Act) -> Answer:
    if member is None:
        return no_member()
    write = Reverse(
        member.member_id,
        asked.transfer_id,
        asked.reason,
        CHANNEL,
        act.key,
        None if asked.amount is None else Amount(asked.amount),
        ClawBack(asked.claw_back),
    )
    return await booked(context, act, write, asked.comment)


async def booked(context: ApiContext, act: Act, write: Adjust | Refund | Reverse, comment: str) -> Answer:
    """Book a movement in the request's transaction; what came of it."""
    facts = {"reason": write.reason, "comment": comment}
    outcome = await book.move(
        act.transaction, context.ledger.items, write, act.actor, facts, act.at, act.pack_version_id
    )
    result = Result(outcome["result"])
    if result in REFUSALS:
        status, why = REFUSALS[result]
        return refused(status, result.value, why)
    moved = {name: outcome.get(name) for name in ("transfer_id", "amount", "shortfall")}
    return done(MovedOut.model_validate(moved))
