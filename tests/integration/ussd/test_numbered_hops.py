"""Hops that bear a number or an id, over real stores: copies run nothing twice, late ones move nobody."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

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
from gateway.ussd.answered import Answered, How
from gateway.ussd.conversation import Conversation
from gateway.ussd.message import HopIdentity, Kind, Profile, UssdRequest

pytestmark = pytest.mark.anyio

ANNA = Msisdn("+79217770002")
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEQUENCE = Profile(hop_identity=HopIdentity.SEQUENCE)
KEYS = ["5", "1", "1", "1", "1"]
"""Of an exchange: the same key again and again, which only its number tells from a copy."""

IDENTITIES = pytest.mark.parametrize(
    ("profile", "ids"),
    [
        pytest.param(SEQUENCE, ["1", "2", "8", "9", "10", "11", "12"], id="sequence"),
        pytest.param(SEQUENCE, ["", "0", "1", "2", "3", "4", "5"], id="sequence, without a number for the dial"),
        pytest.param(
            Profile(hop_identity=HopIdentity.TRANSACTION), ["c", "a", "f", "b", "e", "d", "0"], id="transaction"
        ),
    ],
)


@pytest.fixture
async def talk(ledger: Ledger, redis_url: str, pack: Pack, database_url: str) -> AsyncIterator[Conversation]:
    state = StateClient(redis_url)
    results = Results(ledger, Target(database_url), lambda *_: None)
    loyalty = Loyalty(pack.programme, ledger)
    library = PackLibrary(ledger, pack.menu.digest, pack.menu, lambda files: compile_pack(files).menu)
    await loyalty.take_event(Event("test", "1", EventType.TOP_UP, ANNA, Amount(100_000)), AT)
    yield Conversation(
        loyalty, library, verbs(), Sessions(state), ledger.keys.digest_of,
        lambda: SessionUid(secrets.token_hex(8)), asyncio.sleep, results,
    )  # fmt: skip
    await results.close()
    await state.close()


def requests(ids: list[str], session: str) -> list[UssdRequest]:
    """A dial, the keys of an exchange, and the way home."""
    said = ["", *KEYS, "00"]
    return [
        UssdRequest(session, ANNA, Kind.INPUT if place else Kind.OPENED, "*123#", text, hop)
        for place, (text, hop) in enumerate(zip(said, ids, strict=True))
    ]


@IDENTITIES
async def test_every_hop_twice_and_at_once_is_one_exchange(
    talk: Conversation, profile: Profile, ids: list[str]
) -> None:
    for request in requests(ids, secrets.token_hex(8)):
        copies = await asyncio.gather(*(talk.hop("test", request, profile, AT) for _ in range(3)))
        again = await talk.hop("test", request, profile, AT)
        assert {copy.reply for copy in copies} == {again.reply}
        assert again.how is How.REPLAY
        assert [copy.how for copy in copies].count(How.REPLAY) == 2
    assert "2 700" in again.reply.text.replace("\u00a0", " "), "3,000 points, and one reward of 300"


@IDENTITIES
async def test_a_late_copy_gets_the_screen_that_stands_and_runs_nothing(
    talk: Conversation, profile: Profile, ids: list[str]
) -> None:
    so_far: list[UssdRequest] = []
    for request in requests(ids, secrets.token_hex(8)):
        answered = await talk.hop("test", request, profile, AT)
        late = [await talk.hop("test", earlier, profile, AT) for earlier in so_far]
        assert [(copy.how, copy.reply, copy.calls) for copy in late] == [(How.LATE, answered.reply, ())] * len(so_far)
        so_far.append(request)
    assert "2 700" in answered.reply.text.replace("\u00a0", " ")


@IDENTITIES
async def test_what_is_said_in_a_session_that_was_lost_shows_the_start(
    talk: Conversation, profile: Profile, ids: list[str]
) -> None:
    dial, *_, confirmation, home = requests(ids, secrets.token_hex(8))
    dialled = await talk.hop("test", dial, profile, AT)
    lost = [UssdRequest(f"lost {each.hop}", ANNA, each.kind, "", each.text, each.hop) for each in (confirmation, home)]
    found: list[Answered] = [await talk.hop("test", request, profile, AT) for request in lost]
    assert [(each.how, each.reply) for each in found] == [(How.NEW, dialled.reply)] * 2
