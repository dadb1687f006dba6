"""`/v1/rewards`: what there is left to give, and how more of it comes in."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.actions.exchange import LONGEST_VOUCHER
from gateway.api.context import ApiContext
from gateway.api.fields import In, KeyHeader, RewardPath
from gateway.api.guard import guarded
from gateway.api.writing import Act, documented, done, once, refused
from gateway.loyalty.programme import Fulfilment, Reward
from gateway.settings import Scope
from gateway.store import rewards_view
from gateway.store.idempotent import Answer
from gateway.store.rewards_view import Stock
from gateway.store.statements import STOCK_CHANGED

STOCK_CHANGE_MAX = 1_000_000
VOUCHERS_MAX = 10_000

Voucher = Annotated[
    str, Field(pattern=rf"^[\x21-\x7e]{{1,{len(LONGEST_VOUCHER)}}}$", description="as it goes into an SMS")
]


class StockIn(In):
    """So many more, or fewer."""

    by: int = Field(ge=-STOCK_CHANGE_MAX, le=STOCK_CHANGE_MAX, examples=[100], description="not 0")


class StockOut(BaseModel):
    """How many are left now."""

    reward: str
    left: int


class VouchersIn(In):
    """Vouchers that were bought from somebody, to be handed on one by one."""

    vouchers: list[Voucher] = Field(min_length=1, max_length=VOUCHERS_MAX, examples=[["KINO-1A2B", "KINO-3C4D"]])


class VouchersOut(BaseModel):
    """How many of them are new; the others were there already."""

    reward: str
    new: int


class RewardOut(BaseModel):
    """One reward of the catalogue. `left`: of its stock, or of its vouchers; null: any number."""

    reward: str
    number: int
    category: str
    unit: str
    price: int
    fulfilment: Fulfilment
    left: int | None
    stopped: bool = Field(description="by a switch")


class RewardsOut(BaseModel):
    """The whole catalogue, 200 rewards at most."""

    items: list[RewardOut]


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.REWARDS)

    @routes.get("/v1/rewards", summary="List the rewards, with what is left of each", response_model=RewardsOut)
    async def list_rewards() -> RewardsOut:
        rewards = context.programme.rewards
        stocks = await rewards_view.stocks(context.ledger, [reward.reward for reward in rewards])
        return RewardsOut(items=[_line(reward, stock) for reward, stock in zip(rewards, stocks, strict=True)])

    @routes.post(
        "/v1/rewards/{reward}/stock",
        summary="Add to a stock, or take from it",
        responses=documented(StockOut, "It was changed"),
    )
    async def change_stock(request: Request, reward: RewardPath, asked: StockIn, key: KeyHeader) -> Response:
        return await once(context, request, key, asked, lambda act: _changed(context, reward, asked.by, act))

    @routes.post(
        "/v1/rewards/{reward}/vouchers",
        summary="Take vouchers in",
        responses=documented(VouchersOut, "They are there"),
    )
    async def put_vouchers(request: Request, reward: RewardPath, asked: VouchersIn, key: KeyHeader) -> Response:
        return await once(context, request, key, asked, lambda act: _put(context, reward, asked.vouchers, act))

    return routes


def _line(reward: Reward, stock: Stock) -> RewardOut:
    left = (stock.remaining or 0) if reward.counted else None
    return RewardOut(
        reward=reward.reward,
        number=reward.number,
        category=reward.category,
        unit=reward.unit,
        price=reward.price,
        fulfilment=reward.fulfilment,
        left=stock.vouchers if reward.fulfilment is Fulfilment.VOUCHER else left,
        stopped=stock.stopped,
    )


async def _changed(context: ApiContext, code: str, by: int, act: Act) -> Answer:
    reward = context.programme.reward(code)
    if reward is None:
        return _unknown()
    if not reward.counted or by == 0:
        return refused(
            409, "not_counted", "only a reward that is `counted` in the pack has a stock, and 0 changes none"
        )
    [row] = await act.transaction.fetch(STOCK_CHANGED, reward.reward, by, act.key, act.actor, act.at)
    if row["remaining"] is None:
        return refused(409, "too_much", "there are fewer left")
    return done(StockOut(reward=reward.reward, left=row["remaining"]))


async def _put(context: ApiContext, code: str, vouchers: list[str], act: Act) -> Answer:
    """By transactions of their own, lest nobody can order meanwhile; those that a crash left behind are there already
    when they come again."""
    reward = context.programme.reward(code)
    if reward is None:
        return _unknown()
    if reward.fulfilment is not Fulfilment.VOUCHER:
        return refused(409, "no_vouchers", f"this reward hands out no vouchers: its fulfilment is {reward.fulfilment}")
    unique = list(dict.fromkeys(vouchers))
    new = await rewards_view.put_vouchers(context.ledger, reward.reward, unique, act.actor, act.at)
    return done(VouchersOut(reward=reward.reward, new=new))


def _unknown() -> Answer:
    return refused(404, "no_reward", "the programme has no such reward")
