"""Subscribers who use the programme while it falls apart: each has a life, drawn from the seed, and does one thing
after another by dialling and by texting. What he asks and is told goes into the journal.

Several live at once; when one has lived, another number begins. Nobody does what only a person with a fault in mind
would: networks repeat hops, phones hang up, billings send events again until they are answered, or give up.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from tests.chaos.journal import End, Exchange, Member, Redemption, Text
from tests.chaos.operator import Operator, Postman
from tests.crash.load import EARNS, GIFT
from tests.live.network import Event, new_session

AT_ONCE = 12
DEEDS_MAX = 6
"""Of one life, after the first event."""
PAUSE_MAX_S = 0.3
CUT_OFF_MAX_S = 0.15
"""How long a phone waits that loses the network on a hop."""
REPEATED = 0.15
CUT_OFF = 0.15
ABANDONED = 0.1
CALLS_BACK = 0.5

MENU = {
    "internet_1gb": "1*1",
    "internet_5gb": "1*2",
    "minutes_60": "2*1",
    "sms_100": "2*2",
    "cinema": "3*1",
    "mug": "3*2",
    "bill_10": "4*1",
    "visit": "4*2",
}
"""Where the catalogue has each reward: the shelf, then its place there."""
NUMBERS = {"internet_1gb": 5, "minutes_60": 1, "sms_100": 2, "cinema": 8, "mug": 10, "bill_10": 7}
"""What is texted for a reward."""
ENDS_OF_A_SESSION = ("Success", "Incomplete", "Failed", "")
"""What a network tells; nothing, sometimes."""

ORDERED = re.compile(r"заказ (\d+), скоро")
COMES_BY_SMS = re.compile(r"придёт в SMS")
NO_EXCHANGE = re.compile(r"не хватает|закончился|больше пока нельзя|обмен закрыт|Цена устарела")
ASKED, ANEW = "Связь прервалась", "2"
QUOTED = re.compile(r"^1 Обменять$", re.MULTILINE)
REDEEMED = re.compile(r"^CON \+500 баллов")
USED = re.compile(r"уже использовали")
NO_CODE = re.compile(r"Код не подошёл|Ввод кодов закрыт|Коды сейчас не принимаются")


@dataclass(slots=True)
class World:
    """What all actors share. `fresh` gives numbers that nobody has, each with the gift code that is bound to it."""

    operator: Operator
    postmen: dict[str, Postman]
    fresh: Iterator[tuple[str, str]]
    began: float
    members: list[Member] = field(default_factory=list)
    stopped: bool = False


class Actor:
    """One place in the load: a life after another."""

    def __init__(self, world: World, seed: str) -> None:
        self._world = world
        self._draw = random.Random(seed)
        self._me = Member("", "", "", 0.0)
        self._deeds: dict[str, int] = {}
        self._anew: set[str] = set()
        """Sessions that were asked whether to go on where an earlier one was dropped."""

    async def run(self) -> None:
        """Until the world stops, or has no more numbers."""
        while not self._world.stopped and (born := next(self._world.fresh, None)):
            smsc = self._draw.choice(sorted(self._world.postmen))
            self._me = Member(born[0], smsc, born[1], self._world.began)
            self._deeds = {}
            self._world.members.append(self._me)
            await self._earn(("top_up", self._draw.choice((50_000, 400_000))))
            for _ in range(self._draw.randint(2, DEEDS_MAX)):
                if self._world.stopped:
                    return
                await self._draw.choices(*zip(*self._choices(), strict=True))[0]()
                await asyncio.sleep(self._draw.uniform(0, PAUSE_MAX_S))  # people take their time

    def _choices(self) -> Sequence[tuple[Callable[[], Awaitable[None]], int]]:
        return (
            (self._earn_anything, 3),
            (self._look, 2),
            (self._exchange, 5),
            (self._redeem_by_dial, 2),
            (self._redeem_by_menu, 1),
            (self._ask_by_text, 2),
            (self._exchange_by_text, 3),
            (self._redeem_by_text, 2),
            (self._consent_by_text, 1),
            (self._two_at_once, 2),
        )

    def _ordinal(self, deed: str) -> int:
        """How often this was done in this life, this time included."""
        self._deeds[deed] = self._deeds.get(deed, 0) + 1
        return self._deeds[deed]

    async def _two_at_once(self) -> None:
        """Two phones of one member, or one that dials while a text is on its way."""
        pairs = (
            (self._redeem_by_dial, self._redeem_by_text),
            (self._exchange, self._exchange_by_text),
            (self._exchange, self._exchange),
        )
        await asyncio.gather(*(deed() for deed in self._draw.choice(pairs)))

    async def _earn_anything(self) -> None:
        await self._earn(self._draw.choice([*EARNS, GIFT]))

    async def _earn(self, what: tuple[str, int]) -> None:
        """An event of the operator's billing: sent until it is answered, twice at once perhaps, or given up."""
        event = Event(f"{self._me.msisdn[1:]}-{self._ordinal('event')}", what[0], self._me.msisdn, what[1])
        self._me.events[event] = []
        if self._ordinal("earned") > 1 and self._draw.random() < ABANDONED:
            with suppress(TimeoutError, httpx.TransportError):
                async with asyncio.timeout(self._draw.uniform(0, CUT_OFF_MAX_S)):
                    await self._world.operator.events(event)
            self._me.note(f"event {what}", "given up")
            return
        copies = 2 if self._draw.random() < REPEATED else 1
        self._me.events[event] = await asyncio.gather(*(self._world.operator.event(event) for _ in range(copies)))
        self._me.note(f"event {what}", str([answer["outcome"] for answer in self._me.events[event]]))

    async def _hop(self, session: str, text: str) -> str:
        """The screen of a hop; nothing where the phone lost the network before it came."""
        screen = ""
        if session in self._anew:
            text = f"{ANEW}*{text}".removesuffix("*")
        if text and self._draw.random() < CUT_OFF:
            with suppress(TimeoutError, httpx.TransportError):
                async with asyncio.timeout(self._draw.uniform(0, CUT_OFF_MAX_S)):
                    screen = (await self._world.operator.hop(self._me.msisdn, session, text)).screen
        else:
            copies = 2 if self._draw.random() < REPEATED else 1
            screens = await asyncio.gather(
                *(self._world.operator.screen(self._me.msisdn, session, text) for _ in range(copies))
            )
            screen = screens[0]
        self._me.note(f"dial {session[-4:]} {text}", screen or "cut off")
        return screen

    async def _walk(self, session: str, keys: str) -> str:
        """Dial, and press keys up to these; the last screen, or nothing where the way ended before."""
        inputs = keys.split("*") if keys else []
        screen = await self._hop(session, "")
        if ASKED in screen:  # a session of his was dropped: he begins anew, and every later hop's history says so
            self._anew.add(session)
            screen = await self._hop(session, "")
        for count in range(1, len(inputs) + 1):
            if not screen.startswith("CON"):
                return ""
            screen = await self._hop(session, "*".join(inputs[:count]))
        return screen if screen.startswith("CON") else ""

    async def _hang_up(self, session: str, status: str | None = None) -> str:
        """The session is over; what the network told of it."""
        told = self._draw.choice(ENDS_OF_A_SESSION) if status is None else status
        if told:
            await self._world.operator.ended(self._me.msisdn, session, told)
        self._me.note(f"dial {session[-4:]}", f"over: {told or 'nobody says how'}")
        return told

    async def _look(self) -> None:
        session = new_session()
        await self._walk(session, self._draw.choice(("", "1", "2", "5*3")))
        await self._hang_up(session)

    async def _exchange(self) -> None:
        """To the quote, and then the confirmation, whatever happens to it."""
        session, reward = new_session(), self._draw.choice(sorted(MENU))
        keys = f"5*1*{MENU[reward]}"
        if not QUOTED.search(await self._walk(session, keys)):
            await self._hang_up(session)
            return
        asked = Exchange(reward, "ussd")
        self._me.exchanges.append(asked)
        screen = await self._hop(session, f"{keys}*1")
        if ordered := ORDERED.search(screen):
            asked.end, asked.order_id = End.DONE, int(ordered[1])
        elif COMES_BY_SMS.search(screen):
            asked.end = End.DONE
        elif NO_EXCHANGE.search(screen):
            asked.end = End.REFUSED
        asked.learned = await self._end(session, f"{keys}*1", screen) and asked.end is End.DONE

    async def _end(self, session: str, text: str, screen: str) -> bool:
        """How a session goes on behind a screen that moved points; whether its screen was surely seen."""
        if not screen:
            await self._hang_up(session, self._draw.choice(("Failed", "")))
            return False
        if screen.startswith("CON") and self._draw.random() < CALLS_BACK:
            await self._hop(session, f"{text}*00")
            await self._hang_up(session)
            return True
        return await self._hang_up(session) == "Success"

    async def _redeem_by_dial(self) -> None:
        await self._redeem(self._me.gift_code)

    async def _redeem_by_menu(self) -> None:
        await self._redeem(f"5*2*{self._me.gift_code}")

    async def _redeem(self, keys: str) -> None:
        session = new_session()
        way, _, _ = keys.rpartition("*")
        if way and not await self._walk(session, way):
            await self._hang_up(session)
            return
        asked = Redemption("ussd")
        self._me.redemptions.append(asked)
        screen = await self._hop(session, keys)
        if REDEEMED.search(screen):
            asked.end = End.DONE
        elif USED.search(screen):
            asked.end, asked.already = End.DONE, True
        elif NO_CODE.search(screen):
            asked.end = End.REFUSED
        asked.learned = await self._end(session, keys, screen) and asked.end is End.DONE

    async def _text(self, to: str, words: str) -> bool:
        """Text, and wait for the acknowledgement; no later text of this phone overtakes it."""
        text = Text(to, words)
        self._me.texts.append(text)
        text.acknowledged = await self._world.postmen[self._me.smsc].text(self._me.msisdn, to, words)
        self._me.note(f"text {to} {words[:40]}", "acknowledged" if text.acknowledged else "never acknowledged")
        return text.acknowledged

    async def _ask_by_text(self) -> None:
        words, to = self._draw.choice((("Баланс", "6111"), ("Бонус", "5010"), ("История", "1414")))
        await self._text(to, words + "!" * self._ordinal("asked"))

    async def _exchange_by_text(self) -> None:
        """Once in a life: a second `1` would be the same octets."""
        if self._ordinal("exchanged by text") > 1:
            return
        reward = self._draw.choice(sorted(NUMBERS))
        if await self._text("9373", f"Подарок {NUMBERS[reward]}"):
            self._me.exchanges.append(Exchange(reward, "sms"))
            await self._text("9373", "1")

    async def _redeem_by_text(self) -> None:
        if self._ordinal("redeemed by text") == 1:
            self._me.redemptions.append(Redemption("sms"))
            await self._text("9373", self._me.gift_code)

    async def _consent_by_text(self) -> None:
        """A long text, in two parts; or the short one that takes it back."""
        ordinal = self._ordinal("consent")
        words = "Старт" if ordinal % 2 == 0 else "Стоп! Сколько можно, каждый день одно и то же, больше не присылайте"
        await self._text("9373", f"{words}{'!' * ordinal}")
