"""A release in the middle of sessions: each goes on in the menu that it began with."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.actions import verbs
from gateway.ids import SessionUid
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack, compile_pack
from gateway.state.client import StateClient
from gateway.state.sessions import Sessions
from gateway.store.ledger import Ledger
from gateway.store.packs import PackLibrary
from gateway.store.results import Results
from gateway.store.tracks import Target
from gateway.ussd.conversation import Conversation
from gateway.ussd.dialects.africastalking import PROFILE
from gateway.ussd.message import Kind, UssdRequest

pytestmark = pytest.mark.anyio

HELP_NOW = "Баллы - за каждое пополнение."
HELP_THEN = "Баллы - за каждую оплату."


@pytest.fixture
async def state(redis_url: str) -> AsyncIterator[StateClient]:
    client = StateClient(redis_url)
    yield client
    await client.close()


@pytest.fixture
def released(pack: Pack) -> Pack:
    """The next version of the pack: another word on the help screen."""
    assert HELP_NOW in pack.files["ussd.yaml"]
    return compile_pack({**pack.files, "ussd.yaml": pack.files["ussd.yaml"].replace(HELP_NOW, HELP_THEN)})


def conversation(ledger: Ledger, state: StateClient, pack: Pack, database_url: str) -> Conversation:
    library = PackLibrary(ledger, pack.menu.digest, pack.menu, lambda files: compile_pack(files).menu)
    sessions = Sessions(state)
    loyalty = Loyalty(pack.programme, ledger)
    return Conversation(
        loyalty,
        library,
        verbs(),
        sessions,
        ledger.keys.digest_of,
        lambda: SessionUid(secrets.token_hex(8)),
        asyncio.sleep,
        Results(ledger, Target(database_url), lambda *_: None),
    )


async def say(talk: Conversation, session: str, text: str) -> str:
    kind = Kind.INPUT if text else Kind.OPENED
    request = UssdRequest(session, Msisdn("+79218880001"), kind, "*123#", text, text)
    return (await talk.hop("africastalking", request, PROFILE, datetime.now(UTC))).reply.text


async def test_a_session_goes_on_in_the_menu_it_began_with(
    ledger: Ledger, state: StateClient, pack: Pack, released: Pack, database_url: str
) -> None:
    await ledger.open(datetime.now(UTC))  # as a gateway does when it starts
    before, after = conversation(ledger, state, pack, database_url), conversation(ledger, state, released, database_url)
    session = secrets.token_hex(8)
    await say(before, session, "")
    assert HELP_NOW in await say(after, session, "4")
    assert HELP_THEN in await say(after, session + "-new", "4")


async def test_a_menu_that_nobody_has_any_more_is_walked_again_in_the_present_one(
    ledger: Ledger, state: StateClient, pack: Pack, released: Pack, database_url: str
) -> None:
    await ledger.agree()
    unknown, present = (
        conversation(ledger, state, released, database_url),
        conversation(ledger, state, pack, database_url),
    )
    session = secrets.token_hex(8)
    await say(unknown, session, "")
    assert HELP_NOW in await say(present, session, "4")
