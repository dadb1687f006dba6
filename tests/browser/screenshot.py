"""`make screenshot`: the picture of the README, taken of the page as it is today.

Two handsets over a demo: one has earned and is about to exchange, the other reads the answer to a text.
"""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import ADVICE, found, give_home
from tests.browser.demo import OPTIONS, running

WIDTH, HEIGHT = 1440, 860
WAITS_MS = 60_000


def main(file: Path) -> None:
    """Take it. Exits with a sentence where there is no Chromium."""
    chromium = found()
    if chromium is None:
        sys.exit(ADVICE)
    expect.set_options(timeout=WAITS_MS)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        give_home(Path(folder))
        with (
            running(Path(folder)) as url,
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=chromium, args=OPTIONS) as browser,
        ):
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")
            page.set_default_timeout(WAITS_MS)
            page.goto(url)
            _play(page)
            page.screenshot(path=file)


def _play(page: Page) -> None:
    first = page.locator(".phone").first
    expect(first).to_be_visible()
    page.get_by_role("button", name="Top up").click()
    expect(page.get_by_label("Timeline")).to_contain_text("accepted")

    page.get_by_role("button", name="Add a handset").click()
    page.get_by_label("Number", exact=True).fill("+79210000010")
    page.get_by_role("button", name="Put it on the bench").click()
    second = page.get_by_label("Handset +79210000010")
    expect(second).to_be_visible()
    second.get_by_role("button", name="Messages").click()
    second.get_by_role("button", name="New").click()
    second.get_by_label("To which number").fill("6111")
    second.get_by_label("Text message").fill("Баланс")
    second.get_by_role("button", name="Send", exact=True).click()
    expect(second.locator(".bubble:not(.mine)")).to_contain_text(re.compile("У вас .* балл"))

    first.get_by_role("button", name="*123#").click()
    for answer, screen in (("5", "Обменять"), ("1", "Интернет"), ("1", "ГБ"), ("1", "останется")):
        expect(first.get_by_label("Answer")).to_be_editable()
        first.get_by_label("Answer").fill(answer)
        first.get_by_label("Answer").press("Enter")
        expect(first.locator(".ussd-text")).to_contain_text(screen)
    expect(first.locator(".countdown")).to_contain_text("answer in")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
