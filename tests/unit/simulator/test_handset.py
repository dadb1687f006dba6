"""A session as the phone lives through it, and what the application is told of its end."""

import json
from typing import Any

import pytest

from simulator.call import Answer, Message
from simulator.dialects import dialect
from simulator.dialects.africastalking import DIALECT
from simulator.errors import GatewayDownError, HopFailedError, HungUpError, PhraseError
from simulator.handset import SAME_KEY_AGAIN_S, Handset


def test_dial_answer_end(handset: Handset, application: Any) -> None:
    first = handset.dial("*123#")
    assert (first.text, first.ends, handset.in_session) == ("Привет\n1 Дальше", False, True)
    last = handset.answer("1")
    assert (last.text, last.ends, handset.in_session) == ("Пока", True, False)
    assert [message.path.rpartition("/")[2] for message in application.heard] == ["africastalking"] * 2 + ["events"]
    assert (application.field("status"), application.field("hopsCount")) == ("Success", "2")


def test_hanging_up_is_reported_once(handset: Handset, application: Any) -> None:
    handset.dial("*123#")
    handset.hang_up()
    assert (application.field("status"), application.field("lastAppResponse")) == ("Incomplete", "Привет\n1 Дальше")
    handset.hang_up()
    assert len(application.heard) == 2


def test_hanging_up_under_a_hop_ends_it_unseen(application: Any) -> None:
    """And the next dial is a session of its own."""

    def send(message: Message) -> Answer:
        answer: Answer = application(message)
        if message.path.endswith("africastalking") and not hung_up:
            hung_up.append(message)
            handset.hang_up()
        return answer

    hung_up: list[Message] = []
    handset = Handset("+79210000001", DIALECT, send)
    with pytest.raises(HungUpError):
        handset.dial("*123#")
    assert not handset.in_session
    assert application.field("status") == "Incomplete"
    assert handset.dial("*123#").text == "Привет\n1 Дальше"
    assert handset.in_session


def test_an_error_ends_the_session(handset: Handset, application: Any) -> None:
    handset.dial("*123#")
    with pytest.raises(HopFailedError, match="HTTP 500"):
        handset.answer("7")
    assert not handset.in_session
    assert application.field("status") == "Failed"
    assert "HTTP 500" in application.field("errorMessage")


def test_a_gateway_that_is_down_leaves_no_session_open() -> None:
    def nobody(_: Message) -> Answer:
        raise GatewayDownError("no gateway answers")

    handset = Handset("+79210000001", DIALECT, nobody)
    for _ in range(2):  # the second dial is a dial again, not an answer
        with pytest.raises(GatewayDownError):
            handset.dial("*123#")
        assert not handset.in_session


def test_each_dial_is_a_session_of_its_own(handset: Handset, application: Any) -> None:
    ids = set()
    for _ in range(3):
        handset.dial("*123#")
        ids.add(application.field("sessionId"))
        handset.hang_up()
    assert len(ids) == 3


def test_what_a_phone_cannot_do(handset: Handset) -> None:
    with pytest.raises(PhraseError, match="dial first"):
        handset.answer("1")
    handset.dial("*123#")
    with pytest.raises(PhraseError, match="hang up"):
        handset.dial("*123#")


def paused(name: str, *keys: str) -> list[float]:
    """For how long a phone of a dialect pauses while its subscriber presses keys as fast as a program can."""

    def send(message: Message) -> Answer:
        text = {"USERID": "NALOTest", "Type": "response", "Message": "?", "Label": "", "DataType": "", "FieldType": ""}
        return Answer(200, "application/json", json.dumps(text | {"SessionId": "s", "MSG": "?", "MSGTYPE": True}))

    pauses: list[float] = []
    handset = Handset("+79210000001", dialect(name), send, pause=pauses.append)
    handset.dial("*123#")
    for key in keys:
        handset.answer(key)
    return pauses


def test_the_same_key_is_not_pressed_before_its_screen_was_read() -> None:
    """Where nothing tells it from the network repeating itself."""
    one, another = paused("nalo", "1", "1", "2", "1", "1", "2")
    assert 1.5 < one <= SAME_KEY_AGAIN_S
    assert 1.5 < another <= SAME_KEY_AGAIN_S


def test_nobody_waits_where_hops_are_numbered() -> None:
    assert paused("hubtel", "1", "1", "1") == []


@pytest.mark.parametrize(
    ("text", "gauge", "fits"),
    [
        pytest.param("Я" * 80, "80/80 UCS-2", True, id="the longest Russian screen"),
        pytest.param("Я" * 81, "81/80 UCS-2", False, id="one letter more"),
        pytest.param("a" * 182, "182/182 GSM-7", True, id="the longest Latin screen"),
        pytest.param("a" * 181 + "€", "183/182 GSM-7", False, id="the euro takes two septets"),
        pytest.param("a" * 80 + "Я", "81/80 UCS-2", False, id="one Cyrillic letter turns the screen"),
    ],
)
def test_gauge(handset: Handset, application: Any, text: str, gauge: str, fits: bool) -> None:
    application.screens[""] = f"CON {text}"
    screen = handset.dial("*123#")
    assert (str(screen.gauge), screen.gauge.fits) == (gauge, fits)
