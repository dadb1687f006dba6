"""TruRoute-USSD: a small XML document a hop, and one back.

`<type>` says what a request is: 1 a dial, 2 a key, 3 that the subscriber cancelled the session, 4 that there was no
answer in time, 10 that a charge failed, which is the end of a session too. `<msg>` is the code that was dialled, what
was typed, or the reason. We answer with type 2 to go on and with 3 to end, and charge nothing: `<premium>` says so.

Nothing tells one hop of a session from the next: with the same key, a repeat is the same bytes. That a last screen was
shown is never said. How long it waits is in nothing that was opened.

Sources: SMS.COM.NA, "API Specification", "USSD HTTP POST to WASP" and "USSD response from WASP" (fliphtml5.com/miqwl/
ojnd, sms.com.na/test); tnmdevs/ussd, `TruRouteRequest` and its `response.xml`.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.callback import Callback, bounded, needed
from gateway.errors import BadRequestError
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import TYPED_LENGTH_MAX, Answer, Dialect, Route, dialled, session_id
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "truroute"
PROFILE = Profile(hop_identity=HopIdentity.NONE, answer_s=5.0, idle_s=180, total_s=180, tells_end=EndTold.BROKEN)
"""It makes a new session id for every session, so how long a subscriber may think is left to the network."""
KINDS = {"1": Kind.OPENED, "2": Kind.INPUT, "3": Kind.CLOSED, "4": Kind.CLOSED, "10": Kind.CLOSED}
WHY_CLOSED = {"3": "release", "4": "timeout", "10": "charge"}
RESPONSE, RELEASE = "2", "3"
FIELDS = ("msisdn", "sessionid", "type", "msg")


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none."""
    root = callback.xml()
    if root.tag != "ussd":
        raise BadRequestError("the document is no <ussd>")
    fields = {name: root.findtext(name) or "" for name in FIELDS}
    said = needed(fields, "type")
    if said not in KINDS:
        raise BadRequestError(f"the field type is one of {', '.join(KINDS)}")
    kind = KINDS[said]
    session = session_id(fields, "sessionid")
    typed = "" if kind is Kind.CLOSED else bounded(fields, "msg", TYPED_LENGTH_MAX)
    service_code, arguments = dialled(typed) if kind is Kind.OPENED else ("", "")
    return UssdRequest(
        session_id=session,
        msisdn=canonical(needed(fields, "msisdn"), region),
        kind=kind,
        service_code=service_code,
        text=typed if kind is Kind.INPUT else arguments,
        hop="" if kind is Kind.CLOSED else f"{kind} {typed}",
        note=WHY_CLOSED.get(said, ""),
    )


def format_reply(reply: UssdReply, _: UssdRequest) -> Answer:
    """The screen, and whether the session goes on after it."""
    return _answer(RELEASE if reply.ends else RESPONSE, reply.text)


def _answer(kind: str, text: str) -> Answer:
    root = Element("ussd")
    _fill(root, {"type": kind, "msg": text})
    _fill(SubElement(root, "premium"), {"cost": "0", "ref": "NULL"})
    return Answer(tostring(root, encoding="unicode").encode(), "text/xml; charset=utf-8")


def _fill(element: Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        SubElement(element, name).text = text


HOP_DOCUMENTATION = {
    "summary": "TruRoute: one hop of a USSD session, or its end",
    "requestBody": {
        "required": True,
        "content": {
            "text/xml": {
                "example": "<ussd><msisdn>79210000001</msisdn><sessionid>4711</sessionid><type>1</type>"
                "<msg>*123#</msg></ussd>"
            }
        },
    },
    "responses": {
        "200": {
            "description": "type 2 and a screen, or type 3 and the last screen",
            "content": {
                "text/xml": {
                    "example": "<ussd><type>2</type><msg>У вас 500 баллов\n1 Баланс и сроки</msg>"
                    "<premium><cost>0</cost><ref>NULL</ref></premium></ussd>"
                }
            },
        }
    },
}

DIALECT = Dialect(NAME, PROFILE, (Route("POST", "", parse, HOP_DOCUMENTATION),), format_reply, _answer(RELEASE, ""))
