"""RestComm's USSD gateway, its transfer by HTTP: an XML `<dialog>` a hop, and one back.

The dialog carries one message of MAP (3GPP TS 29.002). A subscriber's dial is a `processUnstructuredSSRequest_Request`
with what was dialled; what they type after that comes as `unstructuredSSRequest_Response`. We answer with
`unstructuredSSRequest_Request` while the session goes on. The last screen is the answer to the dial itself, a
`processUnstructuredSSRequest_Response` with the dial's own `invokeId`, in a dialog that says `prearrangedEnd="false"`:
the session ends, after the screen was sent.

**Which session.** `localId` and `remoteId`, the two ends of the TCAP dialog, stand in every request, the first one and
its repeats among them; with the subscriber's number they are the session. Nothing else is in every request. A later one
need not name the subscriber, and never names the dial's `invokeId`: both go with our answer as the cookie JSESSIONID,
which the gateway keeps in a jar of each dialog's own. Whoever could forge the cookie could name any number in a dial as
well. A request that comes without it is refused, so that a proxy that drops cookies is found at the first key.

**Which hop.** An `invokeId` counts the requests of one dialog up, from -128 to 127. The manual asks the application to
count; the gateway ignores what we say and counts from 0 itself. Either way the subscriber's answers bear numbers that
grow, which is all we rely on. The dial's own number is the phone's and belongs to another row.

**How it ends.** A session that broke off is told, by `type` or by an attribute that gives the reason; one that we ended
is not. That a screen was shown is never said.

`dataCodingScheme` is 15 for GSM 7-bit and 72 for UCS-2. The subscriber's time to think is ours to set, with each
screen (`customInvokeTimeout`); without it the gateway waits for ten minutes.

Sources: RestComm/ussdgateway, "HTTP Transfer Mechanism" in its admin guide, `XmlMAPDialog`, `ChildSbb`,
`HttpClientSbb`, `USSDBaseSbb` and the examples of its HTTP simulator; RestComm/jss7, `DialogImpl.getNewInvokeId`;
RestComm/jain-slee.http, `HttpClientResourceAdaptorSbbInterfaceImpl`.
"""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.callback import Callback, bounded, needed
from gateway.errors import BadRequestError
from gateway.msisdn import Msisdn, canonical
from gateway.text import gsm7
from gateway.ussd.dialects.wire import Answer, Dialect, Route, dialled
from gateway.ussd.message import ClosedBy, EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "restcomm"
THINKING_S = 60
"""What the network is told to wait for the subscriber."""
PROFILE = Profile(
    hop_identity=HopIdentity.SEQUENCE,
    answer_s=8.0,
    idle_s=THINKING_S + 15,
    total_s=180,
    tells_end=EndTold.BROKEN,
)
"""The gateway gives an application 25 s (`dialogtimeout`). A session outlives the network's patience, so that nobody
who answered in time is told that time is up."""
DIAL = "processUnstructuredSSRequest_Request"
LAST_SCREEN = "processUnstructuredSSRequest_Response"
SCREEN = "unstructuredSSRequest_Request"
INPUT = "unstructuredSSRequest_Response"
OVER = ("end", "abort")
"""The types of a dialog that will not go on, in lower case."""
REASONS = ("mapUserAbortChoice", "mapAbortProviderReason", "mapRefuseReason", "dialogTimedOut", "invokeTimedOut")
ERRORS = ("errComponents", "rejectComponents")
INVOKE_ID_MIN, INVOKE_ID_MAX = -128, 127
ID_LENGTH_MAX = 64
STRING_LENGTH_MAX = 182
"""Septets of one USSD string."""
WORD = re.compile(r"[A-Za-z0-9_]{1,80}")
NUMBER = re.compile(r"-?[0-9]{1,3}")
COOKIE = "JSESSIONID"
COOKIE_VALUE = re.compile(r"(-?[0-9]{1,3})\.([0-9]{5,15})")
"""The dial's `invokeId`, and the subscriber's number in E.164 without its plus."""
GSM7, UCS2 = "15", "72"
NOBODY = Msisdn("")
"""Of a notice that comes before our first answer did, and so without the cookie: it finds no session, and whatever was
done there goes by SMS when its time is up."""


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none. `hop` is empty for the dial, else the `invokeId`; `echo` is the
    cookie's value."""
    dialog = callback.xml()
    if dialog.tag != "dialog":
        raise BadRequestError("the document is no <dialog>")
    session_id = _session_id(dialog.attrib)
    cookie = _cookie(callback.headers.get("cookie", ""))
    if note := _why_over(dialog):
        named = dialog.find("originationReference")
        other = NOBODY if named is None else _number(dialog, region)
        number = Msisdn(f"+{cookie[2]}") if cookie else other
        return UssdRequest(session_id, number, Kind.CLOSED, note=note, closed_by=_closed_by(note))
    if (dial := dialog.find(DIAL)) is not None:
        number = _number(dialog, region)
        service_code, arguments = dialled(_string(dial, needed(dial.attrib, "string")))
        echo = f"{_invoke_id(dial)}.{number[1:]}"
        return UssdRequest(session_id, number, Kind.OPENED, service_code, arguments, echo=echo)
    if (typed := dialog.find(INPUT)) is None:
        raise BadRequestError(f"the dialog has neither {DIAL} nor {INPUT}")
    if cookie is None:
        raise BadRequestError(f"the cookie {COOKIE} is missing: send back what the first answer of the dialog set")
    text, hop = _string(typed, typed.get("string", "")), _invoke_id(typed)
    return UssdRequest(session_id, Msisdn(f"+{cookie[2]}"), Kind.INPUT, text=text, hop=hop, echo=cookie[0])


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """A request for the next input while the session goes on, the answer to the dial when it is over."""
    first = request.echo.partition(".")[0]
    told = {
        "invokeId": first if reply.ends else _following(request.hop or first),
        "dataCodingScheme": UCS2 if gsm7.septets(reply.text) is None else GSM7,
        "string": reply.text,
    }
    if reply.ends:
        return _answer({"type": "End", "mapMessagesSize": "1", "prearrangedEnd": "false"}, LAST_SCREEN, told)
    attributes = {"type": "Continue", "mapMessagesSize": "1", "customInvokeTimeout": str(THINKING_S * 1000)}
    return _answer(attributes, SCREEN, told, {"set-cookie": f"{COOKIE}={request.echo}; Path=/"})


