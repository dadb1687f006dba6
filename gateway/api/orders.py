"""`/v1/orders`: what was ordered and how far it has come, and staff's word on what no machine can decide."""

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.context import ApiContext
from gateway.api.fields import Cursor, CursorQuery, In, KeyHeader, Limit, LimitQuery, Number, OrderId, Reason
from gateway.api.guard import guarded
from gateway.api.paging import BY_ID, next_of, place_of
from gateway.api.writing import CHANNEL, Act, documented, done, member_of, once, refused
from gateway.errors import BadRequestError
from gateway.http.problems import problem
from gateway.ids import MemberId
from gateway.loyalty.ports import OrderState, Result
from gateway.loyalty.programme import Fulfilment
from gateway.loyalty.writes import SettleOrder, Told
from gateway.settings import Repeats, Scope
from gateway.store import orders_view
from gateway.store.credits import FIRST
from gateway.store.idempotent import Answer
from gateway.store.ledger import written
from gateway.store.orders_view import UNSETTLED
from gateway.store.statements import ORDER_SETTLED_BY, ORDERS_LIST

HANDED_OVER = "handed over"
DELIVERED, REFUSED, LATER = Result.DELIVERED.value, Result.REFUSED.value, Result.LATER.value


class SearchIn(In):
    """Whose orders, and which page of them."""

    msisdn: Number = Field(examples=["+79210000010"])
    cursor: Cursor = None
    limit: Limit = 50


class WordIn(In):
    """Why."""

    reason: Reason = Field(examples=["seen in the billing"])


class RetryIn(In):
    """Why; and whether it is certain that the billing does not have it."""

    reason: Reason
    not_delivered: bool = Field(default=False, description="you have made sure that the billing does not have it")


class HandOverIn(In):
    """What the member shows, ten digits."""

    code: str = Field(pattern=r"^[0-9 -]{10,20}$")


class OrderOut(BaseModel):
    """One order. `reference` is by what the billing knows it; `doubtful`: it may have been delivered."""

    order_id: int
    reference: str
    msisdn: str = Field(description="masked; ? where it is nobody's any more")
    reward: str
    fulfilment: Fulfilment
    state: OrderState
    doubtful: bool
    reason: str
    price: int
    unit: str
    channel: str
    at: datetime
    due_at: datetime | None
    settled_at: datetime | None
    tries: int


class OrdersOut(BaseModel):
    """A page, newest first. `next` is the cursor of the page after it; null: there is none."""

    items: list[OrderOut]
    next: str | None


class SettledOut(BaseModel):
    """What became of it: `delivered`, `refused`, or `later`: it will be delivered again."""

    order_id: int
    state: str = Field(examples=["delivered", "refused", "later"])


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.ORDERS)

    @routes.get(
        "/v1/orders", summary="List orders: those that are not over, or in some states", response_model=OrdersOut
    )
    async def list_orders(
        state: Annotated[list[OrderState] | None, Query(max_length=len(OrderState))] = None,
        cursor: CursorQuery = None,
        limit: LimitQuery = 50,
    ) -> OrdersOut:
        return await _page(context, None, state or list(UNSETTLED), cursor, limit)

    @routes.post("/v1/orders/search", summary="List a member's orders, whatever their state", response_model=OrdersOut)
    async def search(asked: SearchIn) -> OrdersOut | Response:
        member = await member_of(context, asked.msisdn)
        if member is None:
            return problem(404, "no_member", "no member has this number")
        return await _page(context, member.member_id, None, asked.cursor, asked.limit)

    @routes.post(
        "/v1/orders/hand-over",
        summary="Hand over what a member collects",
        responses=documented(SettledOut, "The code opened the order"),
    )
    async def hand_over(request: Request, asked: HandOverIn, key: KeyHeader) -> Response:
        return await once(context, request, key, asked, lambda act: _handed_over(context, asked.code, act))

    _add_words(context, routes)
    return routes


