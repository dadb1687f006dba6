"""Kannel, by the conventions of its smsbox: it calls us for each text, and takes messages by `sendsms`.

A text comes by an `sms-service`, in the query of a `get-url`, or as the body of a `post-url`, whose headers name the
numbers (the sender's only with `send-sender`). Its id is `%I`, which smsbox repeats when it tries again: after whatever
is not 200 or 202, and `http-request-retry` times, which is never unless it is set. An empty answer is no message where
`max-messages = 0` says that none is meant. Long texts arrive joined. `%C` is the charset of a text, `8-BIT` for data.

A message is a POST, with Kannel's parameters in headers, so that neither text nor password is in a URL. It is answered
when bearerbox has it: 202 `0: Accepted for delivery` or `3: Queued for later delivery`, 403 `Not routable`, 503
`Temporal failure` when a queue is full. Receipts come by the URL that goes with each message, under our own reference,
one for all parts of it; kinds that are asked for are 1, delivered, 2, not delivered, and 16, refused by the SMSC.
Source: Kannel's user guide, and gw/smsbox.c, gw/urltrans.c and gw/dlr.c of the Kannel project, opened at 1.4.4.
"""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from gateway.callback import Callback
from gateway.errors import BadRequestError
from gateway.smpp.pdu import coding
from gateway.smpp.pdu.status import Verdict
from gateway.smpp.receipt import State
from gateway.sms.dialects.wire import (
    ID_LENGTH_MAX,
    NUMBER_LENGTH_MAX,
    TEXT_OCTETS_MAX,
    Dialect,
    HttpLinkSettings,
    Meant,
    Outgoing,
    Report,
    Route,
    Submission,
    Text,
)

NAME = "kannel"
PORT = 13013
PATH = "/cgi-bin/sendsms"
GSM7, UCS2 = "0", "2"
"""Kannel's numbers for codings."""
CHARSETS = {
    "": "utf-8",
    "utf-8": "utf-8",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "us-ascii": "ascii",
}
"""What `%C` may be; whatever else comes is data, and not a text that we can read."""
DELIVERED, FAILED, BUFFERED, ACCEPTED, REJECTED = 1, 2, 4, 8, 16
FINALS = DELIVERED | FAILED | REJECTED
STATES = {
    DELIVERED: State.DELIVERED,
    FAILED: State.UNDELIVERABLE,
    BUFFERED: State.ENROUTE,
    ACCEPTED: State.ENROUTE,
    REJECTED: State.REJECTED,
}
VALIDITY_MINUTES_MIN = 1
NOT_US = "Authorization failed"
"""How the body of a 403 begins that is about us, and not about the message."""


