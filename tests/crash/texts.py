"""A seeded load of texts over one SMSC.

A phone texts each of our short numbers once, and the next only when the SMSC has our acknowledgement of the one before.
So the number that an answer comes from tells which text it answers, and the order in which a phone's texts were
accepted is the order in which it sent them.
"""

import asyncio
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.crash import CrashPoint
from gateway.ids import Amount
from gateway.loyalty.ports import Event
from gateway.loyalty.programme import EventType
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from tests.conftest import open_ledger
from tests.live.network import new_number
from tests.live.smsc import Smsc

REACHED = {
    CrashPoint.TEXT_READ: 12,
    CrashPoint.TEXT_TAKEN: 15,
    CrashPoint.TEXT_ANSWERED: 15,
    CrashPoint.MESSAGE_CLAIMED: 2,
    CrashPoint.MESSAGE_ANSWERED: 15,
    CrashPoint.MESSAGE_SETTLED: 15,
    CrashPoint.RECEIPT_TAKEN: 15,
}
"""How often three phones with a history reach each point at least, over a window of one."""

WORDS: Mapping[str, str] = {
    "6111": "Баланс",
    "1414": "История",
    "5010": "Бонус",
    "9373": "Стоп! Сколько можно, каждый день одно и то же, больше ничего мне не присылайте, пожалуйста",
}
"""What is texted to each short number. The history of whoever has one leaves in several parts."""
LONG_TEXTS = ("9373",)
"""They come in two parts."""

LOOK_S = 0.05
ACKNOWLEDGED_MAX_S = 120.0
"""The longest outage, and a link that rests half a minute after it."""

_links = itertools.count(1)


EARN_AT_ONCE = 10
"""A ledger lets nobody wait for longer than two seconds, and the gateway beside it is only just starting."""


def new_link(about: str) -> str:
    """A link's name that no other test over the same books uses."""
    return f"{about}-{next(_links)}"


async def with_history(database_url: str, pack: Pack, count: int) -> list[str]:
    """So many numbers of members whose history takes several parts."""
    numbers = [new_number() for _ in range(count)]
    ledger = open_ledger(database_url, pack)
    loyalty, now = Loyalty(pack.programme, ledger), datetime.now(UTC)

    hands = asyncio.Semaphore(EARN_AT_ONCE)

    async def earn(msisdn: str) -> None:
        async with hands:
            for ordinal in range(5):
                event = Event("history", f"{msisdn}-{ordinal}", EventType.TOP_UP, Msisdn(msisdn), Amount(400_000))
                await loyalty.take_event(event, now)

    try:
        async with asyncio.TaskGroup() as earning:  # one that fails ends the others, before their ledger is closed
            for number in numbers:
                earning.create_task(earn(number))
    finally:
        await ledger.close()
    return numbers


@dataclass(slots=True)
class Phone:
    """Which short numbers it has texted, in that order, and from which it has heard since."""

    msisdn: str
    texted: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    @property
    def answers(self) -> list[str]:
        """From whom it has heard, without the copies that came one after the other."""
        return [source for source, _ in itertools.groupby(self.heard)]


@dataclass(slots=True)
class Texting:
    """Phones that text at a rate, in texts a second, over one link or whichever is bound; the first of them are
    `known`, then there are `phones_max` at most."""

    smsc: Smsc
    seed: int
    per_s: float
    known: Sequence[str] = ()
    link: str = ""
    phones_max: int = 5_000
    stopped: bool = False
    phones: dict[str, Phone] = field(default_factory=dict)
    _open: "dict[int, asyncio.Future[None]]" = field(default_factory=dict)
    _seen: int = 0

    @property
    def texts(self) -> int:
        """How many were acknowledged."""
        return sum(len(phone.texted) for phone in self.phones.values())

    async def run(self) -> None:
        """Text until `stopped` or out of phones; return when everything is acknowledged."""
        async with asyncio.TaskGroup() as tasks:
            phones = tasks.create_task(self._take_phones())
            while not phones.done():
                await self._hear_acknowledgements()
                await asyncio.sleep(LOOK_S)

    async def answered(self, within_s: float) -> None:
        """Return when every text is answered; fail with those that are not."""
        try:
            async with asyncio.timeout(within_s):
                while self._unanswered():
                    await self.look()
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            lost = self._unanswered()
            raise AssertionError(f"not answered within {within_s:.0f} s: {len(lost)}, as {lost[:5]}") from None

    async def look(self) -> None:
        """See what the phones show now, beyond what was seen before."""
        for text in await self.smsc.inbox(self._seen):
            self._seen = text["number"]
            phone = self.phones.get(f"+{text['msisdn']}")
            if phone is not None:
                phone.heard.append(text["source"])

    def _unanswered(self) -> list[str]:
        return [
            f"{phone.msisdn} to {to}" for phone in self.phones.values() for to in phone.texted if to not in phone.heard
        ]

    async def _take_phones(self) -> None:
        draw, numbers = random.Random(self.seed), iter(self.known)
        async with asyncio.TaskGroup() as texting:
            while not self.stopped and len(self.phones) < self.phones_max:
                phone = Phone(next(numbers, None) or new_number())
                self.phones[phone.msisdn] = phone
                texting.create_task(self._text(phone, draw.sample(sorted(WORDS), len(WORDS))))
                await asyncio.sleep(len(WORDS) / self.per_s)  # the rate is what is tried

    async def _text(self, phone: Phone, short_numbers: Sequence[str]) -> None:
        for to in short_numbers:
            deliveries = await self.smsc.text(phone.msisdn, to, WORDS[to], self.link)
            assert len(deliveries) == 1 + (to in LONG_TEXTS)
            waiting = {number: asyncio.get_running_loop().create_future() for number in deliveries}
            self._open |= waiting
            _, late = await asyncio.wait(waiting.values(), timeout=ACKNOWLEDGED_MAX_S)
            assert not late, f"{phone.msisdn} to {to}: never acknowledged"
            phone.texted.append(to)

    async def _hear_acknowledgements(self) -> None:
        if not self._open:
            return
        for row in await self.smsc.deliveries(min(self._open) - 1):
            if row["number"] in self._open and row["fate"] == "acknowledged":
                self._open.pop(row["number"]).set_result(None)
            assert row["fate"] != "dropped", f"the SMSC was told to drop a message: {row}"
