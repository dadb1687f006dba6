"""How long things took, in a bounded number of counters, however many they were.

Buckets are exact below `2 ** precision` microseconds; above, each power of two is divided into as many equal parts,
so that a percentile is too high by at most one part in `2 ** precision` (the scheme of HdrHistogram). The longest is
kept exactly. It knows no clock.
"""

from array import array
from typing import Self

LONGEST_US = 2**32 - 1  # 71 minutes: longer is counted as that, and nobody waits for so long
FINE = 7
"""Bits of precision: one part in 128, below one per cent."""
COARSE = 4
"""One part in 16, for the many small ones that stand side by side in a chart."""


class Histogram:
    """Counters of durations. Two of the same precision can be added."""

    def __init__(self, precision: int = FINE) -> None:
        self._precision = precision
        octaves = LONGEST_US.bit_length() - precision
        self._counts = array("I", bytes(array("I").itemsize * (octaves + 1) * 2**precision))
        self.count = 0
        self._sum_us = 0
        self._max_us = 0

    def record(self, seconds: float) -> None:
        """Count one duration; a negative one, which only a clock makes, counts as none."""
        value = min(max(round(seconds * 1_000_000), 0), LONGEST_US)
        self._counts[self._place(value)] += 1
        self.count += 1
        self._sum_us += value
        self._max_us = max(self._max_us, value)

    def add(self, other: "Histogram") -> Self:
        """Count all that another has counted."""
        for place, count in enumerate(other._counts):
            if count:
                self._counts[place] += count
        self.count += other.count
        self._sum_us += other._sum_us
        self._max_us = max(self._max_us, other._max_us)
        return self

    @property
    def longest(self) -> float:
        """In seconds; 0 when nothing was counted."""
        return self._max_us / 1_000_000

    @property
    def mean(self) -> float:
        """In seconds; 0 when nothing was counted."""
        return self._sum_us / self.count / 1_000_000 if self.count else 0.0

    def percentile(self, share: float) -> float:
        """The duration that `share` (0 to 1) of all did not exceed, in seconds, rounded up to its bucket's end.

        Worked example: of 1, 2, 3 and 4 ms the share 0.5 is 2 ms; the share 1 is the longest, exactly.
        """
        wanted, passed = max(1, -int(-share * self.count // 1)), 0
        for place, count in enumerate(self._counts):
            passed += count
            if count and passed >= wanted:
                return min(self._end(place), self._max_us) / 1_000_000
        return self.longest

    def _place(self, value: int) -> int:
        octave = max(value.bit_length() - self._precision - 1, -1) + 1
        if octave == 0:
            return value
        shift = octave - 1
        return (octave << self._precision) + (value >> shift) - (1 << self._precision)

    def _end(self, place: int) -> int:
        """The longest that a bucket counts, in microseconds."""
        octave, part = divmod(place, 1 << self._precision)
        if octave == 0:
            return part
        shift = octave - 1
        return ((part + (1 << self._precision) + 1) << shift) - 1
