"""A link against the simulator's SMSC over TCP, through everything that an SMSC does to it."""

import asyncio
from dataclasses import replace

import pytest

from gateway.smpp import deliveries, pace
from gateway.smpp import link as links
from gateway.smpp.deliveries import Answer
from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.pdu.messages import Address, DataSm, DeliverSm, SubmitSm, SubmitSmResp
from gateway.smpp.pdu.status import Verdict
from simulator.smsc.deliveries import Fate
from tests.integration.smpp.peers import PATIENT, PHONE, QUICK, SHORT, Linked, Smsc, linked, until

pytestmark = pytest.mark.anyio


async def gathered(one: Linked, count: int) -> list[object]:
    """So many submits at once, each in a slot of its own."""
    assert one.link.reserve(count) == count
    return await asyncio.gather(*(one.submit_reserved(b"%d" % number) for number in range(count)))


class TestMessages:
    async def test_a_submit_is_answered_and_reaches_the_phone(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            answers = await gathered(one, 20)
            assert [answer.message_id for answer in answers if isinstance(answer, SubmitSmResp)] == [
                str(number) for number in range(1, 21)
            ]
            assert smsc.texts() == [str(number) for number in range(20)]
            assert one.link.free_slots == one.link.settings.window

    async def test_a_refused_submit_is_an_answer(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            smsc.order(submit_status="RINVDSTADR", submit_status_count=1)
            answer = await one.submit()
            assert isinstance(answer, SubmitSmResp)
            assert one.link.settings.verdict(answer.status) is Verdict.DESTINATION_BAD

    async def test_a_text_is_handed_over_and_acknowledged(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            delivery = smsc.text()
            await until(lambda: delivery.fate is Fate.ACKNOWLEDGED)
            assert [pdu.payload.decode("utf-16-be") for pdu in one.came] == ["Баланс"]

    async def test_a_receipt_comes_the_same_way(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            await one.submit(registered_delivery=one.link.settings.registered_delivery)
            await until(lambda: one.came)
            assert one.came[0].esm_class == 0x04

    async def test_a_message_that_does_not_fit_the_wire_frees_its_slot(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            assert one.link.reserve(1) == 1
            with pytest.raises(ValueError, match="short_message"):
                await one.link.submit(SubmitSm(0, SHORT, Address(PHONE, 1, 1), b"a" * 255))
            assert one.link.free_slots == one.link.settings.window


class TestHandlers:
    @pytest.mark.parametrize("fault", ["raises", "forgets"])
    async def test_one_that_fails_leaves_the_message_with_the_smsc(self, smsc: Smsc, fault: str) -> None:
        smsc.order(delivery_retry_s=0.05)
        tries = []

        async def handler(pdu: DeliverSm | DataSm, answer: Answer) -> None:
            tries.append(pdu)
            if len(tries) > 1:
                answer(0)
            elif fault == "raises":
                raise LookupError(fault)

        async with linked(smsc.port, handler=handler) as one:
            delivery = smsc.text()
            await until(lambda: delivery.fate is Fate.ACKNOWLEDGED)
            assert len(tries) == 2
            assert len(one.told("unanswered")) == 1
            assert one.told("lost") == []

    async def test_the_not_now_of_this_smsc_is_what_it_hears(self, smsc: Smsc) -> None:
        smsc.order(delivery_retry_s=100)

        async def forget(pdu: DeliverSm | DataSm, answer: Answer) -> None:
            """Return without an answer."""

        async with linked(smsc.port, handler=forget):
            delivery = smsc.text()
            await until(lambda: delivery.status is not None)
            assert delivery.status == QUICK.not_now

    async def test_one_answer_is_all(self, smsc: Smsc) -> None:
        said = []

        async def twice(_: DeliverSm | DataSm, answer: Answer) -> None:
            said.append((answer(0), answer(0)))

        async with linked(smsc.port, handler=twice):
            delivery = smsc.text()
            await until(lambda: delivery.fate is Fate.ACKNOWLEDGED)
            assert said == [(True, False)]

    async def test_one_goes_on_when_its_connection_is_gone(self, smsc: Smsc) -> None:
        go_on, said = asyncio.Event(), []

        async def slow(_: DeliverSm | DataSm, answer: Answer) -> None:
            await go_on.wait()
            said.append(answer(0))

        async with linked(smsc.port, handler=slow) as one:
            smsc.text()
            await until(lambda: one.came)
            smsc.order(disconnect=True)
            await until(lambda: one.told("lost"))
            go_on.set()
            await until(lambda: False in said)
            await until(lambda: True in said, "it is delivered again over the next connection")

    async def test_more_than_there_is_room_for(self, smsc: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
        """The SMSC sends 40; five are in work at one time, the others wait there; in the end all were taken once."""
        monkeypatch.setattr(deliveries, "DELIVERIES_MAX", 5)
        monkeypatch.setattr(deliveries, "RESUMES_AT", 3)
        smsc.order(delivery_retry_s=0.02)
        working, most = set(), []

        async def slow(pdu: DeliverSm | DataSm, answer: Answer) -> None:
            working.add(pdu)
            most.append(len(working))
            await asyncio.sleep(0.005)
            working.remove(pdu)
            answer(0)

        async with linked(smsc.port, PATIENT, slow):
            sent = [smsc.text(str(number)) for number in range(40)]
            await until(lambda: all(delivery.fate is Fate.ACKNOWLEDGED for delivery in sent))
            assert max(most) == 5
            assert len(most) == 40


class TestWindow:
    async def test_no_more_than_the_window_are_on_their_way(self, smsc: Smsc) -> None:
        async with linked(smsc.port, replace(PATIENT, window=7)) as one:
            smsc.order(answer_delay_s=0.05)
            assert one.link.reserve(100) == 7
            assert one.link.reserve(1) == one.link.free_slots == 0
            submits = [asyncio.ensure_future(one.submit_reserved()) for _ in range(5)]
            one.link.release(2)
            assert one.link.reserve(3) == 2
            await asyncio.wait(submits)
            await until(lambda: one.freed[-1:] == [5], "whoever wanted more is told")

    async def test_a_caller_who_leaves_keeps_the_slot_until_the_answer(self, smsc: Smsc) -> None:
        async with linked(smsc.port, replace(PATIENT, window=1)) as one:
            smsc.order(answer_delay_s=0.1)
            one.link.reserve(1)
            leaving = asyncio.ensure_future(one.submit_reserved())
            await until(lambda: smsc.texts())
            leaving.cancel()
            await asyncio.wait((leaving,))
            assert one.link.free_slots == 0
            await until(lambda: one.link.free_slots == 1)

    async def test_a_slot_that_was_not_reserved_is_a_bug(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            with pytest.raises(RuntimeError, match="reserve before a submit"):
                await one.link.submit(SubmitSm(0, SHORT, Address(PHONE, 1, 1), b"hi"))

    async def test_a_sender_is_told_when_the_link_is_bound(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            await until(lambda: one.freed)
            assert one.freed == [QUICK.window]

    async def test_a_rate_that_is_sold(self, smsc: Smsc) -> None:
        async with linked(smsc.port, replace(PATIENT, tps=100)) as one:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            for _ in range(30):
                await one.submit()
            assert 0.25 < loop.time() - begun < 3

    async def test_a_sender_without_tokens_is_told_when_there_are_some(self, smsc: Smsc) -> None:
        async with linked(smsc.port, replace(PATIENT, tps=20)) as one:
            await until(lambda: one.freed == [1])
            assert one.link.reserve(3) == 1
            await until(lambda: one.freed == [1, 1])
            assert one.link.reserve(1) == 1

    async def test_what_is_released_costs_nothing_of_the_rate(self, smsc: Smsc) -> None:
        async with linked(smsc.port, replace(PATIENT, tps=1)) as one:
            assert one.link.reserve(1) == 1
            assert one.link.free_slots == 0
            one.link.release(1)
            assert one.link.reserve(1) == 1

    async def test_a_throttled_link_pauses_and_gets_through(self, smsc: Smsc) -> None:
        async with linked(smsc.port, PATIENT) as one:
            smsc.order(throttle_per_s=20)
            answers = await gathered(one, 30)
            statuses = [answer.status for answer in answers if isinstance(answer, SubmitSmResp)]
            assert (statuses.count(0), statuses.count(0x58)) == (20, 10)
            assert len(one.told("throttled")) == 1, "a window is throttled together"
            assert one.link.free_slots == 0
            loop = asyncio.get_running_loop()
            begun = loop.time()
            answer = await one.submit()
            assert isinstance(answer, SubmitSmResp)
            assert answer.status == 0
            assert loop.time() - begun > 0.8, "a second's pause"


class TestDeaths:
    async def test_cut_in_the_middle_of_a_window(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            smsc.order(disconnect_after=4)
            answers = await gathered(one, 10)
            assert [type(answer) for answer in answers] == [SubmitSmResp] * 3 + [UnansweredError] * 7
            assert one.told("lost") == ["the connection was cut; 7 submits unanswered"]
            await until(lambda: one.link.is_bound, "it comes back")
            assert one.link.free_slots == one.link.settings.window
            assert isinstance(await one.submit(), SubmitSmResp)

    async def test_a_silent_smsc_is_left(self, smsc: Smsc) -> None:
        """After the time of an answer, though nothing else is due for long."""
        async with linked(smsc.port, replace(PATIENT, response_s=0.3)) as one:
            smsc.order(silence=True)
            answer = await asyncio.wait_for(one.submit(), 5)
            assert isinstance(answer, UnansweredError)
            assert one.told("lost") == ["a submit was not answered; 1 submits unanswered"]
            smsc.order(silence=False)
            await until(lambda: one.link.is_bound)

    async def test_a_silent_smsc_is_found_by_asking(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            smsc.order(silence=True)
            await until(lambda: one.told("lost"))
            assert one.told("lost") == ["enquire_link was not answered; 0 submits unanswered"]

    async def test_half_a_pdu_and_silence(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            smsc.order(half_pdus=1)
            assert isinstance(await one.submit(), UnansweredError)
            await until(lambda: one.link.is_bound)
            assert isinstance(await one.submit(), SubmitSmResp)

    async def test_a_quiet_link_lives(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            await asyncio.sleep(3 * QUICK.enquire_s)
            assert one.told("lost") == []
            assert isinstance(await one.submit(), SubmitSmResp)

    async def test_the_smsc_says_goodbye(self, smsc: Smsc) -> None:
        """By way of a raw PDU: the simulator has no such order."""
        async with linked(smsc.port) as one:
            (session,) = smsc.centre.sessions
            session.write(bytes.fromhex("00000010 00000006 00000000 00000009"))
            smsc.server.flush()
            await until(lambda: one.told("lost"))
            assert one.told("lost") == ["the SMSC said goodbye; 0 submits unanswered"]
            await until(lambda: len(one.told("bound")) == 2)

    async def test_the_smsc_says_goodbye_in_the_middle_of_a_window(self, smsc: Smsc) -> None:
        async with linked(smsc.port, PATIENT) as one:
            smsc.order(answer_delay_s=100)
            submitting = asyncio.ensure_future(gathered(one, 5))
            await until(lambda: len(smsc.texts()) == 5)
            (session,) = smsc.centre.sessions
            session.write(bytes.fromhex("00000010 00000006 00000000 00000009"))
            smsc.server.flush()
            assert [type(answer) for answer in await submitting] == [UnansweredError] * 5
            assert one.told("lost") == ["the SMSC said goodbye; 5 submits unanswered"]
            smsc.order(answer_delay_s=0)
            await until(lambda: one.link.is_bound, "it comes back")
            assert isinstance(await one.submit(), SubmitSmResp)

    @pytest.mark.parametrize(
        ("stable_s", "longest_s"), [(0.0, 0.25), (60.0, 1.55)], ids=["after good ones", "after bad"]
    )
    async def test_retries_after_good_connections_stay_fast(
        self, smsc: Smsc, monkeypatch: pytest.MonkeyPatch, stable_s: float, longest_s: float
    ) -> None:
        """Five times cut: with full jitter at its worst each rest is the first one, or each is twice the last."""
        monkeypatch.setattr(links, "STABLE_S", stable_s)
        monkeypatch.setattr(pace, "RETRY_FIRST_S", 0.05)
        monkeypatch.setattr(links.random, "random", lambda: 1.0)
        async with linked(smsc.port) as one:
            begun = asyncio.get_running_loop().time()
            for bind in range(1, 6):
                smsc.order(disconnect=True)
                await until(lambda bind=bind: len(one.told("bound")) == bind + 1)
            assert longest_s * 0.75 < asyncio.get_running_loop().time() - begun < longest_s * 3

    async def test_gone_and_back(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            await smsc.go()
            await until(lambda: len(one.told("unreachable")) >= 2, "it tries again")
            assert one.link.reserve(1) == 0
            await smsc.come()
            await until(lambda: one.link.is_bound)
            assert isinstance(await one.submit(), SubmitSmResp)

    async def test_nobody_there_when_it_begins(self, smsc: Smsc) -> None:
        await smsc.go()
        async with linked(smsc.port, bound=False) as one:
            await until(lambda: one.told("unreachable"))
            await smsc.come()
            await until(lambda: one.link.is_bound)

    async def test_a_slot_of_a_link_that_is_gone_was_not_sent(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            assert one.link.reserve(2) == 2
            await smsc.go()
            await until(lambda: not one.link.is_bound)
            assert isinstance(await one.submit_reserved(), NotSentError)
            await smsc.come()
            await until(lambda: one.link.is_bound)
            assert one.link.free_slots == QUICK.window - 1
            one.link.release(1)
            assert one.link.free_slots == QUICK.window


class TestBindRefused:
    async def test_a_wrong_password_is_said_and_tried_again_slowly(
        self, smsc: Smsc, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(links, "RETRY_CONFIGURATION_S", 0.3)
        smsc.order(bind_status="RINVPASWD")
        async with linked(smsc.port, bound=False) as one:
            loop = asyncio.get_running_loop()
            await until(lambda: one.told("refused"))
            begun = loop.time()
            assert "0x0E RINVPASWD: password refused; compare GATEWAY_SMPP with" in one.told("refused")[0]
            assert one.told("lost") == []
            smsc.order(bind_status=0)
            await until(lambda: one.link.is_bound)
            assert loop.time() - begun > 0.25

    async def test_already_bound_passes_by_itself(self, smsc: Smsc) -> None:
        smsc.order(bind_status="RALYBND")
        async with linked(smsc.port, bound=False) as one:
            await until(lambda: one.told("refused"))
            assert "GATEWAY_SMPP" not in one.told("refused")[0]
            smsc.order(bind_status=0)
            await until(lambda: one.link.is_bound)
