"""The page of handsets in a real browser: what testers do all day works, by mouse, by keyboard, on a narrow screen."""

import re

import pytest
from playwright.sync_api import expect

from simulator.dialects import names
from simulator.over_smpp import PREFIX
from tests.browser.conftest import MENU, Bench
from tests.live.network import new_number

SVG = 'xmlns="http://www.w3.org/2000/svg"'


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


def test_a_purchase_at_a_partner_is_in_the_history(bench: Bench) -> None:
    operator = bench.page.get_by_label("Operator", exact=True)
    expect(operator.get_by_label("at", exact=True).locator("option")).to_have_text(["Kinograd"])
    operator.get_by_role("button", name="Purchase").click()
    expect(bench.page.get_by_label("Timeline")).to_contain_text("purchase 500 roubles at kinograd: accepted")
    bench.first.get_by_label("Number to dial").fill("*123*2#")
    bench.first.get_by_label("Number to dial").press("Enter")
    expect(bench.first.locator(".ussd-text")).to_contain_text("+2 500 Киноград")


def test_a_handset_is_spoken_to_in_the_language_that_it_is_given(bench: Bench) -> None:
    phone, timeline = bench.first, bench.page.get_by_label("Timeline")
    expect(phone.get_by_label("Language").locator("option")).to_have_text(["as the network says", "Русский", "English"])
    phone.get_by_label("Language").select_option("English")
    expect(timeline).to_contain_text("language en")
    expect(bench.page.locator("#said")).to_contain_text("The programme speaks English to this number")
    phone.get_by_role("button", name="*123#").click()
    expect(phone.locator(".ussd-text")).to_contain_text("You have 0 points")
    phone.get_by_role("button", name="Hang up").click()
    phone.get_by_label("Language").select_option("Русский")
    expect(bench.page.locator("#said")).to_contain_text("Русский")
    phone.get_by_role("button", name="*123#").click()
    expect(phone.locator(".ussd-text")).to_contain_text(MENU)
    bench.page.reload()
    expect(bench.first.get_by_label("Language")).to_have_value("ru")


def test_a_handset_that_is_added_with_a_language_needs_no_more(bench: Bench) -> None:
    number = new_number()
    bench.page.get_by_role("button", name="Add a handset").click()
    bench.page.get_by_label("Number", exact=True).fill(number)
    bench.page.locator("#new-language").select_option("English")
    bench.page.get_by_role("button", name="Put it on the bench").click()
    bench.phone(number).get_by_role("button", name="*123#").click()
    expect(bench.phone(number).locator(".ussd-text")).to_contain_text("You have 0 points")


def test_a_language_that_cannot_be_given_is_explained_and_not_shown(bench: Bench) -> None:
    phone = bench.first
    bench.page.get_by_role("button", name="Block", exact=True).click()
    expect(bench.page.locator("#said")).to_contain_text("blocked")
    phone.get_by_label("Language").select_option("English")
    expect(bench.page.locator("#said.failed")).to_contain_text("the number is blocked: unblock it first")
    expect(phone.get_by_label("Language")).to_have_value("")


def test_four_handsets_and_no_fifth(bench: Bench) -> None:
    for number in ("+79210000021", "+79210000022", "+79210000023"):
        bench.page.get_by_role("button", name="Add a handset").click()
        bench.page.get_by_label("Number", exact=True).fill(number)
        bench.page.get_by_role("button", name="Put it on the bench").click()
        bench.phone(number).get_by_role("button", name="*123#").click()
        expect(bench.phone(number).locator(".ussd-text")).to_contain_text(MENU)
    expect(bench.page.locator(".phone")).to_have_count(4)
    expect(bench.page.get_by_role("button", name="Add a handset")).to_be_disabled()
    bench.phone("+79210000022").get_by_role("button", name="Put away").click()
    expect(bench.page.get_by_role("button", name="Add a handset")).to_be_enabled()


