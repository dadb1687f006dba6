"""Africa's Talking: a form post a hop, a plain-text answer that begins with `CON` or `END`.

`text` carries every input of the session so far, joined by `*`: `""`, `1`, `1*4`. What was dialled behind the
service code may be in the first `text` or not. Any HTTP error ends the session on the phone, so what we cannot
serve politely is still answered `END …` with 200. When a session is over, its outcome is posted to the events path.
Source: Africa's Talking, "Handle USSD sessions" and "USSD notifications", as quoted in the project's design notes.
"""

from gateway.callback import Callback, bounded, needed
from gateway.errors import BadRequestError
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import SESSION_ID_LENGTH_MAX, Answer, Dialect, Route
from gateway.ussd.message import ClosedBy, EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "africastalking"
PROFILE = Profile(hop_identity=HopIdentity.HISTORY, answer_s=5.0, idle_s=180, total_s=180, tells_end=EndTold.EVERY)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
SERVICE_CODE_LENGTH_MAX = 182
HISTORY_LENGTH_MAX = 2000
"""Inputs of a whole session: two hundred of nine characters and their joints."""
STATUSES = {"Success": ClosedBy.US, "Incomplete": ClosedBy.UNKNOWN, "Failed": ClosedBy.NETWORK}
"""`Incomplete` is said of whoever hung up as of whoever was silent."""


def parse_hop(callback: Callback, region: str) -> UssdRequest:
    """One hop. `hop` is the history itself: what was said so far tells each hop from the next."""
    form = callback.form()
    text = bounded(form, "text", HISTORY_LENGTH_MAX)
    return UssdRequest(
        session_id=_session_id(form),
        msisdn=canonical(needed(form, "phoneNumber"), region),
        kind=Kind.INPUT if text else Kind.OPENED,
        service_code=bounded(form, "serviceCode", SERVICE_CODE_LENGTH_MAX).strip(),
        text=text,
        hop=text,
    )


def parse_event(callback: Callback, region: str) -> UssdRequest:
    """The notice that a session is over, and how."""
    form = callback.form()
    status = needed(form, "status")
    if status not in STATUSES:
        raise BadRequestError(f"the field status is one of {', '.join(STATUSES)}")
    return UssdRequest(
        session_id=_session_id(form),
        msisdn=canonical(needed(form, "phoneNumber"), region),
        kind=Kind.CLOSED,
        service_code=bounded(form, "serviceCode", SERVICE_CODE_LENGTH_MAX).strip(),
        note=status,
        seen=status == "Success",
        closed_by=STATUSES[status],
    )


def format_reply(reply: UssdReply, _: UssdRequest) -> Answer:
    """`CON` and the screen while the session goes on, `END` and the screen when it is over."""
    return Answer((("END " if reply.ends else "CON ") + reply.text).encode(), "text/plain; charset=utf-8")


def _session_id(form: dict[str, str]) -> str:
    needed(form, "sessionId")
    return bounded(form, "sessionId", SESSION_ID_LENGTH_MAX)


def _fields(**fields: str) -> dict[str, object]:
    """An OpenAPI request body: a form of these fields, each with an example."""
    properties = {name: {"type": "string", "example": example} for name, example in fields.items()}
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {"properties": properties}}}}


HOP_DOCUMENTATION = {
    "summary": "Africa's Talking: one hop of a USSD session",
    "requestBody": _fields(
        sessionId="ATUid_1f2e",
        phoneNumber="+79210000001",
        networkCode="25020",
        serviceCode="*123#",
        text="1*2",
    ),
    "responses": {
        "200": {
            "description": "`CON` and a screen, or `END` and the last screen",
            "content": {"text/plain": {"example": "CON У вас 500 баллов\n1. Баланс и сроки"}},
        }
    },
}
EVENT_DOCUMENTATION = {
    "summary": "Africa's Talking: a USSD session is over",
    "requestBody": _fields(
        date="2026-11-21 10:00:00",
        sessionId="ATUid_1f2e",
        serviceCode="*123#",
        networkCode="25020",
        phoneNumber="+79210000001",
        status="Success",
        cost="0",
        durationInMillis="4200",
        hopsCount="2",
        input="1*2",
        lastAppResponse="END …",
        errorMessage="",
    ),
    "responses": {"200": {"description": "noted"}},
}

DIALECT = Dialect(
    NAME,
    PROFILE,
    (
        Route("POST", "", parse_hop, HOP_DOCUMENTATION),
        Route("POST", "/events", parse_event, EVENT_DOCUMENTATION),
    ),
    format_reply,
)
