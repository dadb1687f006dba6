"""Sends what waits: takes messages from the outbox as links have room, and writes down what became of each.

Decides which message goes when, and what an SMSC's answer makes of it. A message is `sending` in the store before
anything of it is on a wire, and no link has more of those than its window: so at most one window is in doubt when a
link or this process dies (decision 0010). What the SMSC answered is written down before the slot is used again.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gateway.clock import ProgrammeClock
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import GatewayError
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.pdu.messages import SubmitSm, SubmitSmResp
from gateway.smpp.pdu.status import Verdict, described
from gateway.smpp.settings import LinkSettings
from gateway.sms.kinds import Lane, WhenInDoubt
from gateway.sms.lanes import Shares
from gateway.sms.ports import Message, Reservation
from gateway.sms.submission import submissions
from gateway.store.outbox import Claim, MessageState, Outbox, Settled

LOOK_S = 1.0
"""How often the outbox is looked at without being told: for what other gateways, or ourselves before a death, left."""
CLAIM_MAX = 64  # messages of one claim: one batch of settling
TRIES_MAX = 200
"""More than any lifetime needs at the slowest back-off; a message that comes so far needs a person."""
BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 60.0
AWAIT_RECEIPT_S = 300.0
"""Receipts come within minutes of delivery, to a phone that is on."""
LEFT_ALONE_RESTS = {
    WhenInDoubt.RESEND: timedelta(seconds=2),
    WhenInDoubt.AWAIT_RECEIPT: timedelta(seconds=AWAIT_RECEIPT_S),
}
"""Before a message is sent again whose lease ended: when the store was away for longer than the lease, whoever sent it
lives, has the answer, and writes it down in this time."""
SETTLE_AGAIN_S = 0.5
"""While the store is away: what was answered is kept here until it is written down, and its slot with it."""
LEASE_MARGIN_S = 5.0


class LinkPort(Protocol):
    """What the sender needs of a link."""

    @property
    def settings(self) -> LinkSettings:
        """Where it leads."""
        ...

    @property
    def free_slots(self) -> int:
        """How many submits may begin now; 0 while it is not bound."""
        ...

    def reserve(self, count: int) -> int:
        """Keep so many slots, or fewer; how many."""
        ...

    def release(self, count: int) -> None:
        """Give slots back."""
        ...

    async def submit(self, pdu: SubmitSm) -> SubmitSmResp:
        """Send over a slot that was reserved. Raises `NotSentError` or `UnansweredError`."""
        ...


class Texts(Protocol):
    """The wording of messages."""

    async def text_of(self, message: Message) -> str:
        """What a message says, the same each time. Raises `ConfigurationError` when nobody can say it any more."""
        ...


Told = Callable[[str, Message], None]
"""Is told each state that a message comes to."""


class Sender:
    """All links of this process, and the outbox behind them."""

    def __init__(
        self,
        outbox: Outbox,
        texts: Texts,
        clock: ProgrammeClock,
        node: str,
        told: Told,
        reach: Reach = pass_by,
    ) -> None:
        self._outbox = outbox
        self._texts = texts
        self._clock = clock
        self._node = node
        self._told = told
        self._reach = reach
        self._links: list[LinkPort] = []
        self._sending: dict[str, int] = {}
        self._shares: dict[str, Shares] = {}
        self._owners = 0
        self._reserved: dict[str, LinkPort] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()
        self._freed = asyncio.Event()
        self._waiting: set[str] = set()
        """SMSCs for which something may wait in the outbox."""

    def add(self, link: LinkPort) -> None:
        """Send over this link as well."""
        self._links.append(link)
        self._sending[link.settings.shown] = 0
        self._shares.setdefault(link.settings.smsc, Shares())
        self._waiting.add(link.settings.smsc)

    def freed(self) -> None:
        """A link has room, or is bound again."""
        self._freed.set()
        if self._waiting:
            self._awake.set()

    def wake(self, smsc: str) -> None:
        """Something waits in the outbox."""
        self._waiting.add(smsc)
        self._awake.set()

    def reserve(self, smsc: str) -> Reservation | None:
        """A slot for the answer to a text that is being taken, or None: then the answer waits in the outbox."""
        link = max(self._of(smsc), key=self._room, default=None)
        if link is None or self._room(link) < 1 or not link.reserve(1):
            return None
        reservation = Reservation(self._new_owner(), _lease_until(link))
        self._reserved[reservation.owner] = link
        self._sending[link.settings.shown] += 1
        return reservation

    def give_back(self, reservation: Reservation) -> None:
        """The slot is not needed."""
        link = self._reserved.pop(reservation.owner)
        self._done(link)
        link.release(1)

    def send(self, message: Message, at: datetime) -> None:
        """Send a message that was born with a reservation."""
        self._spawn(self._reserved.pop(message.owner), message, at)

    async def run(self) -> None:
        """Until cancelled: look for what waits, whenever there is room for it."""
        loop = asyncio.get_running_loop()
        looks_at = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(looks_at):
                    await self._awake.wait()
            self._awake.clear()
            try:
                if loop.time() >= looks_at:
                    looks_at = loop.time() + LOOK_S
                    await self._look()
                for link in list(self._links):
                    if link.settings.smsc in self._waiting:
                        await self._claim(link)
            except GatewayError as error:
                if not error.retryable:
                    raise
                looks_at = loop.time() + LOOK_S

    async def finish(self, patience_s: float) -> None:
        """Let what is on the wire be answered and written down; what is not by then stays leased."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look(self) -> None:
        expired, in_doubt = await self._outbox.tidy(await self._clock.at(), LEFT_ALONE_RESTS)
        if expired or in_doubt:
            logging.warning(LogEvent.OUTBOX_TIDIED, expired=expired, in_doubt=in_doubt)
        self._waiting |= {link.settings.smsc for link in self._links}

    async def _claim(self, link: LinkPort) -> None:
        """Take as many as the link has room for; lanes that have less leave their turns to the others."""
        smsc, at = link.settings.smsc, await self._clock.at()
        lanes: Iterable[Lane] = tuple(Lane)
        reserved = link.reserve(min((self._room(link) + 1) // 2, CLAIM_MAX))  # the rest is for answers meanwhile
        taken = 0
        try:
            while taken < reserved and lanes:
                turns = self._shares[smsc].turns(reserved - taken, lanes)
                claim = Claim(smsc, turns, self._new_owner(), _lease_until(link), at)
                messages = await self._outbox.claim(claim)
                for message in messages:
                    taken += 1
                    self._sending[link.settings.shown] += 1
                    self._reach(CrashPoint.MESSAGE_CLAIMED)
                    self._spawn(link, message, at)
                got = {lane: sum(message.kind.lane is lane for message in messages) for lane in turns}
                lanes = [lane for lane, turn in turns.items() if turn and got[lane] == turn]
                if not lanes:
                    self._waiting.discard(smsc)
        finally:
            link.release(reserved - taken)

    def _spawn(self, link: LinkPort, message: Message, at: datetime) -> None:
        task = asyncio.get_running_loop().create_task(self._send(link, message, at))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """A bug of ours is loud; its message stays leased, and is in doubt when the lease ends."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logging.error(LogEvent.UNEXPECTED, error)

    async def _send(self, link: LinkPort, message: Message, at: datetime) -> None:
        """One message over a slot that is reserved, from its first open part to its last."""
        holds_slot = True
        try:
            try:
                text = await self._texts.text_of(message)
                pdus = submissions(message, text, link.settings, at)
            except (GatewayError, ValueError, KeyError) as error:
                again = isinstance(error, GatewayError) and error.retryable
                settled = Settled(message, link.settings.smsc, MessageState.PARKED, reason=type(error).__name__)
                await self._settle(replace(settled, state=MessageState.QUEUED) if again else settled, rests=again)
                return
            taken = message.parts_taken
            for number, pdu in enumerate(pdus, 1):
                if number in taken:
                    continue
                if not holds_slot and not await self._slot(link):
                    await self._settle(Settled(message, link.settings.smsc, MessageState.QUEUED, parts=len(pdus)))
                    return
                holds_slot = False  # `submit` frees it, whatever comes
                settled = await self._submit(link, message, pdu, number, len(pdus))
                taken |= {part for part, _ in settled.taken}
                if len(taken) == len(pdus):
                    settled = replace(settled, state=MessageState.SENT)
                await self._settle(settled, rests=settled.state is MessageState.QUEUED)
                if settled.state is not MessageState.SENDING:
                    return
            await self._settle(Settled(message, link.settings.smsc, MessageState.SENT, parts=len(pdus)))
        finally:
            if holds_slot:
                link.release(1)
            self._done(link)

    async def _submit(self, link: LinkPort, message: Message, pdu: SubmitSm, number: int, total: int) -> Settled:
        """What became of one part; `SENDING` when it was taken."""
        settled = Settled(message, link.settings.smsc, MessageState.SENDING, parts=total)
        try:
            answer = await link.submit(pdu)
        except ValueError as error:  # it does not fit the wire, and never will
            return replace(settled, state=MessageState.PARKED, reason=str(error))
        except NotSentError:
            return replace(settled, state=MessageState.QUEUED, reason="the link went away")
        except UnansweredError:
            rest_s = AWAIT_RECEIPT_S if message.kind.when_in_doubt is WhenInDoubt.AWAIT_RECEIPT else 0.0
            rest_until = datetime.now(UTC) + timedelta(seconds=rest_s)
            return replace(settled, state=MessageState.IN_DOUBT, reason="not answered", rest_until=rest_until)
        self._reach(CrashPoint.MESSAGE_ANSWERED)
        reason = "" if answer.status == 0 else described(answer.status)
        match link.settings.verdict(answer.status):
            case Verdict.OK:
                return replace(settled, taken=((number, answer.message_id),), rest_until=_lease_until(link))
            case Verdict.RETRY | Verdict.THROTTLE if message.tries < TRIES_MAX:
                return replace(settled, state=MessageState.QUEUED, reason=reason)
            case Verdict.DESTINATION_BAD:
                return replace(settled, state=MessageState.FAILED, reason=reason)
            case _:
                return replace(settled, state=MessageState.PARKED, reason=reason)

    async def _settle(self, settled: Settled, *, rests: bool = False) -> None:
        """Write it down, however long the store is away: what was answered must never be sent again."""
        if rests:
            pause_s = min(BACKOFF_FIRST_S * 2 ** min(settled.message.tries, 10), BACKOFF_MAX_S)
            rest_s = random.uniform(0, pause_s)  # noqa: S311 - spreads load, hides nothing
            settled = replace(settled, rest_until=datetime.now(UTC) + timedelta(seconds=rest_s))
            asyncio.get_running_loop().call_later(rest_s, self.wake, settled.smsc)
        while True:
            try:
                more = await self._outbox.settle(settled)
                break
            except GatewayError as error:
                if not error.retryable:
                    raise
                await asyncio.sleep(SETTLE_AGAIN_S)
        self._reach(CrashPoint.MESSAGE_SETTLED)
        if settled.state is not MessageState.SENDING:
            self._told(settled.state, settled.message)
        if settled.state is MessageState.IN_DOUBT or more:
            self.wake(settled.smsc)

    async def _slot(self, link: LinkPort) -> bool:
        """A slot for the next part, as soon as there is one; False when the link is gone."""
        while not link.reserve(1):
            self._freed.clear()
            try:
                async with asyncio.timeout(link.settings.response_s):
                    await self._freed.wait()
            except TimeoutError:
                return False
        return True

    def _of(self, smsc: str) -> list[LinkPort]:
        return [link for link in self._links if link.settings.smsc == smsc]

    def _room(self, link: LinkPort) -> int:
        """Messages that may begin on a link: those between two parts hold no slot, and count all the same."""
        return min(link.free_slots, link.settings.window - self._sending[link.settings.shown])

    def _done(self, link: LinkPort) -> None:
        self._sending[link.settings.shown] -= 1
        self.freed()

    def _new_owner(self) -> str:
        self._owners += 1
        return f"{self._node}/{self._owners}"


def _lease_until(link: LinkPort) -> datetime:
    """Until when nobody else may take a message for left alone: past the answer, or the end of waiting for it."""
    return datetime.now(UTC) + timedelta(seconds=2 * link.settings.response_s + LEASE_MARGIN_S)
