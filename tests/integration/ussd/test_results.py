"""A result that no screen showed goes by SMS, once; one that was seen does not."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

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
from gateway.ussd.answered import Answered
from gateway.ussd.conversation import Conversation
from gateway.ussd.dialects.africastalking import PROFILE
from gateway.ussd.message import EndTold, Kind, Profile, UssdRequest

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONFIRMED = ["5", "1", "1", "1", "1"]
TELLS_NOTHING = replace(PROFILE, tells_end=EndTold.NONE)
TELLS_BROKEN = replace(PROFILE, tells_end=EndTold.BROKEN)


class Phone:
    """One phone in one session after another. Its number is its own: it would go on with another's dropped session."""

    def __init__(self, talk: Conversation, results: Results, database_url: str) -> None:
        self.number = Msisdn(f"+7921{secrets.randbelow(10**7):07d}")
        self._talk = talk
        self.results = results
        self._url = database_url
        self.session = ""
        self._said: list[str] = []

    async def say(self, *inputs: str, profile: Profile = PROFILE) -> str:
        """Press one key after another, each answered before the next; the last screen."""
        for said in inputs:
            await self.take(await self.hop(said, profile=profile), profile)
        return self._screen

    async def hop(self, *inputs: str, profile: Profile) -> Answered:
        """Press one key after another; the last answer, which nobody has taken yet."""
        for said in inputs:
            self._said.append(said)
            answered = await self._asked(profile)
        return answered

    async def take(self, answered: Answered, profile: Profile) -> None:
        """The USSD gateway took this answer in time."""
        await self._talk.shown(answered, profile)
        self._screen = answered.reply.text

    async def dial(self, profile: Profile = PROFILE) -> str:
        self.session, self._said = secrets.token_hex(8), []
        await self.take(await self._asked(profile), profile)
        return self._screen

    async def repeat(self) -> str:
        """The same request once more."""
        await self.take(await self._asked(PROFILE), PROFILE)
        return self._screen

    async def end(self, *, seen: bool) -> None:
        """The network's notice that the session is over."""
        await self._talk.hop("test", UssdRequest(self.session, self.number, Kind.CLOSED, seen=seen), PROFILE, AT)

    async def messages(self) -> list[tuple[str, str, bool]]:
        """What waits or waited to tell results: what it says, its state, and whether it rests."""
        connection = await asyncpg.connect(self._url)
        try:
            rows = await connection.fetch(
                "select reply, outcome, state, send_lease_until from outbox where kind = 'result' order by message_id"
            )
        finally:
            await connection.close()
        return [(f"{r['reply']}.{r['outcome']}", r["state"], r["send_lease_until"] is not None) for r in rows]

    async def _asked(self, profile: Profile) -> Answered:
        text = "*".join(self._said)
        kind = Kind.INPUT if text else Kind.OPENED
        return await self._talk.hop(
            "test", UssdRequest(self.session, self.number, kind, "*123#", text, text), profile, AT
        )


@pytest.fixture
async def phone(ledger: Ledger, redis_url: str, pack: Pack, database_url: str) -> AsyncIterator[Phone]:
    state = StateClient(redis_url)
    results = Results(ledger, Target(database_url), lambda *_: None, rest=timedelta(hours=1))
    loyalty = Loyalty(pack.programme, ledger)
    library = PackLibrary(ledger, pack.menu.digest, pack.menu, lambda files: compile_pack(files).menu)
    talk = Conversation(
        loyalty, library, verbs(), Sessions(state), ledger.keys.digest_of,
        lambda: SessionUid(secrets.token_hex(8)), asyncio.sleep, results,
    )  # fmt: skip
    held = Phone(talk, results, database_url)
    await loyalty.take_event(Event("test", "1", EventType.TOP_UP, held.number, Amount(100_000)), AT)
    yield held
    await results.close()
    await state.close()


async def test_a_result_waits_until_its_screen_was_seen(phone: Phone) -> None:
    await phone.dial()
    assert "заказ" in await phone.say(*CONFIRMED)
    assert await phone.messages() == [("exchange.ordered", "queued", True)]
    await phone.say("00")
    assert await phone.messages() == [("exchange.ordered", "withdrawn", False)]


@pytest.mark.parametrize(
    ("seen", "state"), [pytest.param(True, "withdrawn", id="seen"), pytest.param(False, "queued", id="died")]
)
async def test_the_networks_word_on_the_sessions_end_counts(phone: Phone, seen: bool, state: str) -> None:
    await phone.dial()
    await phone.say(*CONFIRMED)
    await phone.end(seen=seen)
    assert await phone.messages() == [("exchange.ordered", state, False)]
    await phone.end(seen=True)
    await phone.end(seen=False)
    after = await phone.messages()
    assert [state for _, state, _ in after] in (["withdrawn"], ["queued"]), "one message, whatever is told again"


async def test_a_dialect_that_tells_no_end_is_believed_when_it_took_the_answer(phone: Phone) -> None:
    await phone.dial(TELLS_NOTHING)
    await phone.say(*CONFIRMED, profile=TELLS_NOTHING)
    assert await phone.messages() == [("exchange.ordered", "withdrawn", False)]


async def test_a_dialect_that_tells_breaks_is_waited_for_while_the_session_goes_on(phone: Phone) -> None:
    await phone.dial(TELLS_BROKEN)
    await phone.say(*CONFIRMED, profile=TELLS_BROKEN)
    assert await phone.messages() == [("exchange.ordered", "queued", True)]
    await phone.end(seen=False)
    assert await phone.messages() == [("exchange.ordered", "queued", False)]


async def test_a_dialect_that_tells_breaks_is_believed_for_a_last_screen(phone: Phone) -> None:
    await phone.dial(TELLS_BROKEN)
    answered = await phone.hop(*CONFIRMED, profile=TELLS_BROKEN)
    last = replace(answered, reply=replace(answered.reply, ends=True))
    await phone.take(last, TELLS_BROKEN)
    assert await phone.messages() == [("exchange.ordered", "withdrawn", False)]


async def test_a_refusal_moves_nothing_and_needs_no_message(phone: Phone) -> None:
    await phone.dial()
    assert "Код не подошёл" in await phone.say("5", "2", "123456")
    assert await phone.messages() == []


async def test_a_repeated_confirmation_is_one_order_and_one_message(phone: Phone) -> None:
    await phone.dial()
    first = await phone.say(*CONFIRMED)
    assert await asyncio.gather(phone.repeat(), phone.repeat()) == [first, first]
    assert len(await phone.messages()) == 1


async def test_the_history_of_an_exchange_is_walked_and_not_repeated(phone: Phone) -> None:
    """A session id that comes round again, or a session that Redis lost: the same inputs in a request to a new one."""
    await phone.dial()
    await phone.say(*CONFIRMED)
    session = phone.session
    await phone.end(seen=True)
    phone.session = secrets.token_hex(8)
    walked = await phone.repeat()
    assert "1 Обменять" in walked, "as far as the confirmation, which nobody has given"
    phone.session = session
    assert "Время вышло" in await phone.say("1"), "the session is over, whatever its id says"
    assert len(await phone.messages()) == 1