def test_the_clock_moves_and_a_session_counts_down(bench: Bench) -> None:
    phone = bench.first
    phone.get_by_role("button", name="*123#").click()
    expect(phone.locator(".countdown")).to_contain_text(re.compile(r"answer in 0:\d\d, session 2:\d\d"))
    bench.page.get_by_label("Clock forward").fill("10 minutes")
    bench.page.get_by_role("button", name="Move").click()
    phone.get_by_label("Answer").fill("1")
    phone.get_by_label("Answer").press("Enter")
    expect(bench.page.get_by_label("Timeline")).to_contain_text("10 minutes forward")


def test_what_the_gateway_knows_is_seen_as_it_changes(bench: Bench) -> None:
    inside, phone = bench.page.locator("#inside"), bench.first
    inside.get_by_text("Inside the gateway").click()
    expect(inside).to_contain_text("does not know this number yet")
    bench.page.get_by_role("button", name="Top up").click()
    expect(inside.get_by_role("table", name="Balances")).to_contain_text("1000")
    expect(inside.get_by_role("table", name="Lots")).to_contain_text("1000 of 1000")
    expect(inside.get_by_role("list")).to_contain_text("kind accrual, unit points, amount 1000")
    phone.get_by_role("button", name="*123#").click()
    session = inside.get_by_role("table", name="Session")
    expect(session).to_contain_text("home_menu, in ru")
    expect(session).to_contain_text("waits for an answer")
    phone.get_by_label("Answer").fill("5")
    phone.get_by_label("Answer").press("Enter")
    expect(session).to_contain_text("home › gifts")
    phone.get_by_role("button", name="Hang up").click()
    expect(session).to_contain_text("over")


def test_the_drawing_of_the_menu_follows_the_session(bench: Bench) -> None:
    phone, menu = bench.first, bench.page.locator("#menu")
    here, area = menu.locator(".here"), menu.get_by_label("Drawing of the menu")
    bench.page.get_by_text("Inside the gateway").click()
    expect(menu).to_contain_text("no session walks it")
    phone.get_by_role("button", name="*123#").click()
    expect(here).to_have_attribute("data-screen", "home_menu")
    expect(menu).to_contain_text("the session stands on home_menu")
    for key, screen in (("5", "gifts"), ("1", "categories_list")):
        phone.get_by_label("Answer").fill(key)
        phone.get_by_label("Answer").press("Enter")
        expect(here).to_have_attribute("data-screen", screen)
        shown, place = here.locator(".frame").bounding_box(), area.bounding_box()
        assert shown is not None
        assert place is not None
        assert 0 <= shown["x"] - place["x"] <= place["width"] - shown["width"]
        assert 0 <= shown["y"] - place["y"] <= place["height"] - shown["height"]
    way = ["home", "home_menu", "gifts", "categories"]
    passed = menu.locator("g.passed").evaluate_all("all => all.map((one) => one.dataset.screen)")
    assert sorted(passed) == sorted(way)
    expect(menu.locator(".arrow.passed")).to_have_count(len(way))
    phone.get_by_role("button", name="Hang up").click()
    expect(menu).to_contain_text("the session ended on categories_list")


