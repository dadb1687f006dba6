"""Wigal's Smart USSD, Ghana, version 1: a GET with everything in its query, a line of fields in bars back.

`mode` says what a request is, in any case: `START` (in `userdata` what was dialled), `MORE` (in `userdata` what was
typed), `END` (the session is over). The answer is plain text, `network|mode|msisdn|sessionid|userdata|username|
trafficid`, where all but `mode` and `userdata` come back as they came; `MORE` goes on and `END` ends. A screen has at
most 160 characters, and its lines end with `^`. `$`, `<` and `&` may break a menu, says its maker; so would a bar and a
circumflex. Each of the five becomes a blank.

`trafficid` names a hop: another one with each request, be it of the same session. So a repeat bears the id of its hop.

Number and text stand in the address, and whoever writes addresses into a log writes them there.

Sources: Wigal, "Smart USSD V1" (frogdocs.wigal.com.gh) and "Smart USSD" (frog.wigal.com.gh/developers/docs/ussd);
wigalgh/smartussd_api, its README and `ussdflow.php`.
"""

from gateway.callback import Callback, bounded, needed
from gateway.errors import BadRequestError
from gateway.msisdn import canonical
from gateway.ussd.dialects.wire import TYPED_LENGTH_MAX, Answer, Dialect, Route, dialled, hop_id, repeated, to_repeat
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest

NAME = "wigal"
PROFILE = Profile(
    septets_max=160,
    hop_identity=HopIdentity.TRANSACTION,
    answer_s=5.0,
    idle_s=180,
    total_s=180,
    tells_end=EndTold.BROKEN,
)
"""Its session ids do not come round again, so how long a subscriber may think is left to the network."""
KINDS = {"start": Kind.OPENED, "more": Kind.INPUT, "end": Kind.CLOSED}
FIELD_LENGTH_MAX = 64
"""Of whatever comes back as it came, and of a hop's id."""
REPEATED = ("network", "msisdn", "sessionid", "username", "trafficid")
WRITTEN = str.maketrans("\n|^$<&", "^     ")
"""How a screen's letters are written."""


def parse(callback: Callback, region: str) -> UssdRequest:
    """One hop, or the notice that there will be none. `hop` is `trafficid`, `echo` what comes back as it came."""
    fields = callback.query_fields()
    mode = needed(fields, "mode").lower()
    if mode not in KINDS:
        raise BadRequestError("the field mode is one of START, MORE, END")
    kind = KINDS[mode]
    kept = {name: _returned(fields, name) for name in REPEATED}
    typed = bounded(fields, "userdata", TYPED_LENGTH_MAX)
    service_code, arguments = dialled(typed if kind is Kind.OPENED else "")
    return UssdRequest(
        session_id=needed(kept, "sessionid"),
        msisdn=canonical(needed(kept, "msisdn"), region),
        kind=kind,
        service_code=service_code,
        text=typed if kind is Kind.INPUT else arguments,
        hop="" if kind is Kind.CLOSED else hop_id(kept, "trafficid"),
        note=mode if kind is Kind.CLOSED else "",
        echo=repeated(**kept),
    )


def format_reply(reply: UssdReply, request: UssdRequest) -> Answer:
    """The fields in their order: the screen with `MORE` while the session goes on, with `END` when it is over."""
    kept, mode = to_repeat(request), "END" if reply.ends else "MORE"
    head = (kept["network"], mode, kept["msisdn"], kept["sessionid"])
    line = "|".join((*head, reply.text.translate(WRITTEN), kept["username"], kept["trafficid"]))
    return Answer(line.encode(), "text/plain; charset=utf-8")


def _returned(fields: dict[str, str], name: str) -> str:
    """A field that goes back between bars. Raises `BadRequestError` for one that would make two of itself."""
    value = bounded(fields, name, FIELD_LENGTH_MAX)
    if "|" in value:
        raise BadRequestError(f"the field {name} has a bar in it")
    return value


def _parameter(name: str, example: str) -> dict[str, object]:
    return {"name": name, "in": "query", "required": True, "schema": {"type": "string", "example": example}}


HOP_DOCUMENTATION = {
    "summary": "Wigal: one hop of a USSD session, or its end",
    "parameters": [
        _parameter("network", "wigal_mtn_gh"),
        _parameter("sessionid", "16590115252429751"),
        _parameter("mode", "START"),
        _parameter("msisdn", "79210000001"),
        _parameter("userdata", "*123#"),
        _parameter("username", "bolshe"),
        _parameter("trafficid", "5f1a0c3e-5b5e-4a8e-9d5c-2a3f6d1b7c10"),
    ],
    "responses": {
        "200": {
            "description": "`MORE` and a screen between bars, or `END` and the last screen",
            "content": {
                "text/plain": {
                    "example": "wigal_mtn_gh|MORE|79210000001|16590115252429751|У вас 500 баллов^1 Баланс и сроки|"
                    "bolshe|5f1a0c3e-5b5e-4a8e-9d5c-2a3f6d1b7c10"
                }
            },
        }
    },
}

DIALECT = Dialect(NAME, PROFILE, (Route("GET", "", parse, HOP_DOCUMENTATION),), format_reply)
