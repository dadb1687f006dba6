"""Arkesel, Ghana: a JSON object with the newest input a hop, and one back.

`newSession` says that a request is a dial; `userData` is what was dialled then, and later what was typed.
`continueSession` of the answer says whether the session goes on. `sessionID`, `userID` and `msisdn` come back as they
came: Arkesel's own examples return all three.

Nothing tells one hop of a session from the next: with the same key, a repeat is the same bytes. Of a session that is
over nothing is heard, so a screen is taken for seen when our answer was taken in time. How long Arkesel waits, and how
much a screen may hold, is in nothing that was opened.

Sources: ArkeselDev/fastapi-ussd-sample, `main.py`; ArkeselDev/express-ussd-sample, `app.js`.
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

NAME = "arkesel"
PROFILE = Profile(hop_identity=HopIdentity.NONE, answer_s=5.0, idle_s=180, total_s=180)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
USER_ID_LENGTH_MAX = 64
NUMBER_LENGTH_MAX = 32
FIELDS = ("sessionID", "userID", "msisdn", "userData")


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop. `echo` has the fields that are repeated."""
    found = callback.json()
    fields = strings(found, FIELDS)
    is_dial = truth(found, "newSession")
    session = session_id(fields, "sessionID")
    typed = bounded(fields, "userData", TYPED_LENGTH_MAX)
    service_code, arguments = dialled(typed) if is_dial else ("", "")
    kind = Kind.OPENED if is_dial else Kind.INPUT
    return UssdRequest(
        session_id=session,
        msisdn=canonical(needed(fields, "msisdn"), region),
        kind=kind,
        service_code=service_code,
        text=arguments if is_dial else typed,
        hop=f"{kind} {typed}",
        echo=repeated(
            sessionID=session,
            userID=bounded(fields, "userID", USER_ID_LENGTH_MAX),
            msisdn=bounded(fields, "msisdn", NUMBER_LENGTH_MAX),
        ),
    )


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """The screen, and whether the session goes on after it."""
    return json_answer(**to_repeat(request), message=reply.text, continueSession=not reply.ends)


HOP_DOCUMENTATION = {
    "summary": "Arkesel: one hop of a USSD session",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "example": {
                    "sessionID": "8d440a43a98b4614b9df22b79c8190b8",
                    "userID": "USSD_123",
                    "newSession": True,
                    "msisdn": "79210000001",
                    "userData": "*123#",
                    "network": "MTN",
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "a screen, and whether the session goes on",
            "content": {
                "application/json": {
                    "example": {
                        "sessionID": "8d440a43a98b4614b9df22b79c8190b8",
                        "userID": "USSD_123",
                        "msisdn": "79210000001",
                        "message": "У вас 500 баллов\n1 Баланс и сроки",
                        "continueSession": True,
                    }
                }
            },
        }
    },
}

DIALECT = Dialect(NAME, PROFILE, (Route("POST", "", parse, HOP_DOCUMENTATION),), format_reply)