def _add_words(context: ApiContext, routes: APIRouter) -> None:
    """How an order ended, as staff say it."""
    said = documented(SettledOut, "It was settled")

    @routes.post("/v1/orders/{order_id}/deliver", summary="It was delivered: its points are spent", responses=said)
    async def deliver(request: Request, order_id: OrderId, asked: WordIn, key: KeyHeader) -> Response:
        return await once(
            context, request, key, asked, lambda act: _settled(context, order_id, DELIVERED, asked.reason, act)
        )

    @routes.post("/v1/orders/{order_id}/refuse", summary="It will not be: its points go back", responses=said)
    async def refuse(request: Request, order_id: OrderId, asked: WordIn, key: KeyHeader) -> Response:
        return await once(
            context, request, key, asked, lambda act: _settled(context, order_id, REFUSED, asked.reason, act)
        )

    @routes.post("/v1/orders/{order_id}/retry", summary="Let the billing deliver it once more", responses=said)
    async def retry(request: Request, order_id: OrderId, asked: RetryIn, key: KeyHeader) -> Response:
        async def do(act: Act) -> Answer:
            if not asked.not_delivered and context.repeats is Repeats.NEVER:
                return refused(409, "no_repeats", "this billing takes no order twice: find out there, then send "
                               "`not_delivered`, or settle it")  # fmt: skip
            doubtful = not asked.not_delivered
            return await _settled(context, order_id, LATER, asked.reason, act, doubtful=doubtful)

        return await once(context, request, key, asked, do)


async def _page(
    context: ApiContext, member_id: MemberId | None, states: list[OrderState] | None, cursor: str | None, limit: int
) -> OrdersOut:
    before = place_of(BY_ID, cursor, FIRST)
    rows = await context.ledger.looks((ORDERS_LIST, (member_id, states, before, limit + 1)))
    shown = [OrderOut.model_validate({**row, "msisdn": _shown(context, row)}) for row in map(dict, rows[:limit])]
    place = shown[-1].order_id if shown else before
    return OrdersOut(items=shown, next=next_of(BY_ID, rows, limit, place))


def _shown(context: ApiContext, row: dict[str, Any]) -> str:
    if row["number_cipher"] is None:
        return "?"
    return context.ledger.keys.shown(row["number_cipher"], row["key_version"], row["number_digest"])


async def _handed_over(context: ApiContext, code: str, act: Act) -> Answer:
    typed = "".join(filter(str.isdigit, code))
    order_id = await orders_view.of_handover(context.ledger, typed, act.actor, act.at)
    if order_id is None:
        return refused(404, "no_order", "this code opens no order: compare it with what the member shows")
    return await _settled(context, order_id, DELIVERED, HANDED_OVER, act)


async def _settled(
    context: ApiContext, order_id: int, becomes: str, reason: str, act: Act, *, doubtful: bool = False
) -> Answer:
    """The member is told how it ended."""
    try:
        order = await orders_view.seen(context.ledger, order_id)
    except BadRequestError:
        return refused(404, "no_order", "there is no such order")
    if becomes == LATER and order.fulfilment != Fulfilment.BILLING:
        return refused(409, "by_hand", "it is delivered by hand: say deliver or refuse")
    told = None
    if becomes in {DELIVERED, REFUSED}:
        told = Told("result", "order", becomes, {"reward": order.reward}, order.language)
    settlement = SettleOrder(order.member_id, order_id, becomes, reason, CHANNEL, act.key, doubtful=doubtful, told=told)
    item = context.ledger.items.of(settlement, act.at, act.pack_version_id)
    [row] = await act.transaction.fetch(ORDER_SETTLED_BY, orjson.dumps(item).decode(), act.actor)
    if written(orjson.loads(row["outcome"])).result is Result.SETTLED:
        now = await orders_view.seen(context.ledger, order_id)
        return refused(409, "settled", f"left alone: it is {now.state}")
    return done(SettledOut(order_id=order_id, state=becomes))
