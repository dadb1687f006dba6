"""Counts what subscribers do on screens and which ways they take: in memory with each hop, in the database every half
minute.

Each process has rows of its own there, and writes what a day has come to so far, so that none waits for another and a
note that is sent twice changes nothing. A process that dies loses what it counted since: at most `FLUSH_S`. Rows of
days gone by are added up, so that processes that come and go leave none behind.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from gateway.clock import ProgrammeClock
from gateway.errors import GatewayError
from gateway.loops import forever
from gateway.store.ledger import Ledger
from gateway.store.statements import MENU_COUNTS_FOLDED, MENU_COUNTS_PUT, MENU_NAMED_PUT
from gateway.ussd.named import NamedCounts, NamedKind
from gateway.ussd.visits import ENDS, NUMBERS, SECONDS, Tally, Visit

FLUSH_S = 30.0
KEPT_DAYS = 2
"""Days of the programme in memory, today's and the one before: a store that is away for longer loses the oldest."""
SCREENS_MAX = 500
"""Names in memory for one day, and labels of the metrics: a menu has some dozens; versions of a day may add to them."""
OTHER = "other"
"""What is beyond."""
WRITTEN_BEFORE = timedelta(minutes=10)
"""Rows are added up once no process can be about to write them again."""


class Counting(Collector):
    """The counts of this process, of a programme whose days begin in this time zone."""

    def __init__(self, ledger: Ledger, clock: ProgrammeClock, zone: str, registry: CollectorRegistry) -> None:
        self._ledger = ledger
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._process = secrets.token_hex(6)
        self._days: dict[date, dict[str, Tally]] = {}
        self._changed: set[tuple[date, str]] = set()
        self._past: dict[str, Tally] = {}
        self._named = NamedCounts()
        self._folded: date | None = None
        """The day on which this process last added up what is over."""
        registry.register(self)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the context lasts; what was counted last is written at its end."""
        loop = forever(self._keep_writing)
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
            with suppress(GatewayError):
                await self.write()

    def note(self, visit: Visit) -> None:
        """Count one hop."""
        day = visit.at.astimezone(self._zone).date()
        if visit.answered:
            self._tally(day, visit.answered).thought(visit.thought_ms)
        for way in visit.taken:
            self._named.note(day, NamedKind.WAY, way)
        if visit.refused:
            self._named.note(day, NamedKind.REFUSED, visit.refused)
        for name, screen in (
            ("refused" if visit.refused else "wrong", visit.wrong),
            ("failed", visit.failed),
            (ENDS.get(visit.closed_by), visit.closed),
        ):
            if screen and name is not None:
                tally = self._tally(day, screen)
                setattr(tally, name, getattr(tally, name) + 1)
        if visit.shown:
            tally = self._tally(day, visit.shown)
            tally.shown += 1
            tally.opened += visit.opened
            tally.ended += visit.ends
            tally.resumed += visit.resumed

    async def write(self) -> None:
        """Write what has changed, and forget days that are over. Raises what the store raises."""
        today = (await self._clock.at()).astimezone(self._zone).date()
        changed, self._changed = self._changed, set()
        named = self._named.taken_changes()
        rows = [self._row(day, screen) for day, screen in sorted(changed) if day in self._days]
        try:
            await self._put(MENU_COUNTS_PUT, rows)
            await self._put(MENU_NAMED_PUT, self._named.rows(named))
        except GatewayError:
            self._changed |= changed
            self._named.changed_again(named)
            raise
        finally:
            self._forget(today - timedelta(days=KEPT_DAYS))
        if self._folded != today:
            before = today - timedelta(days=KEPT_DAYS - 1)
            await self._ledger.one(MENU_COUNTS_FOLDED, before, datetime.now(UTC) - WRITTEN_BEFORE)
            self._folded = today

    def collect(self) -> Iterator[Metric]:
        """What this process has counted, as metrics (prometheus_client's `Collector`)."""
        totals = self._totals()
        counts = CounterMetricFamily("ussd_screens", "What subscribers did on screens", labels=["screen", "what"])
        looks = HistogramMetricFamily("ussd_screen_seconds", "From a screen to its answer", labels=["screen"])
        for screen, tally in totals.items():
            for name in NUMBERS:
                if name != "thought_ms":
                    counts.add_metric([screen, name], getattr(tally, name))
            looks.add_metric([screen], list(_buckets(tally)), tally.thought_ms / 1000)
        yield counts
        yield looks
        ways = CounterMetricFamily("ussd_ways", "Which ways of the menu were taken", labels=["way"])
        for way, count in self._named.totals(NamedKind.WAY):
            ways.add_metric([way], count)
        yield ways
        refused = CounterMetricFamily(
            "ussd_refused_inputs", "What was typed and is not what was asked for", labels=["input", "failure"]
        )
        for refusal, count in self._named.totals(NamedKind.REFUSED):
            refused.add_metric(list(refusal.rpartition(".")[::2]), count)
        yield refused

    async def _put(self, statement: str, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            await self._ledger.one(statement, self._process, json.dumps(rows), datetime.now(UTC))

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            with suppress(GatewayError):  # a store that is away: it is written with the next
                await self.write()

    def _tally(self, day: date, screen: str) -> Tally:
        tallies = self._days.setdefault(day, {})
        if screen not in tallies:
            screen = screen if len(tallies) < SCREENS_MAX else OTHER
            tallies.setdefault(screen, Tally())
        self._changed.add((day, screen))
        return tallies[screen]

    def _row(self, day: date, screen: str) -> Mapping[str, object]:
        tally = self._days[day][screen]
        return {"day": day.isoformat(), "screen": screen} | {name: getattr(tally, name) for name in NUMBERS}

    def _forget(self, until: date) -> None:
        """Keep days up to this one as totals only."""
        self._named.forget(until)
        for day in [day for day in self._days if day <= until]:
            for screen, tally in self._days.pop(day).items():
                _into(self._past, screen).add(tally)

    def _totals(self) -> dict[str, Tally]:
        totals: dict[str, Tally] = {}
        for tallies in (self._past, *self._days.values()):
            for screen, tally in tallies.items():
                _into(totals, screen).add(tally)
        return totals


def _into(totals: dict[str, Tally], screen: str) -> Tally:
    """The screen's total, among so many as there may be."""
    name = screen if screen in totals or len(totals) < SCREENS_MAX else OTHER
    return totals.setdefault(name, Tally())


def _buckets(tally: Tally) -> Iterator[tuple[str, float]]:
    together = 0
    for bound, count in zip((*map(str, SECONDS), "+Inf"), tally.thoughts, strict=True):
        together += count
        yield bound, together
