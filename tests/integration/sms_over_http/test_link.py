"""What becomes of messages that an SMS gateway refuses, leaves without an answer, or is not there for."""

import pytest

from gateway.sms import http_link
from gateway.store.outbox import MessageState
from tests.integration.sms.scene import ANNA, BORIS
from tests.integration.sms_over_http.scene import Scene
from tests.live.sms_gateway import Answer

pytestmark = pytest.mark.anyio

BUSY: dict[str, Answer] = {"kannel": (503, b"Temporal failure, try again later."), "africastalking": (429, b"")}
NOT_ROUTABLE: dict[str, Answer] = {
    "kannel": (403, b"Not routable. Do not try again."),
    "africastalking": (201, b'{"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}'),
}
STRANGER: dict[str, Answer] = {
    "kannel": (403, b"Authorization failed for sendsms"),
    "africastalking": (401, b"The supplied authentication is invalid"),
}


async def test_refused_for_now_is_sent_again(stage: Scene) -> None:
    stage.peer.answers = [BUSY[stage.dialect], BUSY[stage.dialect]]
    async with stage.gateway():
        await stage.text("Баланс")
        (message,) = await stage.until_state(MessageState.SENT)
    assert (len(stage.words()), message.tries, message.doubts) == (3, 3, 0)


async def test_refused_for_good_waits_for_a_person(stage: Scene) -> None:
    stage.peer.answers = [NOT_ROUTABLE[stage.dialect]]
    async with stage.gateway():
        await stage.text("Баланс")
        (message,) = await stage.until_state(MessageState.PARKED)
        assert message.reason
        await stage.text("Баланс", BORIS)
        await stage.until_state(MessageState.PARKED, MessageState.SENT)
    assert len(stage.words(ANNA)) == 1


async def test_a_wrong_password_stops_the_link_and_no_message_is_lost(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_link, "RETRY_CONFIGURATION_S", 3600.0)
    stage.peer.answers = [STRANGER[stage.dialect]]
    async with stage.gateway() as messaging:
        await stage.text("Баланс")
        await stage.until(lambda: messaging.bound() == {"test#1": False}, "the link says that it is away")
        await stage.text("Баланс", BORIS)
        await stage.until_state(MessageState.QUEUED, MessageState.QUEUED)
        assert len(stage.peer.taken) == 1, "nobody else is tried with a password that is refused"
    async with stage.gateway():
        await stage.until_state(MessageState.SENT, MessageState.SENT)


async def test_a_gateway_that_is_not_there_is_waited_for(stage: Scene) -> None:
    stage.peer.close()
    async with stage.gateway() as messaging:
        assert await stage.text("Баланс") == 200
        await stage.until(lambda: messaging.bound() == {"test#1": False}, "the link says that it is away")
        stage.peer.open()
        (message,) = await stage.until_state(MessageState.SENT)
        assert messaging.bound() == {"test#1": True}
    assert (len(stage.words()), message.doubts) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="the line drops"),
        pytest.param((504, b"<html>"), id="a proxy had no answer"),
        pytest.param((200, b"<html>" + b"x" * 20_000), id="somebody else's page"),
    ],
)
async def test_a_reply_that_may_have_been_taken_is_in_doubt_and_sent_again(stage: Scene, answer: Answer) -> None:
    stage.peer.answers = [answer]
    async with stage.gateway():
        await stage.text("Баланс")
        (message,) = await stage.until_state(MessageState.SENT)
    first, second = stage.words()
    assert first == second
    assert (message.doubts, message.tries) == (1, 2)


async def test_an_answer_that_never_comes_is_waited_for_and_no_longer(stage: Scene) -> None:
    stage.peer.hold.clear()
    async with stage.gateway():
        await stage.text("Баланс")
        await stage.until(lambda: len(stage.peer.taken) == 2, "in doubt, and sent again")
        stage.peer.hold.set()
        (message,) = await stage.until_state(MessageState.SENT)
    assert message.doubts == 1


async def test_no_more_are_on_their_way_than_the_window_has_slots(stage: Scene) -> None:
    stage.peer.hold.clear()
    async with stage.gateway("window=3&response_s=30&connect_s=5"):
        for last in range(8):
            await stage.text("Баланс", f"+7921777001{last}")
        await stage.until(lambda: stage.peer.busy == 3, "the window is full")
        stage.peer.hold.set()
        await stage.until_state(*[MessageState.SENT] * 8)
    assert stage.peer.busiest == 3
    assert stage.peer.connections <= 3, "connections are kept"


async def test_a_receipt_that_comes_before_the_answer_settles_it_all_the_same(stage: Scene) -> None:
    stage.peer.hold.clear()
    async with stage.gateway("response_s=30&connect_s=5"):
        await stage.text("Баланс")
        await stage.until(lambda: len(stage.peer.taken) == 1, "taken")
        assert await stage.receipt(stage.id_of(stage.peer.taken[0]), delivered=True) == 200
        stage.peer.hold.set()
        await stage.until_state(MessageState.DELIVERED)


async def test_what_is_on_its_way_when_we_are_asked_to_stop_may_be_answered(stage: Scene) -> None:
    async with stage.gateway("response_s=30&connect_s=5"):
        stage.peer.hold.clear()
        await stage.text("Баланс")
        await stage.until(lambda: len(stage.peer.taken) == 1, "taken")
        stage.peer.hold.set()
    (message,) = await stage.messages()
    assert (message.state, message.doubts) == (MessageState.SENT, 0)


async def test_texts_to_one_phone_arrive_in_their_order(stage: Scene) -> None:
    stage.peer.answers = [BUSY[stage.dialect]]
    async with stage.gateway():
        for words in ("Баланс", "История", "Баланс"):
            assert await stage.text(words) == 200
        await stage.until_state(*[MessageState.SENT] * 3)
    kinds = [words[:5] for words in stage.words()]
    assert kinds[0] == kinds[1], "the first was refused for now"
    assert kinds[1] == kinds[3] != kinds[2]
