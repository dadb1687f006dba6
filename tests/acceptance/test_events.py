"""Events as an operator's billing sends them: once, whatever is repeated, and shown by the next dial."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from simulator.deployment import Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.handset import Handset

_numbers = count(79216660000)


@pytest.fixture
def http(gateway: Deployment) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.access.url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def number() -> str:
    return f"+{next(_numbers)}"


def send(http: httpx.Client, *events: dict[str, Any]) -> list[dict[str, Any]]:
    answer = http.post("/v1/events", json=list(events), headers={"x-api-key": "demo"})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def top_up(number: str, event_id: str = "", amount: int = 50_000) -> dict[str, Any]:
    return {"id": event_id or f"t-{number}", "type": "top_up", "msisdn": number, "amount": amount}


def screen(gateway: Deployment, number: str) -> str:
    handset = Handset(number, DIALECT, gateway.send)
    shown = handset.dial("*123#").text
    if handset.in_session:
        handset.hang_up()
    return shown


def test_an_event_earns_once_however_often_it_is_sent(http: httpx.Client, gateway: Deployment, number: str) -> None:
    first, second = send(http, top_up(number)), send(http, top_up(number))
    assert first[0]["outcome"] == "accepted"
    assert second[0] == first[0] | {"outcome": "repeated"}
    assert "1 000 баллов" in screen(gateway, number)


def test_ten_copies_at_once_earn_once(http: httpx.Client, gateway: Deployment, number: str) -> None:
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda _: send(http, top_up(number))[0]["outcome"], range(10)))
    assert sorted(outcomes) == ["accepted"] + ["repeated"] * 9
    assert "1 000 баллов" in screen(gateway, number)


def test_the_same_id_with_another_content_is_refused(http: httpx.Client, gateway: Deployment, number: str) -> None:
    send(http, top_up(number))
    [again] = send(http, top_up(number, amount=99_900))
    assert (again["outcome"], again["error"]) == ("refused", "key_reused")
    assert "1 000 баллов" in screen(gateway, number)


def test_the_same_id_for_another_number_is_refused(http: httpx.Client, gateway: Deployment, number: str) -> None:
    other = f"+{next(_numbers)}"
    send(http, top_up(number, "shared-" + number))
    [again] = send(http, top_up(other, "shared-" + number))
    assert (again["outcome"], again["error"]) == ("refused", "key_reused")
    assert "0 баллов" in screen(gateway, other)


@pytest.mark.parametrize("spelling", ["+{0}", "{0}", "8{1}", "{1}", "+7 ({2}) {3}"])
def test_a_number_is_the_same_member_however_it_is_written(
    http: httpx.Client, gateway: Deployment, number: str, spelling: str
) -> None:
    digits = number[1:]
    written = spelling.format(digits, digits[1:], digits[1:4], digits[4:])
    send(http, top_up(written, f"spelling-{number}"))
    assert "1 000 баллов" in screen(gateway, number)


def test_events_of_one_member_keep_their_order(http: httpx.Client, gateway: Deployment, number: str) -> None:
    blocked = {"id": f"b-{number}", "type": "blocked", "msisdn": number}
    unblocked = {"id": f"u-{number}", "type": "unblocked", "msisdn": number}
    items = send(http, blocked, top_up(number, f"1-{number}"), unblocked, top_up(number, f"2-{number}"))
    assert [len(item.get("earned", [])) for item in items] == [0, 0, 0, 1]
    assert "1 000 баллов" in screen(gateway, number)


def test_a_gift_that_comes_once_comes_once(http: httpx.Client, number: str) -> None:
    items = [send(http, {"id": f"a{turn}-{number}", "type": "activated", "msisdn": number})[0] for turn in range(2)]
    assert [[earned["amount"] for earned in item["earned"]] for item in items] == [[5], []]


def test_a_thousand_events_in_one_request(http: httpx.Client, gateway: Deployment, number: str) -> None:
    items = send(http, *(top_up(number, f"{turn}-{number}", 10_000) for turn in range(1000)))
    assert {item["outcome"] for item in items} == {"accepted"}
    assert "100 000 баллов" in screen(gateway, number)