def test_the_drawing_is_in_the_language_of_the_session_and_fits_when_wanted(bench: Bench) -> None:
    menu = bench.page.locator("#menu")
    area = menu.get_by_label("Drawing of the menu")
    bench.page.get_by_text("Inside the gateway").click()
    bench.first.get_by_role("button", name="*123#").click()
    expect(area).to_contain_text("Обменять баллы")
    bench.first.get_by_label("Answer").fill("3")
    bench.first.get_by_label("Answer").press("Enter")
    expect(area).to_contain_text("Exchange points")
    wider = "area => area.scrollWidth > area.clientWidth"
    assert area.evaluate(wider)
    menu.get_by_role("button", name="Whole").click()
    assert not area.evaluate(wider)
    menu.get_by_role("button", name="Larger").click()
    assert area.evaluate(wider)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"trouble": "only a demo does"}, "only a demo does", id="no demo"),
        pytest.param({"svg": f"<svg {SVG}><script>stolen()</script></svg>"}, "not only a drawing", id="a script"),
        pytest.param({"svg": f"<svg {SVG}><foreignObject/></svg>"}, "not only a drawing", id="a page in it"),
        pytest.param({"svg": f"<svg {SVG}><g href='https://example.org'/></svg>"}, "not only a drawing", id="a link"),
    ],
)
def test_a_drawing_that_is_none_is_said_in_a_sentence(bench: Bench, sent: dict[str, str], said: str) -> None:
    bench.page.route("**/api/menu?*", lambda route: route.fulfill(json=sent))
    bench.page.get_by_text("Inside the gateway").click()
    expect(bench.page.locator("#menu-said")).to_contain_text(said)
    expect(bench.page.locator("#menu svg")).to_have_count(0)
    bench.first.get_by_role("button", name="*123#").click()
    expect(bench.page.locator("#inside").get_by_role("table", name="Session")).to_contain_text("home_menu")


def test_every_ussd_gateway_can_be_chosen(bench: Bench) -> None:
    bench.page.get_by_role("button", name="Add a handset").click()
    offered = bench.page.get_by_label("USSD gateway").locator("option").all_inner_texts()
    assert offered == list(names())


@pytest.mark.parametrize("name", ["hubtel", "infobip", "restcomm", "smpp_standard", "wigal"])
def test_a_handset_is_joined_to_the_ussd_gateway_that_was_chosen(bench: Bench, name: str) -> None:
    bench.page.get_by_role("button", name="Add a handset").click()
    bench.page.get_by_label("Number", exact=True).fill("+79210000031")
    bench.page.get_by_label("USSD gateway").select_option(name)
    bench.page.get_by_role("button", name="Put it on the bench").click()
    phone = bench.phone("+79210000031")
    phone.get_by_role("button", name="*123#").click()
    expect(phone.locator(".ussd-text")).to_contain_text(MENU)
    phone.get_by_label("Answer").fill("5")
    phone.get_by_label("Answer").press("Enter")
    expect(phone.locator(".ussd-text")).to_contain_text("Обменять баллы")
    timeline = bench.page.get_by_label("Timeline")
    bench.page.get_by_role("button", name="USSD", exact=True).click()
    if name.startswith(PREFIX):
        timeline.get_by_text("submit_sm · USSR request · gateway → SMSC").first.click()
        expect(timeline).to_contain_text("0x0501 ussd_service_op")
    else:
        timeline.get_by_text("Hop · 200").first.click()
        expect(timeline).to_contain_text(f" /ussd/{name.partition('_')[0]}")


def test_what_nobody_dialled_for_comes_to_the_handset_and_is_answered(bench: Bench) -> None:
    bench.page.get_by_role("button", name="Add a handset").click()
    bench.page.get_by_label("Number", exact=True).fill("+79210000010")
    bench.page.get_by_label("USSD gateway").select_option("smpp_standard")
    bench.page.get_by_role("button", name="Put it on the bench").click()
    phone = bench.phone("+79210000010")
    phone.get_by_label("Number to dial").click()
    bench.page.get_by_label("Show unasked").select_option("expiring")
    bench.page.get_by_role("button", name="Push").click()
    expect(phone.locator(".ussd-text")).to_contain_text("У вас")
    phone.get_by_label("Answer").fill("1")
    phone.get_by_label("Answer").press("Enter")
    expect(phone.locator(".ussd-text")).to_contain_text("Обменять баллы")
    expect(bench.page.get_by_label("Timeline")).to_contain_text("expiring, to be shown unasked")


def test_a_handset_whose_gateway_opens_no_session_says_so(bench: Bench) -> None:
    bench.page.get_by_role("button", name="Push").click()
    expect(bench.page.locator("#said")).to_contain_text("opens no session by itself")
