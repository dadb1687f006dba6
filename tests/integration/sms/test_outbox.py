"""What becomes of messages on the wire: refused, throttled, unanswered, received, too late, or waiting for a person."""

import asyncio

import asyncpg
import pytest

from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import Result
from gateway.msisdn import Msisdn
from gateway.sms.kinds import ADVERTISING, REPLY, VOUCHER, Kind
from gateway.sms.ports import Mo, Reply, Taking
from gateway.store.inbox import Inbox
from gateway.store.outbox import MessageState
from gateway.store.outbox_view import order
from gateway.store.tracks import Target
from tests.integration.sms.scene import ANNA, BORIS, Scene

pytestmark = pytest.mark.anyio

LONG_REPLY = Reply("help", "shown", {}, "ru")


async def put(stage: Scene, *kinds: Kind, msisdn: str = ANNA, reply: Reply = LONG_REPLY) -> None:
    """Messages of these kinds in the outbox, as a use case puts them there."""
    inbox = Inbox(stage.ledger, Target(stage.database_url), lambda *_: None, stage.pack.menu.digest)
    member = await stage.ledger.member(Msisdn(msisdn), stage.clock.now)
    if member is None:
        async with stage.gateway():
            stage.text("Старт" if ADVERTISING in kinds else "Помощь", msisdn=msisdn)
            await stage.answered(1, msisdn)
        member = await stage.ledger.member(Msisdn(msisdn), stage.clock.now)
    assert member is not None
    for kind in kinds:
        put.count = getattr(put, "count", 0) + 1
        key = IdempotencyKey(f"test:{put.count}")
        mo = Mo("test", Msisdn(msisdn), "6111", key.encode(), b"")
        taken = await inbox.take(Taking(member.member_id, key, mo, None, {Result.READ: reply}, kind), stage.clock.now)
        assert taken is not None
        assert taken.waits
    await inbox.close()


async def execute(stage: Scene, statement: str) -> None:
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_what_waits_is_sent_when_the_link_is_there(stage: Scene) -> None:
    await put(stage, REPLY, VOUCHER, ADVERTISING)
    async with stage.gateway():
        await stage.answered(4)
    assert [message.kind for message in (await stage.messages())[1:]] == ["reply", "voucher", "advertising"]


async def test_a_message_whose_life_is_over_is_not_sent_and_keeps_nobody_waiting(stage: Scene) -> None:
    await put(stage, REPLY, VOUCHER)
    stage.clock.wait(minutes=11)
    async with stage.gateway():
        await stage.answered(2)
        await stage.until_state(MessageState.DELIVERED, MessageState.EXPIRED, MessageState.DELIVERED)


@pytest.mark.parametrize(
    ("kind", "texts", "ends"),
    [
        pytest.param(REPLY, 3, (MessageState.DELIVERED, 1), id="a reply goes again at once"),
        pytest.param(ADVERTISING, 2, (MessageState.FAILED, 1), id="advertising does not"),
        pytest.param(VOUCHER, 2, (MessageState.IN_DOUBT, 1), id="a voucher waits for its receipt"),
    ],
)
async def test_in_doubt_each_kind_has_its_way(
    stage: Scene, kind: Kind, texts: int, ends: tuple[MessageState, int]
) -> None:
    """The SMSC takes the message and hangs up without an answer."""
    await put(stage, kind)
    stage.order(disconnect_after=1, receipts="never" if kind is not REPLY else "on_time")
    async with stage.gateway():
        await stage.until(lambda: len(stage.shown()) >= texts, f"{texts} texts")
        expected = {kind.name: ends}

        async def ended() -> bool:
            message = (await stage.messages())[1]
            return {message.kind: (message.state, message.doubts)} == expected

        async with asyncio.timeout(10):
            while not await ended():  # noqa: ASYNC110 - the outbox tells nobody but who asks
                await asyncio.sleep(0.02)
    assert len(stage.shown()) == texts


async def test_the_receipt_of_a_voucher_in_doubt_settles_it(stage: Scene) -> None:
    await put(stage, VOUCHER)
    stage.order(disconnect_after=1)
    async with stage.gateway():
        await stage.until_state(MessageState.DELIVERED, MessageState.DELIVERED)
        assert await stage.answered(2)
    assert (await stage.messages())[1].doubts == 1


