"""The report on a menu: who saw which screen, who went on from it and by which way, and who left.

Decides over which days, and in which order screens stand: those that most people saw first. Everything in it is a
name of the menu's or a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.store.statements import MENU_COUNTS_BETWEEN, MENU_NAMED_BETWEEN
from gateway.store.tracks import Fetch
from gateway.ussd.named import NamedKind
from gateway.ussd.visits import NUMBERS, Tally

DAYS_MAX = 366
DAYS = 7
"""Of a report of which nobody says how many: a week has every weekday once."""


@dataclass(frozen=True, slots=True)
class MenuReport:
    """What was counted from one day of the programme to another, both included."""

    since: date
    until: date
    screens: Mapping[str, Tally]
    """Those that were seen most first."""
    days: Mapping[date, int]
    """Sessions that began, by day."""
    ways: Mapping[str, int]
    """How often each was taken, by its name (`menu.naming`)."""
    refused: Mapping[str, int]
    """What was typed and is not what was asked for, as `gift_code.too_short`."""

    @property
    def sessions(self) -> int:
        """That began."""
        return sum(self.days.values())

    def as_json(self) -> dict[str, object]:
        """For programs. Shares are from 0 to 1, seconds an average."""
        screens = [
            {"screen": screen}
            | {name: getattr(tally, name) for name in NUMBERS if name != "thought_ms"}
            | {"left": tally.left, "left_share": round(tally.left_share, 4), "seconds": round(tally.seconds, 1)}
            for screen, tally in self.screens.items()
        ]
        ways = [{"way": way, "taken": taken} for way, taken in self.ways.items()]
        refused = [
            {"input": failed.rpartition(".")[0], "failure": failed.rpartition(".")[2], "count": count}
            for failed, count in self.refused.items()
        ]
        days = [{"day": day.isoformat(), "sessions": sessions} for day, sessions in self.days.items()]
        return {
            "since": self.since.isoformat(), "until": self.until.isoformat(), "sessions": self.sessions, "days": days,
            "screens": screens, "ways": ways, "refused": refused,
        }  # fmt: skip


async def read(fetch: Fetch, at: datetime, zone: str, days: int) -> MenuReport:
    """The report on the last so many days of a programme in this time zone, today's included."""
    until = at.astimezone(ZoneInfo(zone)).date()
    since = until - timedelta(days=days - 1)
    tallies: dict[str, Tally] = {}
    sessions = {since + timedelta(days=ordinal): 0 for ordinal in range(days)}
    for row in await fetch(MENU_COUNTS_BETWEEN, since, until):
        tally = Tally(**{name: row[name] for name in NUMBERS})
        tallies.setdefault(row["screen"], Tally()).add(tally)
        sessions[row["day"]] += tally.opened
    named: dict[str, dict[str, int]] = {kind: {} for kind in NamedKind}
    for row in await fetch(MENU_NAMED_BETWEEN, since, until):
        named[row["kind"]][row["name"]] = row["count"]
    screens = dict(sorted(tallies.items(), key=_most_seen_first))
    return MenuReport(since, until, screens, sessions, named[NamedKind.WAY], named[NamedKind.REFUSED])


def _most_seen_first(one: tuple[str, Tally]) -> tuple[int, str]:
    screen, tally = one
    return -tally.shown, screen


def widest(report: MenuReport) -> int:
    """How many saw the screen that most people saw: the whole width of a chart."""
    shown: Sequence[int] = [tally.shown for tally in report.screens.values()]
    return max(shown, default=0)
