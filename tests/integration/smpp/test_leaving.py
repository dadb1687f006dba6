"""How a link leaves: for good, for a while, and when somebody does not let it go. What was begun is finished first."""

import asyncio

import pytest

from gateway.smpp import link as links
from gateway.smpp.deliveries import Answer
from gateway.smpp.errors import UnansweredError
from gateway.smpp.pdu.messages import DataSm, DeliverSm, SubmitSmResp
from simulator.smsc.deliveries import Fate
from tests.integration.smpp.peers import PATIENT, Smsc, linked, until

pytestmark = pytest.mark.anyio


class TestLeaving:
    async def test_what_is_in_work_is_finished_first(self, smsc: Smsc) -> None:
        async def slow(_: DeliverSm | DataSm, answer: Answer) -> None:
            await asyncio.sleep(0.1)
            assert answer(0)

        async with linked(smsc.port, PATIENT, slow) as one:
            smsc.order(answer_delay_s=0.1)
            delivery = smsc.text()
            submitting = asyncio.ensure_future(one.submit())
            await until(lambda: one.came and smsc.texts())
            await one.link.stop()
            assert isinstance(await submitting, SubmitSmResp)
            assert delivery.fate is Fate.ACKNOWLEDGED
            assert one.told("left") == ["we said goodbye; 0 submits unanswered"]
            assert smsc.bound == 0
        passed = [seen.octets[7] for seen in smsc.centre.trace.after(0, None) if seen.way == "in"]
        assert passed[-1] == 0x06, "unbind is the last that we say"

    async def test_a_text_that_comes_while_we_leave_waits_at_the_smsc(self, smsc: Smsc) -> None:
        smsc.order(delivery_retry_s=100)
        go_on = asyncio.Event()

        async def slow(_: DeliverSm | DataSm, answer: Answer) -> None:
            await go_on.wait()
            answer(0)

        async with linked(smsc.port, PATIENT, slow) as one:
            first = smsc.text("first")
            await until(lambda: one.came)
            leaving = asyncio.ensure_future(one.link.stop())
            await until(lambda: one.link.free_slots == 0)
            second = smsc.text("second")
            await until(lambda: second.status == PATIENT.not_now)
            go_on.set()
            await leaving
            assert (first.fate, second.fate, len(one.came)) == (Fate.ACKNOWLEDGED, Fate.WAITING, 1)

    async def test_a_handler_that_hangs_does_not_keep_it(self, smsc: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(links, "DRAIN_S", 0.1)
        ended = []

        async def hang(_: DeliverSm | DataSm, __: Answer) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        async with linked(smsc.port, handler=hang) as one:
            smsc.text()
            await until(lambda: one.came)
        assert ended == [True]

    async def test_an_smsc_that_hangs_does_not_keep_it(self, smsc: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(links, "GOODBYE_S", 0.1)
        async with linked(smsc.port, PATIENT):
            smsc.order(silence=True)
            begun = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - begun < 1

    async def test_paused_it_is_away_and_texts_wait(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            one.link.pause()
            assert one.link.free_slots == 0
            await until(lambda: smsc.bound == 0)
            delivery = smsc.text()
            one.link.pause()
            await asyncio.sleep(0.05)
            assert delivery.fate is Fate.WAITING
            one.link.resume()
            await until(lambda: delivery.fate is Fate.ACKNOWLEDGED)
            assert one.told("lost") == []

    async def test_paused_before_it_was_bound(self, smsc: Smsc) -> None:
        async with linked(smsc.port, bound=False) as one:
            one.link.pause()
            await asyncio.sleep(0.05)
            assert smsc.bound == 0
            one.link.resume()
            await until(lambda: one.link.is_bound)

    async def test_stopped_while_paused(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            one.link.pause()
            await until(lambda: smsc.bound == 0)

    async def test_cancelled_it_leaves_nothing_behind(self, smsc: Smsc) -> None:
        async with linked(smsc.port) as one:
            waiting = asyncio.ensure_future(one.submit())
            smsc.order(silence=True)
            await until(lambda: smsc.texts())
            one.running.cancel()
            assert isinstance(await waiting, UnansweredError)
            await until(lambda: smsc.centre.sessions == [])
            one.running = asyncio.ensure_future(asyncio.sleep(0))

    async def test_stopped_before_it_ran(self, smsc: Smsc) -> None:
        async with linked(smsc.port, bound=False) as one:
            await one.link.stop()
            assert smsc.bound == 0
            assert one.told("bound") == []
