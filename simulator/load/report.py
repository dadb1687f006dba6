"""How a load went, told three ways: on the terminal, as JSON, and as a page for whoever has to be shown it.

The page is one file that loads nothing: style, charts and numbers are in it, and everything that came from outside is
escaped. It is the same load in all three.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.errors import SimulatorError
from simulator.load import words
from simulator.load.charts import Axis, Series, chart
from simulator.load.histogram import Histogram
from simulator.load.measure import Slot, Stream, Wait
from simulator.load.outcome import HELD_MIN, Outcome

SHARES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "longest": 1.0}
ASKED = "series-asked"
FAULTS_TOLD = 5
"""On the terminal; the page has all that were kept."""


def tell(outcome: Outcome, console: Console) -> None:
    """On the terminal: what was waited for, what was wrong, and the verdict last."""
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for head in ("", "count", "a second", *SHARES):
        table.add_column(head, justify="left" if not head else "right")
    for stream, starts in outcome.measure.starts.items():
        if starts.due:
            made, asked_s = starts.made + starts.late, min(outcome.took_s, outcome.plan.duration_s)
            table.add_row(stream.value, words.counted(made), words.rate_of(made / asked_s))
    for wait, histogram in outcome.measure.waits.items():
        if histogram.count:
            rate = words.rate_of(histogram.count / outcome.took_s)
            table.add_row(wait.value, words.counted(histogram.count), rate, *_told(histogram).values())
    console.print(table)
    for told in _memory(outcome):
        console.print(told, highlight=False, soft_wrap=True)
    for fault in outcome.measure.faults[:FAULTS_TOLD]:
        console.print(Text(f"✗ {words.clock_of(fault.at_s)} {fault.kind}: {fault.text}", style="red"), soft_wrap=True)
    for doubt in outcome.doubts:
        console.print(Text(doubt, style="yellow"), soft_wrap=True)
    style = "bold red" if outcome.complaints else "bold green"
    console.print(Text(outcome.verdict, style=style), soft_wrap=True)


def as_json(outcome: Outcome) -> bytes:
    """For programs: times in seconds, rates in starts a second; `series` has a row for each `slot_s` seconds."""
    measure, plan = outcome.measure, outcome.plan
    content = {
        "verdict": outcome.verdict,
        "complaints": outcome.complaints,
        "doubts": outcome.doubts,
        "began_at": outcome.began_at,
        "took_s": round(outcome.took_s, 3),
        "where": outcome.where,
        "plan": plan,
        "starts": {stream: _starts(outcome, stream) for stream in Stream},
        "waits": {wait: _numbers(histogram) for wait, histogram in measure.waits.items()},
        "stories": {
            name: {
                "played": story.played,
                "wrong": story.wrong,
                "waits": {wait: _numbers(histogram) for wait, histogram in story.waits.items()},
            }
            for name, story in measure.stories.items()
        },
        "wrong": measure.wrong,
        "faults": measure.faults,
        "own": {"cpu_s": round(outcome.cpu_s, 2), "lag": _numbers(measure.lag)},
        "slot_s": measure.slot_s,
        "series": [_row(slot) for slot in measure.slots],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def html(outcome: Outcome) -> bytes:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["words"] = words
    page = environment.get_template("report.html.j2").render(
        outcome=outcome,
        charts=[(title, about, Markup(drawn), legend) for title, about, drawn, legend in _charts(outcome)],  # noqa: S704 - `chart` escapes
        waits=[(wait.value, found, _told(found)) for wait, found in outcome.measure.waits.items() if found.count],
        stories=_stories(outcome),
        shares=list(SHARES),
        held_min=HELD_MIN,
        memory=list(_memory(outcome)),
    )
    return page.encode()


def ensure_savable(file: Path) -> None:
    """Raise a sentence when a report could not be saved there: before the load, not after it."""
    if file.is_dir() or not file.parent.is_dir():
        raise SimulatorError(f"the report cannot be saved in {file}: name a file in a folder that is there")


def save(file: Path, content: bytes) -> None:
    """Write a report. Raises a sentence when that cannot be done."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise SimulatorError(f"the report cannot be saved in {file}: {error.strerror}") from None


def _told(histogram: Histogram) -> dict[str, str]:
    return {name: words.time_of(histogram.percentile(share)) for name, share in SHARES.items()}


def _numbers(histogram: Histogram) -> dict[str, float]:
    """In seconds."""
    found = {name: round(histogram.percentile(share), 6) for name, share in SHARES.items()}
    return {"count": histogram.count, "mean": round(histogram.mean, 6)} | found


def _starts(outcome: Outcome, stream: Stream) -> dict[str, float]:
    starts = outcome.measure.starts[stream]
    return {
        "due": starts.due,
        "made": starts.made,
        "late": starts.late,
        "refused": starts.refused,
        "held": round(starts.held, 5),
    }


def _row(slot: Slot) -> dict[str, Any]:
    return {
        "starts": slot.starts,
        "waits": {wait: _numbers(histogram) for wait, histogram in slot.waits.items() if histogram.count},
        "under_way": slot.under_way,
        "wrong": slot.wrong,
        "own": slot.own,
        "gateway": slot.gateway,
    }


