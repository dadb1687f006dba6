"""Charts as SVG: lines and areas over time, with an axis of round numbers and no script.

A chart takes its colours from the page's style sheet by class names (`series-1` …). What it shows when a mouse rests on
a moment is in `<title>`. Texts are escaped here, since an SVG is put into the page as it is.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 920, 200
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28
TICKS = 4
FACTORS_MAX = 6
TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
TIME_TICKS_MAX = 10
POINTS_MAX = 600


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, its class in the style sheet, and what it is at each moment; None where there is nothing."""

    name: str
    style: str
    points: Sequence[tuple[float, float | None]]
    is_area: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """The upright one: how a value is written, and whether equal steps are equal factors."""

    written: Callable[[float], str]
    logarithmic: bool = False
    step_min: float = 0.0


def chart(title: str, series: Sequence[Series], axis: Axis, until_s: float, time: Callable[[float], str]) -> str:
    """One chart from the moment 0 to `until_s`."""
    scale = _Scale(series, axis, max(until_s, 1.0))
    parts = [_grid(scale, axis, time)]
    parts += [_area(one, scale) if one.is_area else _line(one, scale) for one in series]
    parts.append(_rulers(series, scale, axis, time))
    body = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}" '
        f'xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>'
    )


class _Scale:
    """Where a moment and a value stand."""

    def __init__(self, series: Sequence[Series], axis: Axis, until_s: float) -> None:
        values = [value for one in series for _, value in one.points if value is not None and value > 0]
        self.until_s = until_s
        self._logarithmic = axis.logarithmic
        if axis.logarithmic:
            self.ticks = _factors(min(values, default=0.001), max(values, default=1.0))
            self._low, self._high = math.log10(self.ticks[0]), math.log10(self.ticks[-1])
        else:
            step = max(_round_step(max(values, default=1.0) / TICKS), axis.step_min)
            count = math.ceil(max(values, default=1.0) / step * (1 - 1e-9))
            self._low, self._high = 0.0, count * step
            self.ticks = [place * step for place in range(count + 1)]

    def x(self, at_s: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(at_s / self.until_s, 1.0)

    def y(self, value: float) -> float:
        if self._logarithmic:
            value = math.log10(value) if value > 0 else self._low
        share = (value - self._low) / (self._high - self._low)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(share, 0.0), 1.0)


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 …, or a part of one."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= least * (1 - 1e-9))


def _factors(least: float, most: float) -> list[float]:
    """1, 2, 5, 10 … around two values; only the tens where these are many. Worked example: 0.03 and 0.4 are between
    0.02 and 0.5.
    """
    powers = range(math.floor(math.log10(least)) - 1, math.ceil(math.log10(most)) + 2)
    rounds = [part * 10.0**power for power in powers for part in (1, 2, 5)]
    low = max(place for place, value in enumerate(rounds) if value <= least * (1 + 1e-9))
    high = max(min(place for place, value in enumerate(rounds) if value >= most * (1 - 1e-9)), low + 1)
    found = rounds[low : high + 1]
    inner = [value for value in found[1:-1] if len(found) <= FACTORS_MAX or math.log10(value) % 1 in {0.0, 1.0}]
    return [found[0], *inner, found[-1]]


def _grid(scale: _Scale, axis: Axis, time: Callable[[float], str]) -> str:
    lines = []
    for tick in scale.ticks:
        y = scale.y(tick)
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(
            f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(axis.written(tick))}</text>'
        )
    step = next((step for step in TIME_STEPS_S if scale.until_s / step <= TIME_TICKS_MAX), TIME_STEPS_S[-1])
    for place in range(int(scale.until_s / step) + 1):
        x = scale.x(place * step)
        anchor = "start" if place == 0 else "end" if x > WIDTH - RIGHT - 15 else "middle"
        lines.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">'
            f"{escape(time(place * step))}</text>"
        )
    return "\n".join(lines)


def _runs(series: Series, scale: _Scale) -> list[list[tuple[float, float]]]:
    """The points that have a value, broken where one has none."""
    runs: list[list[tuple[float, float]]] = [[]]
    for at_s, value in series.points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((scale.x(at_s), scale.y(value)))
    return [run for run in runs if run]


def _line(series: Series, scale: _Scale) -> str:
    paths = []
    for run in _runs(series, scale):
        if len(run) == 1:  # a line of one point would not be seen
            (x, y) = run[0]
            paths.append(f'<circle class="dot {series.style}" cx="{x:.1f}" cy="{y:.1f}" r="1.5"/>')
        else:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
            paths.append(f'<polyline class="line {series.style}" points="{points}"/>')
    return "\n".join(paths)


def _area(series: Series, scale: _Scale) -> str:
    floor = scale.y(0)
    paths = []
    for run in _runs(series, scale):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(run[0][0], floor), *run, (run[-1][0], floor)])
        paths.append(f'<polygon class="area {series.style}" points="{points}"/>')
    return "\n".join(paths)


def _rulers(series: Sequence[Series], scale: _Scale, axis: Axis, time: Callable[[float], str]) -> str:
    """A strip for each moment that shows its numbers when a mouse rests on it."""
    moments = sorted({at_s for one in series for at_s, _ in one.points})[:POINTS_MAX]
    known = [(one.name, dict(one.points)) for one in series]
    width = (WIDTH - LEFT - RIGHT) / max(len(moments), 1)
    strips = []
    for at_s in moments:
        said = [f"{name} {axis.written(value)}" for name, points in known if (value := points.get(at_s)) is not None]
        strips.append(
            f'<rect class="ruler" x="{scale.x(at_s) - width / 2:.1f}" y="{TOP}" width="{max(width, 1):.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}"><title>{escape(chr(10).join([time(at_s), *said]))}</title></rect>'
        )
    return "\n".join(strips)
