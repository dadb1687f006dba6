"""Record → test: what was done on the page is a dialogue that passes, can be edited in place, and is kept as a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from simulator.dialogue import load
from tests.browser.conftest import MENU, Bench
from tests.browser.test_faults import texted


@pytest.fixture
def recorded(bench: Bench) -> Bench:
    """A story: a top-up, a walk to the price of a gift and away, a text; recorded, and rehearsed."""
    page, phone = bench.page, bench.first
    page.get_by_role("button", name="Record a test").click()
    expect(page.get_by_role("button", name="Stop recording")).to_be_visible()
    expect(phone).not_to_have_attribute("aria-label", f"Handset {bench.msisdn}")
    page.get_by_role("button", name="Top up").click()
    expect(page.get_by_label("Timeline")).to_contain_text("top-up 500 roubles: accepted")
    phone.get_by_role("button", name="*123#").click()
    for answer, screen in (("1", "из них"), ("0", "У вас"), ("5", "Обменять"), ("1", "Интернет"), ("1", "ГБ")):
        expect(phone.get_by_label("Answer")).to_be_editable()
        phone.get_by_label("Answer").fill(answer)
        phone.get_by_label("Answer").press("Enter")
        expect(phone.locator(".ussd-text")).to_contain_text(screen)
    phone.get_by_role("button", name="Hang up").click()
    expect(texted(bench, "Баланс")).to_contain_text(MENU)
    page.get_by_role("button", name="Stop recording").click()
    expect(page.locator("#story-said")).to_contain_text("Passed: 6 screens, 1 SMS")
    return bench


def test_what_was_recorded_passes_again_and_is_kept_as_a_file(recorded: Bench, tmp_path: Path) -> None:
    page = recorded.page
    assert "из них 1 000 до {date}" in story(page)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#story-said")).to_have_text("Passed: 6 screens, 1 SMS.")
    page.get_by_label("Name").fill("из журнала")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "из_журнала.yaml"
    kept = tmp_path / "kept.yaml"
    download.value.save_as(kept)
    assert [step.verb for step in load(kept).steps] == [
        "event", "dial", *["answer"] * 5, "hang_up", "text", "expect_sms",
    ]  # fmt: skip


def test_a_story_is_told_again_in_its_language(bench: Bench) -> None:
    """Chosen before the recording, whose number is another one; and once more in the middle."""
    page, phone = bench.page, bench.first
    phone.get_by_label("Language").select_option("English")
    expect(page.get_by_label("Timeline")).to_contain_text("language en")
    page.get_by_role("button", name="Record a test").click()
    expect(phone).not_to_have_attribute("aria-label", f"Handset {bench.msisdn}")
    expect(phone.get_by_label("Language")).to_have_value("en")
    for language, words in (("English", "You have"), ("Русский", "У вас")):
        phone.get_by_label("Language").select_option(language)
        expect(page.locator("#said")).to_contain_text(f"speaks {language} to")
        phone.get_by_role("button", name="*123#").click()
        expect(phone.locator(".ussd-text")).to_contain_text(words)
        phone.get_by_role("button", name="Hang up").click()
    page.get_by_role("button", name="Stop recording").click()
    expect(page.locator("#story-said")).to_contain_text("Passed: 2 screens")
    assert "- language: en\n  - dial" in story(page)
    assert "- language: ru\n  - dial" in story(page)


def test_an_expectation_is_edited_in_place(recorded: Bench) -> None:
    page = recorded.page
    right = story(page)
    page.get_by_label("Dialogue").fill(right.replace("1 Интернет", "1 Космос"))
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#story-said")).to_contain_text("- 1 Космос")
    expect(page.locator("#story-said")).to_contain_text("+ 1 Интернет")
    expect(page.locator("#story-seen .differs")).to_contain_text("1 Интернет")
    expect(page.get_by_label("Dialogue")).to_be_focused()
    page.get_by_label("Dialogue").fill(right)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#story-said")).to_contain_text("Passed")


def test_a_slip_in_the_file_is_shown_with_its_line(recorded: Bench) -> None:
    page = recorded.page
    page.get_by_label("Dialogue").fill("title: t\nsteps:\n  - dail: 1\n")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#story-said")).to_contain_text("recorded.yaml:3: steps 1 dail: no such word")


def story(page: Page) -> str:
    return page.get_by_label("Dialogue").input_value()
