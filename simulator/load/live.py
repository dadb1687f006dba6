"""What is seen while a load runs: a picture that changes in place; where output is no terminal, a line now and then."""

import asyncio
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from simulator.load.book import Phones
from simulator.load.histogram import Histogram
from simulator.load.measure import Measure, Wait
from simulator.load.plan import Plan
from simulator.load.words import clock_of, counted, rate_of, time_of

DRAWN_S = 0.5
LINE_S = 10.0
LATEST_S = 5.0
"""What rates and percentiles on the display are of."""
CHART_WIDTH = 60
_BARS = "▁▂▃▄▅▆▇█"


class Display:
    """Draws while `run` does; it changes nothing."""

    def __init__(self, plan: Plan, phones: Phones, measure: Measure, console: Console) -> None:
        self._plan = plan
        self._phones = phones
        self._measure = measure
        self._console = console

    async def run(self) -> None:
        """Until it is cancelled."""
        if not self._console.is_terminal:
            while True:
                await asyncio.sleep(LINE_S)
                self._console.print(self.line(), highlight=False, soft_wrap=True)
        with Live(self.picture(), console=self._console, auto_refresh=False, transient=True) as live:
            while True:
                await asyncio.sleep(DRAWN_S)
                live.update(self.picture(), refresh=True)

    def line(self) -> str:
        """`0:30 of 5:00  sessions 50/s of 50  screens 201/s p50 4 ms p99 20 ms  under way 212  refused 0  wrong 0`."""
        latest = self._measure.latest(LATEST_S)
        length_s = _length_s(self._measure, LATEST_S)
        parts = [self._told()]
        parts += [
            f"{stream.value} {_rate((starts.made + starts.late) / length_s)}/s of {_rate(starts.due / length_s)}"
            for stream, starts in latest.starts.items()
            if starts.due
        ]
        for wait, histogram in latest.waits.items():
            if histogram.count and wait is not Wait.EVENT:
                p50, p99 = (time_of(histogram.percentile(share)) for share in (0.5, 0.99))
                parts.append(f"{wait.value} {rate_of(histogram.count / length_s)}/s p50 {p50} p99 {p99}")
        parts += [f"under way {self._phones.busy}", f"refused {self._refused()}", f"wrong {self._measure.wrong_count}"]
        return "  ".join(parts)

    def picture(self) -> RenderableType:
        """The progress, the rates asked and held, how long replies took lately, and two small charts."""
        measure = self._measure
        latest, length_s = measure.latest(LATEST_S), _length_s(measure, LATEST_S)
        numbers = Table.grid(padding=(0, 3))
        for _ in range(6):
            numbers.add_column(justify="right")
        numbers.add_row("", *(Text(head, style="dim") for head in ("a second", "p50", "p90", "p99", "longest")))
        for stream, starts in latest.starts.items():
            if starts.due:
                made = _rate((starts.made + starts.late) / length_s)
                numbers.add_row(stream.value, f"{made} of {_rate(starts.due / length_s)}")
        for wait, histogram in latest.waits.items():
            if measure.waits[wait].count:
                numbers.add_row(wait.value, rate_of(histogram.count / length_s), *_percentiles(histogram))
        wrong = measure.wrong_count
        state = Text.assemble(
            f"under way {counted(self._phones.busy)} of {counted(self._phones.count)} phones   ",
            (f"refused {counted(self._refused())}", "bold red" if self._refused() else ""),
            "   ",
            (f"wrong {counted(wrong)}", "bold red" if wrong else "green"),
        )
        charts = [
            Text(f"{label:<14}{sparkline(values)}  {shown}", style="cyan") for label, values, shown in self._charts()
        ]
        return Panel(Group(self._progress(), Text(), numbers, Text(), state, Text(), *charts), title="simulator load")

    def _progress(self) -> RenderableType:
        total_s = self._plan.duration_s
        now_s = min(self._measure.now_s, total_s)
        row = Table.grid(padding=(0, 2))
        row.add_row(ProgressBar(total_s, now_s, width=CHART_WIDTH), self._told())
        return row

    def _told(self) -> str:
        """`0:30 of 5:00`, until the last start."""
        now_s, total_s = self._measure.now_s, self._plan.duration_s
        return f"{clock_of(now_s)} of {clock_of(total_s)}" if now_s < total_s else "the last sessions end"

    def _charts(self) -> Iterable[tuple[str, Sequence[float], str]]:
        slots = self._measure.slots[-CHART_WIDTH - 1 : -1]
        screens = [slot.waits[Wait.SCREEN].count / self._measure.slot_s for slot in slots]
        slowest = [slot.waits[Wait.SCREEN].percentile(0.99) for slot in slots]
        if any(screens):
            yield "screens/s", screens, f"to {rate_of(max(screens))}"
            yield "p99", slowest, f"to {time_of(max(slowest))}"
        sms = [slot.waits[Wait.SMS].percentile(0.99) for slot in slots]
        if any(sms):
            yield "p99 of SMS", sms, f"to {time_of(max(sms))}"

    def _refused(self) -> int:
        return sum(starts.refused for starts in self._measure.starts.values())


def sparkline(values: Sequence[float]) -> str:
    """One character a value, from nothing to the greatest."""
    most = max(values, default=0.0) or 1.0
    return "".join(_BARS[round((len(_BARS) - 1) * value / most)] for value in values)


def _percentiles(histogram: Histogram) -> list[str]:
    if not histogram.count:
        return []
    return [*(time_of(histogram.percentile(share)) for share in (0.5, 0.9, 0.99)), time_of(histogram.longest)]


def _rate(rate: float) -> str:
    return rate_of(round(rate, 1))


def _length_s(measure: Measure, seconds: float) -> float:
    """Of how much time `latest` is."""
    whole = measure.slots[:-1][-max(1, round(seconds / measure.slot_s)) :]
    return len(whole) * measure.slot_s if whole else max(measure.now_s, 0.001)