async def test_a_text_of_many_parts_sends_only_those_that_were_not_answered(stage: Scene) -> None:
    movements = [{"on": "2026-11-21", "amount": 1_000_000, "unit": "gift_units", "reason": "registration"}] * 5
    long = Reply("history", "history", {"movements": movements}, "ru")
    await put(stage, REPLY, reply=long)
    before = stage.centre.messages.count
    stage.order(disconnect_after=3)
    async with stage.gateway():
        await stage.until_state(MessageState.DELIVERED, MessageState.DELIVERED)
        await stage.quiet()
    message = (await stage.messages())[1]
    assert message.parts is not None
    assert message.parts > 3
    assert message.doubts == 1
    assert stage.centre.messages.count - before == message.parts + 1


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param("RINVDSTADR", MessageState.FAILED, id="this number never"),
        pytest.param("RINVMSGLEN", MessageState.PARKED, id="this message never: a person must look"),
        pytest.param("RINVSRCADR", MessageState.PARKED, id="a setting is wrong"),
        pytest.param("RMSGQFUL", MessageState.DELIVERED, id="later"),
        pytest.param("RTHROTTLED", MessageState.DELIVERED, id="slower"),
    ],
)
async def test_a_refusal_means_what_its_status_says(stage: Scene, status: str, state: MessageState) -> None:
    async with stage.gateway():
        stage.order(submit_status=status, submit_status_count=1)
        stage.text("Баланс")
        (message,) = await stage.until_state(state)
    assert (status in message.reason) == (state is not MessageState.DELIVERED)
    assert message.tries == (2 if state is MessageState.DELIVERED else 1)


async def test_what_is_refused_for_now_keeps_the_order_of_its_number_and_holds_no_other(stage: Scene) -> None:
    async with stage.gateway():
        stage.order(submit_status="RMSGQFUL", submit_status_count=2)
        stage.text("Баланс")
        stage.text("История")
        stage.text("Баланс", msisdn=BORIS)
        first, second = await stage.answered(2)
        await stage.answered(1, BORIS)
    assert first.startswith("У вас")
    assert second.startswith("Пока пусто")


async def test_a_parked_message_holds_nobody_and_is_sent_again_by_hand(stage: Scene) -> None:
    async with stage.gateway():
        stage.order(submit_status="RINVMSGLEN", submit_status_count=1)
        stage.text("Баланс")
        await stage.until_state(MessageState.PARKED)
        stage.text("История")
        await stage.answered(1)
        parked = (await stage.messages())[0].message_id
        stage.clock.wait(minutes=30)
        assert await order(stage.database_url, [parked, 999], MessageState.QUEUED, stage.clock.now) == {
            parked: True,
            999: False,
        }
        assert (await stage.answered(2))[1].startswith("У вас")
        await stage.until_state(MessageState.DELIVERED, MessageState.DELIVERED)
        assert await order(stage.database_url, [parked], MessageState.PARKED, stage.clock.now) == {parked: False}


async def test_one_that_is_parked_by_hand_waits_for_a_hand(stage: Scene) -> None:
    await put(stage, VOUCHER)
    (message,) = (await stage.messages())[1:]
    assert await order(stage.database_url, [message.message_id], MessageState.PARKED, stage.clock.now) == {
        message.message_id: True
    }
    async with stage.gateway():
        stage.text("Баланс")
        await stage.answered(2)
        assert (await stage.messages())[1].state == MessageState.PARKED


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({"ids": "hex", "receipt_ids": "decimal"}, id="hex ids, decimal in receipts"),
        pytest.param({"ids": "decimal", "receipt_ids": "hex"}, id="decimal ids, hex in receipts"),
        pytest.param({"ids": "opaque"}, id="ids that are no numbers"),
        pytest.param({"receipts": "early"}, id="receipts before the answer"),
        pytest.param({"receipt_tlvs": False}, id="receipts without parameters"),
        pytest.param({"ids": "hex", "receipt_ids": "decimal", "receipts": "early"}, id="early, and in another writing"),
    ],
)
async def test_receipts_find_their_messages(stage: Scene, faults: dict[str, object]) -> None:
    numbers = [f"+7921666{n:04d}" for n in range(40)]
    stage.order(**faults)
    async with stage.gateway():
        for msisdn in numbers:
            stage.text("Баланс", msisdn=msisdn)
        await stage.until_state(*[MessageState.DELIVERED] * len(numbers))


@pytest.mark.parametrize(
    ("final", "state"),
    [
        pytest.param("UNDELIV", MessageState.FAILED, id="undeliverable"),
        pytest.param("EXPIRED", MessageState.EXPIRED, id="expired"),
        pytest.param("REJECTD", MessageState.FAILED, id="rejected"),
    ],
)
async def test_a_receipt_of_failure_ends_the_message(stage: Scene, final: str, state: MessageState) -> None:
    stage.order(final=final)
    async with stage.gateway():
        stage.text("Баланс")
        (message,) = await stage.until_state(state)
    assert message.reason.split()[0] in {"undeliverable", "expired", "rejected"}


