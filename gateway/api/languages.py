"""`/v1/languages`, `/v1/members/…/language`: in which language the programme speaks to a member.

The verb `language` decides, as it does for a menu; its write commits with the request's answer and with its line of the
audit log. A number that never came keeps its language until it comes: nobody is enrolled by staff's word.
"""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.actions import verbs
from gateway.actions.verb import Call, Intent
from gateway.api.context import ApiContext
from gateway.api.fields import In, KeyHeader, Number, NumberPath
from gateway.api.guard import guarded
from gateway.api.writing import CHANNEL, Act, documented, done, number_of, once, refused
from gateway.errors import BadRequestError
from gateway.loyalty.ports import Member, Status, Written
from gateway.loyalty.writes import ChooseLanguage
from gateway.msisdn import Msisdn, masked
from gateway.settings import Scope
from gateway.store import credits as book
from gateway.store.idempotent import Answer
from gateway.store.ledger import written
from gateway.store.statements import INVITE

LANGUAGE = "language"
"""The verb, and its argument."""


class ChosenIn(In):
    """In which language."""

    language: str = Field(pattern=r"^[a-z]{2,3}$", description="one of the programme's", examples=["en"])


class ChoiceIn(ChosenIn):
    """To whom, and in which language."""

    msisdn: Number = Field(examples=["+79210000010"])


class ChosenOut(BaseModel):
    """The language from now on, on every channel."""

    msisdn: str = Field(description="masked", examples=["+7921*****10"])
    language: str


class LanguagesOut(BaseModel):
    """The programme's languages; a new member is spoken to in the first."""

    languages: list[str] = Field(examples=[["ru", "en"]])


CHOSEN = documented(ChosenOut, "The programme speaks it")


def router(context: ApiContext) -> APIRouter:
    """The routes."""
    routes = guarded(context, Scope.PREFERENCES)

    @routes.get("/v1/languages", summary="List the programme's languages", response_model=LanguagesOut)
    async def list_languages() -> LanguagesOut:
        return LanguagesOut(languages=list(context.programme.languages))

    @routes.post("/v1/members/language", summary="Choose a member's language (recommended form)", responses=CHOSEN)
    async def choose(request: Request, asked: ChoiceIn, key: KeyHeader) -> Response:
        return await _once(context, request, key, asked, asked.msisdn)

    @routes.put("/v1/members/{msisdn}/language", summary="Choose a member's language", responses=CHOSEN)
    async def put(request: Request, msisdn: NumberPath, asked: ChosenIn, key: KeyHeader) -> Response:
        return await _once(context, request, key, asked, msisdn)

    return routes


async def _once(context: ApiContext, request: Request, key: str, asked: ChosenIn, number: str) -> Response:
    if asked.language not in context.programme.languages:
        raise BadRequestError(f"language is one of {', '.join(context.programme.languages)}")
    msisdn = number_of(context, number)
    return await once(context, request, key, asked, lambda act: _chosen(context, msisdn, asked.language, act))


async def _chosen(context: ApiContext, msisdn: Msisdn, language: str, act: Act) -> Answer:
    member = await context.ledger.member(msisdn, act.at) or await _invited(context, msisdn, language, act)

    async def commit(intent: Intent) -> Written:
        if not isinstance(intent.write, ChooseLanguage):
            raise TypeError(f"the verb {LANGUAGE} wants to write {type(intent.write).__name__}")
        facts = {LANGUAGE: language, "was": member.language}
        items, version = context.ledger.items, act.pack_version_id
        return written(await book.move(act.transaction, items, intent.write, act.actor, facts, act.at, version))

    call = Call(context.loyalty, msisdn, act.at, CHANNEL, act.key, {LANGUAGE: language}, member)
    outcome = await verbs()[LANGUAGE].carry_out(call, commit)
    if outcome.name == Status.BLOCKED:
        return refused(409, "blocked", "the number is blocked: unblock it first")
    return done(ChosenOut(msisdn=masked(msisdn), language=language))


async def _invited(context: ApiContext, msisdn: Msisdn, language: str, act: Act) -> Member:
    """A number that never came is written down with its language; it accepts no terms by that."""
    keys = context.ledger.keys
    first, *others = keys.digests(msisdn)
    [row] = await act.transaction.fetch(INVITE, [first], others, [keys.encrypt(msisdn)], keys.current, language, act.at)
    return Member(row["member_id"], language, Status.INVITED, "", ())
