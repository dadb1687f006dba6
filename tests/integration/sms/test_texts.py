"""What a phone gets for what it texts, whatever the network repeats, loses or delays."""

import asyncpg
import pytest

from gateway.ids import Amount, IdempotencyKey, Unit
from gateway.loyalty.rules import Earning
from gateway.msisdn import Msisdn
from gateway.smpp.pdu.status import Status
from gateway.store import inbox_view
from gateway.store.outbox import MessageState
from simulator.smsc.deliveries import Fate
from tests.integration.sms.scene import ANNA, BORIS, Scene

pytestmark = pytest.mark.anyio

BALANCE = "Баланс".encode("utf-16-be")
UCS2 = 8
NOTHING_YET = "У вас 0 баллов"


async def earned(stage: Scene, msisdn: str, amount: int) -> None:
    member = await stage.ledger.member(Msisdn(msisdn), stage.clock.now)
    assert member is not None
    earning = Earning("topup", Unit("points"), Amount(amount), None, once=False)
    await stage.ledger.post(member.member_id, earning, IdempotencyKey(f"{amount}"), "test", stage.clock.now)


async def rows(stage: Scene, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(stage.database_url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def test_a_balance_in_russian_with_its_receipt(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("Баланс")
        assert (await stage.answered(1))[0].startswith(NOTHING_YET)
        await earned(stage, ANNA, 1234)
        stage.text("баланс!")
        assert (await stage.answered(2))[1].startswith("У вас 1 234 балла")
        sent = await stage.until_state(MessageState.DELIVERED, MessageState.DELIVERED)
    assert [message.says for message in sent] == ["points:balance"] * 2
    assert {text.source for text in stage.shown()} == {"6111"}
    assert {text.parts for text in stage.shown()} == {1}


async def test_the_same_octets_twice_are_answered_twice(stage: Scene) -> None:
    async with stage.gateway():
        first = stage.raw(BALANCE, UCS2)
        await stage.answered(1)
        stage.raw(BALANCE, UCS2)
        assert len(set(await stage.answered(2))) == 1
    assert first.tries == 1


async def test_a_copy_that_comes_while_the_first_is_being_taken_shares_its_answer(stage: Scene) -> None:
    async with stage.gateway():
        copies = [stage.raw(BALANCE, UCS2) for _ in range(5)]
        await stage.answered(1)
    assert [copy.status for copy in copies] == [0] * 5


async def test_what_we_refused_for_now_after_its_commit_is_answered_once(stage: Scene) -> None:
    """A store so slow that the second text of a number commits after its four seconds are over."""
    await rows(
        stage,
        """create function slowly() returns trigger language plpgsql as
           $$ begin perform pg_sleep(2.3); return new; end $$""",
    )
    await rows(stage, "create trigger slowly before insert on inbox for each row execute function slowly()")
    async with stage.gateway():
        stage.text("Баланс")
        late = stage.text("История")[0]
        await stage.until(lambda: late.status == Status.RX_T_APPN, "the second is refused for now")
        await stage.until(lambda: late.fate is Fate.ACKNOWLEDGED, "and acknowledged when it comes again")
        assert late.tries > 1
        assert len(await stage.answered(2)) == 2
    assert [row["answer"] for row in await rows(stage, "select answer from inbox order by inbox_id")] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("answer", "minutes", "answers"),
    [
        pytest.param("unknown", 9, 1, id="whose answer is unknown, nine minutes later: the same"),
        pytest.param("unknown", 11, 2, id="eleven minutes later: a new one"),
        pytest.param("not_now", 71 * 60, 1, id="refused for now, within 72 hours: the same"),
        pytest.param("not_now", 73 * 60, 2, id="after them: a new one"),
        pytest.param("ok", 0, 2, id="answered ok: a new one at once"),
    ],
)
async def test_a_text_that_comes_again(stage: Scene, answer: str, minutes: int, answers: int) -> None:
    async with stage.gateway():
        stage.raw(BALANCE, UCS2)
        await stage.answered(1)
    await rows(stage, f"update inbox set answer = '{answer}'")
    stage.clock.wait(minutes=minutes)
    async with stage.gateway():
        again = stage.raw(BALANCE, UCS2)
        await stage.answered(answers)
    assert again.status == 0


async def test_a_consent_is_recorded_with_its_channel_and_wording(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("СТОП РЕКЛАМА")
        await stage.answered(1)
        stage.text("старт")
        await stage.answered(2)
    found = await rows(stage, "select given, channel, wording, at from consent order by consent_id")
    wording = stage.pack.programme.advertising.version
    assert [tuple(row) for row in found] == [
        (False, "sms", wording, stage.clock.now),
        (True, "sms", wording, stage.clock.now),
    ]


@pytest.mark.parametrize(
    "sender",
    [
        pytest.param("INFO", id="a name"),
        pytest.param("6111", id="ourselves"),
        pytest.param("900", id="a service"),
        pytest.param("000000000000", id="digits that are no number"),
    ],
)
async def test_robots_get_no_answer(stage: Scene, sender: str) -> None:
    async with stage.gateway():
        delivery = stage.text("Баланс", msisdn=sender)[0]
        await stage.until(lambda: delivery.fate is Fate.ACKNOWLEDGED, "it is acknowledged")
        stage.text("Баланс")
        await stage.answered(1)
    assert stage.centre.messages.count == 1


async def test_help_has_its_limits(stage: Scene) -> None:
    async with stage.gateway():
        for count in range(5):
            stage.text(f"что это такое {count}")
            await stage.answered(count + 1)
        stage.text("что это такое 5")
        await stage.answered(5)
        stage.text("Баланс")
        await stage.answered(6)
        stage.clock.wait(minutes=11)
        stage.text("что это такое")
        await stage.answered(7)
        for _ in range(14):
            stage.clock.wait(minutes=11)
            stage.text("а это что такое")
            await stage.quiet()
        await stage.answered(21)
        stage.clock.wait(minutes=11)
        stage.text("двадцать первый раз за день")
        await stage.answered(21)


async def test_octets_that_are_no_text_are_parked_and_answered_with_help(stage: Scene) -> None:
    async with stage.gateway():
        binary = stage.raw(b"\x06\x05\x04\x0b\x84", data_coding=4)
        await stage.answered(1)
    assert binary.status == 0
    [row] = await rows(stage, "select said, content_cipher from inbox")
    assert row["said"] == "help:shown"
    assert b"\x06\x05\x04\x0b\x84" not in row["content_cipher"]


async def test_a_text_that_fails_alone_is_parked_and_its_neighbours_are_answered(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in one verb; the others share the batch."""
    from gateway.actions import history

    async def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(history, "run", broken)
    from gateway.actions import verbs

    verbs.cache_clear()
    try:
        async with stage.gateway():
            for text, msisdn in (("История", ANNA), ("Баланс", BORIS)):
                stage.text(text, msisdn=msisdn)
            assert (await stage.answered(1, BORIS))[0].startswith(NOTHING_YET)
            assert "Баланс" in (await stage.answered(1, ANNA))[0]
    finally:
        verbs.cache_clear()
    parked = await rows(stage, "select said from inbox where content_cipher is not null")
    assert [row["said"] for row in parked] == ["help:shown"]


async def test_texts_of_one_number_are_answered_in_their_order(stage: Scene) -> None:
    async with stage.gateway("window=50"):
        for _ in range(4):
            for text in ("Баланс", "История", "Стоп", "Старт"):
                stage.text(text)
            await stage.quiet()
            stage.clock.wait(hours=1)
    kinds = [word[:8] for word in stage.words()]
    assert len(kinds) == 16
    assert kinds == kinds[:4] * 4
    assert len(set(kinds)) == 4


async def test_a_new_number_becomes_a_member_by_texting(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("Balance", msisdn=BORIS)
        assert (await stage.answered(1, BORIS))[0].startswith("You have 0 points")
    assert await stage.ledger.member(Msisdn(BORIS), stage.clock.now) is not None


async def test_hundreds_at_once_are_each_answered_once(stage: Scene) -> None:
    numbers = [f"+7921888{n:04d}" for n in range(300)]
    async with stage.gateway("window=10"):
        for msisdn in numbers:
            stage.text("Баланс", msisdn=msisdn)
        await stage.until(lambda: stage.centre.inbox.texts() != [] and len(stage.centre.inbox.texts()) >= 300, "300")
        await stage.quiet()
    assert sorted(text.msisdn for text in stage.centre.inbox.texts()) == sorted(n[1:] for n in numbers)


@pytest.mark.parametrize(
    "destination",
    [pytest.param("79210000012", id="a subscriber"), pytest.param("9999", id="a short number of somebody else's")],
)
async def test_a_text_to_somebody_else_is_not_answered_in_his_name(stage: Scene, destination: str) -> None:
    async with stage.gateway():
        delivery = stage.text("Баланс", to=destination)[0]
        await stage.until(lambda: delivery.fate is Fate.ACKNOWLEDGED, "it is acknowledged")
    assert stage.centre.messages.count == 0
    assert await stage.ledger.member(Msisdn(ANNA), stage.clock.now) is None


async def test_two_robots_with_full_numbers_fall_silent(stage: Scene) -> None:
    """Every newsletter says how to leave it: what it asks for is done, and answered so often and no more."""
    async with stage.gateway():
        for count in range(25):
            stage.text(f"Акция {count}! Чтобы отписаться, отправьте СТОП")
            await stage.quiet()
        await stage.answered(20)
    assert len(await rows(stage, "select given from consent")) == 1


async def test_a_long_text_that_fails_alone_is_parked_whole(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    from gateway.sms.conversation import Conversation

    monkeypatch.setattr(Conversation, "_understand", broken)
    text = "Сколько у меня баллов и когда они сгорят? " * 4
    async with stage.gateway():
        stage.text(text)
        await stage.answered(1)
    (parked,) = await inbox_view.parked(stage.database_url, stage.ledger.keys, 10)
    assert parked.text == text
