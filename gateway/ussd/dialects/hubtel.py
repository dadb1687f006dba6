"""Hubtel's Programmable Services: a JSON object a hop, and one back.

`Type` says what a request is, in any case: `Initiation` (in `Message` what was dialled), `Response` (in `Message` what
was typed), `Release` and `Timeout` (the session is over). `Sequence` is the place of a request in its session, from 1
on, so a repeated hop bears the same. An answer of the type `response` goes on, one of the type `release` ends.

`Release` says that the subscriber left, `Timeout` that a screen came too late and was thrown away; neither says that
a screen was shown. Of a session that we released ourselves nothing more is heard. `ClientState` would come back with
the next request; what we have to remember is in the session store.

The same service can be opened in Hubtel's app, where nothing is dialled and `ServiceCode` is the service's id: that is
the start of the menu. How long Hubtel waits is in none of its documents.

Sources: Hubtel, "API Reference - Prog Services" and "Sample General Services Interaction"; the types in Hubtel's
programmable-services-sdk-dotnet (`ProgrammableServiceRequest`, `ProgrammableServiceActionType`).
"""

import re
from collections.abc import Mapping

from gateway.callback import Callback, bounded, needed, strings
from gateway.errors import BadRequestError
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import TYPED_LENGTH_MAX, Answer, Dialect, Route, dialled, json_answer, session_id
from gateway.ussd.message import ClosedBy, EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "hubtel"
PROFILE = Profile(hop_identity=HopIdentity.SEQUENCE, answer_s=5.0, idle_s=180, total_s=180, tells_end=EndTold.BROKEN)
"""Its session ids are random and do not come round again, so how long a subscriber may think is left to the network."""
KINDS = {
    "initiation": Kind.OPENED,
    "response": Kind.INPUT,
    "release": Kind.CLOSED,
    "timeout": Kind.CLOSED,
}
CLOSED_BY = {"release": ClosedBy.SUBSCRIBER, "timeout": ClosedBy.NETWORK}
SEQUENCE = re.compile(r"\s*[0-9]{1,6}\s*")
FIELDS = ("Type", "Message", "ServiceCode", "Mobile", "SessionId", "Sequence")


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none. `hop` is the sequence number."""
    fields = strings(callback.json(), FIELDS)
    said = needed(fields, "Type").lower()
    if said not in KINDS:
        raise BadRequestError("the field Type is one of Initiation, Response, Release, Timeout")
    kind = KINDS[said]
    session = session_id(fields, "SessionId")
    typed = bounded(fields, "Message", TYPED_LENGTH_MAX)
    opening = typed if kind is Kind.OPENED else ""
    service_code, arguments = dialled(opening, bounded(fields, "ServiceCode", TYPED_LENGTH_MAX))
    return UssdRequest(
        session_id=session,
        msisdn=canonical(needed(fields, "Mobile"), region),
        kind=kind,
        service_code=service_code,
        text=typed if kind is Kind.INPUT else arguments,
        hop="" if kind is Kind.CLOSED else _sequence(fields),
        note=said if kind is Kind.CLOSED else "",
        closed_by=CLOSED_BY.get(said, ClosedBy.UNKNOWN),
    )


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """`response` and the screen while the session goes on, `release` and the screen when it is over. The label is the
    title in Hubtel's app."""
    return json_answer(
        SessionId=request.session_id,
        Type="release" if reply.ends else "response",
        Message=reply.text,
        Label=reply.text.partition("\n")[0],
        DataType="display" if reply.ends else "input",
        FieldType="text",
    )


def _sequence(fields: Mapping[str, str]) -> str:
    """The place of a hop in its session. Some of Hubtel's examples send a number, some a string."""
    if not SEQUENCE.fullmatch(needed(fields, "Sequence")):
        raise BadRequestError("the field Sequence is no whole number of at most six digits")
    return str(int(fields["Sequence"]))


HOP_DOCUMENTATION = {
    "summary": "Hubtel: one hop of a USSD session, or its end",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "example": {
                    "Type": "Response",
                    "Message": "1",
                    "ServiceCode": "123",
                    "Operator": "mtn",
                    "ClientState": "",
                    "Mobile": "79210000001",
                    "SessionId": "3c796dac28174f739de4262d08409c51",
                    "Sequence": 2,
                    "Platform": "USSD",
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "`response` and a screen, or `release` and the last screen",
            "content": {
                "application/json": {
                    "example": {
                        "SessionId": "3c796dac28174f739de4262d08409c51",
                        "Type": "response",
                        "Message": "У вас 500 баллов\n1 Баланс и сроки",
                        "Label": "У вас 500 баллов",
                        "DataType": "input",
                        "FieldType": "text",
                    }
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
    json_answer(Type="release", Message="", Label="", DataType="display", FieldType="text"),
)
