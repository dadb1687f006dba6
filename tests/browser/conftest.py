"""A demo for all browser tests, a Chromium for each module; each test finds an empty bench and watches the console.

The browser ends with its module: while playwright runs, its event loop is the process's, and no coroutine is tested.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.chromium import ADVICE, found, give_home, needed
from tests.browser.demo import OPTIONS, running
from tests.live.network import new_number

MENU = re.compile("У вас .* балл")
WAITS_MS = 60_000


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = found()
    if path is None:
        (pytest.fail if needed() else pytest.skip)(ADVICE)
    give_home(tmp_path_factory.mktemp("home"))
    return path


@pytest.fixture(scope="session")
def page_url(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`simulator demo`, up: where its page is."""
    with running(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=WAITS_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield launched
        launched.close()


@dataclass(frozen=True, slots=True)
class Bench:
    """The page, as a tester sees it."""

    page: Page
    msisdn: str

    def phone(self, msisdn: str) -> Locator:
        return self.page.get_by_label(f"Handset {msisdn}")

    @property
    def first(self) -> Locator:
        return self.page.locator(".phone").first


@pytest.fixture
def bench(browser: Browser, page_url: str) -> Iterator[Bench]:
    """An open page with one handset, of a number without a past; afterwards the console must have no error."""
    msisdn = new_number()
    with httpx.Client(base_url=page_url, trust_env=False) as http:
        for phone in http.get("/api/bench").json()["phones"]:
            http.delete(f"/api/phones/{phone['id']}")
        http.post("/api/phones", json={"msisdn": msisdn})
    page = browser.new_page()
    page.set_default_timeout(WAITS_MS)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(page_url)
    expect(page.get_by_label("Number to dial")).to_be_focused()
    yield Bench(page, msisdn)
    page.close()
    assert errors == [], f"the page's console: {errors}"
