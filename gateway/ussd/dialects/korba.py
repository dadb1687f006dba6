"""Korba, Ghana, and the gateway behind it, Uzo: a JSON object with the newest input a hop, and one back.

`ussdServiceOp` says what a request is: 1 a dial, 18 a key, 29 and above the end of the session. `ussdString` is what
was dialled or typed. We answer with the same field: 2 goes on, 17 ends. Newer requests have in `code` the USSD code
that was dialled.

Nothing tells one hop of a session from the next: with the same key, a repeat is the same bytes. Whether the end is also
told of sessions that we ended is in nothing that was opened; a last screen is taken for seen when our answer was taken
in time, as it must be where it is not told.

Sources: mobiverse-solutions.github.io/uzo-documentation, "USSD Flow"; cybersai/korba-ussd, `ExampleUssdController`.
"""

import re

from gateway.callback import Callback, bounded, needed, strings
from gateway.errors import BadRequestError
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import TYPED_LENGTH_MAX, Answer, Dialect, Route, dialled, json_answer, session_id
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "korba"
PROFILE = Profile(hop_identity=HopIdentity.NONE, answer_s=5.0, idle_s=180, total_s=180, tells_end=EndTold.BROKEN)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
DIAL, KEY = 1, 18
ENDS_FROM = 29
GO_ON, END = 2, 17
OPERATION = re.compile(r"\s*[0-9]{1,4}\s*")
FIELDS = ("ussdString", "msisdn", "ussdServiceOp", "sessionID", "code")


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none."""
    fields = strings(callback.json(), FIELDS)
    operation, kind = _operation(fields["ussdServiceOp"])
    session = session_id(fields, "sessionID")
    typed = bounded(fields, "ussdString", TYPED_LENGTH_MAX)
    opening = typed if kind is Kind.OPENED else ""
    service_code, arguments = dialled(opening, bounded(fields, "code", TYPED_LENGTH_MAX))
    return UssdRequest(
        session_id=session,
        msisdn=canonical(needed(fields, "msisdn"), region),
        kind=kind,
        service_code=service_code,
        text=typed if kind is Kind.INPUT else arguments,
        hop="" if kind is Kind.CLOSED else f"{kind} {typed}",
        note=f"ussdServiceOp {operation}" if kind is Kind.CLOSED else "",
    )


def format_reply(reply: UssdReply, _: UssdRequest) -> Answer:
    """The screen, and whether the session goes on after it."""
    return json_answer(message=reply.text, ussdServiceOp=END if reply.ends else GO_ON)


def _operation(written: str) -> tuple[int, Kind]:
    if OPERATION.fullmatch(written):
        operation = int(written)
        if operation in (DIAL, KEY):
            return operation, Kind.OPENED if operation == DIAL else Kind.INPUT
        if operation >= ENDS_FROM:
            return operation, Kind.CLOSED
    raise BadRequestError(f"the field ussdServiceOp is {DIAL}, {KEY}, or {ENDS_FROM} and above")


HOP_DOCUMENTATION = {
    "summary": "Korba: one hop of a USSD session, or its end",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "example": {
                    "ussdString": "*123#",
                    "msisdn": "+79210000001",
                    "ussdServiceOp": "1",
                    "sessionID": "12341235123",
                    "network": "06",
                    "code": "*123#",
                    "country": "GH",
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "a screen; `ussdServiceOp` is 2 while the session goes on, 17 with the last one",
            "content": {
                "application/json": {
                    "example": {"message": "У вас 500 баллов\n1 Баланс и сроки", "ussdServiceOp": GO_ON},
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
    json_answer(message="", ussdServiceOp=END),
)
