"""Every fault button does what it says: those of the USSD network, of the SMSC, and of the billing."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import MENU, Bench


def texted(bench: Bench, words: str, to: str = "6111") -> Locator:
    """A text from the handset's messages: what has come back."""
    phone = bench.first
    if not phone.locator(".thread").is_visible():
        phone.get_by_role("button", name="Messages").click()
        phone.get_by_role("button", name="New").click()
        phone.get_by_label("To which number").fill(to)
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


def test_a_long_text_whose_parts_come_swapped_is_understood(bench: Bench, smsc: Locator) -> None:
    """By its first word, which comes last."""
    timeline = bench.page.get_by_label("Timeline")
    smsc.get_by_role("button", name="swap the parts of a long text").click()
    expect(timeline).to_contain_text("Once: swap the parts of a long text")
    words = "Стоп! Больше не присылайте мне рекламы ни утром, ни вечером, ни в праздники. Спасибо."
    expect(texted(bench, words).first).to_contain_text("Рекламы больше не будет")
    parts = timeline.locator(".event", has_text="deliver_sm ·").filter(has_text=re.compile("Стоп!|Спасибо"))
    expect(parts).to_have_count(2)
    expect(parts.first).to_contain_text("Стоп!")  # the newest stands first


def test_a_line_that_is_dropped_is_bound_again(bench: Bench, smsc: Locator) -> None:
    smsc.get_by_role("button", name="drop the line").click()
    expect(bench.page.get_by_label("Timeline")).to_contain_text("Once: drop the line")
    expect(texted(bench, "Баланс").first).to_contain_text(MENU)


@pytest.mark.parametrize(
    ("group", "order"),
    [("Responses", "after 3 s"), ("Responses", "one a second"), ("Receipts", "early"), ("Receipts", "late")],
)
def test_a_text_is_answered_by_an_smsc_that_takes_its_time(bench: Bench, smsc: Locator, group: str, order: str) -> None:
    pressed(smsc, group, order)
    expect(texted(bench, "Баланс").first).to_contain_text(MENU)
    receipt = bench.page.get_by_label("Timeline").get_by_text("stat:DELIVRD")
    if order == "late":
        expect(receipt).to_have_count(0)
    else:
        expect(receipt).to_be_visible()


@pytest.mark.parametrize(
    ("order", "seen"), [("refuse a message", "RSYSERR"), ("break off in a PDU", "Once: break off in a PDU")]
)
def test_a_text_is_answered_in_spite_of_what_goes_wrong_once(
    bench: Bench, smsc: Locator, order: str, seen: str
) -> None:
    smsc.get_by_role("button", name=order).click()
    answers = texted(bench, "Баланс")
    expect(bench.page.get_by_label("Timeline")).to_contain_text(seen)
    expect(answers.first).to_contain_text(MENU)


@pytest.fixture
def billing(bench: Bench, page_url: str) -> Iterator[Locator]:
    """The card of the billing, which is in good order again after the test."""
    card = bench.page.get_by_label("Billing", exact=True)
    expect(card).to_be_visible()
    yield card
    in_order = {"text": "in order", "orders": {"slow_s": 0, "status_count": 0, "pending": 0}}
    httpx.post(f"{page_url}/api/billing", json=in_order, trust_env=False)


def ordered(bench: Bench) -> Locator:
    """A gigabyte is exchanged by SMS: what comes back."""
    bench.page.get_by_label("Roubles").fill("1000")
    bench.page.get_by_role("button", name="Top up").click()
    expect(bench.page.get_by_label("Timeline")).to_contain_text("top-up 1000 roubles: accepted")
    answers = texted(bench, "Подарок 5", "9373")
    expect(answers.last).to_contain_text("1 ГБ за 300 баллов")
    return texted(bench, "1", "9373")


def test_an_order_whose_answer_is_lost_is_delivered_once(bench: Bench, billing: Locator) -> None:
    billing.get_by_role("button", name="delivered, answer lost").click()
    expect(bench.page.get_by_label("Timeline")).to_contain_text("Next order: delivered, answer lost")
    expect(ordered(bench).last).to_contain_text("1 ГБ у вас")
    expect(texted(bench, "Где подарок", "9373").last).to_contain_text("1 ГБ: получен")
    expect(bench.first.locator(".bubble:not(.mine)", has_text="1 ГБ у вас")).to_have_count(1)


def test_an_order_that_is_lost_is_sent_again(bench: Bench, billing: Locator) -> None:
    billing.get_by_role("button", name="lost", exact=True).click()
    expect(ordered(bench).last).to_contain_text("1 ГБ у вас")


def test_an_order_that_is_refused_gives_the_points_back(bench: Bench, billing: Locator) -> None:
    billing.get_by_role("button", name="refused").click()
    expect(ordered(bench).last).to_contain_text("Баллы вернулись: 3 000 баллов")


def test_an_order_that_is_pending_waits_and_comes(bench: Bench, billing: Locator) -> None:
    billing.get_by_role("button", name="pending").click()
    expect(ordered(bench).last).to_contain_text("1 ГБ у вас")


