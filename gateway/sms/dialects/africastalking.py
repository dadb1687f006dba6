"""Africa's Talking: forms both ways, JSON in answer to a message.

A text is a form post with an id of its own, `from`, `to` and `text`. Of an answer that is not 200 its documents say
nothing, so whether a text comes again after `not now` is to be asked of it; it keeps an inbox that can be read.

A message is one post to `/version1/messaging` with the key in a header; the answer has a status for each recipient, of
whom we name one, and `messageId`, under which delivery reports come to the URL of the dashboard. A short number or name
that is not the account's makes an answer without recipients. Who pays is `bulkSMSMode`: 1, the sender.
Source: docs.africastalking.com, "Send SMS", "SMS notifications" and "Delivery reports"; status codes 401 to 502 as its
client libraries list them.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.callback import Callback, bounded, needed
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

NAME = "africastalking"
PORT = 443
PATH = "/version1/messaging"
SENDER_PAYS = "1"
STATUSES: Mapping[int, tuple[Verdict, str]] = {
    100: (Verdict.OK, "Processed"),
    101: (Verdict.OK, "Sent"),
    102: (Verdict.OK, "Queued"),
    401: (Verdict.MESSAGE_BAD, "RiskHold"),
    402: (Verdict.CONFIGURATION, "InvalidSenderId"),
    403: (Verdict.DESTINATION_BAD, "InvalidPhoneNumber"),
    404: (Verdict.DESTINATION_BAD, "UnsupportedNumberType"),
    405: (Verdict.RETRY, "InsufficientBalance"),  # somebody tops it up, or the message's time ends
    406: (Verdict.DESTINATION_BAD, "UserInBlacklist"),
    407: (Verdict.MESSAGE_BAD, "CouldNotRoute"),
    409: (Verdict.DESTINATION_BAD, "DoNotDisturbRejection"),
    500: (Verdict.RETRY, "InternalServerError"),
    501: (Verdict.RETRY, "GatewayError"),
    502: (Verdict.MESSAGE_BAD, "RejectedByGateway"),
}
"""Of a recipient. One that is not here was not taken, and is worth another try, as with SMPP."""
STATES = {
    "Success": State.DELIVERED,
    "Sent": State.ENROUTE,
    "Submitted": State.ENROUTE,
    "Buffered": State.ENROUTE,
    "Rejected": State.REJECTED,
    "Failed": State.UNDELIVERABLE,
    "Expired": State.EXPIRED,
}
REASON_LENGTH_MAX = 65


def submit(message: Outgoing, link: HttpLinkSettings) -> Submission:
    """A message for one recipient."""
    fields = {
        "username": link.user,
        "to": message.msisdn,
        "from": message.short_number,
        "message": message.text,
        "bulkSMSMode": SENDER_PAYS,
    }
    headers = {
        "apiKey": link.password,
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return Submission(headers, urlencode(fields).encode())


def read(status: int, body: bytes, _: Outgoing) -> Meant | None:
    """What it says of that recipient."""
    match status:
        case HTTPStatus.OK | HTTPStatus.CREATED:
            return _recipient(body)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Meant(Verdict.CONFIGURATION, reason=f"{status}: user or key is refused", for_all=True)
        case HTTPStatus.NOT_FOUND:
            return Meant(Verdict.CONFIGURATION, reason="404: messaging is not there, see path=", for_all=True)
        case HTTPStatus.BAD_REQUEST:
            return Meant(Verdict.MESSAGE_BAD, reason="400: a field is refused")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Meant(Verdict.THROTTLE, reason="429: faster than this account may")
    return None


def _recipient(body: bytes) -> Meant | None:
    try:
        document: Any = orjson.loads(body)
        recipients = document["SMSMessageData"]["Recipients"]
        if not recipients:
            return Meant(Verdict.CONFIGURATION, reason="no recipients: the sender is not one of this account's")
        code, message_id = int(recipients[0]["statusCode"]), str(recipients[0]["messageId"])
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    verdict, name = STATUSES.get(code, (Verdict.RETRY, "not documented"))
    if verdict is not Verdict.OK:
        return Meant(verdict, reason=f"{code} {name}")
    return Meant(verdict, message_id) if 0 < len(message_id) <= ID_LENGTH_MAX else None


def read_text(callback: Callback) -> Text:
    """A text to one of our short numbers."""
    form = callback.form()
    text = bounded(form, "text", TEXT_OCTETS_MAX // 4)
    sender, to, its_id = (needed(form, name) for name in ("from", "to", "id"))
    bounded(form, "from", NUMBER_LENGTH_MAX)
    bounded(form, "id", ID_LENGTH_MAX)
    return Text(its_id, sender, to, text, text.encode())


def read_report(callback: Callback) -> Report:
    """How a message stands. A status that its documents do not have settles nothing."""
    form = callback.form()
    needed(form, "id")
    state = STATES.get(needed(form, "status"), State.UNKNOWN)
    reason = form.get("failureReason", "").strip()[:REASON_LENGTH_MAX]
    return Report(
        bounded(form, "id", ID_LENGTH_MAX).strip(),
        needed(form, "phoneNumber"),
        state,
        reason if reason.isprintable() else "",
    )


def _fields(**fields: str) -> dict[str, object]:
    """An OpenAPI request body: a form of these fields, each with an example."""
    properties = {name.rstrip("_"): {"type": "string", "example": example} for name, example in fields.items()}
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {"properties": properties}}}}


TEXT_DOCUMENTATION = {
    "summary": "Africa's Talking: a subscriber's text",
    "requestBody": _fields(
        id="a5e3c8f0-0000-4000-8000-000000000001",
        from_="+254711000001",
        to="6111",
        text="Balance",
        date="2026-11-21 10:00:00",
        linkId="",
        networkCode="63902",
    ),
    "responses": {"200": {"description": "taken, with its effect and its answer"}, "503": {"description": "not now"}},
}
REPORT_DOCUMENTATION = {
    "summary": "Africa's Talking: a delivery report",
    "requestBody": _fields(
        id="ATXid_1", status="Failed", phoneNumber="+254711000001", networkCode="63902", failureReason="UserIsInactive"
    ),
    "responses": {"200": {"description": "noted"}, "503": {"description": "not now"}},
}

DIALECT = Dialect(
    NAME,
    PORT,
    PATH,
    True,
    frozenset(),
    submit,
    read,
    (
        Route(("POST",), "", read_text, TEXT_DOCUMENTATION),
        Route(("POST",), "/receipts", read_report, REPORT_DOCUMENTATION),
    ),
)
