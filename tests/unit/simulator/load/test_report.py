"""The report: it says what was seen, in three forms; the page loads nothing and escapes everything."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from simulator.load import report
from simulator.load.charts import Axis, Series, chart
from simulator.load.engine import Ending, Engine
from simulator.load.live import Display, sparkline
from simulator.load.outcome import Outcome, Where
from simulator.load.words import clock_of, rate_of, share_of, time_of
from tests.unit.simulator.load.town import STORIES, TEXTS, Town, loaded, plan, stories_in

HOSTILE = "<script>alert(1)</script>&\"'"
VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})


def outcome_of(load: Engine) -> Outcome:
    where = Where(f"http://gateway.example/{HOSTILE}", "africastalking", HOSTILE, "+79990000000")
    began_at = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
    return Outcome(where, load.plan, load.measure, load.ending, load.phones.put_away, began_at, 20.0, 1.5)


@pytest.fixture
def right(tmp_path: Path) -> Outcome:
    """20 s at ten sessions and five texts a second, all as expected."""
    return outcome_of(loaded(Town(), stories_in(tmp_path, STORIES + TEXTS), plan(texts=5, for_s=20)))


@pytest.fixture
def wrong(tmp_path: Path) -> Outcome:
    """Too few phones for a slow gateway, and its screens say what they should not."""
    town = Town(takes=lambda at: 3.0, shows=lambda msisdn, screen: screen + HOSTILE)
    return outcome_of(loaded(town, stories_in(tmp_path), plan(phones=20)))


class Page(HTMLParser):
    """Reads a page, and fails where tags do not close in their order."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content.decode())
        self.close()
        assert self.open == [], "tags that are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another"

    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)


def test_the_page_of_a_load_that_went_well(right: Outcome) -> None:
    page = Page(report.html(right))
    assert "As expected: the rate was held, and every reply was right" in page.text
    assert "What was wrong" not in page.text
    for words in (
        "of 200 due",
        "of 100 due",
        "Time to reply: screens",
        "Time to reply: SMS",
        "Memory",
        "looks",
        "pays",
    ):
        assert words in page.text
    assert page.count("svg") == 5


def test_the_page_of_a_load_that_went_badly(wrong: Outcome) -> None:
    page = Page(report.html(wrong))
    assert "Not as expected" in page.text
    assert "found every phone busy" in page.text
    assert "What was wrong" in page.text
    assert "this is not home" in page.text
    assert HOSTILE in page.text, "what came from outside is shown as it came"


