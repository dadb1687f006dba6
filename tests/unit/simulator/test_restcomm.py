"""RestComm's gateway as it speaks: the vectors double as the dialect's documentation."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

import pytest

from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.dialects.restcomm import DIALECT
from simulator.errors import HopFailedError

COOKIE = {"set-cookie": "JSESSIONID=-3.79210000001; Path=/"}
PLAIN = Call("12 13", "+79210000001", "*123#", ())
DIRECT = Call("12 13", "+79210000001", "*123#", ("1", "2"))


def goes_on(coding: str = "72", text: str = "Привет&#10;1 Да", attributes: str = "", headers: bool = True) -> Answer:
    message = f'<unstructuredSSRequest_Request invokeId="9" dataCodingScheme="{coding}" string="{text}"/>'
    body = f'<?xml version="1.0" encoding="UTF-8"?><dialog mapMessagesSize="1"{attributes}>{message}</dialog>'
    return Answer(200, "text/xml", body, COOKIE if headers else {})


def is_over(attributes: str = ' prearrangedEnd="false"', invoke_id: str = "-3") -> Answer:
    message = f'<processUnstructuredSSRequest_Response invokeId="{invoke_id}" dataCodingScheme="15" string="Bye"/>'
    return Answer(200, "text/xml", f'<dialog mapMessagesSize="1"{attributes}>{message}</dialog>')


def dialog(message: Message) -> Element:
    assert (message.method, message.path, message.content_type) == ("POST", "/ussd/restcomm", "text/xml")
    assert message.headers["Content-Encoding"] == "utf-8"
    found = fromstring(message.body)
    assert (found.get("localId"), found.get("remoteId"), found.get("networkId")) == ("12", "13", "0")
    return found


@pytest.mark.parametrize(
    ("call", "dialled"),
    [pytest.param(PLAIN, "*123#", id="opening"), pytest.param(DIRECT, "*123*1*2#", id="dialled arguments")],
)
def test_the_dial_names_the_subscriber(call: Call, dialled: str) -> None:
    message = DIALECT.hop(call)
    found = dialog(message)
    asked = found.find("processUnstructuredSSRequest_Request")
    assert asked is not None
    assert (found.get("type"), asked.attrib) == (
        "Begin",
        {"invokeId": "-3", "dataCodingScheme": "15", "string": dialled},
    )
    [named] = asked
    assert (named.tag, named.get("number"), named.get("nai")) == ("msisdn", "79210000001", "international_number")
    assert "Cookie" not in message.headers


@pytest.mark.parametrize(
    ("call", "told"),
    [
        pytest.param(PLAIN.shown("…", goes_on()).answered("1"), ("0", "15", "1"), id="the first key"),
        pytest.param(
            PLAIN.shown("…", goes_on()).answered("1").shown("…", goes_on()).answered("Да"),
            ("1", "72", "Да"),
            id="counted by the gateway, whatever the application said",
        ),
    ],
)
def test_a_key_names_nobody_and_brings_the_cookie(call: Call, told: tuple[str, str, str]) -> None:
    message = DIALECT.hop(call)
    found = dialog(message)
    said = found.find("unstructuredSSRequest_Response")
    assert said is not None
    assert (found.get("type"), tuple(said.attrib.values())) == ("Continue", told)
    assert "79210000001" not in message.body
    assert message.headers["Cookie"] == "JSESSIONID=-3.79210000001"


def test_without_a_cookie_there_is_none_to_bring() -> None:
    assert "Cookie" not in DIALECT.hop(PLAIN.shown("…", goes_on(headers=False)).answered("1")).headers


def test_answers() -> None:
    assert DIALECT.read(goes_on()) == ("Привет\n1 Да", False)
    assert DIALECT.read(is_over()) == ("Bye", True)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(Answer(500, "text/xml", "<dialog/>"), "HTTP 500", id="an error ends the session"),
        pytest.param(Answer(200, "text/plain", "CON hello"), "not XML", id="not their format"),
        pytest.param(Answer(200, "text/xml", "<!DOCTYPE d><dialog/>"), "document type", id="a document type"),
        pytest.param(Answer(200, "text/xml", '<dialog mapMessagesSize="0"/>'), "no message", id="nothing to show"),
        pytest.param(goes_on(text=""), "empty", id="an empty screen"),
        pytest.param(goes_on(coding="15"), "letters that GSM 7-bit does not have", id="Russian in GSM 7-bit"),
        pytest.param(goes_on(coding="0"), "neither 15 nor 72", id="another coding"),
        pytest.param(goes_on(attributes=' prearrangedEnd="false"'), "prearrangedEnd", id="asked, and hung up"),
        pytest.param(is_over(attributes=""), "prearrangedEnd", id="a last screen that leaves the dialog open"),
        pytest.param(is_over(attributes=' prearrangedEnd="true"'), "prearrangedEnd", id="a last screen nobody sees"),
        pytest.param(is_over(invoke_id="9"), "invokeId '9'", id="a last screen that answers something else"),
    ],
)
def test_answers_that_are_no_screen(answer: Answer, message: str) -> None:
    with pytest.raises(HopFailedError, match=message):
        DIALECT.read(answer)


@pytest.mark.parametrize(
    ("how", "reason", "value"),
    [
        (Closing.BY_SUBSCRIBER, "mapUserAbortChoice", "isUserSpecificReason"),
        (Closing.BY_SILENCE, "invokeTimedOut", "1"),
    ],
)
def test_end_note(how: Closing, reason: str, value: str) -> None:
    call = PLAIN.shown("Привет", goes_on()).answered("1").shown("Пока", goes_on())
    note = DIALECT.closed(Closed(call, how, datetime(2026, 11, 21, 20, 5, tzinfo=UTC), 1.25))
    assert note is not None
    found = dialog(note)
    assert (found.get("type"), found.get("mapMessagesSize"), found.get(reason)) == ("Abort", "0", value)
    assert note.headers["Cookie"] == "JSESSIONID=-3.79210000001"


@pytest.mark.parametrize("how", [Closing.BY_APPLICATION, Closing.BY_FAILURE])
def test_an_application_that_ended_it_or_failed_hears_nothing_more(how: Closing) -> None:
    assert DIALECT.closed(Closed(PLAIN, how, datetime.now(UTC), 1.25)) is None


def test_session_ids_are_both_ends_of_a_dialog() -> None:
    assert DIALECT.new_session_id(lambda bits: bits) == "31 32"
