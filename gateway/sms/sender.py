"""Sends what waits: takes messages from the outbox as links have room, and writes down what became of each.

Decides which message goes when, and what an SMSC's answer makes of it. A message is `sending` in the store before
anything of it is on a wire, and no link has more of those than its window: so at most one window is in doubt when a
link or this process dies (decision 0010). What the SMSC answered is written down before the slot is used again.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gateway.clock import ProgrammeClock
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import GatewayError
from gateway.log_events import LogEvent
from gateway.observability import logging
from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.pdu.status import Verdict
from gateway.sms.kinds import Lane, WhenInDoubt
from gateway.sms.lanes import Shares
from gateway.sms.outgoing import LinkPort, Part
from gateway.sms.ports import Message, Reservation
from gateway.sms.standing_in import StandIns
from gateway.store.outbox import Claim, MessageState, Outbox, Settled

LOOK_S = 1.0
"""How often the outbox is looked at without being told: for what other gateways, or ourselves before a death, left."""
CLAIM_MAX = 64  # messages of one claim: one batch of settling
TRIES_MAX = 200
"""More than any lifetime needs at the slowest back-off; a message that comes so far needs a person."""
BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 60.0
THROTTLED_REST_S = 1.0
"""The link waits for itself, and goes on slower; a message that also rested longer each time would fall behind all."""
AWAIT_RECEIPT_S = 300.0
"""Receipts come within minutes of delivery, to a phone that is on."""
LEFT_ALONE_RESTS = {
    WhenInDoubt.RESEND: timedelta(seconds=2),
    WhenInDoubt.AWAIT_RECEIPT: timedelta(seconds=AWAIT_RECEIPT_S),
}
"""Before a message is sent again whose lease ended: when the store was away for longer than the lease, whoever sent it
lives, has the answer, and writes it down in this time."""
DOUBT_REST_S = 15.0
WORDLESS_TRIES_MAX = 5
"""Of a message whose words we cannot say: a newer release beside us may, so it is left a few times, then parked."""
SETTLE_TRIES_MAX = 20
"""Of an error that time does not heal, a full disk say; the store's absence is waited for without end."""
SETTLE_AGAIN_S = 0.5
"""While the store is away: what was answered is kept here until it is written down, and its slot with it."""
LEASE_MARGIN_S = 5.0