def test_a_billing_that_is_closed_delivers_when_it_opens(bench: Bench, billing: Locator) -> None:
    pressed(billing, "Orders", "closed")
    answers = ordered(bench)
    expect(answers.last).to_contain_text("в пути")
    billing.get_by_role("button", name="at once").click()
    expect(answers.last).to_contain_text("1 ГБ у вас")


def test_a_slow_billing_is_slow(bench: Bench, billing: Locator) -> None:
    pressed(billing, "Orders", "after 3 s")
    expect(ordered(bench).last).to_contain_text("1 ГБ у вас")


@pytest.fixture
def network(bench: Bench) -> Locator:
    """The card of the USSD network, over a handset with an open session."""
    bench.first.get_by_role("button", name="*123#").click()
    expect(bench.first.locator(".ussd-text")).to_contain_text(MENU)
    return bench.page.get_by_label("USSD network")


def answered(bench: Bench, network: Locator, mishap: str, words: str) -> Locator:
    """The answer 5, whose hop meets a mishap; `words` are the server's for it. What the handset shows then."""
    network.get_by_role("button", name=mishap, exact=True).click()
    expect(network.get_by_role("button", name=mishap, exact=True)).to_have_attribute("aria-pressed", "true")
    expect(network).to_contain_text(f"Waits for the next hop: {words}")
    bench.first.get_by_label("Answer").fill("5")
    bench.first.get_by_label("Answer").press("Enter")
    return bench.first.locator(".ussd-text")


def hops(bench: Bench) -> Locator:
    return bench.page.get_by_label("Timeline").locator(".event.hop", has_text="Hop ·")


@pytest.mark.parametrize(
    ("mishap", "words"), [("comes twice", "hop repeated"), ("twice at once", "hop repeated at once")]
)
def test_a_hop_that_comes_twice_shows_one_screen(bench: Bench, network: Locator, mishap: str, words: str) -> None:
    expect(answered(bench, network, mishap, words)).to_contain_text("Обменять баллы")
    expect(hops(bench)).to_have_count(3)
    expect(network).not_to_contain_text("Waits for")


def test_a_late_copy_changes_nothing(bench: Bench, network: Locator) -> None:
    expect(answered(bench, network, "has a late copy", "hop copied late")).to_contain_text("Обменять баллы")
    bench.first.get_by_label("Answer").fill("0")
    bench.first.get_by_label("Answer").press("Enter")
    expect(bench.first.locator(".ussd-text")).to_contain_text(MENU)
    expect(hops(bench)).to_have_count(4)


@pytest.mark.parametrize(
    ("mishap", "words", "says"),
    [
        ("comes too late", "hop late", "the network gave up on a hop that was late"),
        ("loses its reply", "reply lost", "the network lost the reply"),
        ("is not waited for", "reply too late", "the network did not wait for the reply"),
    ],
)
def test_a_hop_without_a_reply_ends_the_session(
    bench: Bench, network: Locator, mishap: str, words: str, says: str
) -> None:
    expect(answered(bench, network, mishap, words)).to_contain_text(says)
    expect(bench.page.get_by_label("Timeline")).to_contain_text("End of session · 200")
    expect(hops(bench)).to_have_count(2)
    bench.first.get_by_role("button", name="OK").click()
    bench.first.get_by_role("button", name="*123#").click()
    expect(bench.first.locator(".ussd-text")).to_contain_text(MENU)


@pytest.mark.parametrize("button", ["nobody answers", "is dropped"])
def test_the_network_ends_a_session(bench: Bench, network: Locator, button: str) -> None:
    network.get_by_role("button", name=button).click()
    expect(bench.first.locator(".ussd-text")).to_contain_text("Connection problem")
    expect(bench.page.get_by_label("Timeline")).to_contain_text("End of session · 200")
    expect(network.get_by_role("button", name=button)).to_be_disabled()


@pytest.fixture
def stores(bench: Bench, page_url: str) -> Iterator[Locator]:
    """The card of the gateway's stores, which go on after the test."""
    card = bench.page.get_by_label("Stores", exact=True)
    expect(card).to_be_visible()
    yield card
    httpx.post(f"{page_url}/api/stores", json={"text": "in order"}, trust_env=False)


@pytest.mark.parametrize("store", ["PostgreSQL", "Redis"])
def test_a_store_hangs_and_goes_on(bench: Bench, stores: Locator, store: str) -> None:
    button = stores.get_by_role("button", name=store)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    bench.first.get_by_role("button", name="*123#").click()
    expect(bench.first.locator(".countdown")).to_contain_text("reply due in 0:0")
    expect(bench.first.locator(".ussd-text")).to_contain_text("Не получается ответить")
    bench.first.get_by_role("button", name="OK").click()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    with_store = bench.first.locator(".ussd-text", has_text=MENU)
    for _ in range(20):  # the gateway notices in its own time
        bench.first.get_by_role("button", name="*123#").click()
        expect(bench.first.locator(".ussd")).not_to_have_class("ussd running")
        if with_store.is_visible():
            break
        bench.first.get_by_role("button", name="OK").click()
    expect(with_store).to_be_visible()
