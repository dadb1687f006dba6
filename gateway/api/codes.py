"""`/v1/codes/…`: batches of gift codes, issued into one answer and kept nowhere; and what staff do with codes.

Decides who sees a code: whoever asked for the batch, once, in the answer that issues it. A repeat is told that it was
issued. What a key issues in a day is limited; beyond that another key must say yes first (`approvals`).
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.api.codes_issue import BATCH_COUNT_MAX, Wanted, issue, wanted_of
from gateway.api.context import ApiContext
from gateway.api.credits import WAITS
from gateway.api.fields import BIGINT_MAX, Comment, CursorQuery, In, KeyHeader, LimitQuery, Number, RewardCode, UnitCode
from gateway.api.guard import guarded
from gateway.api.paging import BY_ID, next_of, place_of
from gateway.api.writing import Act, answer_once, documented, done, no_member, number_of, once, refused, response_of
from gateway.loyalty.codes import LONG_DIGITS_MAX, SHORT_DIGITS, Serial
from gateway.loyalty.programme import AMOUNT_MAX
from gateway.msisdn import Msisdn
from gateway.settings import Scope
from gateway.store import gift_batches
from gateway.store.codes_view import TURNED_MAX, CodeState
from gateway.store.gift_batches import Sheet
from gateway.store.idempotent import Answer
from gateway.store.statements import REDEEMING_UNLOCKED

VALID_DAYS_MAX = 3_660

BatchId = Annotated[int, Path(ge=1, lt=gift_batches.FIRST, examples=[12])]
SerialText = Annotated[str, Field(pattern=r"^[0-9]{4,9}-[0-9]{6,9}-[0-9]$", examples=["0012-000345-7"])]


class UnitGrant(In):
    """Each code gives so much."""

    unit: UnitCode
    amount: int = Field(ge=1, le=AMOUNT_MAX)


class RewardGrant(In):
    """Each code gives a reward of the catalogue."""

    reward: RewardCode


class BatchIn(In):
    """What to issue: `count` codes for whoever brings them, or one for each of `msisdns`, which works for it only."""

    campaign: str = Field(pattern=r"^[\w.-]{1,60}$", description="by which the codes can be stopped together")
    grant: UnitGrant | RewardGrant
    count: int | None = Field(default=None, ge=1, le=BATCH_COUNT_MAX)
    msisdns: list[Number] | None = Field(default=None, min_length=1, max_length=BATCH_COUNT_MAX)
    digits: int | None = Field(
        default=None,
        ge=SHORT_DIGITS,
        le=LONG_DIGITS_MAX,
        description="6 for msisdns, else 10, unless you say otherwise",
    )
    valid_days: int = Field(default=90, ge=1, le=VALID_DAYS_MAX, description="whole days of the programme, from today")
    approval_id: int | None = Field(
        default=None, ge=1, le=BIGINT_MAX, description="of what was approved, word for word"
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"campaign": "spring", "grant": {"unit": "points", "amount": 500}, "msisdns": ["+79210000010"]},
                {"campaign": "cards", "grant": {"reward": "mug"}, "count": 2, "digits": 12},
            ]
        }
    )


class CodeOut(BaseModel):
    """One code. `msisdn` is whom it works for; null: for whoever brings it."""

    serial: str
    gift_code: str
    msisdn: str | None
    valid_until: datetime


class BatchOut(BaseModel):
    """What was issued. `codes` are in the first answer only: they are kept nowhere, and a repeat has null. Where the
    first answer was lost, make the batch void (`POST /v1/codes/batches/{batch_id}/void`) and issue another one."""

    batch_id: int
    campaign: str
    grants: str
    digits: int
    count: int
    valid_until: datetime
    issued: bool = True
    codes: list[CodeOut] | None = Field(default=None, description="null: this is a repeat; see the first answer")


class BatchLineOut(BaseModel):
    """One batch, with how many of its codes were redeemed, are frozen, are void."""

    batch_id: int
    campaign: str
    grants: str
    digits: int
    bound: bool
    count: int
    state: str
    valid_from: datetime
    valid_until: datetime
    issued_by: str
    at: datetime
    redeemed: int
    frozen: int
    void: int


class BatchesOut(BaseModel):
    """A page, newest first. `next` is the cursor of the page after it; null: there is none."""

    items: list[BatchLineOut]
    next: str | None


class RangeIn(In):
    """From one serial number to another of the same batch, 10,000 codes at most."""

    first: SerialText
    last: SerialText
    comment: Comment


class StopIn(In):
    """Why a whole batch stops."""

    comment: Comment = Field(examples=["the answer was lost"])


class TurnedOut(BaseModel):
    """How many codes were brought to the state; and how many were left alone: redeemed, void, or there already."""

    turned: int
    left_alone: int


class UnlockIn(In):
    """Whose lock ends. Care has made sure who is asking."""

    msisdn: Number = Field(examples=["+79210000010"])


class UnlockedOut(BaseModel):
    """Whether redeeming was locked; wrong tries are forgotten in any case."""

    was_locked: bool


TURNS = (
    ("freeze", CodeState.FROZEN, "Stop codes for now"),
    ("unfreeze", CodeState.ACTIVE, "Let frozen codes work again"),
    ("void", CodeState.VOID, "Stop codes for ever"),
)


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.CODES)

    @routes.post(
        "/v1/codes/batches",
        summary="Issue gift codes",
        status_code=201,
        responses={
            201: {"model": BatchOut, "description": "They were issued, now (with `codes`) or before"},
            **WAITS,
        },
    )
    async def issue_batch(request: Request, asked: BatchIn, key: KeyHeader) -> Response:
        wanted, sheet = _wanted(context, asked), Sheet()
        answer = await answer_once(context, request, key, asked, lambda act: _issued(context, wanted, sheet, act))
        return _with_codes(answer, sheet)

    @routes.get("/v1/codes/batches", summary="List batches", response_model=BatchesOut)
    async def list_batches(cursor: CursorQuery = None, limit: LimitQuery = 50) -> BatchesOut:
        before = place_of(BY_ID, cursor, gift_batches.FIRST)
        found = await gift_batches.page(context.ledger, min(before, gift_batches.FIRST), limit + 1)
        shown = found[:limit]
        place = shown[-1].batch_id if shown else before
        items = [BatchLineOut.model_validate(one, from_attributes=True) for one in shown]
        return BatchesOut(items=items, next=next_of(BY_ID, found, limit, place))

    @routes.post(
        "/v1/codes/batches/{batch_id}/void",
        summary="Stop a whole batch for ever",
        responses=documented(TurnedOut, "What could be, was"),
    )
    async def void_batch(request: Request, batch_id: BatchId, asked: StopIn, key: KeyHeader) -> Response:
        return await once(context, request, key, asked, lambda act: _batch_voided(act, batch_id))

    @routes.post(
        "/v1/codes/unlock",
        summary="Let a number redeem again",
        responses=documented(UnlockedOut, "It is not locked"),
    )
    async def unlock(request: Request, asked: UnlockIn, key: KeyHeader) -> Response:
        msisdn = number_of(context, asked.msisdn)
        return await once(context, request, key, asked, lambda act: _unlocked(context, msisdn, act))

    for name, to, summary in TURNS:
        _add_turn(context, routes, name, to, summary)
    return routes


def _add_turn(context: ApiContext, routes: APIRouter, name: str, to: CodeState, summary: str) -> None:
    async def turn(request: Request, asked: RangeIn, key: KeyHeader) -> Response:
        first, last = Serial.parse(asked.first), Serial.parse(asked.last)
        return await once(context, request, key, asked, lambda act: _turned(act, first, last, to))

    routes.add_api_route(
        f"/v1/codes/{name}",
        turn,
        methods=["POST"],
        name=f"{name}_codes",
        summary=summary,
        responses=documented(TurnedOut, "What could be, was"),
    )


def _wanted(context: ApiContext, asked: BatchIn) -> Wanted:
    grant = asked.grant
    text = f"{grant.unit}={grant.amount}" if isinstance(grant, UnitGrant) else f"reward={grant.reward}"
    return wanted_of(context, asked, text)


async def _issued(context: ApiContext, wanted: Wanted, sheet: Sheet, act: Act) -> Answer:
    issued = await issue(context, wanted, sheet, act)
    if isinstance(issued, Answer):
        return issued
    batch = issued.batch
    return done(
        BatchOut(
            batch_id=issued.batch_id,
            campaign=batch.campaign,
            grants=wanted.grant_text,
            digits=batch.digits,
            count=batch.count,
            valid_until=batch.valid_until,
        ),
        201,
    )


def _with_codes(answer: Answer, sheet: Sheet) -> Response:
    """The answer with its codes, if it is this request's own: a repeat, or another's, has none to show."""
    if answer.status != 201:
        return response_of(answer)
    batch = BatchOut.model_validate_json(answer.body)
    if sheet.batch_id != batch.batch_id:
        return response_of(answer)
    batch.codes = [
        CodeOut(serial=serial, gift_code=gift_code, msisdn=msisdn or None, valid_until=datetime.fromisoformat(until))
        for serial, gift_code, msisdn, until in sheet.rows
    ]
    return JSONResponse(batch.model_dump(mode="json"), answer.status)


async def _turned(act: Act, first: Serial, last: Serial, to: CodeState) -> Answer:
    if first.batch_id != last.batch_id or not 0 <= last.ordinal - first.ordinal < TURNED_MAX:
        return refused(409, "no_range", f"both are of one batch, the lower one first, {TURNED_MAX} codes at most")
    turned = await gift_batches.turn(act.transaction, first, last, to, act.actor, act.at)
    if turned is None:
        return refused(404, "no_code", "there is no code of one of these serial numbers")
    return done(TurnedOut(turned=turned.turned, left_alone=turned.left_alone))


async def _batch_voided(act: Act, batch_id: int) -> Answer:
    turned = await gift_batches.void(act.transaction, batch_id, act.actor, act.at)
    if turned is None:
        return refused(404, "no_batch", "there is no batch of this number")
    return done(TurnedOut(turned=turned.turned, left_alone=turned.left_alone))


async def _unlocked(context: ApiContext, msisdn: Msisdn, act: Act) -> Answer:
    digests = context.ledger.keys.digests(msisdn)
    for row in await act.transaction.fetch(REDEEMING_UNLOCKED, digests, act.actor, act.at):
        return done(UnlockedOut(was_locked=row["was_locked"]))
    return no_member()
