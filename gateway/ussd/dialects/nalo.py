"""Nalo Solutions, Ghana: a JSON object a hop, and one back, of at most 120 characters.

`MSGTYPE` is a truth in both directions. From Nalo, true is a dial and `USERDATA` what was dialled, false a key and
`USERDATA` what was typed. To Nalo, true goes on and false ends. `USERID` is ours with Nalo, and comes back as it came.

Nothing tells one hop of a session from the next: with the same key, a repeat is the same bytes. Of a session that is
over nothing is heard, so a screen is taken for seen when our answer was taken in time. How long Nalo waits is in
nothing that was opened.

Sources: SeveighTech/nunyakata, "Nalo Solutions USSD API Implementation - Official Documentation Compliance" and
`nalo_solutions.py`; the collection "USSD API DOCUMENTATION" of Nalo's (documenter.gw.postman.com).
"""

from gateway.callback import Callback, bounded, needed, strings, truth
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import (
    TYPED_LENGTH_MAX,
    Answer,
    Dialect,
    Route,
    dialled,
    json_answer,
    repeated,
    session_id,
    to_repeat,
)
from gateway.ussd.message import HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "nalo"
PROFILE = Profile(
    septets_max=120,
    hop_identity=HopIdentity.NONE,
    answer_s=5.0,
    idle_s=180,
    total_s=180,
)
"""120 characters are more than any UCS-2 screen has. Its session ids do not come round again, so how long a subscriber
may think is left to the network."""
USER_ID_LENGTH_MAX = 64
NUMBER_LENGTH_MAX = 32
FIELDS = ("USERID", "MSISDN", "USERDATA", "SESSIONID")


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop. `echo` has the fields that are repeated."""
    found = callback.json()
    fields = strings(found, FIELDS)
    is_dial = truth(found, "MSGTYPE")
    session = session_id(fields, "SESSIONID")
    typed = bounded(fields, "USERDATA", TYPED_LENGTH_MAX)
    service_code, arguments = dialled(typed) if is_dial else ("", "")
    kind = Kind.OPENED if is_dial else Kind.INPUT
    return UssdRequest(
        session_id=session,
        msisdn=canonical(needed(fields, "MSISDN"), region),
        kind=kind,
        service_code=service_code,
        text=arguments if is_dial else typed,
        hop=f"{kind} {typed}",
        echo=repeated(
            USERID=bounded(fields, "USERID", USER_ID_LENGTH_MAX),
            MSISDN=bounded(fields, "MSISDN", NUMBER_LENGTH_MAX),
        ),
    )


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """The screen, and whether the session goes on after it."""
    return json_answer(**to_repeat(request), MSG=reply.text, MSGTYPE=not reply.ends)


HOP_DOCUMENTATION = {
    "summary": "Nalo: one hop of a USSD session",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "example": {
                    "USERID": "NALOTest",
                    "MSISDN": "79210000001",
                    "USERDATA": "*123#",
                    "MSGTYPE": True,
                    "NETWORK": "MTN",
                    "SESSIONID": "16590115252429751",
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "a screen; `MSGTYPE` is true while the session goes on",
            "content": {
                "application/json": {
                    "example": {
                        "USERID": "NALOTest",
                        "MSISDN": "79210000001",
                        "MSG": "У вас 500 баллов\n1 Баланс и сроки",
                        "MSGTYPE": True,
                    }
                }
            },
        }
    },
}

DIALECT = Dialect(NAME, PROFILE, (Route("POST", "", parse, HOP_DOCUMENTATION),), format_reply)
