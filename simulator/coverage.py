"""Which screens of a gateway's menu were visited while something was played, and which ways were taken.

The gateway says what there is (`/v1/menu`) and how often each way was taken (`/metrics`): both are asked before and
after, and what lies between is coverage. A screen is visited when a way to it was taken. Whatever else the gateway did
meanwhile is covered too. One process counts for itself: where several answer at one address, some of what was played
would be missing, and this refuses to guess.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from simulator.deployment import Charted, Deployment
from simulator.errors import NotPlayableError, NotWritableError

WAYS = "ussd_ways_total"
BEGAN = "process_start_time_seconds"
LOOKS = 4
"""At the metrics, each over a connection of its own, before it is believed that one process answers."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A screen that was not visited, or a way that was not taken, and its line in the menu's file."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was visited of a menu. `taken` counts every way of it, also those that were not."""

    chart: Charted
    taken: Mapping[str, int]

    @property
    def visited(self) -> set[str]:
        """The screens that some way led to."""
        return {way.target for way in self.chart.ways if self.taken[way.way]}

    @property
    def missed(self) -> list[Missed]:
        """In the order of the menu's file."""
        visited = self.visited
        screens = [
            Missed(each.line, f"screen {each.screen}") for each in self.chart.screens if each.screen not in visited
        ]
        ways = [Missed(way.line, f"{way.told} → {way.target}") for way in self.chart.ways if not self.taken[way.way]]
        return sorted(screens + ways, key=lambda missed: missed.line)

    @property
    def percent(self) -> float:
        """Of the ways, since whoever takes them all sees every screen; never 100 while one is missing."""
        return 100 * sum(map(bool, self.taken.values())) / max(len(self.chart.ways), 1)

    def told(self) -> Iterator[str]:
        """What a terminal shows."""
        ways = sum(map(bool, self.taken.values()))
        yield (
            f"Coverage of the menu: {len(self.visited)}/{len(self.chart.screens)} screens, "
            f"{ways}/{len(self.chart.ways)} ways."
        )
        if missed := self.missed:
            yield "Nobody went there (the line in the menu's file):"
            yield from (f"{each.line:6}  {each.what}" for each in missed)

    def write(self, file: Path) -> None:
        """Write it for programs, in the form of the report on a menu. Raises `NotWritableError`."""
        ways = [{"way": way, "taken": taken} for way, taken in self.taken.items()]
        try:
            file.write_text(json.dumps({"version": self.chart.version, "ways": ways}, indent=1) + "\n", "utf-8")
        except OSError as error:
            raise NotWritableError(f"cannot write {file}: {error.strerror}") from None


class Covering:
    """A measurement under way: made before the play, asked after it."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._chart = deployment.charted()
        self._before = _counts(deployment)

    def coverage(self) -> Coverage:
        """What was visited since. Raises `NotPlayableError` where that cannot be told."""
        after = _counts(self._deployment)
        if after.began != self._before.began:
            raise NotPlayableError("the gateway was started anew while dialogues were played: nothing is counted")
        if self._deployment.charted() != self._chart:
            raise NotPlayableError("the gateway serves another menu than when the first dialogue began")
        ways = [way.way for way in self._chart.ways]
        return Coverage(self._chart, {way: after.ways.get(way, 0) - self._before.ways.get(way, 0) for way in ways})


@dataclass(frozen=True, slots=True)
class _Counts:
    """What one process has counted, and since when."""

    began: float
    ways: Mapping[str, int]


def _counts(deployment: Deployment) -> _Counts:
    looks = [_read(deployment.metrics()) for _ in range(LOOKS)]
    if len({look.began for look in looks}) > 1:
        raise NotPlayableError(
            "several processes answer at this address, and each counts for itself: name the address of one by --url"
        )
    return looks[-1]


def _read(text: str) -> _Counts:
    began, ways = 0.0, {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == WAYS:
                ways[sample.labels["way"]] = int(sample.value)
            elif sample.name == BEGAN:
                began = sample.value
    return _Counts(began, ways)
