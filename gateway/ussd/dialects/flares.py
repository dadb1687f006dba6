"""Comviva's Flares, its pull API: a query or a form a hop, and the screen as plain text back; or XML both ways.

**As fields**, by GET or POST: `SessionID`, `MSISDN`, `MSC`, `input`, and `userid` and `password` where the gateway is
to prove itself. `input` is the code that was dialled, without its first `*` and its last `#`, and later what was typed:
nothing says which of the two, so a session that nobody knows begins. The header `Freeflow` of the answer is `FC` to go
on and `FB` to end; `charge` and `amount` say that nothing is charged. A session that is over comes as `clean`, with
`error` or `status`. Nothing tells one hop from the next: with the same key, a repeat is the same bytes.

**As XML**, at `/xml`: `<request type="pull">` with `sessionId`, `transactionId`, `msisdn`, `newRequest` and
`subscriberInput`, which is the code or the input as above. `newRequest` says which, and `transactionId` names the hop.
The answer repeats `msisdn` and has the screen as `applicationResponse`; `Freeflow` is an element, and the header too.

By GET number, text and password stand in the address, and whoever writes addresses into a log writes them there.

Sources: praekeltfoundation/vumi, `vumi/transports/airtel/airtel.py` ("Flares 1.5.0, document version 1.2.0") and its
tests; tnmdevs/ussd, `FlaresRequest` and `Flares/response.xml`; of `newRequest`, `transactionId`
and the element `Freeflow`, the project's design notes. That a session which is over comes in XML as a type that begins
with "clean" is assumed.
"""

from collections.abc import Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.callback import Callback, bounded, needed
from gateway.errors import BadRequestError
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import TYPED_LENGTH_MAX, Answer, Dialect, Route, dialled, hop_id, session_id
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "flares"
PROFILE = Profile(hop_identity=HopIdentity.NONE, answer_s=5.0, idle_s=180, total_s=180, tells_end=EndTold.BROKEN)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
XML_PROFILE = replace(PROFILE, hop_identity=HopIdentity.TRANSACTION)
GOES_ON, ENDS = "FC", "FB"
FREE = {"charge": "N", "amount": "0"}
KINDS = {"1": Kind.OPENED, "0": Kind.INPUT}
NUMBER_LENGTH_MAX = 32
XML_FIELDS = ("sessionId", "transactionId", "msisdn", "newRequest", "subscriberInput")


