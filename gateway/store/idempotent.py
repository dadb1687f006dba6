"""Requests that are carried out once, with their answer, in one transaction: an answer is kept when its effect is.

Decides how a transaction of several statements is begun, ended and given up on, and when it may be repeated: its key
finds what a first attempt did, so that one whose end was not heard is repeated once. Refuses to know what is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import KeyReusedError, OverloadedError, StoreUnavailableError
from gateway.store.statements import API_REQUEST_ANSWERED, API_REQUEST_BEGUN
from gateway.store.tracks import CutOffError, Target, Track, TrackEvent

TRANSACTIONS_MAX = 4
"""At once, of one process: staff's writes are few, and each may hold a member's lock for some round trips."""
WAIT_S = 3.0
"""For one of them to be free; then the caller is told to come again."""

UNDONE = (asyncpg.DeadlockDetectedError, asyncpg.IdleInTransactionSessionTimeoutError)
"""What the server gave up on its own account: two that stood in each other's way, or us, who said nothing for long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: who asks, under what key, and a keyed digest of all that is asked."""

    key_name: str
    key: str
    digest: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told, as it is kept: it names no number and no gift code."""

    status: int
    body: str


class Transaction(Track):
    """A track whose statements, from the beginning to the end of `whole`, are carried out together or not at all."""

    async def fetch(self, statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """See `Track.fetch`; but what is cut off in the middle of a transaction is not repeated by itself."""
        return await self._fetch(statement, arguments)

    async def whole(self, do: Callable[["Transaction"], Awaitable[Answer]]) -> Answer:
        """Carry out `do` over this connection. Whatever it raises undoes all of it."""
        await self.fetch("begin")
        try:
            answer = await do(self)
            await self.fetch("commit")
        except UNDONE as error:
            await self._give_up()
            raise StoreUnavailableError("PostgreSQL undid it: send the same request again") from error
        except Exception:
            await self._give_up()
            raise
        except BaseException as error:  # we are told to stop: the server undoes what it hears no more of
            self._lose(error)
            raise
        return answer

    async def _give_up(self) -> None:
        """Undo, and keep the connection, if there is one still."""
        if self._connection is not None:
            try:
                await self.fetch("rollback")
            except StoreUnavailableError as error:
                self._lose(error)


class Requests:
    """The writes of the API, over transactions of their own."""

    def __init__(self, target: Target, notice: TrackEvent, reach: Reach = pass_by) -> None:
        self._reach = reach
        self._transactions = [Transaction(target, notice) for _ in range(TRANSACTIONS_MAX)]
        self._free = asyncio.Semaphore(TRANSACTIONS_MAX)
        self._idle = list(self._transactions)

    async def once(self, asked: Asked, carry_out: Callable[[Transaction], Awaitable[Answer]]) -> Answer:
        """The answer to a request: that of the first time, or what `carry_out` answers now, kept with its effect.

        What `carry_out` raises leaves nothing behind, and uses up no key. Raises `KeyReusedError` for a key that came
        with another request, `StoreUnavailableError` and `OverloadedError`, after which the same request may be sent
        again.
        """

        async def answered(transaction: Transaction) -> Answer:
            for known in await transaction.fetch(API_REQUEST_BEGUN, asked.key_name, asked.key, asked.digest):
                if not known["same"]:
                    raise KeyReusedError("this Idempotency-Key came with another request: what that one did stands")
                return Answer(known["status"], known["body"])
            answer = await carry_out(transaction)
            await transaction.fetch(
                API_REQUEST_ANSWERED, asked.key_name, asked.key, asked.digest, answer.status, answer.body, asked.at
            )
            self._reach(CrashPoint.WRITE_BOOKED)
            return answer

        try:
            await asyncio.wait_for(self._free.acquire(), WAIT_S)
        except TimeoutError:
            raise OverloadedError(f"{TRANSACTIONS_MAX} requests are under way: send this one again") from None
        transaction = self._idle.pop()
        try:
            try:
                answer = await transaction.whole(answered)
            except CutOffError:
                answer = await transaction.whole(answered)
            self._reach(CrashPoint.WRITE_COMMITTED)
            return answer
        finally:
            self._idle.append(transaction)
            self._free.release()

    async def close(self) -> None:
        """Say goodbye to the server."""
        for transaction in self._transactions:
            await transaction.close()
