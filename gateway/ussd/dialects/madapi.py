"""MTN's MADAPI, its USSD API: a JSON object with the newest input a hop, and one back.

`messageType` says what a request is: 0 begins a session, 1 goes on, 2 ends it, 4 cancels it, 5 says that it timed out;
3 is a notification, which nobody sends to an application that sent none. `ussdString` is what was dialled or typed, or
with 4 the reason. We answer with `messageType` 1 and `userInputRequired`, or with 2 and without. `statusCode` is four
characters, `0000` where all is well. `serviceCode` and `msisdn` come back as they came.

Nothing tells one hop of a session from the next: with the same key, a repeat is the same bytes. That a last screen was
shown is never said. Its calls may bear `x-api-key`.

Sources: MTN, "MTN Messaging USSD API" 1.0.0, as api-evangelist/mtn-group keeps it (`InboundRequest`, `InboundResponse`
in `openapi/_original/mtn-group-ussd.yml`).
"""

from gateway.callback import Callback, bounded, needed, strings
from gateway.errors import BadRequestError
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
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "madapi"
PROFILE = Profile(hop_identity=HopIdentity.NONE, answer_s=5.0, idle_s=180, total_s=180, tells_end=EndTold.BROKEN)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
KINDS = {"0": Kind.OPENED, "1": Kind.INPUT, "2": Kind.CLOSED, "4": Kind.CLOSED, "5": Kind.CLOSED}
WHY_CLOSED = {"2": "end", "4": "cancel", "5": "timeout"}
CONTINUE, END = 1, 2
STATUS_OK = "0000"
SELF = "/ussd/madapi"
"""What answers must link to: themselves."""
NUMBER_LENGTH_MAX = 32
FIELDS = ("sessionId", "messageType", "msisdn", "serviceCode", "ussdString")


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none. `echo` has the fields that are repeated."""
    fields = strings(callback.json(), FIELDS)
    said = needed(fields, "messageType")
    if said not in KINDS:
        raise BadRequestError(f"the field messageType is one of {', '.join(KINDS)}")
    kind = KINDS[said]
    session = session_id(fields, "sessionId")
    typed = "" if kind is Kind.CLOSED else bounded(fields, "ussdString", TYPED_LENGTH_MAX)
    code = bounded(fields, "serviceCode", TYPED_LENGTH_MAX)
    service_code, arguments = dialled(typed if kind is Kind.OPENED else "", code)
    return UssdRequest(
        session_id=session,
        msisdn=canonical(needed(fields, "msisdn"), region),
        kind=kind,
        service_code=service_code,
        text=typed if kind is Kind.INPUT else arguments,
        hop="" if kind is Kind.CLOSED else f"{kind} {typed}",
        note=WHY_CLOSED.get(said, ""),
        echo=repeated(serviceCode=code, msisdn=bounded(fields, "msisdn", NUMBER_LENGTH_MAX)),
    )


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """The screen, and whether an answer to it is wanted."""
    data = {
        "inboundResponse": reply.text,
        "userInputRequired": not reply.ends,
        "messageType": END if reply.ends else CONTINUE,
        **to_repeat(request),
    }
    return _answer(request.session_id, data)


def _answer(transaction_id: str, data: dict[str, object]) -> Answer:
    return json_answer(
        statusCode=STATUS_OK,
        statusMessage="Success",
        transactionId=transaction_id,
        data=data,
        _link={"self": {"href": SELF}},
    )


HOP_DOCUMENTATION = {
    "summary": "MTN MADAPI: one hop of a USSD session, or its end",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "example": {
                    "sessionId": "01235",
                    "messageType": "0",
                    "msisdn": "79210000001",
                    "serviceCode": "123",
                    "ussdString": "*123#",
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "a screen, and whether an answer to it is wanted",
            "content": {
                "application/json": {
                    "example": {
                        "statusCode": STATUS_OK,
                        "statusMessage": "Success",
                        "transactionId": "01235",
                        "data": {
                            "inboundResponse": "У вас 500 баллов\n1 Баланс и сроки",
                            "userInputRequired": True,
                            "messageType": CONTINUE,
                            "serviceCode": "123",
                            "msisdn": "79210000001",
                        },
                        "_link": {"self": {"href": SELF}},
                    }
                }
            },
        }
    },
}

DIALECT = Dialect(NAME, PROFILE, (Route("POST", "", parse, HOP_DOCUMENTATION),), format_reply, _answer("", {}))
