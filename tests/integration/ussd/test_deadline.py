"""A store that is slow: the subscriber is answered in time, and what came of it comes by SMS, once."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import asyncpg
import pytest

from gateway.actions import verbs
from gateway.ids import Amount, SessionUid
from gateway.loyalty.ports import Event
from gateway.loyalty.programme import EventType
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack, compile_pack
from gateway.state.client import StateClient
from gateway.state.sessions import Sessions
from gateway.store.ledger import Ledger
from gateway.store.packs import PackLibrary
from gateway.store.results import Results
from gateway.store.tracks import Target
from gateway.ussd.answered import How
from gateway.ussd.conversation import SPARED_S, Conversation
from gateway.ussd.dialects.africastalking import PROFILE
from gateway.ussd.finishing import Finishing
from gateway.ussd.message import Kind, UssdRequest
from tests.live.waiting import until

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUICK = replace(PROFILE, answer_s=SPARED_S + 0.4)
"""A gateway that waits for less than it takes to hear of a lock that is held."""
TEXTS = {"ru": "Ответ придёт в SMS", "en": "The answer will come by SMS"}


@dataclass
class Phone:
    """One number in one session."""

    talk: Conversation
    number: Msisdn
    url: str
    heard: Counter[str]
    session: str = ""
    said: tuple[str, ...] = ()
    how: How = How.NEW

    async def say(self, *keys: str) -> str:
        """Dial, or press keys; the last screen."""
        screen = ""
        for key in keys or ("",):
            self.said = (*self.said, key) if key else ()
            self.session = self.session if key else secrets.token_hex(8)
            text = "*".join(self.said)
            kind = Kind.INPUT if text else Kind.OPENED
            request = UssdRequest(self.session, self.number, kind, "*123#", text, text)
            answered = await self.talk.hop("test", request, QUICK, AT)
            await self.talk.shown(answered, QUICK)
            screen, self.how = answered.reply.text, answered.how
        return screen

    async def end(self) -> None:
        """The network says that the last screen was shown."""
        await self.talk.hop("test", UssdRequest(self.session, self.number, Kind.CLOSED, seen=True), QUICK, AT)

    async def messages(self) -> list[tuple[str, str, bool]]:
        """What goes out, its state, and whether it rests."""
        async with connected(self.url) as connection:
            rows = await connection.fetch(
                "select reply, outcome, state, send_lease_until from outbox order by message_id"
            )
        return [(f"{r['reply']}.{r['outcome']}", r["state"], r["send_lease_until"] is not None) for r in rows]

    async def told(self, *expected: str) -> None:
        async def reached() -> bool:
            return self.heard["told"] + self.heard["given_up"] > 0

        await until(reached, "the action came to an end")
        assert await self.messages() == [(says, "queued", False) for says in expected]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Somebody else holds every member's row, as a slow statement would."""
    async with connected(url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select from member for update")
        try:
            yield
        finally:
            await transaction.rollback()


@pytest.fixture
async def phone(ledger: Ledger, redis_url: str, pack: Pack, database_url: str) -> AsyncIterator[Phone]:
    state, heard = StateClient(redis_url), Counter[str]()
    results = Results(ledger, Target(database_url), lambda *_: None)
    finishing = Finishing(lambda how: heard.update([how]))
    library = PackLibrary(ledger, pack.menu.digest, pack.menu, lambda files: compile_pack(files).menu)
    loyalty = Loyalty(pack.programme, ledger)
    talk = Conversation(
        loyalty, library, verbs(), Sessions(state), ledger.keys.digest_of, lambda: SessionUid(secrets.token_hex(8)),
        asyncio.sleep, results, finisher=finishing, now_s=time.monotonic,
    )  # fmt: skip
    number = Msisdn(f"+7921{secrets.randbelow(10**7):07d}")
    await loyalty.take_event(Event("test", number, EventType.TOP_UP, number, Amount(100_000)), AT)
    async with finishing.running():
        yield Phone(talk, number, database_url, heard)
    await results.close()
    await state.close()


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_what_takes_too_long_is_promised_and_told_once(phone: Phone, language: str) -> None:
    await phone.say()
    if language == "en":
        await phone.say("3")
    await phone.say("5", "1", "1", "1")
    async with held(phone.url):
        assert TEXTS[language] in await phone.say("1")
        assert phone.how is How.PROMISED
        assert await phone.messages() == [], "nothing has moved yet"
        await phone.end()
    await phone.told("exchange.ordered")
    await phone.end()
    assert await phone.messages() == [("exchange.ordered", "queued", False)], "seen was the promise, not the result"
    assert "У вас 2 700" in await phone.say() or language == "en"


async def test_a_refusal_that_comes_late_is_told_as_well(phone: Phone) -> None:
    await phone.say()
    await phone.say("5", "2")
    async with held(phone.url):
        assert TEXTS["ru"] in await phone.say("123456")
    await phone.told("redeem.refused")


async def test_a_repeated_hop_reads_the_promise_and_moves_nothing(phone: Phone) -> None:
    await phone.say()
    await phone.say("5", "1", "1", "1")
    async with held(phone.url):
        first = await phone.say("1")
        phone.said = phone.said[:-1]
        assert await phone.say("1") == first
    await phone.told("exchange.ordered")


async def test_a_lock_that_outlasts_its_statement_is_waited_for_again(phone: Phone) -> None:
    """PostgreSQL gives the first try up: the promise is kept by a second one, under the same key."""
    await phone.say()
    await phone.say("5", "1", "1", "1")
    async with held(phone.url):
        await phone.say("1")
        async with connected(phone.url) as connection:

            async def cancelled() -> bool:
                """The gateway's waiting statement was ended, as its time-out would."""
                rows = await connection.fetch(
                    "select pg_cancel_backend(pid) as done from pg_stat_activity"
                    " where wait_event_type = 'Lock' and pid <> pg_backend_pid()"
                )
                return any(row["done"] for row in rows)

            await until(cancelled, "a statement of the gateway waits for the lock")
    await phone.told("exchange.ordered")


async def test_what_is_in_time_needs_no_promise(phone: Phone) -> None:
    await phone.say()
    assert "заказ" in await phone.say("5", "1", "1", "1", "1")
    assert phone.heard == Counter()