def submit(message: Outgoing, link: HttpLinkSettings) -> Submission:
    """A message as smsbox takes it. The text is UTF-8 whatever coding it is to have on the air."""
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Kannel-Username": link.user,
        "X-Kannel-Password": link.password,
        "X-Kannel-From": message.short_number,
        "X-Kannel-To": message.msisdn,
        "X-Kannel-Coding": UCS2 if coding.coding_of(message.text) == coding.UCS2 else GSM7,
        "X-Kannel-Validity": str(max(int(message.validity.total_seconds()) // 60, VALIDITY_MINUTES_MIN)),
    }
    if link.route:
        headers["X-Kannel-SMSC"] = link.route
    if link.receipts_url and message.wants_receipt:
        ours = urlencode({"smsc": link.smsc, "id": message.reference})
        headers["X-Kannel-DLR-Mask"] = str(FINALS)
        headers["X-Kannel-DLR-Url"] = f"{link.receipts_url}?{ours}&state=%d&to=%p"
    return Submission(headers, message.text.encode())


def read(status: int, body: bytes, message: Outgoing) -> Meant | None:
    """What smsbox says."""
    said = body[:100].decode("latin-1").strip()
    match status:
        case HTTPStatus.ACCEPTED:
            return Meant(Verdict.OK, message.reference)
        case HTTPStatus.FORBIDDEN if said.startswith(NOT_US):
            return Meant(Verdict.CONFIGURATION, reason="403: user or password is refused", for_all=True)
        case HTTPStatus.FORBIDDEN:
            return Meant(Verdict.CONFIGURATION, reason="403: not routable: no SMSC of Kannel's takes it")
        case HTTPStatus.NOT_FOUND:
            return Meant(Verdict.CONFIGURATION, reason="404: sendsms is not there, see path=", for_all=True)
        case HTTPStatus.BAD_REQUEST:
            return Meant(Verdict.MESSAGE_BAD, reason="400: a parameter is refused; Kannel's log says which")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return Meant(Verdict.THROTTLE, reason="503: temporal failure, a queue is full")
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return Meant(Verdict.RETRY, reason="500: sending failed")
    return None


def read_text(callback: Callback) -> Text:
    """A text, by `get-url` or `post-url`."""
    fields, headers = callback.query_octets(), callback.headers
    octets = callback.body or fields.get("text", b"")
    if "text" not in fields and not headers.get("content-type"):
        raise BadRequestError("the field text is missing: write text=%b&charset=%C in the get-url")
    if len(octets) > TEXT_OCTETS_MAX:
        raise BadRequestError(f"the text is longer than {TEXT_OCTETS_MAX} octets")
    charset = _charset(headers["content-type"]) if callback.body else _word(fields, "charset")
    return Text(
        _needed(fields, "id", ID_LENGTH_MAX),
        _needed(fields, "from", NUMBER_LENGTH_MAX, headers.get("x-kannel-from", "")),
        _needed(fields, "to", NUMBER_LENGTH_MAX, headers.get("x-kannel-to", "")),
        _decoded(octets, charset),
        octets,
    )


def read_report(callback: Callback) -> Report:
    """A receipt, by the URL that went with its message."""
    fields = callback.query_octets()
    kind = _word(fields, "state")
    if not kind.isdecimal() or int(kind[:3]) not in STATES:
        raise BadRequestError(f"the field state is one of {', '.join(map(str, STATES))}: write state=%d")
    to = _needed(fields, "to", NUMBER_LENGTH_MAX)
    return Report(_needed(fields, "id", ID_LENGTH_MAX), to, STATES[int(kind)])


def _decoded(octets: bytes, charset: str) -> str | None:
    """The text, or None where the octets are none."""
    codec = CHARSETS.get(charset.lower())
    if codec == "utf-16-be":  # as over SMPP, where phones cut pairs in two
        return coding.read(octets, coding.UCS2)
    try:
        return None if codec is None else octets.decode(codec)
    except UnicodeDecodeError:
        return None


def _charset(content_type: str) -> str:
    """Of a body: `text/plain; charset="UTF-8"`. Data comes as another type."""
    kind, _, parameter = content_type.partition(";")
    if kind.strip().lower() != "text/plain":
        return "8-BIT"
    return parameter.partition("=")[2].strip().strip('"')


def _needed(fields: Mapping[str, bytes], name: str, length_max: int, otherwise: str = "") -> str:
    value = _word(fields, name) or otherwise.strip()
    if not 0 < len(value) <= length_max:
        raise BadRequestError(f"the field {name} is missing, empty, or longer than {length_max} characters")
    return value


def _word(fields: Mapping[str, bytes], name: str) -> str:
    return fields.get(name, b"").decode("utf-8", "replace").strip()


def _parameter(name: str, example: str, what: str, *, required: bool = True) -> dict[str, object]:
    """One parameter of a query, for OpenAPI."""
    shape = {"type": "string", "example": example}
    return {"name": name, "in": "query", "required": required, "description": what, "schema": shape}


_SMSC = _parameter("smsc", "main", "the link's `smsc`, where Kannel has several links here", required=False)
TEXT_DOCUMENTATION = {
    "summary": "Kannel: a subscriber's text",
    "parameters": [
        _parameter("id", "1f2e3d4c-0000-4000-8000-000000000001", "`%I`"),
        _parameter("from", "+79210000001", "`%p`; by `post-url` it is a header"),
        _parameter("to", "6111", "`%P`; by `post-url` it is a header"),
        _parameter("text", "Баланс", "`%b`; by `post-url` it is the body"),
        _parameter("charset", "UTF-8", "`%C`", required=False),
        _SMSC,
    ],
    "responses": {
        "200": {"description": "taken, with its effect and its answer; empty, so that Kannel sends nothing of its own"},
        "503": {"description": "not now: the same text is to come again"},
    },
}
REPORT_DOCUMENTATION = {
    "summary": "Kannel: a message's receipt",
    "parameters": [
        _parameter("id", "42", "our own reference"),
        _parameter("state", "1", "`%d`"),
        _parameter("to", "+79210000001", "`%p`"),
        _SMSC,
    ],
    "responses": {"200": {"description": "noted"}, "503": {"description": "not now"}},
}

DIALECT = Dialect(
    NAME,
    PORT,
    PATH,
    False,
    frozenset({"route", "receipts_url"}),
    submit,
    read,
    (
        Route(("GET", "POST"), "", read_text, TEXT_DOCUMENTATION),
        Route(("GET", "POST"), "/receipts", read_report, REPORT_DOCUMENTATION),
    ),
)
