"""A seeded load of events and sessions, every answer written down, and what must be true of it afterwards."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.conftest import open_ledger
from tests.live.network import Answer, Event, Network, new_number, new_session, until_answered

EVENT_CLIENTS = 10
SESSION_CLIENTS = 10
MEMBERS = 5
"""Two clients speak of each member, so that events of one member meet."""
ITEMS_MAX = 500
"""Of one client; a load is stopped long before."""
SENT_TWICE = 0.3
"""The share of events of which two copies leave at once."""

EARNS: Mapping[tuple[str, int], Mapping[str, int]] = {
    ("top_up", 9_999): {},
    ("top_up", 49_900): {"points": 499},
    ("top_up", 50_000): {"points": 1_000},
    ("top_up", 400_000): {"points": 10_000},
    ("charge", 12_345): {"points": 123},
}
"""What the programme gives, worked out by hand."""
GIFT = ("activated", 0)
GIFT_EARNS = {"gift_units": 5}
"""Given once in a member's life, for whichever of the events came first."""

KEYS = ("1", "0", "3", "2", "0", "3")
"""A session's keys: both languages, and screens with and without calls; it ends in the language it began in."""


@dataclass(slots=True)
class Load:
    """What was sent, and every answer to it."""

    network: Network
    seed: int
    stopped: bool = False
    events: dict[Event, list[dict[str, Any]]] = field(default_factory=dict)
    sessions: list[list[Answer]] = field(default_factory=list)
    members: list[str] = field(default_factory=lambda: [new_number() for _ in range(MEMBERS)])

    async def run(self) -> None:
        """Send until `stopped`, and return when everything that was begun is answered."""
        await asyncio.gather(
            *(self._send_events(number) for number in range(EVENT_CLIENTS)),
            *(self._hold_sessions() for _ in range(SESSION_CLIENTS)),
        )

    async def _send_events(self, number: int) -> None:
        draw = random.Random(f"{self.seed} {number}")
        msisdn = self.members[number % MEMBERS]
        for item in range(ITEMS_MAX):
            if self.stopped:
                return
            kind, amount = draw.choice([*EARNS, GIFT])
            # The first member is this load's alone, so no other load over the same servers has these ids.
            event = Event(f"{self.members[0]}-{number}-{item}", kind, msisdn, amount)
            copies = 2 if draw.random() < SENT_TWICE else 1
            self.events[event] = await asyncio.gather(*(self.network.event(event) for _ in range(copies)))

    async def _hold_sessions(self) -> None:
        """One session after the other; where the gateway ends one, the subscriber dials again."""
        msisdn = new_number()
        for _ in range(ITEMS_MAX):
            if self.stopped:
                return
            session, answers = new_session(), list[Answer]()
            self.sessions.append(answers)
            for count in range(len(KEYS) + 1):
                text = "*".join(KEYS[:count])
                answers.append(await until_answered(partial(self.network.hop, msisdn, session, text)))
                if answers[-1].screen.startswith("END"):
                    break

    @property
    def answers(self) -> list[Answer]:
        """Of every hop of every session."""
        return [answer for session in self.sessions for answer in session]

    def earned(self) -> dict[str, Counter[str]]:
        """By member and unit, what the answers to its events say that it earned."""
        sums: dict[str, Counter[str]] = {msisdn: Counter() for msisdn in self.members}
        for event, answers in self.events.items():
            for line in answers[0]["earned"]:
                sums[event.msisdn][line["unit"]] += line["amount"]
        return sums

    def expected(self) -> dict[str, Counter[str]]:
        """By member and unit, what the programme's rules give for its events."""
        sums: dict[str, Counter[str]] = {msisdn: Counter() for msisdn in self.members}
        for event in self.events:
            sums[event.msisdn].update(EARNS.get((event.type, event.amount), {}))
            if (event.type, event.amount) == GIFT:
                sums[event.msisdn] |= GIFT_EARNS
        return sums

    def disputed(self) -> list[Sequence[object]]:
        """Events whose copies were answered differently, or taken as new more than once."""
        return [(event, answers) for event, answers in self.events.items() if not _agree(answers)]


def _agree(answers: Sequence[Mapping[str, Any]]) -> bool:
    outcomes = [answer["outcome"] for answer in answers]
    same = all(answer["earned"] == answers[0]["earned"] for answer in answers)
    return same and outcomes.count("accepted") <= 1 and set(outcomes) <= {"accepted", "repeated"}


async def booked(ledger: Ledger, msisdn: str) -> tuple[Counter[str], Counter[str]]:
    """What a member's statement sums up to, and what can be spent, by unit."""
    member = await ledger.member(Msisdn(msisdn), datetime.now(UTC))
    assert member is not None, f"{msisdn} sent events and is no member"
    movements: Counter[str] = Counter()
    for movement in await ledger.statement(member.member_id, EVENT_CLIENTS * ITEMS_MAX):
        movements[movement.unit] += movement.amount
    return movements, Counter({balance.unit: balance.available for balance in member.balances})


async def assert_nothing_lost_or_doubled(load: Load, database_url: str, pack: Pack) -> None:
    """The answers agree among themselves, with the rules, and with the books; the books with themselves."""
    assert load.disputed() == []
    assert load.earned() == load.expected()
    ledger = open_ledger(database_url, pack)
    try:
        for msisdn, earned in load.earned().items():
            assert await booked(ledger, msisdn) == (earned, earned), f"{msisdn} has something else than was answered"
    finally:
        await ledger.close()
    assert await verify(database_url) == ()
