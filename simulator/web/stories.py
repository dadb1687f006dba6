"""The page's API, part: what was done is recorded, written down as a dialogue, and played."""

import asyncio
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.errors import NotPlayableError
from simulator.web.answers import spoken
from simulator.web.bench import Bench
from simulator.web.rehearsal import played, rehearsed

DIALOGUE_LENGTH_MAX = 128 * 1024


class Recorded(BaseModel):
    """Whether the phones of a recording shall have no past."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fresh: bool = True


class Told(BaseModel):
    """A dialogue, and whether what changes from run to run is still to be learned."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(max_length=DIALOGUE_LENGTH_MAX)]
    rehearsal: bool = False


def routes(bench: Bench, looking: asyncio.Lock) -> list[Route]:
    """The routes, over a bench; `looking` is held while its phones change."""
    playing = asyncio.Lock()

    async def record(request: Request) -> JSONResponse:
        asked = Recorded.model_validate_json(await request.body())
        async with looking:
            await asyncio.to_thread(bench.record, fresh=asked.fresh)
        return JSONResponse({})

    async def stop_recording(request: Request) -> JSONResponse:
        async with looking:
            return JSONResponse({"text": await asyncio.to_thread(bench.stop_recording)})

    async def play(request: Request) -> JSONResponse:
        asked = Told.model_validate_json(await request.body())
        if playing.locked():
            raise NotPlayableError("a dialogue is being played already: wait for its end")
        async with playing:
            tried = rehearsed if asked.rehearsal else played
            return JSONResponse(await asyncio.to_thread(tried, asked.text, bench.world, bench.dialect))

    return [
        Route("/api/recording", spoken(record), methods=["POST"]),
        Route("/api/recording", spoken(stop_recording), methods=["DELETE"]),
        Route("/api/plays", spoken(play), methods=["POST"]),
    ]
