"""What the SMSC has for its ESMEs, messages of subscribers and receipts: kept and sent again until acknowledged.

Decides which connection a delivery takes, when it is sent again and when it is over. An answer's status decides by
its verdict: taken; again later; this message never; nothing more to its destination. Time is an argument.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.smpp.pdu.messages import DeliverSm
from gateway.smpp.pdu.status import Verdict, verdict
from simulator.smsc.faults import Faults
from simulator.smsc.session import Session

WINDOW_MAX = 50
"""Unanswered deliveries on one connection."""
OPEN_MAX = 200_000
"""Deliveries that are kept for whoever binds; then the oldest are dropped."""
OVER_MAX = 10_000
"""Deliveries that are over and still shown."""


class Fate(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    DROPPED = "dropped"


@dataclass(eq=False, slots=True)
class Delivery:
    """One message on its way to an account; with no account, to whichever is bound."""

    number: int
    account: str
    pdu: DeliverSm
    due: float
    fate: Fate = Fate.WAITING
    tries: int = 0
    status: int | None = None
    session: Session | None = None
    cuts_line: bool = False
    """Whether its first answer is lost with the connection: then it comes again by the next."""
    told: Callable[[], None] | None = None
    """Told once, when it is over."""


class Deliveries:
    """All of them. Those that rest lie by time, those that may go by account, in the order in which they came."""

    def __init__(self) -> None:
        self._open: dict[int, Delivery] = {}
        self._resting: list[tuple[float, int]] = []
        self._ready: dict[str, list[int]] = {}
        self._sent: dict[tuple[int, int], Delivery] = {}
        self._over: deque[Delivery] = deque(maxlen=OVER_MAX)
        self._load: Counter[int] = Counter()
        self._count = 0

    def add(self, pdu: DeliverSm, account: str, due: float) -> Delivery:
        """Something to deliver from `due` on."""
        if len(self._open) >= OPEN_MAX:
            self._end(next(iter(self._open.values())), Fate.DROPPED)
        self._count += 1
        delivery = Delivery(self._count, account, pdu, due)
        self._open[delivery.number] = delivery
        self._rest(delivery, due)
        return delivery

    def pump(self, sessions: Sequence[Session], at: float) -> None:
        """Send what is due over whatever connection may take it; the least laden first."""
        self._wake(at)
        for account, ready in self._ready.items():
            takers = [session for session in sessions if session.takes(account)]
            while ready and takers:
                taker = min(takers, key=lambda session: self._load[session.number])
                if self._load[taker.number] >= WINDOW_MAX:
                    break
                delivery = self._open.get(heapq.heappop(ready))
                if delivery is not None and delivery.fate is Fate.WAITING and delivery.due <= at:
                    self._send(delivery, taker, at)

    def answered(self, session: Session, sequence: int, status: int, faults: Faults, at: float) -> None:
        """An answer came; one that nobody waits for is ignored."""
        delivery = self._sent.get((session.number, sequence))
        if delivery is None:
            return
        delivery.status = status
        match verdict(status):
            case Verdict.OK:
                self._end(delivery, Fate.ACKNOWLEDGED)
            case Verdict.RETRY | Verdict.THROTTLE:
                self._take_back(delivery)
                self._rest(delivery, at + faults.delivery_retry_s)
            case Verdict.DESTINATION_BAD:
                for other in list(self._open.values()):
                    if other.pdu.destination == delivery.pdu.destination:
                        self._end(other, Fate.DROPPED)
            case Verdict.MESSAGE_BAD | Verdict.CONFIGURATION:
                self._end(delivery, Fate.DROPPED)

    def loses_answer(self, session: Session, sequence: int) -> bool:
        """Whether the connection is to drop in place of this answer."""
        delivery = self._sent.get((session.number, sequence))
        if delivery is None or not delivery.cuts_line:
            return False
        delivery.cuts_line = False
        return True

    def lost(self, session: Session, at: float) -> None:
        """A connection is gone: what it had not acknowledged goes by another, or by the next."""
        for delivery in [sent for (number, _), sent in self._sent.items() if number == session.number]:
            self._take_back(delivery)
            self._rest(delivery, at)

    def resend(self, faults: Faults, at: float, *, now: bool = False) -> None:
        """Give up waiting for answers that are overdue; with `now`, for all of them, and end all rest."""
        for delivery in list(self._sent.values()):
            if now or delivery.due + faults.delivery_answer_s <= at:
                self._take_back(delivery)
                self._rest(delivery, at)
        if now:
            for delivery in self._open.values():
                self._rest(delivery, min(delivery.due, at))

    def next_due(self, faults: Faults) -> float | None:
        """When time alone changes something. What is ready and has no connection waits for one, not for time."""
        times = [delivery.due + faults.delivery_answer_s for delivery in self._sent.values()]
        if self._resting:
            times.append(self._resting[0][0])
        return min(times, default=None)

    def all(self) -> Iterator[Delivery]:
        """Those that are over, then those that are open, each in its order."""
        yield from self._over
        yield from self._open.values()

    def counts(self) -> dict[str, int]:
        """How many stand where, of those that are still known."""
        found = Counter(delivery.fate for delivery in self.all())
        return {fate.value: found[fate] for fate in Fate}

    def _rest(self, delivery: Delivery, due: float) -> None:
        delivery.due = due
        heapq.heappush(self._resting, (due, delivery.number))

    def _wake(self, at: float) -> None:
        """Make ready what has rested; entries that were overtaken by another fate, or another time, are let go."""
        while self._resting and self._resting[0][0] <= at:
            due, number = heapq.heappop(self._resting)
            delivery = self._open.get(number)
            if delivery is not None and delivery.fate is Fate.WAITING and delivery.due == due:
                heapq.heappush(self._ready.setdefault(delivery.account, []), number)

    def _send(self, delivery: Delivery, session: Session, at: float) -> None:
        numbered = replace(delivery.pdu, sequence=session.next_sequence())
        delivery.fate, delivery.session, delivery.pdu = Fate.SENT, session, numbered
        delivery.due = at
        delivery.tries += 1
        self._sent[(session.number, numbered.sequence)] = delivery
        self._load[session.number] += 1
        session.send(numbered)

    def _take_back(self, delivery: Delivery) -> None:
        if delivery.session is not None:
            del self._sent[(delivery.session.number, delivery.pdu.sequence)]
            self._load[delivery.session.number] -= 1
            delivery.session = None
            delivery.fate = Fate.WAITING

    def _end(self, delivery: Delivery, fate: Fate) -> None:
        self._take_back(delivery)
        delivery.fate = fate
        del self._open[delivery.number]
        self._over.append(delivery)
        if delivery.told is not None:
            delivery.told()
