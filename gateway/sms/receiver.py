"""What comes over a link: texts of subscribers and receipts, each answered exactly once, in time.

Decides when the SMSC is told `ok`, and when `not now`: `ok` only after commit; `not now` when the store is away or
slower than an SMSC waits. Refuses to know what a link speaks. Remembers how each text was answered, since that is how
its repetition is told from a new text (decision 0009). When the store stays away, links say goodbye until it is back.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from gateway.clock import ProgrammeClock
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import GatewayError, StoreUnavailableError
from gateway.ids import IdempotencyKey
from gateway.log_events import LogEvent
from gateway.msisdn import Msisdn, masked
from gateway.observability import logging
from gateway.observability.metrics import Metrics
from gateway.smpp.settings import LinkSettings
from gateway.sms.conversation import Conversation
from gateway.sms.incoming import Heard, ReceiptHeard, ReceiptIgnored, TextHeard, TextIgnored
from gateway.sms.ports import Answer, Mo, Reservation, Taken
from gateway.sms.sender import Sender
from gateway.store.inbox import Answered, Inbox
from gateway.store.outbox import Outbox, ReceiptSeen

ANSWER_WITHIN_S = 4.0
"""Some SMSCs give up after 5 s; half a second is for the network and a busy node."""
NOTES_MAX = 10_000
"""Notes of how texts were answered that wait for the store; what is not noted is `unknown`, for ten minutes."""
NOTE_AGAIN_S = 0.5
LOOK_FOR_INCOMPLETE_S = 60.0
PROBE_S = 1.0

AnswerNow = Callable[[Answer], bool]
"""Answers the SMSC, once, in its own words; False when it cannot hear us any more."""


class Pausable(Protocol):
    """What the receiver needs of a link."""

    @property
    def settings(self) -> LinkSettings:
        """Where it leads."""
        ...

    def pause(self) -> None:
        """Unbind, and stay away."""
        ...

    def resume(self) -> None:
        """Bind again."""
        ...


@dataclass(frozen=True, slots=True)
class ReceiverParts:
    """What the receiver is made of. `digest` is keyed; `mint` draws what no other process draws; `probe` asks the
    store whether it is back."""

    conversation: Conversation
    inbox: Inbox
    outbox: Outbox
    sender: Sender
    clock: ProgrammeClock
    metrics: Metrics
    digest: Callable[[str], bytes]
    mint: Callable[[], IdempotencyKey]
    probe: Callable[[], Awaitable[object]]
    reach: Reach = pass_by


@dataclass(slots=True)
class _Outage:
    """How long the store has been failing, as texts see it."""

    since: float | None = None
    paused: list[Pausable] = field(default_factory=list)


class Receiver:
    """All links of this process."""

    def __init__(self, parts_: ReceiverParts) -> None:
        self._parts = parts_
        self._links: list[Pausable] = []
        self._taking: dict[bytes, asyncio.Task[Taken]] = {}
        self._latest: dict[Msisdn, asyncio.Task[Taken]] = {}
        """What each number texted last, while it is being taken: texts of one number are taken in their order."""
        self._noting: dict[bytes, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._outage = _Outage()

    def add(self, link: Pausable) -> None:
        """Say goodbye over this link as well, when the store stays away."""
        self._links.append(link)

    def converse_by(self, conversation: Conversation) -> None:
        """Texts that come from now on are understood by other keywords."""
        self._parts = replace(self._parts, conversation=conversation)

    async def deliver(self, heard: Heard, answer: AnswerNow) -> None:
        """Deal with one message and answer it."""
        began = time.monotonic()
        match heard:
            case TextHeard():
                await self._heard(heard, answer, began)
            case ReceiptHeard():
                await self._receipt(heard, answer)
            case ReceiptIgnored(how):
                answer(Answer.OK)
                self._parts.metrics.receipt(how)
            case TextIgnored(smsc, why, about):
                answer(Answer.OK)
                self._count(why, began)
                if why != "robot":  # a setting of the link, or of the SMSC, may be wrong
                    logging.warning(LogEvent.TEXT_IGNORED, why=why, about=masked(about), smsc=smsc)

    async def give_up_incomplete(self) -> None:
        """Until cancelled: give up long texts whose parts never came."""
        while True:
            with suppress(GatewayError):
                await self._give_up_incomplete()
            await asyncio.sleep(LOOK_FOR_INCOMPLETE_S)

    async def come_back(self) -> None:
        """Until cancelled: bind again when the store is back."""
        while True:
            await asyncio.sleep(PROBE_S)
            await self._come_back()

    async def finish(self, patience_s: float) -> None:
        """Let what was begun end."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _heard(self, heard: TextHeard, answer: AnswerNow, began: float) -> None:
        """A text, under what it has in common with its own repetitions."""
        try:
            about = f"{heard.smsc} {heard.msisdn} {heard.short_number} {heard.about}"
            identity = self._parts.digest(about)
        except StoreUnavailableError:  # not reached since this process began
            answer(Answer.NOT_NOW)
            self._fails()
            return
        mo = Mo(
            heard.smsc, heard.msisdn, heard.short_number, identity, heard.content, heard.part, is_named=heard.is_named
        )
        await self._text(mo, answer, began)

    async def _text(self, mo: Mo, answer: AnswerNow, began: float) -> None:
        """Take a text, or join whoever is taking the same one at this moment; then answer."""
        key = self._parts.mint()
        identity = mo.identity + bytes((mo.part.number,) if mo.part else ())
        if identity in self._noting:
            await self._noted(identity)
        taking = self._taking.get(identity)
        joined = taking is not None
        if taking is None:
            taking = self._begin(identity, mo, key)
        await asyncio.wait({taking}, timeout=max(began + ANSWER_WITHIN_S - time.monotonic(), 0))
        taken = _result(taking)
        how = Answer.OK if taken is not None else Answer.NOT_NOW
        if taken is not None:
            self._parts.reach(CrashPoint.TEXT_TAKEN)
        heard = answer(how)
        if taken is not None:
            self._parts.reach(CrashPoint.TEXT_ANSWERED)
        if not joined and (heard or how is Answer.NOT_NOW):
            self._noting[identity] = self._spawn(self._note(identity, mo, key, how, taking))
        self._tell(mo, taken, how, began)

    async def _noted(self, identity: bytes) -> None:
        """Wait until it is known how the same text was answered before: by that it is the same, or new."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while (noting := self._noting.get(identity)) is not None:
                    await asyncio.shield(noting)

    def _begin(self, identity: bytes, mo: Mo, key: IdempotencyKey) -> "asyncio.Task[Taken]":
        """Take a text, after what the same number texted before it."""
        taking = self._spawn(self._take(mo, key, self._latest.get(mo.msisdn)))
        self._taking[identity] = taking
        self._latest[mo.msisdn] = taking

        def forget(_: "asyncio.Task[Taken]") -> None:
            del self._taking[identity]
            if self._latest.get(mo.msisdn) is taking:
                del self._latest[mo.msisdn]

        taking.add_done_callback(forget)
        return taking

    async def _take(self, mo: Mo, key: IdempotencyKey, before: "asyncio.Task[Taken] | None") -> Taken:
        """Commit the text with its answer, and send that."""
        if before is not None:
            await asyncio.wait({before})
        sender = self._parts.sender
        reservation = sender.reserve(mo.smsc)
        taken = None
        try:
            at = await self._parts.clock.at()
            taken = await self._take_or_park(mo, key, reservation, at)
            self._works()
        except GatewayError as error:
            if error.retryable:
                self._fails()
            raise
        finally:
            if reservation is not None and (taken is None or taken.message is None):
                sender.give_back(reservation)
        if taken.message is not None:
            sender.send(taken.message, at)
        elif taken.waits:
            sender.wake(mo.smsc)
        return taken

    async def _take_or_park(self, mo: Mo, key: IdempotencyKey, reservation: Reservation | None, at: datetime) -> Taken:
        """A text that fails for a reason of its own would fail for ever: a person looks at it, and it is answered."""
        conversation = self._parts.conversation
        try:
            return await conversation.take(mo, key, reservation, at)
        except Exception as error:
            if isinstance(error, GatewayError) and error.retryable:
                raise
            logging.error(LogEvent.TEXT_PARKED, error)
            return await conversation.park(mo, self._parts.mint(), reservation, at)

    async def _note(
        self, identity: bytes, mo: Mo, key: IdempotencyKey, how: Answer, taking: "asyncio.Task[Taken]"
    ) -> None:
        """Keep how the SMSC was answered; for a text that was refused for now, once it is known what came of it."""
        try:
            if len(self._noting) > NOTES_MAX:
                return
            if not taking.done():
                await asyncio.wait({taking})
            taken = _result(taking)
            if taken is not None and taken.key is None:
                return  # a part that waits for the others
            noted = Answered(mo.msisdn, mo.identity, key if taken is None or taken.key is None else taken.key, how)
            while True:
                try:
                    await self._parts.inbox.answered(noted)
                    return
                except Exception as error:
                    if not (isinstance(error, GatewayError) and error.retryable):
                        logging.error(LogEvent.UNEXPECTED, error)
                        return  # it stays `unknown`, for ten minutes
                    await asyncio.sleep(NOTE_AGAIN_S)
        finally:
            if self._noting.get(identity) is asyncio.current_task():
                del self._noting[identity]

    async def _receipt(self, heard: ReceiptHeard, answer: AnswerNow) -> None:
        """Match a receipt with its message."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                how = await self._parts.outbox.receipt(await self._seen(heard))
            self._parts.reach(CrashPoint.RECEIPT_TAKEN)
        except (TimeoutError, GatewayError):
            self._fails()
            answer(Answer.NOT_NOW)
            self._parts.metrics.receipt("not_now")
            return
        self._works()
        answer(Answer.OK)
        self._parts.metrics.receipt(how)

    async def _seen(self, heard: ReceiptHeard) -> ReceiptSeen:
        at = await self._parts.clock.at()
        return ReceiptSeen(heard.smsc, heard.msisdn, heard.ids, heard.state, heard.final, heard.error, at)

    async def _give_up_incomplete(self) -> None:
        at = await self._parts.clock.at()
        for incomplete in await self._parts.inbox.incomplete(at):
            try:
                taken = await self._parts.conversation.give_up(incomplete, self._parts.mint(), at)
            except GatewayError:
                raise
            except Exception as error:  # the others are not to wait for it
                logging.error(LogEvent.UNEXPECTED, error)
                continue
            self._parts.sender.wake(incomplete.mo.smsc)
            logging.warning(LogEvent.TEXT_INCOMPLETE, said=taken.said)

    def _fails(self) -> None:
        """The store did not answer. Links whose patience ends say goodbye."""
        now = time.monotonic()
        self._outage.since = now if self._outage.since is None else self._outage.since
        for link in self._links:
            late = now - self._outage.since >= link.settings.receive_pause_after_s
            if late and link not in self._outage.paused:
                self._outage.paused.append(link)
                link.pause()
                logging.warning(LogEvent.LINK_PAUSED, link=link.settings.shown)

    def _works(self) -> None:
        self._outage.since = None

    async def _come_back(self) -> None:
        """Bind again once the store answers."""
        if not self._outage.paused:
            return
        with suppress(GatewayError):
            await self._parts.probe()
            paused, self._outage = self._outage.paused, _Outage()
            for link in paused:
                link.resume()
                logging.info(LogEvent.LINK_RESUMED, link=link.settings.shown)

    def _tell(self, mo: Mo, taken: Taken | None, how: Answer, began: float) -> None:
        said = taken.said if taken is not None else how.value
        self._count(said if taken is None or not taken.same else "same", began)
        logging.info(
            LogEvent.TEXT,
            msisdn=masked(mo.msisdn),
            to=mo.short_number,
            smsc=mo.smsc,
            said=said,
            same=taken is not None and taken.same,
            answer=how.value,
            ms=round((time.monotonic() - began) * 1000, 1),
        )

    def _count(self, said: str, began: float) -> None:
        self._parts.metrics.sms_text(said, time.monotonic() - began)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _result(taking: "asyncio.Task[Taken]") -> Taken | None:
    """What a text was taken as; None when it has not been, or not yet."""
    if not taking.done() or taking.cancelled():
        return None
    error = taking.exception()
    if error is None:
        return taking.result()
    if not isinstance(error, GatewayError):
        logging.error(LogEvent.UNEXPECTED, error)
    return None
