"""Counts by name, of days of the programme: the ways of a menu that were taken, and the inputs that were refused.

Decides how many names there may be. Refuses to know where counts are kept, and what a name means.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum

NAMES_MAX = 4_000
"""In memory for one day, and labels of the metrics: a menu of forty screens has a hundred ways, the largest file some
thousands. What is beyond is not counted: names of ways are many and mean nothing together."""


class NamedKind(StrEnum):
    """What is counted by name."""

    WAY = "way"
    REFUSED = "refused"


Name = tuple[NamedKind, str]


class NamedCounts:
    """The counts of this process."""

    def __init__(self) -> None:
        self._days: dict[date, Counter[Name]] = {}
        self._totals: Counter[Name] = Counter()
        self._changed: set[tuple[date, Name]] = set()

    def note(self, day: date, kind: NamedKind, name: str) -> None:
        """One more."""
        counts, one = self._days.setdefault(day, Counter()), (kind, name)
        _add(self._totals, one)
        if _add(counts, one):
            self._changed.add((day, one))

    def taken_changes(self) -> set[tuple[date, Name]]:
        """What has changed since this was asked last."""
        changed, self._changed = self._changed, set()
        return changed

    def changed_again(self, changed: set[tuple[date, Name]]) -> None:
        """These could not be written."""
        self._changed |= changed

    def rows(self, changed: set[tuple[date, Name]]) -> list[Mapping[str, object]]:
        """What days that are still known have come to."""
        return [
            {"day": day.isoformat(), "kind": kind, "name": name, "count": self._days[day][kind, name]}
            for day, (kind, name) in sorted(changed)
            if day in self._days
        ]

    def forget(self, until: date) -> None:
        """Keep days up to this one as totals only."""
        for day in [day for day in self._days if day <= until]:
            del self._days[day]

    def totals(self, kind: NamedKind) -> Iterator[tuple[str, int]]:
        """Since this process began."""
        return ((name, count) for (of, name), count in self._totals.items() if of is kind)


def _add(counts: Counter[Name], one: Name) -> bool:
    """Whether there was room."""
    if one not in counts and len(counts) >= NAMES_MAX:
        return False
    counts[one] += 1
    return True
