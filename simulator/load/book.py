"""The tester's own books: what every phone in play must have, beside what the gateway says that it has.

A phone is with one subscriber at a time. One of which something went wrong is put away for good, and another number
comes in its place: what it has now nobody knows, and one fault shall be counted once. It sends nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.load.sums import Sum, Value
from simulator.load.wrong import Wrong, WrongError
from simulator.patterns import filled

UNREAD_MAX = 50
"""Of one phone; more than a story can wait for, and each is a fault by then."""


@dataclass(frozen=True, slots=True)
class Sms:
    """A text as it was seen on a phone. `seen_at` is by the loop's clock."""

    number: int
    msisdn: str
    source: str
    text: str
    seen_at: float


@dataclass(eq=False, slots=True)
class Phone:
    """One number, what the books say of it, and what it has not read yet."""

    msisdn: str
    has: dict[str, Value]
    busy: bool = False
    unread: deque[Sms] = field(default_factory=lambda: deque(maxlen=UNREAD_MAX))
    _waiter: asyncio.Future[None] | None = None

    def receive(self, sms: Sms) -> None:
        """A text comes."""
        self.unread.append(sms)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def next_sms(self, until: float) -> Sms | None:
        """The oldest that was not read; None when none has come by a moment of the loop's clock."""
        if not self.unread:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout_at(until):
                    await self._waiter
            except TimeoutError:
                return None
            finally:
                self._waiter = None
        return self.unread.popleft()


class Phones:
    """Those in play. They go round, so that each is used about as often as the others."""

    def __init__(self, first: int, count: int, new_number: Mapping[str, int]) -> None:
        self._next = first
        self._new_number = new_number
        self._by_number: dict[str, Phone] = {}
        self._idle: deque[Phone] = deque()
        self.count = count
        self.put_away = 0
        for _ in range(count):
            self._add()

    @property
    def busy(self) -> int:
        """How many are with a subscriber."""
        return self.count - len(self._idle)

    def take(self) -> Phone | None:
        """The one that has rested longest; None when all are busy."""
        if not self._idle:
            return None
        phone = self._idle.popleft()
        phone.busy = True
        return phone

    def give_back(self, phone: Phone) -> None:
        """Its subscriber is done with it."""
        phone.busy = False
        self._idle.append(phone)

    def replace(self, phone: Phone) -> None:
        """Put it away, and take a new number into play."""
        if self._by_number.pop(phone.msisdn.removeprefix("+"), None) is None:
            return
        if not phone.busy:
            self._idle.remove(phone)
        self.put_away += 1
        self._add()

    def of(self, number: str) -> Phone | None:
        """The phone of a number, with or without its plus; None when it is not in play."""
        return self._by_number.get(number.removeprefix("+"))

    def _add(self) -> None:
        phone = Phone(f"+{self._next}", dict(self._new_number))
        self._next += 1
        self._by_number[phone.msisdn[1:]] = phone
        self._idle.append(phone)


class Notes:
    """What one subscriber knows in one story: the phone's books, and what was learned on the way."""

    def __init__(self, phone: Phone) -> None:
        self._has = phone.has
        self._learned: dict[str, Value] = {}

    def assume(self, sums: Mapping[str, Sum]) -> None:
        """From now on these names are these numbers, in order: a later one may speak of an earlier."""
        for name, known_as in sums.items():
            value = known_as.value({**self._learned, **self._has})
            (self._has if name in self._has else self._learned)[name] = value

    def compare(self, read: Mapping[str, Value], unlike: Callable[[], str]) -> None:
        """What was read must be what is known; what nobody knew is known from now on."""
        for name, shown in read.items():
            known = self._has.get(name, self._learned.get(name))
            if known is None:
                self._learned[name] = shown
            elif known != shown:
                raise WrongError(Wrong.BOOKS, f"{name} is {known} by the books, and {shown} is shown\n{unlike()}")

    def fill(self, text: str) -> str:
        """A text of a story with what is known in its places: `{price}`."""
        return filled(text, {name: str(value) for name, value in {**self._learned, **self._has}.items()})
