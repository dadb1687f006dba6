"""Africa's Talking as its network speaks it: the vectors double as the dialect's documentation."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.dialects.africastalking import DIALECT, AfricasTalking
from simulator.errors import HopFailedError

SCREEN = Answer(200, "text/plain", "CON …")
PLAIN = Call("ATUid_1", "+79210000001", "*123#", ())
DIRECT = Call("ATUid_1", "+79210000001", "*123#", ("1", "2"))


def fields(message: Message) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(message.body, keep_blank_values=True).items()}


@pytest.mark.parametrize(
    ("call", "text"),
    [
        pytest.param(PLAIN, "", id="opening"),
        pytest.param(PLAIN.answered("1"), "1", id="first answer"),
        pytest.param(PLAIN.answered("1").answered("00"), "1*00", id="whole history"),
        pytest.param(DIRECT, "1*2", id="dialled arguments"),
        pytest.param(DIRECT.answered("3"), "1*2*3", id="arguments, then answers"),
    ],
)
def test_hop(call: Call, text: str) -> None:
    message = DIALECT.hop(call)
    assert (message.method, message.path) == ("POST", "/ussd/africastalking")
    assert message.content_type == "application/x-www-form-urlencoded"
    assert fields(message) == {
        "sessionId": "ATUid_1",
        "phoneNumber": "+79210000001",
        "networkCode": "99999",
        "serviceCode": "*123#",
        "text": text,
    }


def test_account_without_arguments_in_text() -> None:
    sent = fields(AfricasTalking(arguments_in_text=False).hop(DIRECT.answered("3")))
    assert (sent["serviceCode"], sent["text"]) == ("*123*1*2#", "3")


@pytest.mark.parametrize(
    ("body", "screen"),
    [
        pytest.param("CON Привет\n1 Да", ("Привет\n1 Да", False), id="goes on"),
        pytest.param("END До встречи", ("До встречи", True), id="ends"),
    ],
)
def test_answers(body: str, screen: tuple[str, bool]) -> None:
    assert DIALECT.read(Answer(200, "text/plain", body)) == screen


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(Answer(500, "text/plain", "CON hello"), "HTTP 500", id="an error ends the session"),
        pytest.param(Answer(200, "text/html", "<html>"), "neither CON nor END", id="not their format"),
        pytest.param(Answer(200, "text/plain", "CONTINUE"), "neither CON nor END", id="a longer word"),
        pytest.param(Answer(200, "text/plain", "CON "), "text is empty", id="an empty screen"),
    ],
)
def test_answers_that_are_no_screen(answer: Answer, message: str) -> None:
    with pytest.raises(HopFailedError, match=message):
        DIALECT.read(answer)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        (Closing.BY_APPLICATION, "Success"),
        (Closing.BY_SUBSCRIBER, "Incomplete"),
        (Closing.BY_SILENCE, "Incomplete"),
        (Closing.BY_FAILURE, "Failed"),
    ],
)
def test_end_note(how: Closing, status: str) -> None:
    call = PLAIN.shown("Привет", SCREEN).answered("1").shown("Пока", SCREEN)
    note = DIALECT.closed(Closed(call, how, datetime(2026, 11, 21, 20, 5, tzinfo=UTC), 1.25, "why"))
    assert note.path == "/ussd/africastalking/events"
    assert fields(note) == {
        "date": "2026-11-21 20:05:00",
        "sessionId": "ATUid_1",
        "serviceCode": "*123#",
        "networkCode": "99999",
        "phoneNumber": "+79210000001",
        "status": status,
        "cost": "0",
        "durationInMillis": "1250",
        "hopsCount": "2",
        "input": "1",
        "lastAppResponse": "Пока",
        "errorMessage": "why",
    }


def test_session_ids_look_like_theirs() -> None:
    assert DIALECT.new_session_id(lambda bits: 255) == "ATUid_" + "0" * 30 + "ff"
