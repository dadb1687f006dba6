"""Hubtel as its network speaks it: the vectors double as the dialect's documentation."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.dialects.hubtel import DIALECT
from simulator.errors import HopFailedError

SESSION = "3c796dac28174f739de4262d08409c51"
PLAIN = Call(SESSION, "+79210000001", "*123#", ())
DIRECT = Call(SESSION, "+79210000001", "*123#", ("1", "2"))


def said(**fields: object) -> Answer:
    standing = {
        "SessionId": SESSION,
        "Type": "response",
        "Message": "Привет\n1 Да",
        "Label": "Привет",
        "DataType": "input",
        "FieldType": "text",
    }
    return Answer(200, "application/json", json.dumps(standing | fields))


def fields(message: Message) -> dict[str, Any]:
    found = json.loads(message.body)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("call", "kind", "text", "sequence", "state"),
    [
        pytest.param(PLAIN, "Initiation", "*123#", 1, "", id="opening"),
        pytest.param(DIRECT, "Initiation", "*123*1*2#", 1, "", id="dialled arguments"),
        pytest.param(PLAIN.shown("…", said()).answered("1"), "Response", "1", 2, "", id="the newest input"),
        pytest.param(
            DIRECT.shown("…", said()).answered("1").shown("…", said(ClientState="100")).answered("00"),
            "Response",
            "00",
            3,
            "100",
            id="what the last answer asked to hear again",
        ),
    ],
)
def test_hop(call: Call, kind: str, text: str, sequence: int, state: str) -> None:
    message = DIALECT.hop(call)
    assert (message.method, message.path, message.content_type) == ("POST", "/ussd/hubtel", "application/json")
    assert fields(message) == {
        "Type": kind,
        "Mobile": "79210000001",
        "SessionId": SESSION,
        "ServiceCode": "123",
        "Message": text,
        "Operator": "mtn",
        "Sequence": sequence,
        "ClientState": state,
        "Platform": "USSD",
    }


@pytest.mark.parametrize(
    ("kind", "ends"), [("response", False), ("Response", False), ("release", True), ("RELEASE", True)]
)
def test_answers(kind: str, ends: bool) -> None:
    assert DIALECT.read(said(Type=kind)) == ("Привет\n1 Да", ends)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(Answer(400, "application/problem+json", "{}"), "HTTP 400", id="an error"),
        pytest.param(Answer(200, "text/html", "<html>"), "not JSON", id="not their format"),
        pytest.param(Answer(200, "application/json", "[]"), "no SessionId", id="a list"),
        pytest.param(Answer(200, "application/json", '{"Type": "release"}'), "no SessionId, Message", id="too little"),
        pytest.param(said(Type="AddToCart"), "neither response nor release", id="a shop's answer"),
        pytest.param(said(Message=""), "empty", id="an empty screen"),
    ],
)
def test_answers_that_are_no_screen(answer: Answer, message: str) -> None:
    with pytest.raises(HopFailedError, match=message):
        DIALECT.read(answer)


@pytest.mark.parametrize(
    ("how", "kind"),
    [(Closing.BY_SUBSCRIBER, "Release"), (Closing.BY_SILENCE, "Timeout"), (Closing.BY_FAILURE, "Timeout")],
)
def test_end_note(how: Closing, kind: str) -> None:
    call = PLAIN.shown("Привет", said()).answered("1").shown("Пока", said())
    note = DIALECT.closed(Closed(call, how, datetime(2026, 11, 21, 20, 5, tzinfo=UTC), 1.25))
    assert note is not None
    assert note.path == "/ussd/hubtel"
    found = fields(note)
    assert (found["Type"], found["SessionId"], found["Message"], found["Sequence"]) == (kind, SESSION, "", 3)


def test_of_what_the_application_released_nothing_more_is_said() -> None:
    assert DIALECT.closed(Closed(PLAIN, Closing.BY_APPLICATION, datetime.now(UTC), 1.25)) is None


def test_session_ids_look_like_theirs() -> None:
    assert DIALECT.new_session_id(lambda bits: 255) == "0" * 30 + "ff"
