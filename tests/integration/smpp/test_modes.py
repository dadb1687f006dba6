"""Links that go one way, over TCP: the simulator's SMSC, which refuses what a mode forbids, and another codec."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.smpp.errors import NotSentError
from gateway.smpp.pdu.messages import Address, BindMode, SubmitSm, SubmitSmResp
from gateway.smpp.settings import LinkSettings
from simulator.smsc.deliveries import Fate
from simulator.smsc.session import State
from tests.integration.smpp.peers import PATIENT, PHONE, QUICK, SHORT, Smsc, linked, until
from tests.live.nursery import end
from tests.live.theirs import Theirs

pytestmark = pytest.mark.anyio

ENQUIRE_LINK_RESP = bytes.fromhex("80000015")


def one_way(mode: BindMode, settings: LinkSettings = QUICK) -> LinkSettings:
    return replace(settings, bind=mode)


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Theirs]:
    running = Theirs(tmp_path, PHONE)
    yield running
    end(running.process)


@pytest.mark.parametrize("mode", BindMode)
async def test_each_is_bound_so_and_asks_and_leaves_in_peace(smsc: Smsc, mode: BindMode) -> None:
    async with linked(smsc.port, one_way(mode)) as one:
        assert [session.state for session in smsc.centre.sessions if session.is_bound] == [State(mode)]
        await until(
            lambda: any(seen.octets[4:8] == ENQUIRE_LINK_RESP for seen in smsc.centre.trace.after(0, None)),
            "the quiet SMSC was asked, and answered",
        )
    assert one.told("lost") == []
    assert one.told("left") == ["we said goodbye; 0 submits unanswered"]


async def test_a_receiver_offers_no_slot_and_sends_nothing(smsc: Smsc) -> None:
    async with linked(smsc.port, one_way(BindMode.RECEIVER)) as one:
        assert (one.link.free_slots, one.link.reserve(5)) == (0, 0)
        with pytest.raises(NotSentError, match="receiver: a receiver sends nothing; another link of this smsc does"):
            await one.link.submit(SubmitSm(0, SHORT, Address(PHONE, 1, 1), b"hi"))
        delivery = smsc.text()
        await until(lambda: delivery.fate is Fate.ACKNOWLEDGED)
        assert len(one.came) == 1
        assert smsc.texts() == []


async def test_a_transmitter_sends_and_its_receipts_come_by_the_receiver(smsc: Smsc) -> None:
    async with (
        linked(smsc.port, one_way(BindMode.TRANSMITTER)) as out,
        linked(smsc.port, one_way(BindMode.RECEIVER)) as into,
    ):
        answer = await out.submit(b"hi", out.link.settings.registered_delivery)
        assert isinstance(answer, SubmitSmResp)
        await until(lambda: into.came, "the receipt came")
        assert f"id:{answer.message_id} ".encode() in into.came[0].payload
        delivery = smsc.text()
        await until(lambda: delivery.fate is Fate.ACKNOWLEDGED)
        assert len(into.came) == 2
        assert out.came == []


async def test_another_codec_takes_a_pair(theirs: Theirs) -> None:
    """smpp34 as the SMSC. Of a receiver it does not hear the answers, its own client's neither."""
    async with linked(theirs.port, one_way(BindMode.RECEIVER, PATIENT)) as into:
        await until(lambda: into.came, "the text came")
        assert into.came[0].payload.decode("utf-16-be") == "Баланс"
        async with linked(theirs.port, one_way(BindMode.TRANSMITTER, PATIENT)) as out:
            answer = await out.submit(b"hi")
            assert isinstance(answer, SubmitSmResp)
            assert (answer.status, answer.message_id) == (0, "A1")
    await until(lambda: len(theirs.said("unbound")) == 2, "both goodbyes were heard")
