"""The open loop: each start happens when it is due, whether or not earlier ones have ended.

A gateway that stalls is not spared by it: sessions begin meanwhile, and what they wait is counted from the moment at
which they were due. When every phone is busy, a start is refused and counted, and never made up for later: that is
overload, and the report says so. No more are under way than there are phones, and nothing here grows with the number of
sessions.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Any

from simulator.load.book import Phone, Phones, Sms
from simulator.load.clients import Smsc
from simulator.load.measure import Measure, Stream
from simulator.load.plan import Plan
from simulator.load.story import Story
from simulator.load.subscriber import Subscriber, World, unasked
from simulator.load.weight import own_weight
from simulator.load.wrong import Wrong, WrongError

LOOK_S = 0.05
"""Between two looks at what came to all phones: an SMS seems slower by up to that."""
TROUBLE_S = 1.0
"""Before the next look, when the SMSC did not answer one."""
REST_S = 60.0
"""After the last start: a session that takes longer to end is a fault."""
STRAGGLERS_S = 0.5
"""After the last session: a second answer to one text comes well within it."""
WEIGH_S = 5.0


class Ending(StrEnum):
    """Why a load is over."""

    WHOLE = "all of it"
    BY_HAND = "stopped by hand"
    TOO_WRONG = "given up, as too much was wrong"


class Engine:
    """One load, from its first start to the end of its last session."""

    def __init__(self, plan: Plan, world: World, phones: Phones, measure: Measure) -> None:
        self.plan = plan
        self.world = world
        self.phones = phones
        self.measure = measure
        self.ending = Ending.WHOLE
        self._chance = random.Random(plan.seed)  # noqa: S311 - what subscribers do, repeatably; no secret
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()
        self._seen = 0
        self._trouble: BaseException | None = None

    def stop(self, ending: Ending = Ending.BY_HAND) -> None:
        """Start nothing more, and break off what is under way."""
        if not self._stopped.is_set():
            self.ending = ending
            self._stopped.set()

    async def rehearse(self) -> None:
        """Play each story once, one after the other, without thinking. Raises `WrongError` for the first fault."""
        if self.world.smsc is not None:
            self._seen = await self.world.smsc.newest()  # what came before is nobody's business
        async with self._beside(self._look()):
            await self._until_stopped([asyncio.create_task(self._rehearsed())])

    async def run(self) -> None:
        """Play the plan, after a rehearsal. Raises what makes it pointless, such as an API key that is not taken."""
        self.measure.begin()
        stories = self.world.stories
        streams = [
            asyncio.create_task(self._stream(Stream.SESSIONS, self.plan.rate, stories.dials)),
            asyncio.create_task(self._stream(Stream.TEXTS, self.plan.texts, stories.texts)),
        ]
        async with self._beside(self._look(), self._weigh()):
            await self._until_stopped(streams)
            await self._until_stopped(self._under_way, REST_S)
            if not self._stopped.is_set():
                for _ in self._under_way:
                    self.measure.fault(Wrong.UNFINISHED, f"a session did not end within {REST_S:.0f} s after the rest")
            await _cancelled([*streams, *self._under_way])
            if not self._stopped.is_set():
                await asyncio.sleep(STRAGGLERS_S)
        if self._trouble is not None:
            raise self._trouble

    async def _rehearsed(self) -> None:
        unmeasured = Measure(asyncio.get_running_loop().time)
        for story in (*self.world.stories.dials, *self.world.stories.texts):
            phone = self.phones.take()
            assert phone is not None, "a plan has phones, and nobody else is under way"
            subscriber = Subscriber(story, phone, self.world, unmeasured)
            await subscriber.play(asyncio.get_running_loop().time(), patient=False)
            self.phones.give_back(phone)

    async def _stream(self, stream: Stream, rate: float, stories: Sequence[Story]) -> None:
        """Make each start when it is due. One that our own process is late with is made at once."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        shares = [story.share for story in stories]
        for offset in self.plan.starts(rate):
            due = began + offset
            await asyncio.sleep(max(due - loop.time(), 0.0))
            (story,) = self._chance.choices(stories, shares)
            phone = self.phones.take()
            late_s = loop.time() - due
            self.measure.due(stream, late_s, made=phone is not None, under_way=self.phones.busy)
            if phone is not None:
                task = asyncio.create_task(self._play(story, phone, due))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _play(self, story: Story, phone: Phone, due: float) -> None:
        try:
            await Subscriber(story, phone, self.world, self.measure).play(due)
        except WrongError as error:
            self.phones.replace(phone)
            self._count(error.kind, str(error), story.story)
        except Exception as error:  # a setting that nothing works with, or our bug: `run` raises it
            self._fail(error)
        else:
            self.phones.give_back(phone)
        self.measure.played(story.story)

    def _count(self, kind: Wrong, text: str, story: str = "") -> None:
        self.measure.fault(kind, text, story)
        if self.measure.wrong_count >= self.plan.wrong_max:
            self.stop(Ending.TOO_WRONG)

    def _fail(self, error: BaseException) -> None:
        self._trouble = self._trouble or error
        self.stop()

    async def _look(self) -> None:
        """Hand each SMS to its phone, by one look for all of them."""
        smsc = self.world.smsc
        while smsc is not None:
            await asyncio.sleep(LOOK_S)
            try:
                arrived = await smsc.arrived(self._seen)
            except WrongError as error:
                self._count(error.kind, str(error))
                await asyncio.sleep(TROUBLE_S)
                await self._count_as_seen(smsc)
                continue
            for sms in arrived:
                self._hand_over(sms)
                self._seen = sms.number

    async def _count_as_seen(self, smsc: Smsc) -> None:
        """An SMSC that was started again counts from 1: what we have seen is no more than there is."""
        with suppress(WrongError):  # still away: the next look tells it
            self._seen = min(self._seen, await smsc.newest())

    def _hand_over(self, sms: Sms) -> None:
        """To the phone of its number; the SMSC has other phones too, and those that were put away."""
        phone = self.phones.of(sms.msisdn)
        if phone is None:
            return
        if phone.busy:
            phone.receive(sms)
        else:
            self.phones.replace(phone)
            self._count(Wrong.UNASKED, unasked(sms))

    async def _weigh(self) -> None:
        """Now and then, what our process and the gateway's take."""
        while True:
            self.measure.weighed(own_weight(), await self.world.gateway.weight())
            await asyncio.sleep(WEIGH_S)

    async def _until_stopped(self, tasks: Iterable[asyncio.Task[None]], within_s: float | None = None) -> None:
        """Wait for all of them; not beyond a time, nor when the load is stopped."""
        work: asyncio.Future[list[None]] = asyncio.gather(*tasks)
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            either: list[asyncio.Future[Any]] = [work, stopped]
            await asyncio.wait(either, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            await _cancelled([stopped])
            work.cancel()  # with all that it waits for: whoever stops does not let sessions end

    @asynccontextmanager
    async def _beside(self, *helpers: Coroutine[None, None, None]) -> AsyncIterator[None]:
        """They run until the block is over. One that fails ends the load."""
        tasks = [asyncio.create_task(self._guarded(helper)) for helper in helpers]
        try:
            yield
        finally:
            await _cancelled(tasks)

    async def _guarded(self, helper: Coroutine[None, None, None]) -> None:
        try:
            await helper
        except Exception as error:  # `run` raises it
            self._fail(error)


async def _cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """End them, and wait until they have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
