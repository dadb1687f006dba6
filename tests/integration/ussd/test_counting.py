"""What subscribers do on screens is counted, kept, and told as a report of whom nobody can be told."""

import json
import re
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.app import Stores, create
from gateway.pack import Pack
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.ussd.counting import SCREENS_MAX, Counting
from gateway.ussd.message import ClosedBy
from gateway.ussd.named import NAMES_MAX
from gateway.ussd.visits import Visit
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.fulfilment.test_working import living
from tests.integration.sms.scene import SetClock

pytestmark = pytest.mark.anyio

NUMBER = "+79218880079"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def client(database_url: str, redis_url: str, pack: Pack) -> AsyncIterator[httpx.AsyncClient]:
    stores = Stores(database_url, redis_url, NUMBER_KEYS, CODE_KEY, demo=True, embedded=False)
    async with living(create(Settings(), stores, pack, {})) as gateway:
        yield gateway


class Caller:
    """A phone at Africa's Talking."""

    def __init__(self, gateway: httpx.AsyncClient, number: str = NUMBER) -> None:
        self._gateway = gateway
        self._number = number
        self._session, self._said = "", ""

    async def says(self, *keys: str) -> None:
        for key in keys:
            self._session = self._session if key else secrets.token_hex(8)
            self._said = f"{self._said}*{key}".removeprefix("*") if key else ""
            form = {
                "sessionId": self._session, "phoneNumber": self._number, "serviceCode": "*123#", "text": self._said,
            }  # fmt: skip
            assert (await self._gateway.post("/ussd/africastalking", data=form)).status_code == 200

    async def drops(self, status: str) -> None:
        form = {"sessionId": self._session, "phoneNumber": self._number, "serviceCode": "*123#", "status": status}
        await self._gateway.post("/ussd/africastalking/events", data=form)


async def counted(gateway: httpx.AsyncClient) -> dict[str, dict[str, float]]:
    """By screen and what happened there, as Prometheus sees it; what is 0 is left out."""
    found: dict[str, dict[str, float]] = {}
    lines = (await gateway.get("/metrics")).text
    for screen, what, value in re.findall(r'ussd_screens_total\{screen="(\w+)",what="(\w+)"\} ([\d.]+)', lines):
        if float(value):
            found.setdefault(screen, {})[what] = float(value)
    return found


async def test_a_walk_is_counted_screen_by_screen(client: httpx.AsyncClient) -> None:
    caller = Caller(client)
    await caller.says("", "7", "1", "0", "5", "1")
    await caller.drops("Failed")
    assert await counted(client) == {
        "home_menu": {"opened": 1, "shown": 2, "answered": 2, "wrong": 1},
        "expiry_shown": {"shown": 1, "answered": 1},
        "gifts": {"shown": 1, "answered": 1},
        "categories_list": {"shown": 1, "broken": 1},
    }
    await caller.says("", "1")
    after = await counted(client)
    assert after["resume"] == {"opened": 1, "shown": 1, "answered": 1}
    assert after["categories_list"] == {"shown": 2, "resumed": 1, "broken": 1}
    assert 'ussd_screen_seconds_bucket{le="+Inf",screen="home_menu"} 2.0' in (await client.get("/metrics")).text


async def test_the_ways_of_the_menu_are_counted(client: httpx.AsyncClient) -> None:
    caller = Caller(client, "+79218880080")
    await caller.says("", "5", "7", "0", "5", "00")
    ways = re.findall(r'ussd_ways_total\{way="(.+)"\} ([\d.]+)', (await client.get("/metrics")).text)
    assert {way: float(count) for way, count in ways} == {
        "dial *123#": 1, "home.on.balance": 3, "home_menu.options.5": 2, "start": 1,
    }  # fmt: skip


async def test_a_refused_input_is_no_wrong_key(client: httpx.AsyncClient) -> None:
    caller = Caller(client, "+79218880081")
    await caller.says("", "5", "2", "12", "abc", "13")
    assert (await counted(client))["ask_gift_code"] == {"shown": 1, "refused": 3}
    metrics = (await client.get("/metrics")).text
    assert 'ussd_refused_inputs_total{failure="too_short",input="gift_code"} 2.0' in metrics
    assert 'ussd_refused_inputs_total{failure="not_a_number",input="gift_code"} 1.0' in metrics


async def test_a_repeat_and_a_page_count_nothing(client: httpx.AsyncClient) -> None:
    caller = Caller(client)
    await caller.says("", "5", "1", "3")
    before = await counted(client)
    form = {"sessionId": caller._session, "phoneNumber": NUMBER, "serviceCode": "*123#", "text": caller._said}
    await client.post("/ussd/africastalking", data=form)
    assert await counted(client) == before


@pytest.fixture
def clock() -> SetClock:
    clock = SetClock()
    clock.now = NOON
    return clock


