"""A session that was dropped, and dialled again: where it goes on, and that points move once all the same."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
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
from gateway.state.sessions import Sessions, stored_names
from gateway.store.ledger import Ledger, PackVersion
from gateway.store.packs import PackLibrary
from gateway.store.results import Results
from gateway.store.tracks import Target
from gateway.ussd.answered import Answered, How
from gateway.ussd.conversation import Conversation
from gateway.ussd.dialects.africastalking import PROFILE
from gateway.ussd.message import ClosedBy, Doubt, EndTold, HopIdentity, Kind, Profile, UssdRequest

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TELLS_NOTHING = replace(PROFILE, tells_end=EndTold.NONE)
UNIDENTIFIED = replace(TELLS_NOTHING, hop_identity=HopIdentity.NONE)
QUOTED = ["5", "1", "1", "1"]
ASKS = "Связь прервалась"
ASK = """resume:
  mode: ask
  within_s: 180
  steps: 2"""


def with_mode(pack: Pack, mode: str, steps: int = 1) -> Pack:
    """The pack as it ships, but for what it does with dropped sessions."""
    text = pack.files["ussd.yaml"]
    head, _, rest = text.partition(ASK)
    assert rest, "the shipped menu asks"
    _, _, screens = rest.partition("\nscreens:")
    said = f"resume: {{mode: {mode}, within_s: 180, steps: {steps}}}\n\nscreens:"
    return compile_pack({**pack.files, "ussd.yaml": head + said + screens})


@dataclass
class Phone:
    """One number, in one session after another, at any of several gateways."""

    talk: Conversation
    number: Msisdn
    profile: Profile = PROFILE
    at: datetime = AT
    session: str = ""
    said: tuple[str, ...] = ()
    how: How = How.NEW

    async def dial(self, arguments: str = "", code: str = "*123#", session: str = "") -> str:
        self.session, self.said = session or secrets.token_hex(8), ()
        kind = Kind.OPENED if not arguments or self.profile.hop_identity is HopIdentity.NONE else Kind.INPUT
        return await self._hop(UssdRequest(self.session, self.number, kind, code, arguments, arguments))

    async def press(self, *keys: str) -> str:
        screen = ""
        for key in keys:
            self.said = (*self.said, key)
            screen = await self._hop(self.typed(key))
        return screen

    def typed(self, key: str) -> UssdRequest:
        text = key if self.profile.hop_identity is HopIdentity.NONE else "*".join(self.said)
        return UssdRequest(self.session, self.number, Kind.INPUT, "*123#", text, text, doubt=Doubt.NEVER)

    async def dropped(self, by: ClosedBy = ClosedBy.NETWORK, *, seen: bool = False) -> None:
        """The network tells that the session is over."""
        told = UssdRequest(self.session, self.number, Kind.CLOSED, seen=seen, closed_by=by)
        await self.talk.hop("test", told, self.profile, self.at)

    async def _hop(self, request: UssdRequest) -> str:
        answered = await self.asked(request)
        await self.talk.shown(answered, self.profile)
        self.how = answered.how
        return answered.reply.text

    async def asked(self, request: UssdRequest) -> Answered:
        return await self.talk.hop("test", request, self.profile, self.at)


@dataclass
class Stage:
    """Gateways over one database and one Valkey."""

    ledger: Ledger
    state: StateClient
    results: Results
    url: str

    def gateway(self, pack: Pack) -> Conversation:
        library = PackLibrary(self.ledger, pack.menu.digest, pack.menu, lambda files: compile_pack(files).menu)
        return Conversation(
            Loyalty(pack.programme, self.ledger), library, verbs(), Sessions(self.state), self.ledger.keys.digest_of,
            lambda: SessionUid(secrets.token_hex(8)), asyncio.sleep, self.results,
        )  # fmt: skip

    async def phone(self, pack: Pack, profile: Profile = PROFILE) -> Phone:
        """A phone whose member has 3,000 points."""
        number = Msisdn(f"+7921{secrets.randbelow(10**7):07d}")
        loyalty = Loyalty(pack.programme, self.ledger)
        await loyalty.take_event(Event("test", number, EventType.TOP_UP, number, Amount(100_000)), AT)
        return Phone(self.gateway(pack), number, profile)

    async def rows(self, query: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close()

    async def orders(self) -> int:
        return len(await self.rows("select from reward_order"))

    async def messages(self) -> list[tuple[str, bool]]:
        """Of the results that wait or waited: their states, and whether they rest."""
        rows = await self.rows("select state, send_lease_until from outbox where kind = 'result' order by message_id")
        return [(row["state"], row["send_lease_until"] is not None) for row in rows]


@pytest.fixture
async def stage(ledger: Ledger, redis_url: str, database_url: str) -> AsyncIterator[Stage]:
    state = StateClient(redis_url)
    results = Results(ledger, Target(database_url), lambda *_: None, rest=timedelta(hours=1))
    yield Stage(ledger, state, results, database_url)
    await results.close()
    await state.close()


@pytest.fixture
def continues(pack: Pack) -> Pack:
    return with_mode(pack, "continue")


@pytest.mark.parametrize("profile", [PROFILE, UNIDENTIFIED], ids=["history", "without identity"])
async def test_the_subscriber_is_asked_and_goes_on(stage: Stage, pack: Pack, profile: Profile) -> None:
    phone = await stage.phone(pack, profile)
    await phone.dial()
    quoted = await phone.press(*QUOTED)
    assert "1 ГБ за 300 баллов" in quoted
    asked = await phone.dial()
    assert (asked.splitlines(), phone.how) == (
        ["Связь прервалась. Вернуться?", "1 Да, вернуться", "2 Нет, сначала"],
        How.OFFERED,
    )
    again = await phone.press("1")
    assert again.startswith("1 ГБ за 300 баллов"), "the screen of the drop"
    assert phone.how is How.RESUMED
    key = next(line for line in again.splitlines() if "Обменять" in line).split()[0]
    assert profile is PROFILE or key != "1", "a late repeat of the answer must not confirm"
    assert "заказ" in await phone.press(key)
    assert await stage.orders() == 1
    assert "Подарки" in await phone.press("00", "5"), "and the way home is there"


async def test_who_wants_to_begins_anew(stage: Stage, pack: Pack) -> None:
    phone = await stage.phone(pack)
    await phone.dial()
    await phone.press(*QUOTED)
    await phone.dial()
    assert "Выберите пункт" in await phone.press("7"), "a key that is no answer asks again"
    assert "У вас 3 000 баллов" in await phone.press("2")
    await phone.dial()
    assert phone.how is How.NEW, "there is nothing left to go on with"


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        pytest.param([], "the start", id="start"),
        pytest.param(["5"], "one key from the start", id="one step"),
        pytest.param([*QUOTED, "00"], "home again", id="came home"),
    ],
)
async def test_what_a_key_brings_back_is_not_asked_about(stage: Stage, pack: Pack, keys: list[str], why: str) -> None:
    phone = await stage.phone(pack)
    await phone.dial()
    await phone.press(*keys)
    await phone.dropped()
    assert "У вас 3 000 баллов" in await phone.dial(), why


async def test_start_never_asks(stage: Stage, pack: Pack) -> None:
    phone = await stage.phone(with_mode(pack, "start"))
    await phone.dial()
    await phone.press(*QUOTED)
    assert "У вас" in await phone.dial()


@pytest.mark.parametrize(
    ("by", "resumes"),
    [
        pytest.param(ClosedBy.NETWORK, True, id="the network"),
        pytest.param(ClosedBy.SILENCE, True, id="silence"),
        pytest.param(ClosedBy.UNKNOWN, True, id="nobody knows"),
        pytest.param(ClosedBy.SUBSCRIBER, False, id="the subscriber"),
    ],
)
async def test_who_ended_the_session_counts(stage: Stage, continues: Pack, by: ClosedBy, resumes: bool) -> None:
    phone = await stage.phone(continues)
    await phone.dial()
    await phone.press("5")
    await phone.dropped(by)
    assert ("Подарки\n" in await phone.dial()) is resumes


@pytest.mark.parametrize(
    ("later_s", "arguments", "code", "resumes"),
    [
        pytest.param(179, "", "*123#", True, id="in time"),
        pytest.param(180, "", "*123#", False, id="too late"),
        pytest.param(10, "1", "*123#", False, id="with arguments"),
        pytest.param(10, "", "*123*1#", False, id="a string of its own"),
        pytest.param(10, "", "*124#", False, id="another code"),
    ],
)
async def test_only_the_same_dial_in_time_goes_on(
    stage: Stage, continues: Pack, later_s: int, arguments: str, code: str, resumes: bool
) -> None:
    phone = await stage.phone(continues)
    await phone.dial()
    await phone.press("5", "1")
    phone.at += timedelta(seconds=later_s)
    assert ("На что?" in await phone.dial(arguments, code)) is resumes


async def test_facts_are_fresh_and_the_page_is_kept(stage: Stage, continues: Pack) -> None:
    phone = await stage.phone(continues)
    loyalty = Loyalty(continues.programme, stage.ledger)
    for ordinal in range(5):
        at = AT + timedelta(seconds=ordinal)
        await loyalty.take_event(
            Event("test", f"{phone.number}{ordinal}", EventType.TOP_UP, phone.number, Amount(10_000)), at
        )
    await phone.dial()
    await phone.press("2")
    page = await phone.press("9")
    await phone.dial()
    assert phone.how is How.RESUMED
    assert "0 Назад" in page
    assert await phone.press("0", "0", "1") != page
    before = await phone.press()
    await loyalty.take_event(Event("test", f"{phone.number}more", EventType.TOP_UP, phone.number, Amount(10_000)), AT)
    now = await phone.dial()
    assert now != before, "the call was run again"


async def test_the_language_goes_on(stage: Stage, continues: Pack) -> None:
    phone = await stage.phone(continues)
    await phone.dial()
    await phone.press("3", "5")
    await phone.dropped()
    assert (await phone.dial()).startswith("Gifts")


async def test_a_result_that_was_not_seen_is_shown_and_not_told_again(stage: Stage, continues: Pack) -> None:
    phone = await stage.phone(continues, TELLS_NOTHING)
    await phone.dial()
    await phone.press(*QUOTED)
    phone.said = (*phone.said, "1")
    lost = await phone.asked(phone.typed("1"))  # answered, and never shown
    assert await stage.messages() == [("queued", True)]
    again = await phone.dial()
    assert again == lost.reply.text, "the stored result, to the letter"
    assert await stage.messages() == [("withdrawn", False)]
    assert "У вас 2 700 баллов" in await phone.press("00")
    assert await stage.orders() == 1


async def test_a_result_that_is_only_asked_about_is_still_told(stage: Stage, pack: Pack) -> None:
    phone = await stage.phone(pack, TELLS_NOTHING)
    await phone.dial()
    await phone.press(*QUOTED)
    phone.said = (*phone.said, "1")
    await phone.asked(phone.typed("1"))
    assert ASKS in await phone.dial()
    assert await stage.messages() == [("queued", True)]
    assert "У вас 2 700" in await phone.press("2")
    assert await stage.messages() == [("queued", True)], "nobody has seen it: it rests, and goes out"


async def test_dropped_again_while_being_asked(stage: Stage, pack: Pack) -> None:
    phone = await stage.phone(pack)
    await phone.dial()
    await phone.press(*QUOTED)
    assert ASKS in await phone.dial()
    await phone.dropped()
    assert ASKS in await phone.dial()
    assert "1 ГБ за 300 баллов" in await phone.press("1")
    await phone.dropped()
    assert ASKS in await phone.dial(), "a session that went on can be gone on with"


async def test_a_late_hop_of_the_dropped_session_moves_nothing(stage: Stage, continues: Pack) -> None:
    """Its confirmation was on the way when the subscriber dialled again, and both would be an order."""
    phone = await stage.phone(continues, UNIDENTIFIED)
    await phone.dial()
    quoted = await phone.press(*QUOTED)
    key = next(line for line in quoted.splitlines() if "Обменять" in line).split()[0]
    late = phone.typed(key)
    again = await phone.dial()
    assert "Время вышло" in (await phone.asked(late)).reply.text
    key = next(line for line in again.splitlines() if "Обменять" in line).split()[0]
    assert "заказ" in await phone.press(key)
    assert await stage.orders() == 1


async def test_nobody_goes_on_from_before_a_hop_that_is_at_work(stage: Stage, continues: Pack) -> None:
    phone = await stage.phone(continues)
    await phone.dial()
    await phone.press(*QUOTED)
    sessions = Sessions(stage.state)
    key = phone.talk.key_of("test", phone.typed("1"))
    opened = await sessions.open(
        key, "5*1*1*1*1", PROFILE, AT, SessionUid("another"), opening=False, redial=phone.talk._redial(phone.typed("1"))
    )
    assert opened.state, "a gateway has begun to answer, and perhaps died"
    assert "У вас" in await phone.dial()


async def test_another_gateway_goes_on_in_the_version_that_was_dropped(stage: Stage, continues: Pack) -> None:
    released = compile_pack(
        {
            **continues.files,
            "ussd.yaml": continues.files["ussd.yaml"]
            .replace("ru: На что?", "ru: Куда?")
            .replace('ru: "На что?"', 'ru: "Куда?"'),
        }
    )
    assert released.menu.digest != continues.menu.digest
    await stage.ledger.adopt(PackVersion(continues.menu.digest, continues.files), AT)
    phone = await stage.phone(continues)
    await phone.dial()
    await phone.press("5", "1")
    phone.talk = stage.gateway(released)
    assert "На что?" in await phone.dial()


async def test_without_what_valkey_knew_a_dial_begins_anew(stage: Stage, continues: Pack) -> None:
    phone = await stage.phone(continues)
    await phone.dial()
    await phone.press("5", "1")
    names = stored_names(phone.talk.key_of("test", phone.typed("1")), resumes=True)
    await stage.state.run("DEL", *names)
    assert "У вас 3 000" in await phone.dial()


async def test_two_dials_at_once_are_two_sessions_and_one_order(stage: Stage, continues: Pack) -> None:
    phone = await stage.phone(continues)
    await phone.dial()
    await phone.press(*QUOTED)
    twins = [replace(phone), replace(phone)]
    screens = await asyncio.gather(*(twin.dial() for twin in twins))
    assert all("1 ГБ за 300" in screen for screen in screens)
    await twins[0].press("1")
    assert await stage.orders() == 1
