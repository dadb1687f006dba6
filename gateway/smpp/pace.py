"""How fast a link may send, and when it may try again: what an operator sold, and what its SMSC takes.

Decides by arithmetic alone. Time and chance are arguments; who waits, and how, is the link's matter.
"""

from collections.abc import Callable

BURST_S = 0.02
"""Submits that a quiet link may make at once, as time at its rate; never less than one. Operators count strictly: more
would be throttled in the first second, less would be lost to timers that are late."""
BREATH_S = 0.005
"""The shortest wait that is worth a timer: at 1,000 a second five messages go together."""

PAUSE_FIRST_S = 1.0
"""After a throttled submit: SMSCs count by the second."""
PAUSE_MAX_S = 30.0
SLOWER = 0.7
"""What a throttled link keeps of its rate."""
FASTER_PER_S = 1.0
"""What every second of success at full rate adds to it."""
NEAR = 0.9
"""Of the rate at which the SMSC last throttled: from there on it is approached slowly, since each throttle costs a
pause. At a ceiling of 10 a second more than 8 get through so, and 6.5 without."""
NEAR_FASTER_PER_S = 0.01
"""As a share of the rate; with many a second it is the common step."""
RATE_MIN = 1.0
MEASURED_S = 1.0

RETRY_FIRST_S = 0.5
RETRY_MAX_S = 30.0
RETRY_CONFIGURATION_S = 30.0
"""A bind that only a person can mend: often enough to notice, seldom enough not to lock the account."""


class Pace:
    """A bucket of tokens that fills with time, one a submit. The rate falls by a share when the SMSC throttles and
    rises by a step while it does not, by a small one near the rate that was throttled last, below the ceiling that is
    sold; with no ceiling, no rate until a throttle."""

    def __init__(self, tps: int, at: float) -> None:
        self._ceiling = float(tps) if tps else None
        self._rate = self._ceiling
        self._tokens = self._burst()
        self._filled_at = at
        self._near: float | None = None
        self._pause_s = 0.0
        self._paused_until = at
        self._counted = (at, 0)
        self._measured = 0.0

    @property
    def rate(self) -> float | None:
        """Submits in a second now; None: no limit."""
        return self._rate

    def ready(self, at: float, wanted: int) -> int:
        """How many of `wanted` may go now."""
        if at < self._paused_until:
            return 0
        if self._rate is None:
            return wanted
        self._fill(at)
        return min(wanted, int(self._tokens))

    def ready_at(self, at: float) -> float:
        """When at least one may go; not after `at` when it may now."""
        if at < self._paused_until:
            return self._paused_until
        if self._rate is None:
            return at
        self._fill(at)
        return at if self._tokens >= 1 else at + max((1 - self._tokens) / self._rate, BREATH_S)

    def take(self, at: float, granted: int) -> None:
        """So many go."""
        self._tokens -= granted
        since, counted = self._counted
        if at - since >= MEASURED_S:
            self._measured = counted / (at - since)
            self._counted = (at, granted)
        else:
            self._counted = (since, counted + granted)

    def give_back(self, unused: int) -> None:
        """So many did not go after all."""
        self._tokens = min(self._tokens + unused, self._burst())

    def throttled(self, at: float) -> float:
        """The SMSC was overrun: stop for a while, then go on slower. How long, in seconds; 0 when it is stopped
        already, since a window full of submits is throttled together."""
        if at < self._paused_until:
            return 0.0
        since, counted = self._counted
        before = self._rate or max(self._measured, counted / max(at - since, MEASURED_S))
        self._near = before * NEAR
        self._rate = max(before * SLOWER, RATE_MIN)
        self._pause_s = min(max(2 * self._pause_s, PAUSE_FIRST_S), PAUSE_MAX_S)
        self._paused_until = self._filled_at = at + self._pause_s
        self._tokens = 1.0
        return self._pause_s

    def passed(self, at: float) -> None:
        """The SMSC took one. What it took of those sent before a pause says nothing."""
        if at < self._paused_until:
            return
        self._pause_s = 0.0
        if self._rate is not None:
            faster = self._rate + self._step() / self._rate
            self._rate = faster if self._ceiling is None else min(faster, self._ceiling)

    def _step(self) -> float:
        """What a second of success at full rate adds now."""
        rate = self._rate or 0.0
        is_near = self._near is not None and self._near <= rate < self._near / NEAR
        return min(FASTER_PER_S, NEAR_FASTER_PER_S * rate) if is_near else FASTER_PER_S

    def _fill(self, at: float) -> None:
        if self._rate is not None and at > self._filled_at:
            self._tokens = min(self._tokens + (at - self._filled_at) * self._rate, self._burst())
            self._filled_at = at

    def _burst(self) -> float:
        return max((self._rate or 0.0) * BURST_S, 1.0)


class Retry:
    """When to connect again: at any moment of a time that doubles, so that many gateways do not knock together."""

    def __init__(self) -> None:
        self._span_s = 0.0

    def next(self, chance: Callable[[], float]) -> float:
        """Seconds to wait before the next try. `chance` draws from 0 to 1."""
        self._span_s = min(max(2 * self._span_s, RETRY_FIRST_S), RETRY_MAX_S)
        return chance() * self._span_s

    def reset(self) -> None:
        """The last connection was good: the next try may come soon."""
        self._span_s = 0.0