async def rows(database_url: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(database_url)
    try:
        query = "select day::text, screen, process <> '' as own, shown, answered from menu_count order by 1, 2, 3, 4, 5"
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def counting(ledger: Ledger, clock: SetClock) -> Counting:
    return Counting(ledger, clock, "Europe/Moscow", CollectorRegistry())


async def test_what_is_written_twice_counts_once_and_processes_add_up(
    ledger: Ledger, clock: SetClock, database_url: str
) -> None:
    one, other = counting(ledger, clock), counting(ledger, clock)
    one.note(Visit(NOON, shown="home", opened=True))
    await one.write()
    one.note(Visit(NOON, shown="help", answered="home", thought_ms=1500))
    other.note(Visit(NOON, shown="home", opened=True))
    await one.write()
    await one.write()
    await other.write()
    day = "2026-11-22"
    assert await rows(database_url) == [
        (day, "help", True, 1, 0),
        (day, "home", True, 1, 0),
        (day, "home", True, 1, 1),
    ]


async def test_a_day_begins_in_the_programmes_time_zone(ledger: Ledger, clock: SetClock, database_url: str) -> None:
    counts = counting(ledger, clock)
    counts.note(Visit(NOON.replace(hour=20, minute=59), shown="home"))
    counts.note(Visit(NOON.replace(hour=21), shown="home"))
    await counts.write()
    assert [row[0] for row in await rows(database_url)] == ["2026-11-22", "2026-11-23"]


async def test_days_that_are_over_are_added_up(ledger: Ledger, clock: SetClock, database_url: str) -> None:
    for _ in range(3):
        counts = counting(ledger, clock)
        counts.note(Visit(NOON, shown="home"))
        await counts.write()
    clock.wait(days=3)
    await counting(ledger, clock).write()
    assert len(await rows(database_url)) == 3, "written a moment ago: their processes may write them again"
    connection = await asyncpg.connect(database_url)
    await connection.execute("update menu_count set written_at = written_at - interval '1 hour'")
    await connection.close()
    await counting(ledger, clock).write()
    await counting(ledger, clock).write()
    assert await rows(database_url) == [("2026-11-22", "home", False, 3, 0)]


async def test_ways_of_days_that_are_over_are_added_up(ledger: Ledger, clock: SetClock, database_url: str) -> None:
    for _ in range(3):
        counts = counting(ledger, clock)
        counts.note(Visit(NOON, shown="home", taken=("dial *123#", "home.on.balance")))
        await counts.write()
        await counts.write()
    clock.wait(days=3)
    connection = await asyncpg.connect(database_url)
    await connection.execute("update menu_named_count set written_at = written_at - interval '1 hour'")
    await counting(ledger, clock).write()
    await counting(ledger, clock).write()
    found = await connection.fetch("select name, process, count from menu_named_count order by name")
    await connection.close()
    assert [tuple(row) for row in found] == [("dial *123#", "", 3), ("home.on.balance", "", 3)]


async def test_ways_are_bounded(ledger: Ledger, clock: SetClock) -> None:
    registry = CollectorRegistry()
    counts = Counting(ledger, clock, "UTC", registry)
    counts.note(Visit(NOON, taken=tuple(f"way_{ordinal}" for ordinal in range(NAMES_MAX + 1))))
    assert registry.get_sample_value("ussd_ways_total", {"way": f"way_{NAMES_MAX - 1}"}) == 1
    assert registry.get_sample_value("ussd_ways_total", {"way": f"way_{NAMES_MAX}"}) is None


async def test_names_are_bounded(ledger: Ledger, clock: SetClock) -> None:
    registry = CollectorRegistry()
    counts = Counting(ledger, clock, "UTC", registry)
    for ordinal in range(SCREENS_MAX + 5):
        counts.note(Visit(NOON, shown=f"screen_{ordinal}"))
    assert registry.get_sample_value("ussd_screens_total", {"screen": "other", "what": "shown"}) == 5


async def test_who_left_is_told_by_how(ledger: Ledger, clock: SetClock) -> None:
    registry = CollectorRegistry()
    counts = Counting(ledger, clock, "UTC", registry)
    for by in ClosedBy:
        counts.note(Visit(NOON, closed="home", closed_by=by))
    told = {
        what: registry.get_sample_value("ussd_screens_total", {"screen": "home", "what": what})
        for what in ("hung_up", "timed_out", "broken")
    }
    assert told == {"hung_up": 1, "timed_out": 1, "broken": 1}


async def test_the_report_names_screens_and_nobody(
    ledger: Ledger, client: httpx.AsyncClient, database_url: str
) -> None:
    clock = SetClock()
    clock.now = datetime.now(UTC)
    counts = counting(ledger, clock)
    for _ in range(4):
        counts.note(Visit(clock.now, shown="home_menu", opened=True))
    way = "home_menu.options.5"
    counts.note(Visit(clock.now, shown="gifts", answered="home_menu", thought_ms=3000, taken=(way,)))
    counts.note(Visit(clock.now, wrong="ask_gift_code", refused="gift_code.too_short"))
    counts.note(Visit(clock.now - timedelta(days=30), shown="home_menu", opened=True))
    await counts.write()
    headers = {"X-API-Key": "demo"}
    report = (await client.get("/v1/reports/menu?days=7", headers=headers)).json()
    assert (report["sessions"], len(report["days"])) == (4, 7)
    home = report["screens"][0]
    assert {name: home[name] for name in ("screen", "shown", "answered", "left", "left_share", "seconds")} == {
        "screen": "home_menu", "shown": 4, "answered": 1, "left": 3, "left_share": 0.75, "seconds": 3.0,
    }  # fmt: skip
    assert report["ways"] == [{"way": way, "taken": 1}]
    assert report["refused"] == [{"input": "gift_code", "failure": "too_short", "count": 1}]
    page = await client.get("/v1/reports/menu.html", headers=headers)
    assert "gift_code.too_short" in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert "1 went on, 0 had their last screen, 3 left, of 4" in page.text
    assert "http" not in page.text.replace("http-equiv", ""), "it loads nothing"
    assert (await client.get("/v1/reports/menu")).status_code == 401
    assert (await client.get("/v1/reports/menu?days=0", headers=headers)).status_code == 400
    assert NUMBER not in json.dumps(report) + page.text
