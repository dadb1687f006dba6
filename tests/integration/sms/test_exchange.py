"""Points are exchanged by SMS over a real connection: a quote, its confirmation, and what confirms nothing."""

from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest

from gateway.ids import Amount, MemberId
from gateway.loyalty.ports import Event, Member
from gateway.loyalty.programme import EventType
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from tests.integration.sms.scene import ANNA, BORIS, Scene, scene

pytestmark = pytest.mark.anyio

VOUCHERS = "insert into voucher (reward, digest, cipher, key_version) values ('cinema', $1, $2, $3)"
STOCK = "insert into reward_stock (reward, remaining) values ('mug', $1)"


@pytest.fixture
async def stage(ledger: Ledger, database_url: str, pack: Pack) -> AsyncIterator[Scene]:
    async with scene(ledger, database_url, pack) as set_up:
        loyalty = Loyalty(pack.programme, ledger)
        for number, msisdn in enumerate((ANNA, BORIS)):
            event = Event("test", str(number), EventType.TOP_UP, Msisdn(msisdn), Amount(100_000))
            await loyalty.take_event(event, set_up.clock.now)
        yield set_up


async def said(stage: Scene, *texts: str, msisdn: str = ANNA) -> Sequence[str]:
    """What came back for these texts to 9373, one answer for each."""
    for text in texts:
        before = len(stage.words(msisdn))
        stage.text(text, to="9373", msisdn=msisdn)
        await stage.answered(before + 1, msisdn)
    return stage.words(msisdn)[-len(texts) :]


async def member(stage: Scene, msisdn: str = ANNA) -> Member:
    found = await stage.ledger.member(Msisdn(msisdn), stage.clock.now)
    assert found is not None
    return found


async def points(stage: Scene, msisdn: str = ANNA) -> int:
    return next(one.available for one in (await member(stage, msisdn)).balances if one.unit == "points")


async def orders(stage: Scene, member_id: MemberId) -> list[str]:
    return [f"{one.reward} {one.state}" for one in await stage.ledger.orders(member_id, 9)]


async def filled(stage: Scene, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()


async def test_a_quote_and_its_confirmation(stage: Scene) -> None:
    async with stage.gateway():
        quoted, done = await said(stage, "подарок 5", "1")
        assert "1 ГБ за 300 баллов" in quoted
        assert "в пути. У вас 2 700 баллов" in done
    assert await points(stage) == 2_700
    assert await orders(stage, (await member(stage)).member_id) == ["internet_1gb placed"]


@pytest.mark.parametrize(
    ("texts", "minutes", "says"),
    [
        pytest.param(("1",), 0, "Подтверждать нечего", id="no quote"),
        pytest.param(("подарок 5", "1", "1"), 0, "Подтверждать нечего", id="confirmed already"),
        pytest.param(("подарок 5", "1"), 45, "Подтверждать нечего", id="the same text three quarters of an hour later"),
        pytest.param(("подарок 99", "1"), 0, "Подтверждать нечего", id="no such gift"),
        pytest.param(("подарок 12",), 0, "Вызов мастера за 2 500", id="what one can afford"),
        pytest.param(("подарок 12", "1", "подарок 12"), 0, "не хватает 2 000", id="what one cannot afford any more"),
    ],
)
async def test_what_confirms_nothing(stage: Scene, texts: Sequence[str], minutes: int, says: str) -> None:
    async with stage.gateway():
        await said(stage, *texts)
        if minutes:
            stage.clock.wait(minutes=minutes)
            await said(stage, texts[-1])
        before = await points(stage)
        assert says in stage.words()[-1]
        assert await points(stage) == before


async def test_a_quote_is_that_members_own(stage: Scene) -> None:
    async with stage.gateway():
        await said(stage, "подарок 5")
        assert "Подтверждать нечего" in (await said(stage, "1", msisdn=BORIS))[0]
    assert (await points(stage), await points(stage, BORIS)) == (3_000, 3_000)


async def test_the_latest_quote_is_the_one_that_is_confirmed(stage: Scene) -> None:
    async with stage.gateway():
        await said(stage, "подарок 6", "подарок 1", "1")
        assert await points(stage) == 2_800


async def test_a_voucher_comes_as_a_message_of_its_own_and_is_kept_sealed(stage: Scene) -> None:
    keys = stage.ledger.keys
    digest = keys.digest_of("voucher KINO-42")
    await filled(stage, VOUCHERS, digest, keys.seal(b"KINO-42", digest), keys.current)
    async with stage.gateway():
        _, voucher = await said(stage, "подарок 8", "1")
        assert "Билет в кино: ваш код KINO-42" in voucher
        assert "закончился" in (await said(stage, "подарок 8"))[0]
    assert await points(stage) == 2_100
    connection = await asyncpg.connect(stage.database_url)
    try:
        kept = await connection.fetch("select facts::text from outbox")
    finally:
        await connection.close()
    assert not [row for row in kept if "KINO-42" in row["facts"]]


async def test_what_is_handed_over_comes_with_its_code_and_its_last_day(stage: Scene) -> None:
    await filled(stage, STOCK, 1)
    async with stage.gateway():
        _, ready = await said(stage, "подарок 10", "1")
        assert "Кружка: код выдачи" in ready
        assert "до 21.12.26" in ready
        assert "закончился" in (await said(stage, "подарок 10", msisdn=BORIS))[0]
        assert "больше пока нельзя" in (await said(stage, "подарок 10"))[0]
    assert await orders(stage, (await member(stage)).member_id) == ["mug ready"]
