"""YateUSGW, the USSD gateway of YateBTS, in its synchronous mode: a GET a hop, the screen as plain text back.

The address is a template of the operator's own, in which the gateway fills in `${id}`, `${operation}`, `${msisdn}`,
`${code}`, `${text}` and `${seq}`; ours is `/ussd/yate?id=${id}&operation=${operation}&…`. `operation` says what a
request is: `pssr` a dial, `ussr` a key, `stop` that the session is over. `code` is what was dialled, in every request;
`text` is what came last, the dial itself at first. `seq` counts the requests of a session.

An answer is `text/plain` in UTF-8, and the gateway asks for the next key by itself. The last screen bears the header
`operation: pssr`, and finishes what the phone began; an empty body ends the session and shows nothing. In the
asynchronous mode, which is the default, the gateway wants no screen for an answer: a request that says `sync=false`
is refused with what to set.

Number and text stand in the address, and whoever writes addresses into a log writes them there.

Sources: yatebts.com, "YateUSGW setup", "USSD API – REST API for USSD Gateway" and "YateUSGW USSD flows"; of `seq` and
`sync`, the project's design notes.
"""

import re

from gateway.callback import Callback, bounded, needed
from gateway.errors import BadRequestError
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import TYPED_LENGTH_MAX, Answer, Dialect, Route, dialled, session_id
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "yate"
PROFILE = Profile(hop_identity=HopIdentity.SEQUENCE, answer_s=5.0, idle_s=180, total_s=180, tells_end=EndTold.BROKEN)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
KINDS = {"pssr": Kind.OPENED, "ussr": Kind.INPUT, "stop": Kind.CLOSED}
PLAIN = "text/plain; charset=UTF-8"
LAST_SCREEN = {"operation": "pssr"}
SEQUENCE = re.compile(r"[0-9]{1,9}")


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none. `hop` is the sequence number."""
    fields = callback.query_fields()
    if fields.get("sync", "").lower() in {"false", "no", "0"}:
        raise BadRequestError("the field sync says that no answer is wanted: set the gateway to its synchronous mode")
    operation = needed(fields, "operation").lower()
    if operation not in KINDS:
        raise BadRequestError(f"the field operation is one of {', '.join(KINDS)}")
    kind = KINDS[operation]
    session = session_id(fields, "id")
    typed = bounded(fields, "text", TYPED_LENGTH_MAX)
    code = bounded(fields, "code", TYPED_LENGTH_MAX)
    service_code, arguments = dialled(code or typed) if kind is Kind.OPENED else ("", "")
    return UssdRequest(
        session_id=session,
        msisdn=canonical(needed(fields, "msisdn"), region),
        kind=kind,
        service_code=service_code,
        text=typed if kind is Kind.INPUT else arguments,
        hop="" if kind is Kind.CLOSED else _sequence(fields),
        note=operation if kind is Kind.CLOSED else "",
    )


def format_reply(reply: UssdReply, _: UssdRequest) -> Answer:
    """The screen; the last one with the header that ends the session."""
    return Answer(reply.text.encode(), PLAIN, headers=LAST_SCREEN if reply.ends else {})


def _sequence(fields: dict[str, str]) -> str:
    written = needed(fields, "seq")
    if not SEQUENCE.fullmatch(written):
        raise BadRequestError("the field seq is no whole number of at most nine digits")
    return str(int(written))


def _parameter(name: str, example: str) -> dict[str, object]:
    return {"name": name, "in": "query", "required": True, "schema": {"type": "string", "example": example}}


HOP_DOCUMENTATION = {
    "summary": "YateUSGW: one hop of a USSD session, or its end",
    "parameters": [
        _parameter("id", "gw-101"),
        _parameter("operation", "pssr"),
        _parameter("msisdn", "79210000001"),
        _parameter("code", "*123#"),
        _parameter("text", "*123#"),
        _parameter("seq", "1"),
    ],
    "responses": {
        "200": {
            "description": "a screen; the last one has the header `operation: pssr`",
            "content": {"text/plain": {"example": "У вас 500 баллов\n1 Баланс и сроки"}},
        }
    },
}

DIALECT = Dialect(NAME, PROFILE, (Route("GET", "", parse, HOP_DOCUMENTATION),), format_reply)
