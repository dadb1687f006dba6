"""Writes of the API, each carried out once: the key, the digest of what is asked, the answer that is kept with it.

Decides what is the same request: method, path and body, whatever its spaces and the order of its fields. The effect
commits with its answer where one transaction can hold both; where it cannot, the effect has `Act.key`, by which a
repeat finds it done.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.context import ApiContext, client_of
from gateway.api.keys import Client
from gateway.errors import BadNumberError
from gateway.http.problems import problem
from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import Member
from gateway.msisdn import Msisdn, canonical
from gateway.store.idempotent import Answer, Asked, Transaction

CHANNEL = "staff"
FAULTS_NAMED_MAX = 5
"""Of numbers that are none, in one answer."""


@dataclass(frozen=True, slots=True)
class Act:
    """One write under way: who does it, under what key, when, and the transaction that holds it."""

    transaction: Transaction
    client: Client
    key: IdempotencyKey
    at: datetime
    pack_version_id: int

    @property
    def actor(self) -> str:
        """Who does it, for the audit log."""
        return self.client.actor


async def answer_once(
    context: ApiContext, request: Request, key: str, asked: BaseModel, do: Callable[[Act], Awaitable[Answer]]
) -> Answer:
    """Carry out `do`, or find how the same request was answered. Raises what `Requests.once` raises."""
    client, at = client_of(request), await context.clock.at()
    pack_version_id = await context.ledger.open(at)
    said = f"{request.method} {request.url.path}\n{asked.model_dump_json()}"

    async def carry_out(transaction: Transaction) -> Answer:
        return await do(Act(transaction, client, IdempotencyKey(f"api:{client.name}:{key}"), at, pack_version_id))

    digest = context.ledger.keys.digest_of(said)
    return await context.requests.once(Asked(client.name, key, digest, at), carry_out)


async def once(
    context: ApiContext, request: Request, key: str, asked: BaseModel, do: Callable[[Act], Awaitable[Answer]]
) -> Response:
    """The same, as it leaves."""
    return response_of(await answer_once(context, request, key, asked, do))


def response_of(answer: Answer) -> Response:
    """An answer as it leaves."""
    media_type = "application/problem+json" if answer.status >= 400 else "application/json"
    return Response(answer.body, answer.status, media_type=media_type)


def done(out: BaseModel, status: int = 200) -> Answer:
    """It was done."""
    return Answer(status, out.model_dump_json())


def refused(status: int, code: str, detail: str) -> Answer:
    """It was not done, and the same request will not do it: that is kept, too."""
    return Answer(status, bytes(problem(status, code, detail).body).decode())


def no_member() -> Answer:
    """The number is nobody's."""
    return refused(404, "no_member", "no member has this number")


def number_of(context: ApiContext, written: str) -> Msisdn:
    """A number as it was sent. Raises `BadNumberError`."""
    return canonical(written, context.region)


def numbers_of(context: ApiContext, written: Sequence[str], field: str) -> list[Msisdn]:
    """Several. Raises `BadNumberError` that names the places of those that are none, the first ones."""
    numbers, faults = [], []
    for place, one in enumerate(written):
        try:
            numbers.append(canonical(one, context.region))
        except BadNumberError as error:
            faults.append(f"{field}.{place}: {error}")
    if faults:
        more = f"; and {len(faults) - FAULTS_NAMED_MAX} more" if len(faults) > FAULTS_NAMED_MAX else ""
        raise BadNumberError("; ".join(faults[:FAULTS_NAMED_MAX]) + more)
    return numbers


async def member_of(context: ApiContext, written: str) -> Member | None:
    """The member with a number as it was sent; None when it is nobody's. Nobody is enrolled by being looked at."""
    return await context.ledger.member(number_of(context, written), await context.clock.at())


def documented(out: type[BaseModel], description: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The answer of a write as the OpenAPI document has it: it is made when it is done, and kept as text."""
    return {status: {"model": out, "description": description}}