def _session_id(attributes: Mapping[str, str]) -> str:
    """The ends of the TCAP dialog. Networks of an operator may count theirs alike."""
    needed(attributes, "localId")
    return " ".join(bounded(attributes, name, ID_LENGTH_MAX) for name in ("networkId", "localId", "remoteId"))


def _why_over(dialog: Element) -> str:
    """The gateway's word for why the session is over; empty while it is not."""
    for name in REASONS:
        value = dialog.get(name, "false")
        if value.lower() != "false":
            return _noted(name, value)
    for name in ERRORS:
        for error in dialog.iterfind(f"{name}/*[@type]"):
            return _noted(name, error.get("type", ""))
    said = dialog.get("type", "")
    return said if said.lower() in OVER else ""


def _closed_by(note: str) -> ClosedBy:
    """Who ended the session: `isUserSpecificReason` is what a phone's own red key comes to."""
    name, _, value = note.partition(" ")
    if name == "mapUserAbortChoice" and value == "isUserSpecificReason":
        return ClosedBy.SUBSCRIBER
    return ClosedBy.SILENCE if name in {"dialogTimedOut", "invokeTimedOut"} else ClosedBy.NETWORK


def _noted(name: str, value: str) -> str:
    """A reason for the log, which must not become a place for anything that is no word."""
    return f"{name} {value}" if WORD.fullmatch(value) else name


def _number(dialog: Element, region: str) -> Msisdn:
    """Who dialled. Raises `BadRequestError` when nobody is named, or `BadNumberError`."""
    found = dialog.find(f"{DIAL}/msisdn")
    named = dialog.find("originationReference") if found is None else found
    if named is None:
        raise BadRequestError("neither <msisdn> nor <originationReference> says who dialled")
    number = needed(named.attrib, "number")
    international = named.get("nai") == "international_number" and not number.startswith("+")
    return canonical(f"+{number}" if international else number, region)


def _string(message: Element, text: str) -> str:
    if len(text) > STRING_LENGTH_MAX:
        raise BadRequestError(f"the string of {message.tag} is longer than {STRING_LENGTH_MAX} characters")
    return text


def _invoke_id(message: Element) -> str:
    written = needed(message.attrib, "invokeId")
    if not NUMBER.fullmatch(written) or not INVOKE_ID_MIN <= int(written) <= INVOKE_ID_MAX:
        raise BadRequestError(f"the invokeId of {message.tag} is not from {INVOKE_ID_MIN} to {INVOKE_ID_MAX}")
    return str(int(written))


def _following(invoke_id: str) -> str:
    """The number after this one; after the last comes the first again."""
    number = int(invoke_id) + 1
    return str(number if number <= INVOKE_ID_MAX else INVOKE_ID_MIN)


def _cookie(header: str) -> re.Match[str] | None:
    """Our cookie, among whatever a balancer may have added under the same name."""
    values = (value for name, _, value in (part.strip().partition("=") for part in header.split(";")) if name == COOKIE)
    return next((found for value in values if (found := COOKIE_VALUE.fullmatch(value.strip('"')))), None)


def _answer(
    attributes: Mapping[str, str], message: str, told: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Answer:
    dialog = Element("dialog", dict(attributes))
    SubElement(dialog, message, dict(told))
    return Answer(_document(dialog), "text/xml; charset=utf-8", headers=headers or {})


def _document(dialog: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(dialog, encoding="unicode").encode()


HOP_DOCUMENTATION = {
    "summary": "RestComm: one hop of a USSD session, or its end",
    "requestBody": {
        "required": True,
        "content": {
            "text/xml": {
                "example": '<dialog type="Begin" appCntx="networkUnstructuredSsContext_version2" networkId="0" '
                'localId="12" remoteId="13" mapMessagesSize="1" returnMessageOnError="false">'
                '<processUnstructuredSSRequest_Request invokeId="1" dataCodingScheme="15" string="*123#">'
                '<msisdn number="79210000001" nai="international_number" npi="ISDN"/>'
                "</processUnstructuredSSRequest_Request></dialog>"
            }
        },
    },
    "responses": {
        "200": {
            "description": "a request for the next input, with the cookie JSESSIONID, or the last screen",
            "content": {
                "text/xml": {
                    "example": '<dialog type="Continue" mapMessagesSize="1" customInvokeTimeout="60000">'
                    '<unstructuredSSRequest_Request invokeId="2" dataCodingScheme="72" '
                    'string="У вас 500 баллов&#10;1 Баланс и сроки"/></dialog>'
                }
            },
        }
    },
}

DIALECT = Dialect(
    NAME,
    PROFILE,
    (Route("POST", "", parse, HOP_DOCUMENTATION),),
    format_reply,
    Answer(_document(Element("dialog", {"mapMessagesSize": "0", "prearrangedEnd": "true"})), "text/xml; charset=utf-8"),
)
"""A notice is acknowledged by a dialog that is dropped without a word to the phone: it has ended there already."""