class Texts(Protocol):
    """The wording of messages."""

    async def text_of(self, message: Message) -> str:
        """What a message says, the same each time. Raises `ConfigurationError` when nobody can say it any more."""
        ...


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message, or of one part of it. `message_id` is the SMSC's, for what it took; one that waits, or
    is in doubt, is not sent again before `rest_s`."""

    state: MessageState
    message_id: str | None = None
    reason: str = ""
    rest_s: float = 0.0


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
        self._stand_ins = StandIns(time.monotonic)
        self._owners = 0
        self._reserved: dict[str, LinkPort] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()
        self._freed = asyncio.Event()
        self._stopping = False
        self._waiting: set[str] = set()
        """SMSCs for which something may wait in the outbox."""

    def add(self, link: LinkPort) -> None:
        """Send over this link as well."""
        self._links.append(link)
        self._sending[link.settings.shown] = 0
        self._shares.setdefault(link.settings.smsc, Shares())
        self._stand_ins.add(link)
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
        if self._stopping or link is None or self._room(link) < 1 or not link.reserve(1):
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
                    for smsc in self._stand_ins.served_by(link.settings):
                        if smsc in self._waiting:
                            await self._claim(link, smsc)
            except GatewayError as error:
                if not error.retryable:
                    raise
                looks_at = loop.time() + LOOK_S

    async def drain(self, patience_s: float) -> None:
        """Begin nothing more, and let what is on the wire be answered and written down."""
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)

    async def finish(self, patience_s: float) -> None:
        """The links are gone: write down what is known. What cannot be written stays leased, and is in doubt later."""
        await self.drain(patience_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look(self) -> None:
        for change in self._stand_ins.look():
            logging.warning(LogEvent.STAND_IN, smsc=change.smsc, by=change.by, begins=change.begins)
        expired, in_doubt = await self._outbox.tidy(await self._clock.at(), LEFT_ALONE_RESTS)
        if expired or in_doubt:
            logging.warning(LogEvent.OUTBOX_TIDIED, expired=expired, in_doubt=in_doubt)
        self._waiting |= {link.settings.smsc for link in self._links}

    async def _claim(self, link: LinkPort, smsc: str) -> None:
        """Take as many as the link has room for, of what waits for an SMSC, its own or one that it stands in for; lanes
        that have less leave their turns to the others."""
        by, at = link.settings.smsc, await self._clock.at()
        lanes: Iterable[Lane] = tuple(Lane)
        reserved = link.reserve(min((self._room(link) + 1) // 2, CLAIM_MAX))  # the rest is for answers meanwhile
        if not reserved:
            return
        taken = 0
        try:
            while taken < reserved and lanes:
                turns = self._shares[by].turns(reserved - taken, lanes)
                claim = Claim(smsc, by, turns, self._new_owner(), _lease_until(link), at)
                messages = await self._outbox.claim(claim)
                for message in messages:
                    taken += 1
                    self._sending[link.settings.shown] += 1
                    self._reach(CrashPoint.MESSAGE_CLAIMED)
                    self._spawn(link, message, at)
                got = {lane: sum(message.kind.lane is lane for message in messages) for lane in turns}
                lanes = [lane for lane, turn in turns.items() if got[lane] == turn]
                if not lanes:
                    self._waiting.discard(smsc)
        finally:
            if taken < reserved:
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
            parts = await self._parts(link, message, at)
            if parts is None:
                return
            taken = set(message.parts_taken)
            for number, part in enumerate(parts, 1):
                if number in taken:
                    continue
                if not holds_slot and not await self._slot(link):
                    await self._settle(link, message, Fate(MessageState.QUEUED), len(parts))
                    return
                holds_slot = False  # sending it frees it, whatever comes
                fate = await self._submit(message, part)
                if fate.message_id is not None:
                    taken.add(number)
                    fate = Fate(MessageState.SENT if len(taken) == len(parts) else fate.state, fate.message_id)
                if not await self._settle(link, message, fate, len(parts), number):
                    return
            if len(message.parts_taken) == len(parts):  # the last death came between the last answer and this
                await self._settle(link, message, Fate(MessageState.SENT), len(parts))
        finally:
            if holds_slot:
                link.release(1)
            self._done(link)

    async def _parts(self, link: LinkPort, message: Message, at: datetime) -> Sequence[Part] | None:
        """What to send; None, and the message is settled, when that cannot be said."""
        try:
            return link.parts(message, await self._texts.text_of(message), at)
        except (GatewayError, ValueError, KeyError) as error:
            again = isinstance(error, GatewayError) and (error.retryable or message.tries < WORDLESS_TRIES_MAX)
            state = MessageState.QUEUED if again else MessageState.PARKED
            await self._settle(link, message, Fate(state, reason=type(error).__name__, rest_s=_backoff_s(message)))
            return None

    async def _submit(self, message: Message, part: Part) -> "Fate":
        """What became of one part."""
        try:
            said = await part()
        except ValueError as error:  # it does not fit the wire, and never will
            return Fate(MessageState.PARKED, reason=str(error))
        except NotSentError:
            return Fate(MessageState.QUEUED, reason="the link went away", rest_s=_backoff_s(message))
        except UnansweredError:
            return Fate(MessageState.IN_DOUBT, reason="not answered", rest_s=_doubt_rest_s(message))
        self._reach(CrashPoint.MESSAGE_ANSWERED)
        match said.verdict:
            case Verdict.OK:
                return Fate(MessageState.SENDING, said.message_id)
            case Verdict.THROTTLE if message.tries < TRIES_MAX:
                return Fate(MessageState.QUEUED, reason=said.reason, rest_s=THROTTLED_REST_S)
            case Verdict.RETRY if message.tries < TRIES_MAX:
                return Fate(MessageState.QUEUED, reason=said.reason, rest_s=_backoff_s(message))
            case Verdict.DESTINATION_BAD:
                return Fate(MessageState.FAILED, reason=said.reason)
            case _:
                return Fate(MessageState.PARKED, reason=said.reason)

    async def _settle(self, link: LinkPort, message: Message, fate: "Fate", parts: int = 0, number: int = 0) -> bool:
        """Write it down, however long the store is away: what was answered must never be sent again. Whether the
        message may be gone on with."""
        for attempt in itertools.count(1):
            try:
                after = await self._outbox.settle(self._settled(link, message, fate, parts, number))
                break
            except Exception as error:
                if not (isinstance(error, GatewayError) and error.retryable):
                    logging.error(LogEvent.UNEXPECTED, error)
                    if attempt >= SETTLE_TRIES_MAX:
                        raise
                await asyncio.sleep(SETTLE_AGAIN_S)
        self._reach(CrashPoint.MESSAGE_SETTLED)
        if fate.state is not MessageState.SENDING:
            self._told(fate.state, message)
        if fate.rest_s:
            asyncio.get_running_loop().call_later(fate.rest_s, self.wake, link.settings.smsc)
        elif after.more or fate.state in {MessageState.IN_DOUBT, MessageState.QUEUED}:
            for smsc in self._stand_ins.served_by(link.settings):
                self.wake(smsc)
        return after.ours

    def _settled(self, link: LinkPort, message: Message, fate: "Fate", parts: int, number: int) -> Settled:
        """As the store takes it; a lease and a rest count from now."""
        rest_until = datetime.now(UTC) + timedelta(seconds=fate.rest_s)
        return Settled(
            message.message_id,
            message.owner,
            link.settings.smsc,
            fate.state,
            ((number, fate.message_id),) if fate.message_id is not None else (),
            parts or None,
            fate.reason,
            _lease_until(link) if fate.state is MessageState.SENDING else rest_until if fate.rest_s else None,
        )

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


def _backoff_s(message: Message) -> float:
    """Full jitter, so that what was refused together does not come back together."""
    longest_s = min(BACKOFF_FIRST_S * 2 ** min(message.tries, 10), BACKOFF_MAX_S)
    return random.uniform(0, longest_s)  # noqa: S311 - spreads load, hides nothing


def _doubt_rest_s(message: Message) -> float:
    """At once the first time; then longer, since an SMSC that answers late has the message already."""
    if message.kind.when_in_doubt is WhenInDoubt.AWAIT_RECEIPT:
        return AWAIT_RECEIPT_S
    return message.doubts * DOUBT_REST_S


def _lease_until(link: LinkPort) -> datetime:
    """Until when nobody else may take a message for left alone: past the answer, or the end of waiting for it."""
    return datetime.now(UTC) + timedelta(seconds=2 * link.settings.response_s + LEASE_MARGIN_S)
