"""Rubbish over real HTTP: a clear error or a polite end, a line in the log, and never a 500."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from gateway.ussd.dialects import dialects
from gateway.ussd.dialects import names as callbacks
from simulator.deployment import Deployment
from simulator.dialects import dialect, names
from simulator.handset import Handset
from simulator.world import World

HOP = "/ussd/africastalking"
FORM = "application/x-www-form-urlencoded"
NUMBER = "+79215550001"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def http(gateway: Deployment) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.access.url, timeout=30, trust_env=False) as client:
        yield client


def form(**fields: str) -> str:
    standing = {
        "sessionId": "rubbish",
        "phoneNumber": NUMBER,
        "networkCode": "25020",
        "serviceCode": "*123#",
        "text": "",
    }
    return urlencode(standing | fields)


def post(http: httpx.Client, body: str | bytes, content_type: str = FORM, path: str = HOP) -> httpx.Response:
    return http.post(path, content=body, headers={"content-type": content_type})


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        pytest.param("", FORM, 400, "sessionId", id="nothing"),
        pytest.param("a=b", FORM, 400, "sessionId", id="another form"),
        pytest.param("&&&===;;;", FORM, 400, "sessionId", id="punctuation"),
        pytest.param(b"\xff\x00\xfe", FORM, 400, "UTF-8", id="bytes"),
        pytest.param(form(phoneNumber="Bank"), FORM, 400, "E.164", id="a name for a number"),
        pytest.param(form(phoneNumber="+7"), FORM, 400, "E.164", id="a number too short"),
        pytest.param(form(phoneNumber="9" * 4000), FORM, 400, "E.164", id="a number too long"),
        pytest.param(form(sessionId="s" * 200), FORM, 400, "sessionId", id="a session id too long"),
        pytest.param(form(text="1*" * 1100), FORM, 400, "text", id="a history too long"),
        pytest.param("&".join(f"f{n}=1" for n in range(100)), FORM, 400, "fields", id="a hundred fields"),
        pytest.param(form(), "application/json", 400, "urlencoded", id="another type"),
        pytest.param('{"sessionId": "s"}', "application/json", 400, "urlencoded", id="JSON"),
        pytest.param(b"x" * (10 * MEBIBYTE), FORM, 413, "larger", id="10 MB"),
    ],
)
def test_a_bad_callback_is_told_what_is_wrong(
    http: httpx.Client, body: str | bytes, content_type: str, status: int, says: str
) -> None:
    told(post(http, body, content_type), status, says)


HUBTEL = {"Type": "Initiation", "Mobile": NUMBER, "SessionId": "rubbish", "Message": "*123#", "Sequence": 1}
RESTCOMM = (
    '<dialog type="Begin" localId="{}"><processUnstructuredSSRequest_Request invokeId="1" string="*123#">'
    f'<msisdn number="{NUMBER}"/></processUnstructuredSSRequest_Request></dialog>'
)
LAUGHS = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><dialog localId="&b;"/>'


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        pytest.param("", 400, "not JSON", id="nothing"),
        pytest.param(b"\xff\x00\xfe", 400, "not JSON", id="bytes"),
        pytest.param("[" * 16_000, 400, "not JSON", id="16,000 brackets"),
        pytest.param('{"a":' * 3_000, 400, "not JSON", id="3,000 braces"),
        pytest.param('{"Type": NaN}', 400, "not JSON", id="no number"),
        pytest.param('"Initiation"', 400, "JSON object", id="a word"),
        pytest.param(json.dumps({f"f{n}": 1 for n in range(100)}), 400, "fields", id="a hundred fields"),
        pytest.param(json.dumps(HUBTEL | {"Type": 1}), 400, "Type", id="a number for a type"),
        pytest.param(json.dumps(HUBTEL | {"Message": {"text": "1"}}), 400, "Message", id="an object for a text"),
        pytest.param(json.dumps(HUBTEL | {"Message": "1" * 183}), 400, "Message", id="a text too long"),
        pytest.param(json.dumps(HUBTEL | {"SessionId": "s" * 200}), 400, "SessionId", id="a session id too long"),
        pytest.param(json.dumps(HUBTEL | {"Mobile": "9" * 4000}), 400, "E.164", id="a number too long"),
        pytest.param(json.dumps(HUBTEL | {"Sequence": 10**30}), 400, "Sequence", id="a sequence too large"),
        pytest.param(json.dumps(HUBTEL | {"Sequence": "\u0661"}), 400, "Sequence", id="digits of another script"),
        pytest.param("x" * (10 * MEBIBYTE), 413, "larger", id="10 MB"),
    ],
)
def test_bad_json_is_told_what_is_wrong(http: httpx.Client, body: str | bytes, status: int, says: str) -> None:
    told(post(http, body, "application/json", "/ussd/hubtel"), status, says)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        pytest.param("", 400, "not XML", id="nothing"),
        pytest.param(b"\xff\x00\xfe", 400, "not XML", id="bytes"),
        pytest.param('<?xml version="1.0" encoding="klingon"?><dialog/>', 400, "localId", id="an encoding of nobody's"),
        pytest.param('<?xml version="1.0" encoding="zlib"?><dialog/>', 400, "localId", id="an encoding of no text"),
        pytest.param("<dialog>ы".encode("cp1251"), 400, "not XML in UTF-8", id="another encoding"),
        pytest.param(LAUGHS, 400, "document type", id="entities of entities"),
        pytest.param("<dialog>" * 2_000, 400, "elements", id="2,000 dialogs in each other"),
        pytest.param("<dialog>" + "<a/>" * 2_000 + "</dialog>", 400, "elements", id="2,000 elements in a row"),
        pytest.param("<dialog/>", 400, "localId", id="no dialog of anybody's"),
        pytest.param(RESTCOMM.format("1" * 65), 400, "localId", id="an id too long"),
        pytest.param(RESTCOMM.format(1).replace("*123#", "*1" * 99), 400, "string", id="a string too long"),
        pytest.param(RESTCOMM.format(1).replace('"1"', '"1e1"'), 400, "invokeId", id="a number of its own kind"),
        pytest.param(RESTCOMM.format(1).replace("+7921", "+"), 400, "E.164", id="a number too short"),
        pytest.param("x" * (10 * MEBIBYTE), 413, "larger", id="10 MB"),
    ],
)
def test_bad_xml_is_told_what_is_wrong(http: httpx.Client, body: str | bytes, status: int, says: str) -> None:
    told(post(http, body, "text/xml", "/ussd/restcomm"), status, says)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        pytest.param("/ussd/hubtel", "POST", id="hubtel"),
        pytest.param("/ussd/wigal", "GET", id="wigal, by its query"),
        pytest.param("/ussd/flares", "GET, POST", id="flares, by either"),
        pytest.param("/ussd/infobip/session/4711/end", "PUT", id="infobip, with the session in the path"),
    ],
)
def test_a_dialect_says_its_methods_and_answers_nobody_through_a_proxy(
    http: httpx.Client, path: str, methods: str
) -> None:
    assert http.delete(path).headers["allow"] == methods
    assert http.post(f"{path}/nothing").status_code == 404
    stranger = http.request(methods.partition(",")[0], path, headers={"x-forwarded-for": "192.0.2.1"})
    assert stranger.status_code == 401


WIGAL = "network=mtn&sessionid=rubbish&mode=START&msisdn=79215550001&userdata=%2A123%23&username=b&trafficid=t"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param("", "mode", id="nothing"),
        pytest.param("&&&===;;;", "mode", id="punctuation"),
        pytest.param(WIGAL.replace("%2A123%23", "%FF%00%FE"), "UTF-8", id="bytes"),
        pytest.param(WIGAL.replace("%2A123%23", "1" * 183), "userdata", id="a text too long"),
        pytest.param(WIGAL.replace("79215550001", "9" * 40), "E.164", id="a number too long"),
        pytest.param(WIGAL.replace("=t", "=a%20b"), "trafficid", id="an id of two words"),
        pytest.param("&".join(f"f{n}=1" for n in range(100)), "40 fields", id="a hundred fields"),
    ],
)
def test_a_bad_query_is_told_what_is_wrong(http: httpx.Client, query: str, says: str) -> None:
    told(http.get(f"/ussd/wigal?{query}"), 400, says)


def told(answer: httpx.Response, status: int, says: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert "9215550001" not in answer.text


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(http: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * 4096

    answer = http.post(HOP, content=endless(), headers={"content-type": FORM})
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_wrong_method_is_told_the_right_one(http: httpx.Client, method: str) -> None:
    answer = http.request(method, HOP)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/ussd", "/ussd/nobody", f"{HOP}/secret", "/v1", "/%00", "/..%2f..%2fetc"])
def test_a_wrong_path_is_not_found(http: httpx.Client, path: str) -> None:
    answer = post(http, form(), path=path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ы" * 300, id="300 characters"),
        pytest.param("😀", id="an emoji"),
        pytest.param("' or 1=1 --", id="SQL"),
        pytest.param("{{ 7 * 7 }}", id="a template"),
        pytest.param("\x00\x1b", id="control characters"),
        pytest.param("-1", id="a negative choice"),
        pytest.param("1" * 100, id="a hundred digits"),
        pytest.param("   ", id="spaces"),
    ],
)
def test_strange_input_gets_the_screen_again(http: httpx.Client, text: str) -> None:
    session = f"strange-{text!r}"[:100]
    opened = post(http, form(sessionId=session)).text
    answered = post(http, form(sessionId=session, text=text))
    assert answered.status_code == 200
    assert answered.text.startswith("CON ")
    assert opened.removeprefix("CON ") in answered.text
    assert "49" not in answered.text


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ы" * 80, id="80 characters"),
        pytest.param("😀", id="an emoji"),
        pytest.param("]]> & <dialog/> \"'", id="XML"),
        pytest.param('"}, {"', id="JSON"),
        pytest.param("\t\n", id="white space"),
        pytest.param("*123#", id="a dial string"),
    ],
)
def test_strange_input_gets_the_screen_again_in_every_dialect(world: World, name: str, text: str) -> None:
    handset = Handset(NUMBER, dialect(name), world.send)
    opened = handset.dial("*123#")
    answered = handset.answer(text)
    assert not answered.ends
    assert opened.text in answered.text
    handset.hang_up()


def test_a_session_in_the_middle_of_nowhere_is_walked_from_the_start(http: httpx.Client) -> None:
    answered = post(http, form(sessionId="nowhere", text="2"))
    assert (answered.status_code, answered.text[:4]) == (200, "CON ")
    assert "Пока пусто" in answered.text


def test_the_end_of_a_session_that_nobody_knows_is_noted(http: httpx.Client) -> None:
    answer = post(
        http, urlencode({"sessionId": "ghost", "phoneNumber": NUMBER, "status": "Failed"}), path=f"{HOP}/events"
    )
    assert (answer.status_code, answer.text) == (200, "")


def test_a_stranger_through_a_proxy_is_not_answered(http: httpx.Client) -> None:
    answer = http.post(HOP, content=form(), headers={"content-type": FORM, "x-forwarded-for": "192.0.2.1"})
    assert answer.status_code == 401
    assert "GATEWAY_USSD" in answer.json()["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            b"POST /ussd/africastalking HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", id="half a request"
        ),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"\r\n\r\n\r\n", id="empty lines"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", id="a length that is none"),
        pytest.param(b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n", id="a path of 100,000"),
    ],
)
def test_rubbish_on_the_socket_harms_nobody(gateway: Deployment, http: httpx.Client, sent: bytes) -> None:
    place = urlsplit(gateway.access.url)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=10) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        heard = raw.recv(4096)
    assert b" 500 " not in heard
    assert http.get("/health/live").json() == {"live": True}


EVENT: dict[str, Any] = {"id": "rubbish-1", "type": "top_up", "msisdn": NUMBER, "amount": 10000}


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        pytest.param("", 400, "not JSON", id="nothing"),
        pytest.param("{", 400, "not JSON", id="half of it"),
        pytest.param("[" * 100_000, 400, "not JSON", id="100,000 brackets"),
        pytest.param("[]", 400, "1 to 1000", id="an empty list"),
        pytest.param(json.dumps([EVENT] * 1001), 400, "1 to 1000", id="1,001 events"),
        pytest.param("x" * (10 * MEBIBYTE), 413, "larger", id="10 MB"),
    ],
)
def test_a_bad_list_of_events_is_told_what_is_wrong(http: httpx.Client, body: str, status: int, says: str) -> None:
    answer = http.post("/v1/events", content=body, headers={"x-api-key": "demo"})
    assert answer.status_code == status
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"type": "gift"}, "type", id="an unknown type"),
        pytest.param({"amount": -1}, "amount", id="a negative amount"),
        pytest.param({"amount": 1.5}, "amount", id="a fraction"),
        pytest.param({"amount": 10**13}, "amount", id="an amount too large"),
        pytest.param({"amount": "lots"}, "amount", id="an amount in words"),
        pytest.param({"msisdn": "nobody"}, "E.164", id="a number that is none"),
        pytest.param({"msisdn": None}, "msisdn", id="no number"),
        pytest.param({"id": ""}, "id", id="an empty id"),
        pytest.param({"id": "\ud800"}, "id", id="half a character for an id"),
        pytest.param({"id": {"a": [1]}}, "id", id="an object for an id"),
        pytest.param({"amount": None}, "amount", id="a top-up of nothing"),
        pytest.param({"amount": 0}, "amount", id="a top-up of zero"),
        pytest.param({"amount": "500.00"}, "amount", id="an amount as text"),
        pytest.param({"amount": True}, "amount", id="an amount of yes"),
        pytest.param({"type": "activated"}, "amount", id="an amount where none belongs"),
        pytest.param({"msisdn": "+7921CALLNOW"}, "E.164", id="letters for digits"),
        pytest.param({"msisdn": "+79215550001;ext=5"}, "E.164", id="an extension"),
        pytest.param({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", id="the first day"),
        pytest.param({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at", id="the last day"),
        pytest.param({"id": "x" * 101}, "id", id="an id too long"),
        pytest.param({"occurred_at": "yesterday"}, "occurred_at", id="a time in words"),
        pytest.param({"occurred_at": "2026-11-21T10:00:00"}, "occurred_at", id="a time without an offset"),
        pytest.param({"occurred_at": "2199-01-01T00:00:00Z"}, "occurred_at", id="a time to come"),
        pytest.param({"points": 5}, "points", id="a field that is none"),
    ],
)
def test_a_bad_event_is_refused_alone(http: httpx.Client, changed: dict[str, Any], says: str) -> None:
    beside = EVENT | {"id": f"beside-{says}-{abs(hash(str(changed)))}"}
    bad = EVENT | {"id": f"bad-{says}"} | changed
    answer = http.post("/v1/events", content=json.dumps([bad, beside]), headers={"x-api-key": "demo"})
    assert answer.status_code == 200
    refused, accepted = answer.json()["items"]
    assert (refused["outcome"], accepted["outcome"]) == ("refused", "accepted")
    assert says in refused["detail"]
    assert "9215550001" not in answer.text


@pytest.mark.parametrize("item", [1, "x", None, [], True])
def test_an_event_that_is_no_object_is_refused(http: httpx.Client, item: object) -> None:
    answer = http.post("/v1/events", json=[item], headers={"x-api-key": "demo"})
    assert [found["outcome"] for found in answer.json()["items"]] == ["refused"]


@pytest.mark.parametrize("key", [None, "", "demo2", "демо"])
def test_events_want_a_key(http: httpx.Client, key: str | None) -> None:
    headers = [] if key is None else [("x-api-key", key.encode())]
    answer = http.post("/v1/events", json=EVENT, headers=headers)
    assert (answer.status_code, answer.json()["title"]) == (401, "no key")


@pytest.mark.parametrize("step", [{"advance_s": -1}, {"advance_s": 10**12}, {"advance_s": "x"}, {}, {"back": 1}])
def test_the_clock_takes_sense_only(http: httpx.Client, step: dict[str, object]) -> None:
    answer = http.post("/demo/clock", json=step)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_the_documentation_shows_the_callbacks(http: httpx.Client) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    assert {HOP, f"{HOP}/events", "/v1/events", "/health/ready", "/metrics", "/demo/clock"} <= paths.keys()
    for spoken in dialects(callbacks()):
        for route in spoken.routes:
            assert route.method.lower() in paths[f"/ussd/{spoken.name}{route.suffix}"]
    assert "phoneNumber" in json.dumps(paths[HOP])
    assert http.get("/docs").status_code == 200


def test_metrics_count_what_was_refused(http: httpx.Client) -> None:
    post(http, "")
    shown = http.get("/metrics").text
    assert 'ussd_hops_total{dialect="africastalking",how="bad_request"}' in shown
    assert "79215550001" not in shown
