"""The page for people who do not see it, or see little: axe finds nothing serious in any of its states."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from gateway import packs
from gateway.drawing import Format, drawn, picture_of
from tests.browser.conftest import Bench

SERIOUS = frozenset({"serious", "critical"})


def home(_: Bench) -> None:
    """A handset that nobody has touched."""


def screen(bench: Bench) -> None:
    """A screen that waits, and its hop under the glass."""
    bench.first.get_by_role("button", name="*123#").click()
    expect(bench.page.get_by_label("Answer")).to_be_focused()
    bench.page.get_by_label("Timeline").get_by_text("Hop · 200").first.click()


def thread(bench: Bench) -> None:
    """A text and its answer, and a PDU under the glass."""
    bench.first.get_by_role("button", name="Messages").click()
    bench.first.get_by_role("button", name="New").click()
    bench.first.get_by_label("To which number").fill("6111")
    bench.first.get_by_label("Text message").fill("Баланс")
    bench.first.get_by_role("button", name="Send", exact=True).click()
    expect(bench.first.locator(".bubble:not(.mine)")).to_be_visible()
    bench.page.get_by_label("Timeline").get_by_text("deliver_sm").first.click()


def trouble(bench: Bench) -> None:
    """A sentence about what went wrong, and a gift code."""
    bench.page.get_by_role("button", name="Issue").click()
    expect(bench.page.get_by_role("button", name="Dial it")).to_be_visible()
    bench.page.get_by_label("Roubles").fill("many")
    bench.page.get_by_role("button", name="Top up").click()
    expect(bench.page.locator(".said.failed")).to_be_visible()


def dialog(bench: Bench) -> None:
    """The choice of a number."""
    bench.page.get_by_role("button", name="Add a handset").click()


def story(bench: Bench) -> None:
    """A test that was recorded and passes."""
    bench.page.get_by_role("button", name="Record a test").click()
    expect(bench.page.get_by_role("button", name="Stop recording")).to_be_visible()
    screen(bench)
    bench.page.get_by_role("button", name="Stop recording").click()
    expect(bench.page.locator("#story-said")).to_contain_text("Passed")


def inside(bench: Bench) -> None:
    """What the gateway knows, of a handset with a past, with the drawing of the menu, and a fault that waits."""
    bench.page.get_by_role("button", name="Top up").click()
    screen(bench)
    bench.page.get_by_text("Inside the gateway").click()
    expect(bench.page.get_by_role("table", name="Session")).to_be_visible()
    expect(bench.page.get_by_label("Drawing of the menu").locator(".here")).to_be_attached()
    bench.page.get_by_role("button", name="comes twice").click()
    expect(bench.page.get_by_label("USSD network")).to_contain_text("Waits for the next hop")


def deeds(bench: Bench) -> None:
    """A timeline that scrolls, with nothing in it to press: the faults of an afternoon concern every handset."""
    for _ in range(20):
        bench.page.request.post(f"{bench.page.url}api/smsc", data={"text": "is in order", "orders": {}})
    expect(bench.page.get_by_label("Timeline").get_by_role("listitem").nth(19)).to_be_attached()


STATES = [home, deeds, screen, thread, trouble, dialog, story, inside]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("width", [1440, 360])
def test_axe_finds_nothing_serious(bench: Bench, state: Callable[[Bench], None], width: int) -> None:
    bench.page.set_viewport_size({"width": width, "height": 900})
    state(bench)
    assert serious(bench.page) == []


def test_axe_finds_nothing_serious_in_the_picture_of_a_menu(browser: Browser, tmp_path: Path) -> None:
    files = packs.locate("bolshe")
    drawing = tmp_path / "menu.html"
    drawing.write_text(drawn(picture_of(files.name, files.read()), Format.HTML), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(drawing.as_uri())
    assert serious(page) == []
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()


def serious(page: Page) -> list[str]:
    """What axe calls serious or worse, with the elements to blame."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {found['help']}: {[node['html'] for node in found['nodes']]}"
        for found in violations
        if found["impact"] in SERIOUS
    ]