def test_the_page_loads_nothing_and_runs_nothing(wrong: Outcome) -> None:
    page = Page(report.html(wrong))
    assert not page.count("script")
    assert not page.count("link")
    assert not page.count("img")
    for _, attributes in page.tags:
        assert not {"src", "href", "srcset", "action", "style"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    style = re.search(r"<style>(.*?)</style>", report.html(wrong).decode(), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_json_says_the_same(right: Outcome, wrong: Outcome) -> None:
    told = json.loads(report.as_json(right))
    assert told["complaints"] == []
    assert told["starts"]["sessions"] == {"due": 200, "made": 200, "late": 0, "refused": 0, "held": 1.0}
    assert told["waits"]["screens"]["count"] == right.measure.waits["screens"].count  # type: ignore[index]  # a StrEnum's word
    assert sum(row["starts"]["texts"]["made"] for row in told["series"]) == 100
    assert told["stories"]["looks"]["wrong"] == 0
    told = json.loads(report.as_json(wrong))
    assert told["starts"]["sessions"]["refused"] > 0
    assert told["wrong"] == {"wrong screen": wrong.measure.wrong_count}
    assert HOSTILE in told["faults"][0]["text"]


def told(outcome: Outcome) -> str:
    output = io.StringIO()
    report.tell(outcome, Console(file=output, width=200))
    return output.getvalue()


def test_the_terminal(right: Outcome, wrong: Outcome) -> None:
    lines = told(right)
    assert re.search(r"sessions +200 +10 ", lines)
    assert re.search(r"screens +\d+ ", lines)
    assert re.search(r"the gateway: 100 MB of memory at first, 100 MB at last; 1[01]% of a CPU", lines)
    assert lines.endswith("As expected: the rate was held, and every reply was right\n")
    lines = told(wrong)
    assert "wrong screen: looks, step 1, dial *123#" in lines
    assert "Not as expected" in lines


def test_why_a_load_was_not_as_expected(right: Outcome, wrong: Outcome) -> None:
    assert right.complaints == ()
    not_held, stopped = wrong.complaints[1], replace(right, ending=Ending.BY_HAND).complaints
    assert re.fullmatch(
        r"the rate of sessions was not held: [\d.]+% of 100 in time, \d+ found every phone busy", not_held
    )
    assert stopped == ("stopped by hand",)


def test_a_process_that_was_late_itself_is_told(right: Outcome) -> None:
    assert right.doubts == ()
    for _ in range(20):
        right.measure.lag.record(0.5)
    assert "500 ms late, as this process got no CPU" in right.doubts[0]
    assert "got no CPU" in Page(report.html(right)).text


def test_a_report_that_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot be saved"):
        report.save(tmp_path / "away" / "r.html", b"")


def test_what_is_seen_meanwhile(right: Outcome, tmp_path: Path) -> None:
    load = loaded(Town(), stories_in(tmp_path, STORIES + TEXTS), plan(texts=5, for_s=20))
    output = io.StringIO()
    console = Console(file=output, width=100)
    display = Display(load.plan, load.phones, load.measure, console)
    assert re.search(r"the last sessions end .* screens .*/s p50 10 ms p99 10 ms .*refused 0  wrong 0", display.line())
    console.print(display.picture())
    for words in ("simulator load", "under way 0 of 100 phones", "wrong 0", "screens/s", "▁"):
        assert words in output.getvalue()


def test_sparklines() -> None:
    assert sparkline([0, 1, 2, 4, 7]) == "▁▂▃▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (time_of(0.00084), "0.8 ms"),
        (time_of(0.042), "42 ms"),
        (time_of(1.25), "1.25 s"),
        (time_of(10), "10 s"),
        (clock_of(300), "5:00"),
        (clock_of(3905), "1:05:05"),
        (rate_of(50), "50"),
        (rate_of(0.25), "0.25"),
        (rate_of(1234.5), "1234"),
        (share_of(1), "100%"),
        (share_of(0.99999), "99.99%"),
    ],
)
def test_words(written: str, words: str) -> None:
    assert written == words


@pytest.mark.parametrize(
    ("values", "logarithmic", "ticks"),
    [
        ([0.0, 40.0], False, ["0", "10", "20", "30", "40"]),
        ([0.0, 0.0], False, ["0", "0.5", "1"]),
        ([0.03, 0.4], True, ["0.02", "0.05", "0.1", "0.2", "0.5"]),
        ([0.001, 9.0], True, ["0.001", "0.01", "0.1", "1", "10"]),
    ],
)
def test_axes_are_of_round_numbers(values: list[float], logarithmic: bool, ticks: list[str]) -> None:
    series = [Series("one", "series-1", list(enumerate(values)))]
    drawn = chart("t", series, Axis(lambda value: f"{value:g}", logarithmic), 10, lambda at_s: "")
    assert re.findall(r'text-anchor="end">([\d.]+)<', drawn) == ticks


def test_a_line_breaks_where_there_is_nothing() -> None:
    series = [Series(HOSTILE, "series-1", [(0, 1.0), (1, 2.0), (2, None), (3, 2.0)])]
    drawn = chart(HOSTILE, series, Axis(str), 4, str)
    assert drawn.count("<polyline") == 1
    assert drawn.count("<circle") == 1
    assert HOSTILE not in drawn
