"""One subscriber in one story: does what it says, one deed after the other, and checks each reply.

Time is the loop's clock. Each deed has its intended moment: the story's start, or when the subscriber has thought
enough; what a reply took is measured from there, not from when we came to send it. The first fault ends the story. It
decides, as `handset` does for one phone, when the other side is told that a session is over.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from simulator.call import Call, Closed, Closing, Dialect, Message, split_dialled
from simulator.errors import HopFailedError
from simulator.gauge import measured
from simulator.handset import CHANCE, unread_s
from simulator.load.book import Notes, Phone, Sms
from simulator.load.clients import Gateway, Smsc
from simulator.load.connections import NoAnswerError
from simulator.load.measure import Measure, Wait
from simulator.load.pattern import Pattern
from simulator.load.story import Step, Stories, Story
from simulator.load.wrong import Wrong, WrongError
from simulator.phrases import happening, seconds


@dataclass(frozen=True, slots=True)
class World:
    """What every subscriber deals with. `think` gives how long one looks at a reply, in seconds."""

    stories: Stories
    dialect: Dialect
    gateway: Gateway
    smsc: Smsc | None
    think: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Session:
    call: Call
    began: float
    request: Message | None = None
    """Of the newest hop."""
    answered: float = 0.0
    """When its answer came."""


class Subscriber:
    """Whoever holds a phone, for the time of one story."""

    def __init__(self, story: Story, phone: Phone, world: World, measure: Measure) -> None:
        self._story = story
        self._phone = phone
        self._world = world
        self._measure = measure
        self._notes = Notes(phone)
        self._session: _Session | None = None
        self._intended = 0.0

    async def play(self, intended: float, *, patient: bool = True) -> None:
        """Do all steps; without patience, one at once after the other. Raises `WrongError` for the first fault."""
        self._intended = intended
        for place, step in enumerate(self._story.steps):
            try:
                if place:
                    await self._pause(step, patient=patient)
                await self._do(step)
            except (WrongError, NoAnswerError, HopFailedError) as error:
                kind = error.kind if isinstance(error, WrongError) else Wrong.NO_REPLY
                await self._give_up(str(error))
                where = f"{self._story.story}, step {place + 1}, {step.spoken}"
                raise WrongError(kind, f"{where}, from {self._phone.msisdn}: {error}") from None
        await self._hang_up(Closing.BY_SUBSCRIBER)
        if self._phone.unread:
            raise WrongError(Wrong.UNASKED, f"{self._story.story}, after it: {unasked(self._phone.unread[0])}")

    async def _pause(self, step: Step, *, patient: bool) -> None:
        """Until the subscriber does the next thing. Whoever waits for an SMS does nothing."""
        if step.verb == "see_sms":
            return
        pause_s = seconds(step.silence) if step.silence is not None else self._world.think()
        now = asyncio.get_running_loop().time()
        self._intended = now + (pause_s if patient else 0.0)
        await asyncio.sleep(self._intended - now)

    async def _do(self, step: Step) -> None:
        self._notes.assume(step.knowing)
        match step.verb:
            case "dial":
                await self._dial(step)
            case "answer":
                assert self._session is not None
                call = self._session.call.answered(self._notes.fill(step.answer or ""))
                await self._hop(replace(self._session, call=call), step)
            case "hang_up":
                await self._hang_up(Closing.BY_SUBSCRIBER)
            case "silence":
                await self._hang_up(Closing.BY_SILENCE)
            case "event":
                await self._world.gateway.tell(self._phone.msisdn, happening(step.event or ""))
                self._measure.took(Wait.EVENT, self._story.story, self._since_intended())
            case "text":
                assert self._world.smsc is not None
                await self._world.smsc.text(self._phone.msisdn, step.to or "", self._notes.fill(step.text or ""))
        if step.see_sms is not None:
            await self._see_sms(step, self._world.stories.sms[step.see_sms])
        self._notes.assume(step.then)

    async def _dial(self, step: Step) -> None:
        service_code, arguments = split_dialled(step.dial or "")
        session_id = self._world.dialect.new_session_id(CHANCE)  # not by the seed: a session's id never comes twice
        call = Call(session_id, self._phone.msisdn, service_code, arguments)
        await self._hop(_Session(call, asyncio.get_running_loop().time()), step)

    async def _hop(self, asked: _Session, step: Step) -> None:
        self._session, request = asked, self._world.dialect.hop(asked.call)
        await self._read_first(request, asked)
        answer = await self._world.gateway.send(request)
        text, ends = self._world.dialect.read(answer)
        self._measure.took(Wait.SCREEN, self._story.story, self._since_intended())
        now = asyncio.get_running_loop().time()
        self._session = _Session(asked.call.shown(text, answer), asked.began, request, now)
        if ends:
            await self._hang_up(Closing.BY_APPLICATION)
        self._check_screen(step, text, ends=ends)

    async def _read_first(self, request: Message, asked: _Session) -> None:
        """Let a moment pass before the very request that was sent last. The gateway is not to blame for it."""
        now = asyncio.get_running_loop().time()
        left_s = unread_s(self._world.dialect, request, asked.request, now - asked.answered)
        if left_s:
            self._intended = now + left_s
            await asyncio.sleep(left_s)

    def _check_screen(self, step: Step, text: str, *, ends: bool) -> None:
        pattern = self._world.stories.screens[step.see or ""]
        gauge = measured(text, self._world.dialect.profile)
        if not gauge.fits:
            raise WrongError(Wrong.CUT_OFF, f"{gauge}\n{pattern.unlike(text)}")
        self._check(pattern, text, Wrong.SCREEN)
        if ends is not step.ends:
            how = "ended" if ends else "went on"
            raise WrongError(Wrong.SCREEN, f"the session {how}, unlike expected\n{pattern.unlike(text)}")

    async def _see_sms(self, step: Step, pattern: Pattern) -> None:
        sms = await self._phone.next_sms(asyncio.get_running_loop().time() + seconds(step.within))
        if sms is None:
            raise WrongError(Wrong.NO_SMS, f"no SMS came within {step.within}; expected\n{pattern.written}")
        if step.text is not None:
            self._measure.took(Wait.SMS, self._story.story, max(sms.seen_at - self._intended, 0.0))
        if step.source is not None and step.source != sms.source:
            raise WrongError(Wrong.SMS, f"it is from {sms.source}, not from {step.source}\n{pattern.unlike(sms.text)}")
        self._check(pattern, sms.text, Wrong.SMS)

    def _check(self, pattern: Pattern, text: str, kind: Wrong) -> None:
        read = pattern.read(text)
        if read is None:
            raise WrongError(kind, f"this is not {pattern.name}; {pattern.unlike(text)}")
        self._notes.compare(read, lambda: pattern.unlike(text))

    def _since_intended(self) -> float:
        return asyncio.get_running_loop().time() - self._intended

    async def _hang_up(self, how: Closing, error: str = "") -> None:
        """Tell the application that the session is over, if one is open. It must take that."""
        session, self._session = self._session, None
        if session is None:
            return
        duration_s = asyncio.get_running_loop().time() - session.began
        note = self._world.dialect.closed(Closed(session.call, how, datetime.now(UTC), duration_s, error))
        if note is None:
            return
        answer = await self._world.gateway.send(note)
        if answer.status >= 400:
            raise WrongError(
                Wrong.NO_REPLY, f"the gateway refused the note that the session is over: HTTP {answer.status}"
            )

    async def _give_up(self, why: str) -> None:
        """Leave no session behind. What went wrong is the news; that nobody hears of the end is not."""
        try:
            await self._hang_up(Closing.BY_FAILURE, why[:100])
        except (WrongError, NoAnswerError):
            return


def unasked(sms: Sms) -> str:
    """What to say of a text that nobody waits for."""
    return f"an SMS came from {sms.source} to {sms.msisdn} that nobody waits for: {sms.text}"
