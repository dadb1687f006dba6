"""The page of handsets and its API, as an application. What the bench says is passed on; nothing is decided here.

GET    /                             the page
GET    /api/bench?after=N            phones, and what has happened after entry N
POST   /api/phones                   {msisdn, dialect, link, language}: another handset
DELETE /api/phones/{id}              put it away
POST   /api/phones/{id}/{verb}       {text, to}: dial, answer, text, tell, gift-code, language, push, network; hang-up
                                     waits for none
POST   /api/smsc                     {text, orders}: let the SMSC behave so (`smsc.faults.Orders`); {text} is noted
POST   /api/billing                  the same for the billing (`billing.Faults`)
POST   /api/stores                   {text}: let a store hang, `valkey frozen` (`stores.read`)
GET    /api/phones/{id}/inside       what the gateway knows: {member, session, timeline}
GET    /api/menu?language=           the menu that the gateway serves: {svg}, a drawing
POST   /api/recording                {fresh}: record from now on, with fresh numbers or those that are there
DELETE /api/recording                stop: {text}, the story as a dialogue
POST   /api/plays                    {text, rehearsal}: play a dialogue; {passed, failure, line, seen, text}
POST   /api/clock                    {text}: move the virtual clock, `3 days`; `0 seconds` reads it
GET    /api/gauge?text=              what a text would cost as an SMS

What could not be done, and why, is a sentence: `{trouble}` with 200, since what a tester mistypes is no fault of the
page, and browsers would report it as one; `{detail}` with 404 for a phone that is gone. Guard it (`guard.Guard`).
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.errors import PhraseError
from simulator.gauge import measured_typed
from simulator.web import stories, surroundings
from simulator.web.answers import spoken
from simulator.web.bench import Bench
from simulator.web.phone import Phone, shown_gauge

STATIC = Path(__file__).parent / "static"
TEXT_LENGTH_MAX = 2000
LANGUAGE_LENGTH_MAX = 40
BODY_BYTES_MAX = 512 * 1024
WAITING_MAX = 4
"""Calls of one phone that wait for the one before; a fifth is refused rather than kept."""


class Said(BaseModel):
    """What a tester typed, and to whom it goes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] = ""
    to: Annotated[str, Field(pattern=r"^\+?[0-9A-Za-z]{0,20}$")] = ""


class NewPhone(BaseModel):
    """The number of a phone that is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    msisdn: Annotated[str, Field(max_length=32)]
    dialect: Annotated[str, Field(max_length=32)] = ""
    link: Annotated[str, Field(max_length=15, pattern=r"^[!-~]*$")] = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] = ""


VERBS: dict[str, Callable[[Phone, Said], None]] = {
    "dial": lambda phone, said: phone.dial(said.text),
    "answer": lambda phone, said: phone.answer(said.text),
    "text": lambda phone, said: phone.text(said.to.removeprefix("+"), said.text),
    "tell": lambda phone, said: phone.tell(said.text),
    "gift-code": lambda phone, said: phone.issue_gift_code(said.text),
    "language": lambda phone, said: phone.choose_language(said.text),
    "push": lambda phone, said: phone.push(said.text),
    "network": lambda phone, said: phone.befall(said.text),
}


class Turns:
    """Lets one call at a time at each phone. Calls wait in threads, so that the page stays awake."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}

    async def take(self, whose: str, call: Callable[[], None]) -> None:
        """Do a call when it is its turn. Raises what it raises, or that too many wait."""
        waiting = self._waiting.get(whose, 0)
        if waiting > WAITING_MAX:
            raise PhraseError("this handset is still busy with what it was asked before")
        self._waiting[whose] = waiting + 1
        try:
            async with self._locks.setdefault(whose, asyncio.Lock()):
                await asyncio.to_thread(call)
        finally:
            self._waiting[whose] -= 1
            if not self._waiting[whose]:
                del self._waiting[whose], self._locks[whose]


def create(bench: Bench) -> Starlette:
    """The page over a bench."""
    turns, looking = Turns(), asyncio.Lock()

    async def news(request: Request) -> JSONResponse:
        after = request.query_params.get("after", "0")
        async with looking:
            await asyncio.to_thread(bench.heard)
            await asyncio.to_thread(bench.look)
        return JSONResponse(bench.news(int(after) if after.isdecimal() else 0))

    async def add(request: Request) -> JSONResponse:
        asked = NewPhone.model_validate_json(await request.body())
        async with looking:
            phone = await asyncio.to_thread(bench.add, asked.msisdn, asked.dialect, asked.link, asked.language)
        return JSONResponse({"id": phone.identity}, 201)

    async def remove(request: Request) -> JSONResponse:
        async with looking:
            await asyncio.to_thread(bench.remove, request.path_params["phone"])
        return JSONResponse({})

    async def act(request: Request) -> JSONResponse:
        verb = VERBS.get(request.path_params["verb"])
        if verb is None:
            return JSONResponse({"detail": f"no such verb; there are: {', '.join(VERBS)}"}, 404)
        said = Said.model_validate_json(await request.body())
        phone = bench.phone(request.path_params["phone"])
        await turns.take(phone.identity, lambda: verb(phone, said))
        return JSONResponse({})

    async def hang_up(request: Request) -> JSONResponse:
        await asyncio.to_thread(bench.phone(request.path_params["phone"]).hang_up)  # in no turn: it cuts one off
        return JSONResponse({})

    async def inside(request: Request) -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(bench.inside, request.path_params["phone"]))

    async def menu(request: Request) -> JSONResponse:
        language = request.query_params.get("language", "")[:LANGUAGE_LENGTH_MAX]
        return JSONResponse({"svg": await asyncio.to_thread(bench.menu, language)})

    routes = [
        Route("/", _page),
        Route("/api/bench", spoken(news)),
        Route("/api/phones", spoken(add), methods=["POST"]),
        Route("/api/phones/{phone}", spoken(remove), methods=["DELETE"]),
        Route("/api/phones/{phone}/inside", spoken(inside)),
        Route("/api/phones/{phone}/hang-up", spoken(hang_up), methods=["POST"]),
        Route("/api/phones/{phone}/{verb}", spoken(act), methods=["POST"]),
        Route("/api/menu", spoken(menu)),
        Route("/api/gauge", spoken(_gauge)),
        *surroundings.routes(bench),
        *stories.routes(bench, looking),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(routes=routes, max_body_size=BODY_BYTES_MAX)


async def _gauge(request: Request) -> JSONResponse:
    text = request.query_params.get("text", "")[:TEXT_LENGTH_MAX]
    measured, parts = measured_typed(text)
    return JSONResponse(shown_gauge(measured, text, parts))


async def _page(_: Request) -> FileResponse:
    return FileResponse(STATIC / "index.html")