def _memory(outcome: Outcome) -> Iterator[str]:
    """What the two processes took at first and at last."""
    for name, which in (("the gateway", "gateway"), ("this process", "own")):
        weights = outcome.weights(which)
        if len(weights) > 1:
            (first_s, first), (last_s, last) = weights[0], weights[-1]
            cpu = (last.cpu_s - first.cpu_s) / max(last_s - first_s, 1)
            yield (
                f"{name}: {words.memory_of(first.memory_bytes)} of memory at first, "
                f"{words.memory_of(last.memory_bytes)} at last; {cpu:.0%} of a CPU"
            )


def _stories(outcome: Outcome) -> list[tuple[str, int, int, str, str, str, str]]:
    """A row for each: name, played, wrong, and two percentiles of its screens and its SMS."""
    rows = []
    for name, story in sorted(outcome.measure.stories.items(), key=lambda row: -row[1].played):
        told = [
            words.time_of(story.waits[wait].percentile(share)) if wait in story.waits else ""
            for wait in (Wait.SCREEN, Wait.SMS)
            for share in (0.5, 0.99)
        ]
        rows.append((name, story.played, story.wrong, told[0], told[1], told[2], told[3]))
    return rows


def _charts(outcome: Outcome) -> Iterator[tuple[str, str, str, list[tuple[str, str]]]]:
    """Title, what it shows, the drawing, and its legend: names and classes."""
    measure = outcome.measure

    def series(name: str, style: str, of: Callable[[Slot], float | None], *, of_starts: bool = False) -> Series:
        """What is of starts ends with the last; an area, unless it says what was asked for."""
        slots = measure.slots[: math.ceil(outcome.plan.duration_s / measure.slot_s)] if of_starts else measure.slots
        points = [((place + 0.5) * measure.slot_s, of(slot)) for place, slot in enumerate(slots)]
        return Series(name, style, points, is_area=of_starts and style != ASKED)

    def drawn(title: str, about: str, lines: list[Series], axis: Axis) -> tuple[str, str, str, list[tuple[str, str]]]:
        picture = chart(title, lines, axis, len(measure.slots) * measure.slot_s, words.clock_of)
        return title, about, picture, list(dict.fromkeys((one.name, one.style) for one in lines))

    yield drawn("Rate", "Starts a second: asked for, and made.", _rates(outcome, series), Axis(words.rate_of))
    for wait in (Wait.SCREEN, Wait.SMS):
        if measure.waits[wait].count:
            about = "From when a subscriber meant to ask, to the reply. The scale is logarithmic."
            lines = [
                series(name, f"series-{place}", _percentile(wait, SHARES[name]))
                for place, name in enumerate(("longest", "p99", "p90", "p50"), 1)
            ]
            yield drawn(f"Time to reply: {wait.value}", about, lines, Axis(words.time_of, logarithmic=True))
    busy = [series("phones in use", "series-4", lambda slot: float(slot.under_way), of_starts=True)]
    yield drawn("Under way", f"Phones in use at once, of {outcome.plan.phones}.", busy, Axis(words.counted, step_min=1))
    if measure.wrong_count or any(_refused(slot) for slot in measure.slots):
        wrong = series("wrong", "series-bad", lambda slot: float(slot.wrong))
        about = "Wrong replies, and starts that found every phone busy."
        lines = [wrong, series("refused", "series-warn", _refused)]
        yield drawn("Faults", about, lines, Axis(words.counted, step_min=1))
    weights = _weights(outcome)
    if weights:
        yield drawn(
            "Memory", "Resident, of each process that says so.", weights, Axis(lambda size: words.memory_of(int(size)))
        )


def _rates(outcome: Outcome, series: Callable[..., Series]) -> list[Series]:
    slot_s, lines = outcome.measure.slot_s, []
    for stream, style, asked in (
        (Stream.SESSIONS, "series-4", outcome.plan.rate),
        (Stream.TEXTS, "series-3", outcome.plan.texts),
    ):
        if asked:
            lines.append(series(stream.value, style, _made(stream, slot_s), of_starts=True))
            lines.append(series("asked for", ASKED, _due(stream, slot_s), of_starts=True))
    return lines


def _made(stream: Stream, slot_s: int) -> Callable[[Slot], float]:
    return lambda slot: (slot.starts[stream].made + slot.starts[stream].late) / slot_s


def _due(stream: Stream, slot_s: int) -> Callable[[Slot], float]:
    return lambda slot: slot.starts[stream].due / slot_s


def _percentile(wait: Wait, share: float) -> Callable[[Slot], float | None]:
    return lambda slot: slot.waits[wait].percentile(share) if slot.waits[wait].count else None


def _refused(slot: Slot) -> float:
    return float(sum(starts.refused for starts in slot.starts.values()))


def _weights(outcome: Outcome) -> list[Series]:
    lines = []
    for name, which, style in (("the gateway", "gateway", "series-4"), ("this process", "own", "series-2")):
        points = [(at_s, float(weight.memory_bytes)) for at_s, weight in outcome.weights(which)]
        if points:
            lines.append(Series(name, style, points))
    return lines
