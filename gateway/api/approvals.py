"""`/v1/approvals`: the second pair of eyes, for credits above a threshold and for gift codes beyond their day.

Decides that nobody says yes to what the same key asked for. A credit is booked with the word; gift codes are issued
afterwards by whoever asked, so that nobody else ever sees them.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.credits import MovedOut, adjustment, booked
from gateway.api.fields import BIGINT_MAX, Comment, CursorQuery, In, KeyHeader, LimitQuery
from gateway.api.guard import guarded
from gateway.api.paging import BY_ID, next_of, place_of
from gateway.api.writing import Act, documented, done, once, refused
from gateway.settings import Scope
from gateway.store import credits as book
from gateway.store.credits import Approval, ApprovalKind, ApprovalState
from gateway.store.idempotent import Answer

LIVES = timedelta(days=7)
"""Who says yes to something older does not know any more why it was asked."""

ApprovalId = Annotated[int, Path(ge=1, le=BIGINT_MAX)]


class DecisionIn(In):
    """Why."""

    comment: Comment = Field(examples=["seen the ticket"])


class DecidedOut(BaseModel):
    """It was decided. `approved`: gift codes that may now be issued; `done`: a credit that was booked, as `moved`."""

    approval_id: int
    state: Literal["approved", "rejected", "done"]
    moved: MovedOut | None = None


class ApprovalOut(BaseModel):
    """What was asked for, by which key; and who decided."""

    approval_id: int
    kind: Literal["credit", "codes"]
    state: Literal["waiting", "approved", "rejected", "done"]
    msisdn: str | None = Field(description="masked; of a credit")
    asked: dict[str, Any]
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    comment: str


class ApprovalsOut(BaseModel):
    """A page, newest first. `next` is the cursor of the page after it; null: there is none."""

    items: list[ApprovalOut]
    next: str | None


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.APPROVE)

    @routes.get(
        "/v1/approvals", summary="List what waits, or waited, for another key's word", response_model=ApprovalsOut
    )
    async def list_approvals(
        state: Annotated[ApprovalState, Query()] = ApprovalState.WAITING,
        cursor: CursorQuery = None,
        limit: LimitQuery = 50,
    ) -> ApprovalsOut:
        before = place_of(BY_ID, cursor, book.FIRST)
        found = await book.listed(context.ledger, [state], before, limit + 1)
        shown = found[:limit]
        place = shown[-1].approval_id if shown else before
        items = [ApprovalOut.model_validate(one, from_attributes=True) for one in shown]
        return ApprovalsOut(items=items, next=next_of(BY_ID, found, limit, place))

    @routes.post(
        "/v1/approvals/{approval_id}/approve",
        summary="Say yes",
        responses=documented(DecidedOut, "A credit was booked; gift codes may be issued"),
    )
    async def approve(request: Request, approval_id: ApprovalId, asked: DecisionIn, key: KeyHeader) -> Response:
        return await once(
            context, request, key, asked, lambda act: _decided(context, act, approval_id, asked.comment, yes=True)
        )

    @routes.post(
        "/v1/approvals/{approval_id}/reject",
        summary="Say no",
        responses=documented(DecidedOut, "It will not be done"),
    )
    async def reject(request: Request, approval_id: ApprovalId, asked: DecisionIn, key: KeyHeader) -> Response:
        return await once(
            context, request, key, asked, lambda act: _decided(context, act, approval_id, asked.comment, yes=False)
        )

    return routes


async def _decided(context: ApiContext, act: Act, approval_id: int, comment: str, *, yes: bool) -> Answer:
    taken = await book.take(act.transaction, approval_id)
    if taken is None:
        return refused(404, "no_approval", "nothing waits, or waited, under this number")
    if taken.asked_by == act.client.name:
        return refused(403, "same_key", "another key must decide than the one that asked")
    if taken.state is not ApprovalState.WAITING:
        return refused(409, "decided", f"it was decided before: {taken.state}")
    if yes and act.at - taken.asked_at > LIVES:
        return refused(409, "too_old", f"it is older than {LIVES.days} days: reject it, and let it be asked for again")
    if not yes:
        return await _noted(act, approval_id, ApprovalState.REJECTED, comment, None)
    if taken.kind is ApprovalKind.CODES:
        return await _noted(act, approval_id, ApprovalState.APPROVED, comment, None)
    return await _credited(context, act, approval_id, taken, comment)


async def _credited(context: ApiContext, act: Act, approval_id: int, taken: Approval, comment: str) -> Answer:
    asked = taken.asked
    if taken.member_id is None or asked["unit"] not in context.programme.units:
        return refused(409, "no_unit", "the programme does not have this unit any more: reject it")
    write = adjustment(context, taken.member_id, asked["unit"], asked["amount"], asked["reason"], act)
    answer = await booked(context, act, write, f"approval {approval_id}, asked by {taken.asked_by}")
    if answer.status >= 400:
        return answer
    return await _noted(act, approval_id, ApprovalState.DONE, comment, MovedOut.model_validate_json(answer.body))


async def _noted(act: Act, approval_id: int, state: ApprovalState, comment: str, moved: MovedOut | None) -> Answer:
    await book.decide(act.transaction, approval_id, state, act.client.name, comment, act.at)
    return done(DecidedOut.model_validate({"approval_id": approval_id, "state": state.value, "moved": moved}))
