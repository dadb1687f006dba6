"""Gateways that put everything into a query, or speak XML, as their networks speak it."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl
from xml.etree.ElementTree import fromstring

import pytest

from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.dialects import dialect
from simulator.errors import HopFailedError

NOW = datetime(2026, 11, 21, 20, 5, tzinfo=UTC)
DIALLED = Call("4711", "+79210000001", "*123#", ("1", "2"))
SHOWN = DIALLED.shown("Привет", Answer(200, "text/plain", ""))
TYPED = SHOWN.answered("Да")
QUERIES = ["wigal", "yate", "flares"]
XMLS = ["truroute", "flares_xml"]


def fields(message: Message) -> dict[str, str]:
    """What a message says, in its query or in its document."""
    if message.query:
        return dict(parse_qsl(message.query, keep_blank_values=True, strict_parsing=True))
    return {element.tag: element.text or "" for element in fromstring(message.body)}


@pytest.mark.parametrize(
    ("name", "call", "said"),
    [
        pytest.param(
            "wigal", DIALLED, {"mode": "START", "userdata": "*123*1*2#", "username": "bolshe"}, id="wigal: a dial"
        ),
        pytest.param("wigal", TYPED, {"mode": "MORE", "userdata": "Да", "msisdn": "79210000001"}, id="wigal: a key"),
        pytest.param(
            "yate",
            DIALLED,
            {"operation": "pssr", "code": "*123*1*2#", "text": "*123*1*2#", "seq": "1", "id": "4711"},
            id="yate: a dial",
        ),
        pytest.param(
            "yate", TYPED, {"operation": "ussr", "code": "*123*1*2#", "text": "Да", "seq": "2"}, id="yate: a key"
        ),
        pytest.param("flares", DIALLED, {"input": "123*1*2", "SessionID": "4711"}, id="flares: a dial"),
        pytest.param("flares", TYPED, {"input": "Да", "MSISDN": "79210000001"}, id="flares: a key"),
        pytest.param(
            "truroute", DIALLED, {"type": "1", "msg": "*123*1*2#", "sessionid": "4711"}, id="truroute: a dial"
        ),
        pytest.param("truroute", TYPED, {"type": "2", "msg": "Да", "msisdn": "79210000001"}, id="truroute: a key"),
        pytest.param(
            "flares_xml", DIALLED, {"newRequest": "1", "subscriberInput": "123*1*2"}, id="flares in XML: a dial"
        ),
        pytest.param("flares_xml", TYPED, {"newRequest": "0", "subscriberInput": "Да"}, id="flares in XML: a key"),
    ],
)
def test_a_hop(name: str, call: Call, said: dict[str, str]) -> None:
    message = dialect(name).hop(call)
    assert fields(message).items() >= said.items()
    assert message.method == ("GET" if name in QUERIES else "POST")
    assert message.target("s3cret").partition("?")[0].endswith("/s3cret")


@pytest.mark.parametrize(("name", "hop"), [("wigal", "trafficid"), ("flares_xml", "transactionId"), ("yate", "seq")])
def test_each_hop_is_named(name: str, hop: str) -> None:
    again = SHOWN.answered("1").shown("Привет", Answer(200, "", "")).answered("1")
    first, second, third = (
        fields(dialect(name).hop(call))[hop] for call in (SHOWN.answered("1"), SHOWN.answered("1"), again)
    )
    assert first == second
    assert second != third


WIGAL = "wigal_mtn_gh|{}|79210000001|4711|{}|bolshe|t1"
TRUROUTE = "<ussd><type>{}</type><msg>{}</msg><premium><cost>0</cost><ref>NULL</ref></premium></ussd>"
FLARES_XML = (
    "<response><msisdn>1</msisdn><applicationResponse>{1}</applicationResponse><Freeflow>{0}</Freeflow></response>"
)
FREE = {"charge": "N", "amount": "0"}


def plain(body: str, **headers: str) -> Answer:
    return Answer(200, "text/plain; charset=utf-8", body, headers)


@pytest.mark.parametrize(
    ("name", "answer", "ends"),
    [
        pytest.param("wigal", plain(WIGAL.format("MORE", "Привет^1 Да")), False, id="wigal: goes on"),
        pytest.param("wigal", plain(WIGAL.format("END", "Привет^1 Да") + "|other"), True, id="wigal: ends"),
        pytest.param("yate", plain("Привет\n1 Да"), False, id="yate: goes on"),
        pytest.param("yate", plain("Привет\n1 Да", operation="pssr"), True, id="yate: ends"),
        pytest.param("flares", plain("Привет\n1 Да", freeflow="FC", **FREE), False, id="flares: goes on"),
        pytest.param("flares", plain("Привет\n1 Да", freeflow="FB", **FREE), True, id="flares: ends"),
        pytest.param("truroute", plain(TRUROUTE.format(2, "Привет\n1 Да")), False, id="truroute: goes on"),
        pytest.param("truroute", plain(TRUROUTE.format(3, "Привет\n1 Да")), True, id="truroute: ends"),
        pytest.param("flares_xml", plain(FLARES_XML.format("FC", "Привет\n1 Да")), False, id="flares in XML: goes on"),
        pytest.param("flares_xml", plain(FLARES_XML.format("FB", "Привет\n1 Да")), True, id="flares in XML: ends"),
    ],
)
def test_an_answer(name: str, answer: Answer, ends: bool) -> None:
    assert dialect(name).read(answer) == ("Привет\n1 Да", ends)


@pytest.mark.parametrize(
    ("name", "answer", "why"),
    [
        *(
            pytest.param(name, Answer(400, "application/problem+json", "{}"), "HTTP 400", id=f"{name}: an error")
            for name in QUERIES + XMLS
        ),
        *(pytest.param(name, plain("{}"), "not XML", id=f"{name}: no XML") for name in XMLS),
        *(pytest.param(name, plain("<!DOCTYPE a><a/>"), "document type", id=f"{name}: a type") for name in XMLS),
        pytest.param("wigal", plain("MORE|Привет"), "2 fields", id="wigal: too few"),
        pytest.param("wigal", plain(WIGAL.format("MORE", "a|b|c")), "9 fields", id="wigal: a bar in the screen"),
        pytest.param("wigal", plain(WIGAL.format("START", "a")), "neither MORE nor END", id="wigal: a request's mode"),
        pytest.param("wigal", plain(WIGAL.format("MORE", "")), "empty", id="wigal: an empty screen"),
        pytest.param("wigal", plain("mtn|MORE|1|2|a|bolshe|t"), "return", id="wigal: another network"),
        pytest.param("yate", Answer(200, "text/html", "a"), "text/plain", id="yate: HTML"),
        pytest.param("yate", plain(""), "empty", id="yate: an empty screen"),
        pytest.param("yate", plain("a", operation="ussn"), "ussn", id="yate: an end of the network's own"),
        pytest.param("flares", plain("a", **FREE), "Freeflow", id="flares: no header"),
        pytest.param("flares", plain("a", freeflow="FC", charge="Y"), "charges", id="flares: a charge"),
        pytest.param("flares", plain("", freeflow="FC", **FREE), "empty", id="flares: an empty screen"),
        pytest.param("truroute", plain(TRUROUTE.format(1, "a")), "type 2 or 3", id="truroute: a request's type"),
        pytest.param("truroute", plain(TRUROUTE.format(2, "")), "empty", id="truroute: an empty screen"),
        pytest.param(
            "truroute",
            plain("<ussd><type>2</type><msg>a</msg><premium><cost>9</cost></premium></ussd>"),
            "charges",
            id="truroute: a charge",
        ),
        pytest.param("flares_xml", plain("<response/>"), "Freeflow", id="flares in XML: no element"),
        pytest.param("flares_xml", plain(FLARES_XML.format("FC", "")), "empty", id="flares in XML: an empty screen"),
    ],
)
def test_an_answer_that_is_no_screen(name: str, answer: Answer, why: str) -> None:
    with pytest.raises(HopFailedError, match=why):
        dialect(name).read(answer)


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        pytest.param("wigal", Closing.BY_SUBSCRIBER, {"mode": "END", "userdata": ""}, id="wigal"),
        pytest.param("yate", Closing.BY_SILENCE, {"operation": "stop", "text": ""}, id="yate"),
        pytest.param("flares", Closing.BY_FAILURE, {"clean": "clean-session", "SessionID": "4711"}, id="flares"),
        pytest.param("truroute", Closing.BY_SUBSCRIBER, {"type": "3"}, id="truroute: left"),
        pytest.param("truroute", Closing.BY_SILENCE, {"type": "4"}, id="truroute: silent"),
        pytest.param("flares_xml", Closing.BY_SUBSCRIBER, {"sessionId": "4711"}, id="flares in XML"),
    ],
)
def test_an_end(name: str, how: Closing, said: dict[str, str]) -> None:
    note = dialect(name).closed(Closed(TYPED, how, NOW, 1.25))
    assert note is not None
    assert fields(note).items() >= said.items()


@pytest.mark.parametrize("name", QUERIES + XMLS)
def test_of_what_the_application_ended_nothing_is_said(name: str) -> None:
    assert dialect(name).closed(Closed(TYPED, Closing.BY_APPLICATION, NOW, 1.25)) is None
