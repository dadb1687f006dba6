"""The page of handsets in a real browser: what testers do all day works, by mouse, by keyboard, on a narrow screen."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Bench

MENU = re.compile("У вас .* балл")


def test_dial_walk_a_menu_and_hang_up(bench: Bench) -> None:
    phone = bench.first
    for key in ("star", "1", "2", "3", "hash"):
        phone.get_by_label("Keypad").get_by_role("button", name=key, exact=True).click()
    phone.get_by_role("button", name="Call or send").click()
    expect(phone.locator(".ussd-text")).to_contain_text(MENU)
    expect(phone.locator(".gauge-words")).to_contain_text("/80 UCS-2, because of “У”")
    phone.get_by_label("Answer").fill("5")
    phone.get_by_role("button", name="Send", exact=True).first.click()
    expect(phone.locator(".ussd-text")).to_contain_text("Подарки")
    phone.get_by_role("button", name="Hang up").click()
    expect(phone.locator(".ussd")).to_be_hidden()
    timeline = bench.page.get_by_label("Timeline")
    expect(timeline).to_contain_text("End of session · 200")
    timeline.get_by_text("Hop · 200").first.click()
    expect(timeline).to_contain_text("serviceCode")


def test_a_gift_code_that_was_issued_here_is_redeemed(bench: Bench) -> None:
    bench.page.get_by_role("button", name="Issue").click()
    bench.page.get_by_role("button", name="Dial it").click()
    expect(bench.first.locator(".ussd-text")).to_contain_text("500")
    expect(bench.page.get_by_label("Timeline")).to_contain_text("gift code")


def test_a_text_is_answered_and_its_pdus_are_seen(bench: Bench) -> None:
    phone = bench.first
    phone.get_by_role("button", name="Messages").click()
    phone.get_by_role("button", name="New").click()
    phone.get_by_label("To which number").fill("6111")
    phone.get_by_label("Text message").fill("Баланс")
    expect(phone.locator(".typed-gauge")).to_contain_text("6/70 UCS-2, 1 part")
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.locator(".bubble:not(.mine)")).to_contain_text(MENU)
    expect(bench.page.get_by_label("Timeline")).to_contain_text("submit_sm · gateway → SMSC")


def test_by_keyboard_alone(bench: Bench) -> None:
    keyboard = bench.page.keyboard
    keyboard.type("*123#")
    keyboard.press("Enter")
    expect(bench.page.get_by_label("Answer")).to_be_focused()
    keyboard.type("4")
    keyboard.press("Enter")
    expect(bench.first.locator(".ussd-text")).to_contain_text("*123*1#")
    expect(bench.first.locator(".live")).to_contain_text("*123*1#")
    keyboard.press("Escape")
    expect(bench.page.get_by_label("Number to dial")).to_be_focused()


def test_a_narrow_screen_needs_no_sideways_scroll(bench: Bench) -> None:
    bench.page.set_viewport_size({"width": 360, "height": 780})
    bench.page.get_by_role("button", name="*123#").click()
    expect(bench.first.locator(".ussd-text")).to_contain_text(MENU)
    bench.page.get_by_label("Timeline").get_by_text("Hop · 200").first.click()
    assert bench.page.evaluate("document.documentElement.scrollWidth") == 360


def test_two_handsets_have_sessions_of_their_own(bench: Bench) -> None:
    bench.page.get_by_role("button", name="Add a handset").click()
    bench.page.get_by_label("Number", exact=True).fill("+79210000011")
    bench.page.get_by_role("button", name="Put it on the bench").click()
    expect(bench.phone("+79210000011").get_by_label("Number to dial")).to_be_focused()
    for msisdn, words in (("+79210000011", "You have"), (bench.msisdn, "У вас")):
        bench.phone(msisdn).get_by_role("button", name="*123#").click()
        expect(bench.phone(msisdn).locator(".ussd-text")).to_contain_text(words)
    expect(bench.phone("+79210000011").locator(".ussd-text")).to_contain_text("You have")


def texted(bench: Bench, words: str) -> Locator:
    """A text to 6111 from the handset's messages: what has come back."""
    phone = bench.first
    if not phone.locator(".thread").is_visible():
        phone.get_by_role("button", name="Messages").click()
        phone.get_by_role("button", name="New").click()
        phone.get_by_label("To which number").fill("6111")
    phone.get_by_label("Text message").fill(words)
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.locator(".bubble.mine").last).to_contain_text(words)
    return phone.locator(".bubble:not(.mine)")


@pytest.fixture
def smsc(bench: Bench, page_url: str) -> Iterator[Locator]:
    """The card of the SMSC, which is in good order again after the test."""
    yield bench.page.get_by_label("SMSC", exact=True)
    httpx.delete(f"{page_url}/faults", trust_env=False)


def pressed(smsc: Locator, group: str, order: str) -> None:
    """Press a button, and see that it is so."""
    button = smsc.get_by_role("group", name=group).get_by_role("button", name=order, exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_an_smsc_that_answers_never_keeps_the_answer_until_it_speaks_again(bench: Bench, smsc: Locator) -> None:
    pressed(smsc, "Responses", "never")
    answers = texted(bench, "Баланс")
    timeline = bench.page.get_by_label("Timeline")
    expect(timeline).to_contain_text("Responses: never")
    expect(answers).to_have_count(0)
    pressed(smsc, "Responses", "at once")
    expect(answers.first).to_contain_text(MENU)


def test_receipts_never_come_or_say_that_a_message_did_not_arrive(bench: Bench, smsc: Locator) -> None:
    timeline = bench.page.get_by_label("Timeline")
    pressed(smsc, "Messages", "do not arrive")
    texted(bench, "Баланс")
    expect(timeline).to_contain_text("stat:UNDELIV")
    pressed(smsc, "Messages", "arrive")
    pressed(smsc, "Receipts", "never")
    expect(texted(bench, "Баланс").last).to_contain_text(MENU)
    expect(timeline).not_to_contain_text("stat:DELIVRD")


def test_a_text_whose_acknowledgement_is_lost_comes_again(bench: Bench, smsc: Locator) -> None:
    """And is answered again: what only reads may be (decision 0009)."""
    timeline = bench.page.get_by_label("Timeline")
    smsc.get_by_role("button", name="send a text twice").click()
    expect(timeline).to_contain_text("Once: send a text twice")
    answers = texted(bench, "Баланс")
    expect(timeline.locator(".event", has_text="deliver_sm ·").filter(has_text="Баланс")).to_have_count(2)
    expect(answers).to_have_count(2)


def test_a_line_that_is_dropped_is_bound_again(bench: Bench, smsc: Locator) -> None:
    smsc.get_by_role("button", name="drop the line").click()
    expect(bench.page.get_by_label("Timeline")).to_contain_text("Once: drop the line")
    expect(texted(bench, "Баланс").first).to_contain_text(MENU)