def parse_query(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none, in a query."""
    return _parsed(callback.query_fields(), region)


def parse_form(callback: Callback, region: str) -> UssdRequest:
    """The same, in a form."""
    return _parsed(callback.form(), region)


def parse_xml(callback: Callback, region: str) -> UssdRequest:
    """The same, in XML. `hop` is `transactionId`, `echo` the number as it came."""
    root = callback.xml()
    said = root.get("type", "pull")
    if root.tag != "request" or (said != "pull" and not said.startswith("clean")):
        raise BadRequestError('the document is no <request type="pull">, nor one of a type that begins with "clean"')
    fields = {name: root.findtext(name) or "" for name in XML_FIELDS}
    session = session_id(fields, "sessionId")
    number = canonical(needed(fields, "msisdn"), region)
    if said != "pull":
        return UssdRequest(session, number, Kind.CLOSED, note="clean")
    kind = KINDS.get(needed(fields, "newRequest"))
    if kind is None:
        raise BadRequestError("the field newRequest is 1 or 0")
    typed = bounded(fields, "subscriberInput", TYPED_LENGTH_MAX)
    service_code, arguments = _dialled(typed) if kind is Kind.OPENED else ("", "")
    return UssdRequest(
        session_id=session,
        msisdn=number,
        kind=kind,
        service_code=service_code,
        text=typed if kind is Kind.INPUT else arguments,
        hop=hop_id(fields, "transactionId"),
        echo=bounded(fields, "msisdn", NUMBER_LENGTH_MAX),
    )


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """The screen, and whether the session goes on after it; as XML to whom spoke XML."""
    freeflow = ENDS if reply.ends else GOES_ON
    headers = {"freeflow": freeflow, **FREE}
    if not request.echo:
        return Answer(reply.text.encode(), "text/plain; charset=utf-8", headers=headers)
    root = Element("response")
    for name, text in (("msisdn", request.echo), ("applicationResponse", reply.text), ("Freeflow", freeflow)):
        SubElement(root, name).text = text
    return Answer(tostring(root, encoding="unicode").encode(), "text/xml; charset=utf-8", headers=headers)


def login(callback: Callback) -> tuple[str, str]:
    """`userid` and `password`."""
    try:
        fields = callback.form() if callback.body else callback.query_fields()
    except BadRequestError:
        return "", ""
    return fields.get("userid", ""), fields.get("password", "")


def _parsed(written: Mapping[str, str], region: str) -> UssdRequest:
    """Names are read in any case: a notice writes `msisdn` where a hop writes `MSISDN`."""
    lower = {name.lower(): value for name, value in written.items()}
    fields = {name: lower.get(name.lower(), "") for name in ("SessionID", "MSISDN", "input")}
    session = session_id(fields, "SessionID")
    number = canonical(needed(fields, "MSISDN"), region)
    if "clean" in lower:
        return UssdRequest(session, number, Kind.CLOSED, note="clean")
    if "input" not in lower:
        raise BadRequestError("the field input is missing")
    typed = bounded(fields, "input", TYPED_LENGTH_MAX)
    service_code, arguments = _dialled(typed)
    hop = f"{Kind.EITHER} {typed}"
    return UssdRequest(session, number, Kind.EITHER, service_code, typed, hop, arguments)


def _dialled(code: str) -> tuple[str, str]:
    """What was dialled, from what is left of it: `123*1` was `*123*1#`."""
    return dialled(f"*{code}#")


FIELDS = {"SessionID": "4711", "MSISDN": "79210000001", "MSC": "79210000000", "input": "123*1"}
SCREEN = {
    "200": {
        "description": "a screen; the header `Freeflow` is `FC` while the session goes on, `FB` with the last one",
        "content": {"text/plain": {"example": "У вас 500 баллов\n1 Баланс и сроки"}},
    }
}
QUERY_DOCUMENTATION = {
    "summary": "Flares: one hop of a USSD session, or its end, in a query",
    "parameters": [
        {"name": name, "in": "query", "required": name != "MSC", "schema": {"type": "string", "example": example}}
        for name, example in FIELDS.items()
    ],
    "responses": SCREEN,
}
FORM_DOCUMENTATION = {
    "summary": "Flares: one hop of a USSD session, or its end, in a form",
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "properties": {name: {"type": "string", "example": example} for name, example in FIELDS.items()}
                }
            }
        },
    },
    "responses": SCREEN,
}
XML_DOCUMENTATION = {
    "summary": "Flares: one hop of a USSD session, or its end, in XML",
    "requestBody": {
        "required": True,
        "content": {
            "text/xml": {
                "example": '<request type="pull"><sessionId>4711</sessionId><transactionId>815</transactionId>'
                "<msisdn>79210000001</msisdn><newRequest>1</newRequest><subscriberInput>123</subscriberInput></request>"
            }
        },
    },
    "responses": {
        "200": {
            "description": "a screen; `Freeflow` is `FC` while the session goes on, `FB` with the last one",
            "content": {
                "text/xml": {
                    "example": "<response><msisdn>79210000001</msisdn><applicationResponse>У вас 500 баллов\n"
                    "1 Баланс и сроки</applicationResponse><Freeflow>FC</Freeflow></response>"
                }
            },
        }
    },
}

DIALECT = Dialect(
    NAME,
    PROFILE,
    (
        Route("GET", "", parse_query, QUERY_DOCUMENTATION),
        Route("POST", "", parse_form, FORM_DOCUMENTATION),
        Route("POST", "/xml", parse_xml, XML_DOCUMENTATION, XML_PROFILE),
    ),
    format_reply,
    login=login,
)
