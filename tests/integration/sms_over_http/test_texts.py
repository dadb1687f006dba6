"""What a phone gets for what it texts, where an SMS gateway calls us over HTTP, in every dialect."""

import asyncpg
import pytest

from gateway.store import inbox_view
from gateway.store.outbox import MessageState
from tests.integration.sms.scene import ANNA, BORIS
from tests.integration.sms_over_http.scene import Scene

pytestmark = pytest.mark.anyio


async def execute(stage: Scene, statement: str) -> None:
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_balance_in_russian_with_its_receipt(stage: Scene) -> None:
    async with stage.gateway():
        assert await stage.text("Баланс") == 200
        await stage.until_state(MessageState.SENT)
        (answer,) = stage.words()
        assert answer.startswith("У вас 0 баллов")
        assert await stage.receipt(stage.id_of(stage.peer.taken[0]), delivered=True) == 200
        (message,) = await stage.until_state(MessageState.DELIVERED)
    assert message.says == "points:balance"


async def test_a_receipt_of_a_failure(stage: Scene) -> None:
    async with stage.gateway():
        await stage.text("Баланс")
        await stage.until_state(MessageState.SENT)
        assert await stage.receipt(stage.id_of(stage.peer.taken[0]), delivered=False) == 200
        await stage.until_state(MessageState.FAILED)


async def test_a_receipt_under_another_s_number_settles_nothing(stage: Scene) -> None:
    async with stage.gateway():
        await stage.text("Баланс")
        await stage.text("Баланс", BORIS)
        await stage.until_state(MessageState.SENT, MessageState.SENT)
        assert await stage.receipt(stage.id_of(stage.peer.taken[0]), delivered=True, msisdn=BORIS) == 200
        assert [message.state for message in await stage.messages()] == [MessageState.SENT] * 2


async def test_the_same_id_is_the_same_text_and_another_id_a_new_one(stage: Scene) -> None:
    """Also after a death of ours, and two days later."""
    async with stage.gateway():
        assert await stage.text("Баланс", id_="one") == 200
        assert await stage.text("Баланс", id_="one") == 200
        assert await stage.text("Баланс", id_="two") == 200
        await stage.until_state(MessageState.SENT, MessageState.SENT)
    stage.clock.wait(hours=48)
    async with stage.gateway():
        assert await stage.text("Баланс", id_="one") == 200
        assert await stage.text("Баланс", id_="three") == 200
        await stage.until_state(*[MessageState.SENT] * 3)
    assert len(stage.words()) == 3


async def test_a_store_that_is_slow_is_not_now_and_the_text_is_answered_once(stage: Scene) -> None:
    await execute(
        stage,
        """create function slowly() returns trigger language plpgsql as
           $$ begin perform pg_sleep(4.5); return new; end $$;
           create trigger slowly before insert on inbox for each row execute function slowly()""",
    )
    async with stage.gateway():
        assert await stage.text("Баланс", id_="one") == 503
        await execute(stage, "drop trigger slowly on inbox")
        assert await stage.text("Баланс", id_="one") == 200
        await stage.until_state(MessageState.SENT)
    assert len(stage.words()) == 1


async def test_a_long_answer_goes_in_one_request(stage: Scene) -> None:
    async with stage.gateway():
        assert await stage.text("Подарки", to="9373") == 200
        (message,) = await stage.until_state(MessageState.SENT)
    (answer,) = stage.words()
    assert len(answer) > 70, "over SMPP it takes several parts"
    assert message.parts == 1


async def test_robots_and_strangers_are_not_answered(stage: Scene) -> None:
    async with stage.gateway():
        assert await stage.text("Баланс", "MyBank") == 200
        assert await stage.text("Баланс", "5010") == 200
        assert await stage.text("Баланс", "+7921") == 200
        assert await stage.text("Баланс", to="7777") == 200
        assert await stage.messages() == []


async def test_numbers_without_a_plus_are_of_the_link_s_country(stage: Scene) -> None:
    async with stage.gateway("region=KZ"):
        assert await stage.text("Баланс", "8 777 000 00 01") == 200
        await stage.until_state(MessageState.SENT)
    assert len(stage.words("+77770000001")) == 1


@pytest.mark.parametrize("stage", ["kannel"], indirect=True)  # the other cannot tell data from a text
async def test_data_is_kept_for_a_person_and_answered_with_help(stage: Scene) -> None:
    async with stage.gateway():
        query = {"id": "1", "from": ANNA, "to": "6111", "charset": "8-BIT", "text": "\x01\x02"}
        assert await stage._call("GET", "", "f3c7", params=query) == 200
        await stage.until_state(MessageState.SENT)
    (parked,) = await inbox_view.parked(stage.database_url, stage.ledger.keys, 10)
    assert parked.octets == "0102"


@pytest.mark.parametrize(
    ("secret", "demo", "status"),
    [
        pytest.param("f3c7", False, 200, id="the secret"),
        pytest.param("another", False, 401, id="another secret"),
        pytest.param("", False, 401, id="no secret"),
        pytest.param("", True, 200, id="a demo, from this machine"),
    ],
)
async def test_a_caller_proves_itself(stage: Scene, secret: str, demo: bool, status: int) -> None:
    async with stage.gateway(demo=demo):
        assert await stage.text("Баланс", secret=secret) == status


async def test_a_text_that_says_too_little_is_refused(stage: Scene) -> None:
    async with stage.gateway():
        assert await stage.text("Баланс", to=" ") == 400
