"""Infobip's USSD gateway: JSON over four paths, each with the session's id in it.

`POST session/{id}/start` is a dial, `POST session/{id}/response` a key, `PUT session/{id}/end` the end of the session,
`GET session/{id}/status` asks whether it is active. The first two have `msisdn` and `text`, the newest input; what was
dialled may stand in `text`, in `shortCode`, which is not always there, or in both; a dial may say which `language` the
subscriber reads. The end has an `exitCode` and a
`reason`, and names nobody: it finds the session by its id. A screen goes back as `ussdMenu`, and `shouldClose` says
that it is the last. The first screen of a session is always shown as a menu, says the document: whoever answers one
that we ended reads that the session is over.

Nothing tells one hop of a session from the next: with the same key, a repeat is the same bytes. Which exit code says
that a last screen was shown is in nothing that was opened, so an end never says it.

Sources: the excerpt of Infobip's "USSD Gateway to Third-party Application HTTP/REST/JSON Web Service API" in
praekeltfoundation/vumi, `vumi/transports/infobip/infobip.py`, and its tests; docs.vumi.org, "Infobip".
"""

from gateway.callback import Callback, bounded, needed, strings
from gateway.errors import BadRequestError
from gateway.msisdn import Msisdn, canonical
from gateway.ussd.dialects.wire import (
    SESSION_ID_LENGTH_MAX,
    TYPED_LENGTH_MAX,
    Answer,
    Dialect,
    Route,
    dialled,
    hinted,
    json_answer,
)
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "infobip"
PROFILE = Profile(
    hop_identity=HopIdentity.NONE,
    answer_s=5.0,
    idle_s=180,
    total_s=180,
    tells_end=EndTold.BROKEN,
    tells_by_id=True,
)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
OK, AWAY = 200, 503
"""Exit codes of a response, which are HTTP's."""
NOBODY = Msisdn("")
EXIT_CODE_LENGTH_MAX = 9


def parse_start(callback: Callback, region: str) -> UssdRequest:
    """A dial."""
    fields = strings(callback.json(), ("msisdn", "text", "shortCode", "language"))
    typed = bounded(fields, "text", TYPED_LENGTH_MAX)
    service_code, arguments = dialled(typed, bounded(fields, "shortCode", TYPED_LENGTH_MAX))
    number = canonical(needed(fields, "msisdn"), region)
    hop = f"{Kind.OPENED} {typed}"
    language = hinted(bounded(fields, "language", TYPED_LENGTH_MAX))
    return UssdRequest(_session_id(callback), number, Kind.OPENED, service_code, arguments, hop, language=language)


def parse_response(callback: Callback, region: str) -> UssdRequest:
    """A key."""
    fields = strings(callback.json(), ("msisdn", "text"))
    typed = bounded(fields, "text", TYPED_LENGTH_MAX)
    number = canonical(needed(fields, "msisdn"), region)
    return UssdRequest(_session_id(callback), number, Kind.INPUT, text=typed, hop=f"{Kind.INPUT} {typed}")


def parse_end(callback: Callback, _: str) -> UssdRequest:
    """The notice that the session is over. Of the reason, which is free text, nothing is kept."""
    fields = strings(callback.json(), ("exitCode",))
    exit_code = needed(fields, "exitCode")
    if len(exit_code) > EXIT_CODE_LENGTH_MAX or not exit_code.removeprefix("-").isdecimal():
        raise BadRequestError("the field exitCode is no whole number")
    return UssdRequest(_session_id(callback), NOBODY, Kind.CLOSED, note=f"exitCode {int(exit_code)}")


def parse_status(callback: Callback, _: str) -> UssdRequest:
    """The question whether the session is active."""
    return UssdRequest(_session_id(callback), NOBODY, Kind.ASKED)


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """The screen, and whether it is the last; or whether the session is active, unless nobody can know now."""
    if request.kind is Kind.ASKED:
        code = AWAY if reply.text else OK
        return json_answer(sessionActive=not reply.ends, responseExitCode=code, responseMessage=reply.text)
    return json_answer(ussdMenu=reply.text, shouldClose=reply.ends, responseExitCode=OK, responseMessage="")


def _session_id(callback: Callback) -> str:
    return bounded(callback.path, "session_id", SESSION_ID_LENGTH_MAX)


SESSION = {
    "parameters": [
        {"name": "session_id", "in": "path", "required": True, "schema": {"type": "string", "example": "4711"}},
    ]
}
SCREEN = {
    "200": {
        "description": "a screen, and whether it is the last",
        "content": {
            "application/json": {
                "example": {
                    "ussdMenu": "У вас 500 баллов\n1 Баланс и сроки",
                    "shouldClose": False,
                    "responseExitCode": OK,
                    "responseMessage": "",
                }
            }
        },
    }
}


def _documented(summary: str, responses: object, **fields: object) -> dict[str, object]:
    body = {"requestBody": {"required": True, "content": {"application/json": {"example": fields}}}} if fields else {}
    return {"summary": summary, **SESSION, **body, "responses": responses}


START_DOCUMENTATION = _documented(
    "Infobip: a USSD session begins", SCREEN, msisdn="79210000001", text="*123#", shortCode="*123#", ussdGwId="11"
)
RESPONSE_DOCUMENTATION = _documented(
    "Infobip: the next hop of a USSD session", SCREEN, msisdn="79210000001", text="1", shortCode="*123#", ussdGwId="11"
)
END_DOCUMENTATION = _documented(
    "Infobip: a USSD session is over", {"200": {"description": "noted"}}, exitCode=0, reason="ok"
)
STATUS_DOCUMENTATION = _documented(
    "Infobip: whether a USSD session is active", {"200": {"description": "`sessionActive` is true or false"}}
)

DIALECT = Dialect(
    NAME,
    PROFILE,
    (
        Route("POST", "/session/{session_id}/start", parse_start, START_DOCUMENTATION),
        Route("POST", "/session/{session_id}/response", parse_response, RESPONSE_DOCUMENTATION),
        Route("PUT", "/session/{session_id}/end", parse_end, END_DOCUMENTATION),
        Route("GET", "/session/{session_id}/status", parse_status, STATUS_DOCUMENTATION),
    ),
    format_reply,
    json_answer(responseExitCode=OK, responseMessage=""),
)
