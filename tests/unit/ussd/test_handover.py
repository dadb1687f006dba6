"""Screens on their way to a USSD gateway over SMPP: who goes first, what overtakes a screen, and what loses one."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import pytest

from gateway.msisdn import Msisdn
from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.pdu.messages import Address, SubmitSm, SubmitSmResp
from gateway.smpp.pdu.status import Status
from gateway.smpp.settings import LinkSettings
from gateway.ussd import handover
from gateway.ussd.handover import Fate, Handover, SessionName

pytestmark = pytest.mark.anyio
SESSION: SessionName = ("smpp_standard", "main 1", Msisdn("+79210000001"))
OTHER: SessionName = ("smpp_standard", "main 2", Msisdn("+79210000001"))


def screen(text: bytes = b"1") -> SubmitSm:
    return SubmitSm(0, Address("*123#"), Address("79210000001"), text)


@dataclass(eq=False)
class Link:
    """A link that takes what is in `answers`, one after the other, and then everything."""

    settings: LinkSettings = field(default_factory=lambda: LinkSettings("smsc.example", "bolshe", "s3cret"))
    slots: int = 1
    answers: deque[int | Exception] = field(default_factory=deque)
    sent: list[bytes] = field(default_factory=list)
    hold: asyncio.Event | None = None
    is_bound: bool = True
    connections: int = 1

    def reserve(self, wanted: int) -> int:
        granted = min(wanted, self.slots)
        self.slots -= granted
        return granted

    def release(self, unused: int) -> None:
        self.slots += unused

    async def submit(self, pdu: SubmitSm) -> SubmitSmResp:
        self.sent.append(pdu.short_message)
        if self.hold is not None:
            await self.hold.wait()
        self.slots += 1
        answer = self.answers.popleft() if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return SubmitSmResp(1, answer)


async def test_a_screen_that_is_taken_was_shown() -> None:
    screens = Handover()
    assert (await screens.show(screens.begin(SESSION), Link(), screen())).fate is Fate.SHOWN


async def test_a_screen_that_is_refused_says_why() -> None:
    screens = Handover()
    outcome = await screens.show(screens.begin(SESSION), Link(answers=deque([Status.RINVDSTADR.value])), screen())
    assert outcome.fate is Fate.REFUSED
    assert "RINVDSTADR" in outcome.why


async def test_a_throttled_screen_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "AGAIN_S", 0.0)
    screens, link = Handover(), Link(answers=deque([Status.RTHROTTLED.value, Status.RMSGQFUL.value]))
    assert (await screens.show(screens.begin(SESSION), link, screen())).fate is Fate.SHOWN
    assert len(link.sent) == 3


async def test_a_gateway_that_takes_nothing_loses_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "HAND_OVER_S", 0.0)
    screens = Handover()
    outcome = await screens.show(screens.begin(SESSION), Link(hold=asyncio.Event()), screen())
    assert outcome.fate is Fate.UNANSWERED
    assert "did not take it within" in outcome.why


@pytest.mark.parametrize(
    ("error", "fate"),
    [(NotSentError("cut"), Fate.UNSENT), (UnansweredError("cut"), Fate.UNANSWERED)],
    ids=["unsent", "unanswered"],
)
async def test_a_screen_whose_line_was_cut_is_lost_unless_its_hop_comes_again(
    error: Exception, fate: Fate, monkeypatch: pytest.MonkeyPatch
) -> None:
    screens = Handover()
    monkeypatch.setattr(handover, "COMES_AGAIN_S", 0.0)
    lost = await screens.show(screens.begin(SESSION), Link(answers=deque([error])), screen())
    assert (lost.fate, lost.why) == (fate, "cut")
    monkeypatch.undo()
    first = asyncio.create_task(screens.show(screens.begin(SESSION), Link(answers=deque([error])), screen()))
    await turns()
    again = screens.begin(SESSION)
    assert (await first).fate is Fate.OVERTAKEN
    assert (await screens.show(again, Link(), screen())).fate is Fate.SHOWN


async def test_a_screen_that_waits_is_overtaken_and_never_sent() -> None:
    screens, link = Handover(), Link(slots=0)
    first = asyncio.create_task(screens.show(screens.begin(SESSION), link, screen(b"old")))
    await turns()
    second = asyncio.create_task(screens.show(screens.begin(SESSION), link, screen(b"new")))
    assert (await first).fate is Fate.OVERTAKEN
    link.slots = 1
    screens.freed()
    assert (await second).fate is Fate.SHOWN
    assert link.sent == [b"new"]
    assert link.slots == 1, "no slot is left behind"


async def test_another_session_of_the_number_overtakes_nothing() -> None:
    screens, link = Handover(), Link(slots=0)
    first = asyncio.create_task(screens.show(screens.begin(SESSION), link, screen(b"a")))
    second = asyncio.create_task(screens.show(screens.begin(OTHER), link, screen(b"b")))
    await turns()
    link.slots = 1
    screens.freed()
    assert (await first).fate is Fate.SHOWN
    screens.freed()
    assert (await second).fate is Fate.SHOWN
    assert link.sent == [b"a", b"b"], "first come, first served"


@pytest.mark.parametrize("later", range(5))
async def test_a_slot_that_comes_as_a_screen_is_overtaken_is_not_left_behind(later: int) -> None:
    screens, link = Handover(), Link(slots=0)
    waiting = asyncio.create_task(screens.show(screens.begin(SESSION), link, screen()))
    await turns()
    screens.begin(SESSION)
    await turns(later)
    link.slots = 1
    screens.freed()
    assert (await waiting).fate is Fate.OVERTAKEN
    await turns()
    assert link.slots == 1


async def test_no_more_screens_wait_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "WAITING_MAX", 1)
    monkeypatch.setattr(handover, "COMES_AGAIN_S", 0.0)
    screens, link = Handover(), Link(slots=0)
    first = asyncio.create_task(screens.show(screens.begin(SESSION), link, screen()))
    await turns()
    second = await screens.show(screens.begin(OTHER), link, screen())
    assert second.fate is Fate.UNSENT
    assert "wait for main bolshe@" in second.why
    first.cancel()


async def turns(count: int = 5) -> None:
    """Let what has begun go on, as far as it can."""
    for _ in range(count):
        await asyncio.sleep(0)  # a turn of the loop
