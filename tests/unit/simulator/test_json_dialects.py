"""Gateways that speak JSON, as their networks speak it: what they send, what they take for a screen, what for none."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.call import Answer, Call, Closed, Closing
from simulator.dialects import dialect
from simulator.errors import HopFailedError

NOW = datetime(2026, 11, 21, 20, 5, tzinfo=UTC)
DIALLED = Call("4711", "+79210000001", "*123#", ("1", "2"))
SHOWN = DIALLED.shown("Привет", Answer(200, "application/json", "{}"))
TYPED = SHOWN.answered("Да")


def said(**fields: object) -> Answer:
    return Answer(200, "application/json", json.dumps(fields))


NALO = {"USERID": "NALOTest", "MSISDN": "79210000001", "MSG": "Привет", "MSGTYPE": True}
ARKESEL = {
    "sessionID": "4711",
    "userID": "USSD_123",
    "msisdn": "79210000001",
    "message": "Привет",
    "continueSession": True,
}
KORBA = {"message": "Привет", "ussdServiceOp": 2}
MADAPI_DATA = {"inboundResponse": "Привет", "userInputRequired": True, "messageType": 1}
MADAPI = {"statusCode": "0000", "statusMessage": "Success", "transactionId": "4711", "data": MADAPI_DATA, "_link": {}}
MADAPI_END = {"inboundResponse": "Привет", "userInputRequired": False, "messageType": 2}
INFOBIP = {"ussdMenu": "Привет", "shouldClose": False, "responseExitCode": 200, "responseMessage": ""}
ANSWERS: dict[str, dict[str, Any]] = {
    "nalo": NALO,
    "arkesel": ARKESEL,
    "korba": KORBA,
    "madapi": MADAPI,
    "infobip": INFOBIP,
}
ENDS: dict[str, dict[str, Any]] = {
    "nalo": {"MSGTYPE": False},
    "arkesel": {"continueSession": False},
    "korba": {"ussdServiceOp": 17},
    "madapi": {"data": MADAPI_END},
    "infobip": {"shouldClose": True},
}
PATHS = {"infobip start": "/ussd/infobip/session/4711/start", "infobip response": "/ussd/infobip/session/4711/response"}


@pytest.mark.parametrize(
    ("name", "call", "fields"),
    [
        pytest.param(
            "nalo",
            DIALLED,
            {"USERID": "NALOTest", "USERDATA": "*123*1*2#", "MSGTYPE": True, "NETWORK": "MTN", "SESSIONID": "4711"}
            | {"MSISDN": "79210000001"},
            id="nalo: a dial",
        ),
        pytest.param(
            "nalo",
            TYPED,
            {"USERID": "NALOTest", "USERDATA": "Да", "MSGTYPE": False, "NETWORK": "MTN", "SESSIONID": "4711"}
            | {"MSISDN": "79210000001"},
            id="nalo: the newest input",
        ),
        pytest.param(
            "arkesel",
            DIALLED,
            {"sessionID": "4711", "userID": "USSD_123", "newSession": True, "userData": "*123*1*2#", "network": "MTN"}
            | {"msisdn": "79210000001"},
            id="arkesel: a dial",
        ),
        pytest.param(
            "arkesel",
            TYPED,
            {"sessionID": "4711", "userID": "USSD_123", "newSession": False, "userData": "Да", "network": "MTN"}
            | {"msisdn": "79210000001"},
            id="arkesel: the newest input",
        ),
        pytest.param(
            "korba",
            DIALLED,
            {"ussdString": "*123*1*2#", "msisdn": "+79210000001", "ussdServiceOp": "1", "sessionID": "4711"}
            | {"network": "01", "code": "*123#", "country": "GH"},
            id="korba: a dial",
        ),
        pytest.param(
            "korba",
            TYPED,
            {"ussdString": "Да", "msisdn": "+79210000001", "ussdServiceOp": "18", "sessionID": "4711"}
            | {"network": "01", "code": "*123#", "country": "GH"},
            id="korba: the newest input",
        ),
        pytest.param(
            "madapi",
            DIALLED,
            {"sessionId": "4711", "messageType": "0", "msisdn": "79210000001", "serviceCode": "123"}
            | {"ussdString": "*123*1*2#"},
            id="madapi: begin",
        ),
        pytest.param(
            "madapi",
            TYPED,
            {"sessionId": "4711", "messageType": "1", "msisdn": "79210000001", "serviceCode": "123"}
            | {"ussdString": "Да"},
            id="madapi: continue",
        ),
        pytest.param(
            "infobip",
            DIALLED,
            {"msisdn": "79210000001", "text": "*123*1*2#", "shortCode": "*123#", "ussdGwId": "11", "optional": ""}
            | {"imsi": None, "language": None},
            id="infobip: start",
        ),
        pytest.param(
            "infobip",
            TYPED,
            {"msisdn": "79210000001", "text": "Да", "shortCode": "*123#", "ussdGwId": "11", "optional": ""}
            | {"imsi": None, "language": None},
            id="infobip: response",
        ),
    ],
)
def test_a_hop(name: str, call: Call, fields: dict[str, Any]) -> None:
    message = dialect(name).hop(call)
    path = PATHS.get(f"{name} {'response' if call.inputs else 'start'}", f"/ussd/{name}")
    assert (message.method, message.target("s3cret")) == ("POST", f"{path}/s3cret")
    assert message.content_type == "application/json"
    assert json.loads(message.body) == fields


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer(name: str) -> None:
    assert dialect(name).read(said(**ANSWERS[name])) == ("Привет", False)
    assert dialect(name).read(said(**ANSWERS[name] | ENDS[name])) == ("Привет", True)


@pytest.mark.parametrize(
    ("name", "answer", "why"),
    [
        *(
            pytest.param(name, answer, why, id=f"{name}: {label}")
            for name in ANSWERS
            for label, answer, why in (
                ("an error", Answer(400, "application/problem+json", "{}"), "HTTP 400"),
                ("no JSON", Answer(200, "text/html", "<html>"), "not JSON"),
                ("a list", Answer(200, "application/json", "[]"), "has no"),
                ("nothing", said(), "has no"),
            )
        ),
        pytest.param("nalo", said(**NALO | {"USERID": "other"}), "USERID", id="nalo: somebody else's"),
        pytest.param("nalo", said(**NALO | {"MSG": ""}), "empty", id="nalo: an empty screen"),
        pytest.param("nalo", said(**NALO | {"MSGTYPE": "true"}), "neither true nor false", id="nalo: a word"),
        pytest.param(
            "korba", said(**KORBA | {"ussdServiceOp": 1}), "neither 2 nor 17", id="korba: a request's operation"
        ),
        pytest.param("korba", said(**KORBA | {"ussdServiceOp": "2"}), "no whole number", id="korba: in quotes"),
        pytest.param("korba", said(**KORBA | {"message": ""}), "empty", id="korba: an empty screen"),
        pytest.param("madapi", said(**MADAPI | {"statusCode": "3001"}), "statusCode", id="madapi: an error of its own"),
        pytest.param("madapi", said(**MADAPI | {"data": {}}), "lack", id="madapi: no data"),
        pytest.param(
            "madapi",
            said(**MADAPI | {"data": MADAPI_DATA | {"messageType": 2}}),
            "fit together",
            id="madapi: an end that wants input",
        ),
        pytest.param(
            "madapi",
            said(**MADAPI | {"data": MADAPI_DATA | {"inboundResponse": ""}}),
            "empty",
            id="madapi: an empty screen",
        ),
        pytest.param(
            "infobip", said(**INFOBIP | {"responseExitCode": 500}), "responseExitCode", id="infobip: an error"
        ),
        pytest.param("infobip", said(**INFOBIP | {"shouldClose": 0}), "neither true nor false", id="infobip: a number"),
        pytest.param("infobip", said(**INFOBIP | {"ussdMenu": ""}), "empty", id="infobip: an empty screen"),
        pytest.param("arkesel", said(**ARKESEL | {"message": None}), "empty", id="arkesel: no screen"),
        pytest.param("arkesel", said(**ARKESEL | {"continueSession": 1}), "neither true nor", id="arkesel: a number"),
    ],
)
def test_an_answer_that_is_no_screen(name: str, answer: Answer, why: str) -> None:
    with pytest.raises(HopFailedError, match=why):
        dialect(name).read(answer)


@pytest.mark.parametrize("how", Closing)
@pytest.mark.parametrize("name", ["nalo", "arkesel"])
def test_some_say_nothing_of_an_end(name: str, how: Closing) -> None:
    assert dialect(name).closed(Closed(TYPED, how, NOW, 1.25)) is None


@pytest.mark.parametrize(("name", "looks"), [("nalo", "00000000000000255"), ("arkesel", "0" * 30 + "ff")])
def test_session_ids_look_like_theirs(name: str, looks: str) -> None:
    assert dialect(name).new_session_id(lambda bits: 255) == looks
