"""A demo's own paths: a session as it lies in Redis, the menu that it walks, and stores that hang for a while and are
none the worse."""

import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from simulator.deployment import Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.handset import Handset
from tests.live.network import new_number

HANGS_S = 3.0


@pytest.fixture
def http(gateway: Deployment) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.access.url, timeout=30, trust_env=False) as client:
        yield client


def looked_at(http: httpx.Client, msisdn: str) -> dict[str, Any]:
    answer = http.post("/demo/session", json={"msisdn": msisdn})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_session_is_seen_as_it_lies_there(http: httpx.Client, gateway: Deployment) -> None:
    handset = Handset(new_number(), DIALECT, gateway.send)
    shown = handset.dial("*123#")
    opened = looked_at(http, handset.msisdn)
    assert (opened["reply"], opened["over"], opened["version"]) == (shown.text, False, 1)
    assert opened["name"].startswith("ussd:2:{")
    handset.answer("5")
    walked = looked_at(http, handset.msisdn)
    assert (walked["uid"], walked["version"], walked["hop"]) == (opened["uid"], 2, "5")
    assert walked["state"]["screen"] != opened["state"]["screen"]
    assert walked["state"]["language"] == "ru"
    handset.hang_up()
    assert looked_at(http, handset.msisdn)["over"]


@pytest.mark.parametrize(("language", "words"), [("ru", "1 Сроки"), ("en", "1 Balance and expiry"), ("de", "1 Сроки")])
def test_the_menu_is_drawn_as_it_is_served(http: httpx.Client, gateway: Deployment, language: str, words: str) -> None:
    handset = Handset(new_number(), DIALECT, gateway.send)
    handset.dial("*123#")
    state = looked_at(http, handset.msisdn)["state"]
    answer = http.get("/demo/menu", params={"language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    root = ET.fromstring(answer.text)
    assert root.get("data-menu") == state["menu"]
    assert root.find(f".//*[@data-screen='{state['screen']}']") is not None
    assert words in answer.text
    handset.hang_up()


def test_strangers_see_no_drawing(http: httpx.Client) -> None:
    answer = http.get("/demo/menu", headers={"x-forwarded-for": "192.0.2.1"})
    assert (answer.status_code, answer.json()["title"]) == (403, "not local")


@pytest.mark.parametrize("path", ["/demo/session", "/demo/stores", "/demo/clock"])
def test_strangers_see_nothing(http: httpx.Client, path: str) -> None:
    body = {"msisdn": "+79210000001"} if "session" in path else {"store": "valkey", "seconds": 1}
    body = {"advance_s": 0} if "clock" in path else body
    answer = http.post(path, json=body, headers={"x-forwarded-for": "192.0.2.1"})
    assert (answer.status_code, answer.json()["title"]) == (403, "not local")


def test_a_number_without_a_session(http: httpx.Client) -> None:
    answer = http.post("/demo/session", json={"msisdn": new_number()})
    assert (answer.status_code, answer.json()["title"]) == (404, "no session")
    assert http.post("/demo/session", json={"msisdn": "nobody"}).status_code == 400


@pytest.mark.parametrize("store", ["postgresql", "valkey"])
def test_a_store_that_hangs_is_apologised_for_and_thaws_by_itself(
    http: httpx.Client, gateway: Deployment, store: str
) -> None:
    handset = Handset(new_number(), DIALECT, gateway.send)
    handset.dial("*123#")
    frozen = http.post("/demo/stores", json={"store": store, "seconds": HANGS_S})
    assert frozen.json() == {"frozen": [store]}
    shown = handset.answer("2")
    assert shown.text, "the subscriber reads a sentence, be it an apology or, when the store came back, the screen"
    until = time.monotonic() + 60
    while (http.get("/demo/stores").json()["frozen"] or not gateway.ready()) and time.monotonic() < until:
        time.sleep(0.1)  # between two looks: nothing tells when a store has thawed
    later = Handset(handset.msisdn, DIALECT, gateway.send)
    assert "У вас 0 баллов" in later.dial("*123#").text
    later.hang_up()


def test_a_store_thaws_when_it_is_told_to(http: httpx.Client) -> None:
    http.post("/demo/stores", json={"store": "valkey", "seconds": 60})
    assert http.post("/demo/stores", json={"store": "valkey", "seconds": 0}).json() == {"frozen": []}
    for nonsense in ({"store": "oracle", "seconds": 1}, {"store": "valkey", "seconds": 61}, {"store": "valkey"}):
        assert http.post("/demo/stores", json=nonsense).status_code == 400