async def test_advertising_that_waits_is_stopped_by_a_word(stage: Scene) -> None:
    """Service messages stay; nor does a hand send it again."""
    await put(stage, ADVERTISING, VOUCHER)
    await execute(stage, "update outbox set send_lease_until = '2100-01-01' where kind = 'advertising'")
    async with stage.gateway():
        stage.text("СТОП")
        await stage.answered(3)
        advert = (await stage.messages())[1]
        assert (advert.kind, advert.reason) == ("advertising", "consent_withdrawn")
        await order(stage.database_url, [advert.message_id], MessageState.QUEUED, stage.clock.now)
        stage.text("Баланс")
        await stage.answered(4)
        advert = (await stage.messages())[1]
        assert (advert.state, advert.reason) == (MessageState.FAILED, "no_consent")


async def test_advertising_goes_to_nobody_who_did_not_ask_for_it(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("Помощь")
        await stage.answered(1)
    await put(stage, ADVERTISING, VOUCHER)
    async with stage.gateway():
        await stage.answered(2)
    assert [message.state for message in await stage.messages()][1] == MessageState.FAILED


async def test_a_lane_alone_has_the_link_for_itself(stage: Scene) -> None:
    await put(stage, *[ADVERTISING] * 12)
    async with stage.gateway("window=2"):
        await stage.answered(13)


async def test_a_message_that_cannot_be_read_is_parked_and_holds_no_other(stage: Scene) -> None:
    for msisdn in (BORIS, ANNA, BORIS):
        await put(stage, REPLY, msisdn=msisdn)
    await execute(
        stage,
        r"""update member_number set number_cipher = number_cipher || '\x00'
            where member_id = (select member_id from outbox where state = 'queued' order by message_id limit 1)""",
    )
    async with stage.gateway():
        await stage.answered(3, BORIS)
    shown = [(message.msisdn, message.state) for message in await stage.messages()]
    assert ("?", MessageState.PARKED) in shown


async def test_an_smsc_that_answers_too_late_gets_no_more_than_three_copies(stage: Scene) -> None:
    await put(stage, REPLY)
    stage.order(answer_delay_s=1.2, receipts="never")
    async with stage.gateway("response_s=1"):
        async with asyncio.timeout(10):
            while (await stage.messages())[1].doubts < 2:  # noqa: ASYNC110 - the outbox tells nobody but who asks
                await asyncio.sleep(0.02)
        assert len(stage.shown()) == 3, "twice at once; then it rests"
        await execute(stage, "update outbox set send_lease_until = null where state = 'in_doubt'")
        await stage.until_state(MessageState.DELIVERED, MessageState.PARKED)
    assert len(stage.shown()) == 4
    assert (await stage.messages())[1].doubts == 3


async def test_a_receipt_that_came_before_its_sender_was_known_to_be_dead_settles_a_voucher(stage: Scene) -> None:
    await put(stage, VOUCHER)
    await execute(
        stage,
        """update outbox set state = 'sending', owner = 'dead/1', send_lease_until = '2026-01-01'
            where kind = 'voucher'""",
    )
    await execute(
        stage,
        """insert into receipt_held (smsc, member_id, ids, state, final, error, at)
           select 'test', member_id, '[["raw", "77"]]', 'delivered', true, '', at from outbox where kind = 'voucher'""",
    )
    async with stage.gateway():
        await stage.until_state(MessageState.DELIVERED, MessageState.DELIVERED)
    assert len(stage.shown()) == 1
    assert (await stage.messages())[1].doubts == 1


async def test_a_stop_under_load_leaves_nothing_in_doubt(stage: Scene) -> None:
    """Texts keep coming while the gateway says goodbye; who follows it answers the rest."""
    stage.order(answer_delay_s=0.2)
    numbers = [f"+7921555{n:04d}" for n in range(120)]

    async def text_all() -> None:
        for msisdn in numbers:
            stage.text("Баланс", msisdn=msisdn)
            await asyncio.sleep(0.01)  # about a hundred a second, before and after the stop begins

    async with stage.gateway():
        texting = asyncio.create_task(text_all())
        await stage.until(lambda: len(stage.centre.inbox.texts()) > 20, "it is at work")
    await texting
    async with stage.gateway():
        await stage.until(lambda: len(stage.centre.inbox.texts()) >= len(numbers), "all are answered")
        await stage.quiet()
    assert len(stage.centre.inbox.texts()) == len(numbers)
    assert [message for message in await stage.messages() if message.doubts] == []


async def test_a_message_keeps_the_words_that_it_was_decided_with(stage: Scene) -> None:
    """A release between the decision and the sending."""
    await put(stage, REPLY)
    said_then = stage.words()[0]
    name = "texts/ru/help.shown.j2"
    files = {**stage.pack.files, name: "Новая помощь"}
    from gateway.pack import compile_pack

    released = compile_pack(files)
    async with stage.gateway(pack=released):
        assert (await stage.answered(2))[1] == said_then
