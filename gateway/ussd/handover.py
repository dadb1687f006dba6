"""Screens on their way to USSD gateways over SMPP: a slot, the gateway's answer, and what overtakes a screen.

Decides who goes first where slots are few, how long a screen is worth sending, and that a session has one screen on its
way: its next hop overtakes what is still here. When a connection dies, the hop whose acknowledgement died with it comes
again, and then its screen goes with that one; what nothing overtakes was lost.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.msisdn import Msisdn
from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.pdu.messages import SubmitSm
from gateway.smpp.pdu.status import Verdict, described
from gateway.smpp.port import SubmitPort

HAND_OVER_S = 6.0
"""Of a screen, to find a slot and to be taken: what comes later finds nobody waiting."""
AGAIN_S = 0.5
"""Before a screen is sent again that the gateway did not take for now."""
COMES_AGAIN_S = 5.0
"""For a hop to come again after its connection has died: links come back within a second, and so does what waited."""
WAITING_MAX = 1000
"""Screens of one link that wait for a slot; a link so far behind loses its dialogues anyway."""

SessionName = tuple[str, str, Msisdn]
"""The dialect, the other side's session and the number."""


class Fate(StrEnum):
    """What became of a screen. `OVERTAKEN`: by the session's next hop, which proves that it was seen, or shows it
    again. `UNSENT`: it was on no wire. `UNANSWERED`: the gateway may have taken it."""

    SHOWN = "shown"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"
    UNSENT = "unsent"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A screen's fate, and why nobody saw it."""

    fate: Fate
    why: str = ""


class Handover:
    """The screens of all links of this process."""

    def __init__(self) -> None:
        self._waiting: dict[SubmitPort, deque[asyncio.Future[None]]] = {}
        self._overtaken: dict[SessionName, asyncio.Future[None]] = {}

    def begin(self, session: SessionName) -> "asyncio.Future[None]":
        """A hop came: it overtakes the session's last screen. To be given to `show`, or to `end`."""
        before = self._overtaken.get(session)
        if before is not None:
            before.set_result(None)
        self._overtaken[session] = turn = asyncio.get_running_loop().create_future()
        return turn

    def end(self, session: SessionName, turn: "asyncio.Future[None]") -> None:
        """The hop has no screen, or its screen has its fate."""
        if self._overtaken.get(session) is turn:
            del self._overtaken[session]

    async def show(self, turn: "asyncio.Future[None]", link: SubmitPort, screen: SubmitSm) -> Outcome:
        """Hand a screen over, in time."""
        carrying = asyncio.create_task(self._carry(link, screen))
        either: set[asyncio.Future[Any]] = {carrying, turn}
        try:
            await asyncio.wait(either, timeout=HAND_OVER_S, return_when=asyncio.FIRST_COMPLETED)
            if turn.done():
                return Outcome(Fate.OVERTAKEN)
            if not carrying.done():
                return Outcome(Fate.UNANSWERED, f"the gateway did not take it within {HAND_OVER_S:.0f} s")
            why = carrying.result()
        except (NotSentError, UnansweredError) as error:
            await asyncio.wait({turn}, timeout=COMES_AGAIN_S)
            fate = Fate.UNSENT if isinstance(error, NotSentError) else Fate.UNANSWERED
            return Outcome(Fate.OVERTAKEN) if turn.done() else Outcome(fate, str(error))
        finally:
            carrying.cancel()
        return Outcome(Fate.REFUSED, why) if why else Outcome(Fate.SHOWN)

    def freed(self) -> None:
        """A link has room."""
        for link, waiting in self._waiting.items():
            while waiting and (waiting[0].done() or link.reserve(1)):
                first = waiting.popleft()
                if not first.done():
                    first.set_result(None)

    async def _carry(self, link: SubmitPort, screen: SubmitSm) -> str:
        """Why the gateway did not take the screen; nothing when it did. Raises `NotSentError` or `UnansweredError`."""
        while True:
            await self._slot(link)
            response = await link.submit(screen)
            match link.settings.verdict(response.status):
                case Verdict.OK:
                    return ""
                case Verdict.RETRY | Verdict.THROTTLE:
                    await asyncio.sleep(AGAIN_S)  # the gateway asked for it
                case _:
                    return described(response.status)

    async def _slot(self, link: SubmitPort) -> None:
        """Return with a slot reserved. Raises `NotSentError` when too many wait."""
        waiting = self._waiting.setdefault(link, deque())
        if not waiting and link.reserve(1):
            return
        if len(waiting) >= WAITING_MAX:
            raise NotSentError(f"{WAITING_MAX} screens wait for {link.settings.shown} already")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the slot came as the time was up
                link.release(1)
            raise
