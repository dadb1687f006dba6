"""Shows what was asked to be shown unasked: takes pushes from their queue, opens a session for each, hands over its
first screen.

A push is worth its moment: it is shown once or not at all, and what nobody knows the fate of is left in doubt. It
waits, until its time is over, only while it was on no wire. What a subscriber answers comes back as a hop of the
session, over whatever link, and `UssdLinks` goes on with it.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from gateway.errors import GatewayError
from gateway.smpp import ussd
from gateway.smpp.port import SubmitPort
from gateway.store.pushes import Pushes, PushSettled, PushState, PushTaken
from gateway.ussd.answered import Answered, How
from gateway.ussd.handover import COMES_AGAIN_S, HAND_OVER_S, Fate, Handover, Outcome
from gateway.ussd.hops import Hops
from gateway.ussd.links import ANSWER_S, dialect_of, profile_of
from gateway.ussd.message import Kind, UssdRequest

LOOK_S = 0.5
"""How often the queue is looked at: whoever asks for a push looks at a phone."""
TIDY_S = 2.0
"""How often what is too old is ended, and what was left alone."""
SHOWING_MAX = 16
"""At once, of one process: a session costs a network more than a text, and dialling goes first."""
REST_S = 2.0
"""Before a push is tried again that was on no wire."""
LEASE = timedelta(seconds=ANSWER_S + HAND_OVER_S + COMES_AGAIN_S + 15)
"""Longer than showing one may take, and writing down what became of it."""
SETTLE_AGAIN_S = 0.5

Told = Callable[[str, PushTaken, str], None]
"""Is told each state that a push comes to, and why."""


class Pushing:
    """The pushes of all links of this process that speak USSD. `source` is whom they come from, where a link does not
    say."""

    def __init__(
        self, hops: Hops, pushes: Pushes, handover: Handover, source: Callable[[], str], node: str, told: Told
    ) -> None:
        self._hops = hops
        self._pushes = pushes
        self._handover = handover
        self._source = source
        self._node = node
        self._told = told
        self._links: list[SubmitPort] = []
        self._owners = itertools.count(1)
        self._showing: set[asyncio.Task[None]] = set()
        self._tidies_at = 0.0

    def add(self, link: SubmitPort) -> None:
        """Show over this link as well."""
        self._links.append(link)

    async def run(self) -> None:
        """Until cancelled: show what waits, while a link is there for it."""
        while True:
            with suppress(GatewayError):  # a store that is away: what waits, waits
                await self._look()
            await asyncio.sleep(LOOK_S)

    async def finish(self, patience_s: float) -> None:
        """Let what is on its way come to its end. What does not is in doubt, once its lease is over."""
        if self._showing:
            await asyncio.wait(self._showing, timeout=patience_s)
        for task in self._showing:
            task.cancel()
        await asyncio.gather(*self._showing, return_exceptions=True)

    async def _look(self) -> None:
        at = await self._hops.clock.at()
        if time.monotonic() >= self._tidies_at:
            await self._pushes.tidy(at)
            self._tidies_at = time.monotonic() + TIDY_S
        smscs = {link.settings.smsc for link in self._links if link.is_bound}
        room = SHOWING_MAX - len(self._showing)
        if not smscs or room <= 0:
            return
        owner = f"{self._node}/push/{next(self._owners)}"
        for push in await self._pushes.claim(sorted(smscs), room, owner, datetime.now(UTC) + LEASE, at):
            task = asyncio.create_task(self._show(self._roomiest(push.smsc), push))
            self._showing.add(task)
            task.add_done_callback(self._showing.discard)

    def _roomiest(self, smsc: str | None) -> SubmitPort:
        """Of the links that may show a push."""
        fit = (link for link in self._links if smsc in {None, link.settings.smsc})
        return max(fit, key=lambda link: (link.is_bound, link.free_slots))

    async def _show(self, link: SubmitPort, push: PushTaken) -> None:
        settled = await self._shown(link, push)
        for _ in range(int(LEASE.total_seconds() / SETTLE_AGAIN_S)):
            try:
                await self._pushes.settle(push, settled, link.settings.smsc, await self._hops.clock.at())
                break
            except GatewayError:
                await asyncio.sleep(SETTLE_AGAIN_S)  # the store is away: what was shown is written down when it is back
        self._told(settled.state, push, settled.reason)

    async def _shown(self, link: SubmitPort, push: PushTaken) -> PushSettled:
        """Open the session, and hand its screen over."""
        began, name = time.perf_counter(), dialect_of(link.settings)
        session = ussd.new_session(link.settings, random.SystemRandom().getrandbits)
        request = UssdRequest(
            session_id=f"{link.settings.smsc} {session}",
            msisdn=push.msisdn,
            kind=Kind.PUSHED,
            text=push.push,
            hop=f"{Kind.PUSHED} {push.push_id}",
            push_id=push.push_id,
            language=push.language,
        )
        answered = await self._hops.in_time(name, request, profile_of(link.settings))
        self._hops.tell(name, request, answered, time.perf_counter() - began)
        if answered.failure is not None or answered.how not in {How.NEW, How.REPLAY}:
            return _unopened(answered)
        turn = self._handover.begin((name, request.session_id, push.msisdn))
        try:
            reply, source = answered.reply, link.settings.ussd_source or self._source()
            screen = ussd.push(link.settings, push.msisdn, source, session, reply.text, ends=reply.ends)
            outcome = await self._handover.show(turn, link, screen)
            if outcome.fate not in {Fate.SHOWN, Fate.OVERTAKEN}:
                await self._hops.conversation.withdraw(name, request)
            return _settled(outcome, session)
        finally:
            self._handover.end((name, request.session_id, push.msisdn), turn)


def _unopened(answered: Answered) -> PushSettled:
    """Nobody is told that we cannot answer who asked nothing: the push waits, or has no menu to come from."""
    failure = answered.failure
    if failure is not None and not failure.retryable:
        return PushSettled(PushState.REFUSED, str(failure))
    return _waiting(str(failure or "the subscriber has a session of that name"))


def _settled(outcome: Outcome, session: str) -> PushSettled:
    match outcome.fate:
        case Fate.SHOWN:
            return PushSettled(PushState.SHOWN, session=session)
        case Fate.OVERTAKEN:
            return PushSettled(PushState.ANSWERED, session=session)
        case Fate.REFUSED:
            return PushSettled(PushState.REFUSED, outcome.why, session)
        case Fate.UNSENT:
            return _waiting(outcome.why)
        case Fate.UNANSWERED:
            return PushSettled(PushState.IN_DOUBT, outcome.why, session)


def _waiting(why: str) -> PushSettled:
    return PushSettled(PushState.QUEUED, why, rest_until=datetime.now(UTC) + timedelta(seconds=REST_S))
