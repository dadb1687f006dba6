"""Two SMSCs: what waits for one is taken by the other that stands in for it, and by nobody else, and once."""

import time

import pytest

from gateway.smpp import pace
from gateway.smpp.links import parse
from gateway.smpp.settings import LinkSettings
from gateway.sms.kinds import REPLY, VOUCHER
from gateway.sms.ports import Reply
from gateway.store.outbox import MessageState
from simulator.smsc.faults import Orders
from tests.integration.smpp.peers import Smsc
from tests.integration.sms.scene import ANNA, BORIS, Scene
from tests.integration.sms.test_outbox import execute, put

pytestmark = pytest.mark.anyio

URL = "smpp://test:s3cret@127.0.0.1"
MOVEMENTS = [{"on": "2026-11-21", "amount": 1_000_000, "unit": "gift_units", "reason": "registration"}] * 5
LONG = Reply("history", "history", {"movements": MOVEMENTS}, "ru")
TEST, BACKUP = "test", "backup"
"""The SMSC for which messages wait, and the scene's own, which stands in for it."""


@pytest.fixture
async def stage(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Anna and Boris are members: each has had a text by the SMSC that will stand in. Links come back soon."""
    monkeypatch.setattr(pace, "RETRY_MAX_S", 0.3)
    async with stage.linked(parse(f"{URL}:{stage.port}?smsc={BACKUP}")):
        for msisdn in (ANNA, BORIS):
            stage.text("Помощь", msisdn=msisdn)
            await stage.answered(1, msisdn)
    return stage


def links(stage: Scene, main: Smsc, after_s: float = 0.2) -> tuple[LinkSettings, ...]:
    stands_in = f"stands_in_for={TEST}&stands_in_after_s={after_s}"
    return parse(
        f"{URL}:{main.port}?smsc={TEST}&response_s=2,{URL}:{stage.port}?smsc={BACKUP}&response_s=2&{stands_in}"
    )


def order(main: Smsc, **orders: object) -> None:
    main.centre.order(Orders.model_validate(orders), time.time())


async def stand(stage: Scene) -> list[tuple[str, str, str]]:
    """Where the messages stand that were put: what each says, by which SMSC, and how it is."""
    return [(one.kind, one.smsc, str(one.state)) for one in (await stage.messages())[2:]]


async def test_what_waits_goes_by_the_other_in_order_and_its_receipts_are_found(stage: Scene) -> None:
    await put(stage, REPLY, VOUCHER)
    await put(stage, REPLY, reply=LONG)
    async with stage.linked(links(stage, Smsc()), away=TEST):
        words = (await stage.answered(4))[1:]
        await stage.until_state(*[MessageState.DELIVERED] * 5)
    assert ["21.11.26" in text for text in words] == [False, False, True], "in the order in which they were put"
    assert await stand(stage) == [
        ("reply", BACKUP, "delivered"),
        ("voucher", BACKUP, "delivered"),
        ("reply", BACKUP, "delivered"),
    ]
    assert {(message.tries, message.doubts) for message in (await stage.messages())[2:]} == {(1, 0)}


async def test_not_while_the_time_is_not_up(stage: Scene) -> None:
    await put(stage, REPLY)
    async with stage.linked(links(stage, Smsc(), 3600), away=TEST):
        stage.text("Баланс", msisdn=BORIS)
        await stage.until(lambda: len(stage.words(BORIS)) == 2, "the link serves its own")
        stage.text("Помощь", msisdn=BORIS)
        await stage.until(lambda: len(stage.words(BORIS)) == 3, "and goes on with it")
        assert (await stand(stage))[0] == ("reply", TEST, "queued")


async def test_not_while_a_link_of_it_is_bound(stage: Scene) -> None:
    """Its SMSC throttles three times: it is there all the same."""
    async with Smsc() as main:
        await put(stage, REPLY)
        order(main, submit_status="RTHROTTLED", submit_status_count=3)
        async with stage.linked(links(stage, main, 0.1)):
            await stage.until(lambda: len(main.texts()) == 1, "it went by its own SMSC in the end")
    assert len(stage.words()) == 1
    assert (await stand(stage))[0][1] == TEST


async def test_when_it_is_back_it_takes_what_waits_for_it(stage: Scene) -> None:
    main = Smsc()
    await put(stage, REPLY)
    async with stage.linked(links(stage, main), away=TEST):
        await stage.answered(2)
        async with main:
            await stage.until(lambda: main.bound == 1, "it is back")
            await put(stage, VOUCHER)
            await stage.until_state(*[MessageState.DELIVERED] * 4)
    assert await stand(stage) == [("reply", BACKUP, "delivered"), ("voucher", TEST, "delivered")]
    assert len(main.texts()) == 1


async def test_a_text_of_which_it_has_a_part_waits_for_it_and_so_does_what_follows(stage: Scene) -> None:
    """It takes two parts and dies; the other may divide a text in another way, and must not go on with it."""
    main = Smsc()
    await put(stage, REPLY, reply=LONG)
    await put(stage, VOUCHER)
    order(main, disconnect_after=2)
    async with stage.linked(links(stage, main, 3600), away=TEST), main:
        await stage.until(lambda: main.centre.messages.count == 2, "two parts are there, one of them answered")
    await put(stage, REPLY, msisdn=BORIS)
    async with stage.linked(links(stage, main), away=TEST):
        await stage.until(lambda: len(stage.words(BORIS)) == 2, "another number's goes by the other")
        assert len(stage.words()) == 1, "nothing of Anna's has moved"
        async with main:
            await stage.until_state(*[MessageState.DELIVERED] * 5)
    assert await stand(stage) == [
        ("reply", TEST, "delivered"),
        ("voucher", TEST, "delivered"),
        ("reply", BACKUP, "delivered"),
    ]


async def test_a_voucher_in_doubt_waits_for_its_own_receipt(stage: Scene) -> None:
    """Its SMSC took it and died without an answer; its receipt comes when it is back. No second copy is sent."""
    main = Smsc()
    await put(stage, VOUCHER)
    order(main, disconnect_after=1, receipt_delay_s=0.5)
    async with stage.linked(links(stage, main), away=TEST):
        async with main:
            await stage.until(lambda: len(main.texts()) == 1, "it took it")
        await stage.until_state(MessageState.DELIVERED, MessageState.DELIVERED, MessageState.IN_DOUBT)
        await execute(stage, "update outbox set send_lease_until = null where state = 'in_doubt'")  # its rest is over
        await put(stage, REPLY, msisdn=BORIS)
        await stage.until(lambda: len(stage.words(BORIS)) == 2, "the other stands in, and takes what is younger")
        assert (await stand(stage))[0] == ("voucher", TEST, "in_doubt")
        async with main:
            await stage.until_state(*[MessageState.DELIVERED] * 4)
    assert (len(stage.words()), len(main.texts())) == (1, 1)


async def test_a_reply_in_doubt_is_sent_again_by_the_other(stage: Scene) -> None:
    """As it would be by its own SMSC, were that there (decision 0010)."""
    main = Smsc()
    await put(stage, REPLY)
    order(main, disconnect_after=1, receipts="never")
    async with stage.linked(links(stage, main), away=TEST):
        async with main:
            await stage.until(lambda: len(main.texts()) == 1, "it took it")
        await stage.until_state(*[MessageState.DELIVERED] * 3)
    (message,) = (await stage.messages())[2:]
    assert (message.smsc, message.doubts) == (BACKUP, 1)
    assert len(stage.words()) == 2
