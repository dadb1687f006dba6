"""The page's API, part: what is around the handsets: the SMSC, the billing, the stores, the programme's clock."""

import asyncio
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.web.answers import spoken
from simulator.web.bench import Bench

TEXT_LENGTH_MAX = 200


class Ordered(BaseModel):
    """How the SMSC or the billing is to behave, and what the page calls it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(min_length=1, max_length=TEXT_LENGTH_MAX)]
    orders: dict[str, bool | int | float | str]


class Worded(BaseModel):
    """What is wanted, in words: how far the clock moves, which store hangs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)]


def routes(bench: Bench) -> list[Route]:
    """The routes, over a bench."""

    async def smsc(request: Request) -> JSONResponse:
        asked = Ordered.model_validate_json(await request.body())
        await asyncio.to_thread(bench.order, asked.text, asked.orders)
        return JSONResponse({})

    async def billing(request: Request) -> JSONResponse:
        asked = Ordered.model_validate_json(await request.body())
        await asyncio.to_thread(bench.around.order_billing, asked.text, asked.orders)
        return JSONResponse({})

    async def clock(request: Request) -> JSONResponse:
        asked = Worded.model_validate_json(await request.body())
        return JSONResponse({"programme_at": await asyncio.to_thread(bench.around.advance, asked.text)})

    async def store(request: Request) -> JSONResponse:
        asked = Worded.model_validate_json(await request.body())
        await asyncio.to_thread(bench.around.order_store, asked.text)
        return JSONResponse({})

    return [
        Route("/api/stores", spoken(store), methods=["POST"]),
        Route("/api/smsc", spoken(smsc), methods=["POST"]),
        Route("/api/billing", spoken(billing), methods=["POST"]),
        Route("/api/clock", spoken(clock), methods=["POST"]),
    ]
