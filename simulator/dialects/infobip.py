"""Infobip's USSD gateway, the network's side: JSON over paths with the session's id in them, and JSON back.

A dial is posted to `start`, each later input to `response`. The end of a session, whoever ended it, is put to `end`
with an exit code, and does not name the subscriber.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import json_fields, screen, start, yes_or_no

PATH = "/ussd/infobip/session"
JSON = "application/json"
NEEDED = ("ussdMenu", "shouldClose", "responseExitCode", "responseMessage")
OK = 200

PROFILE = Profile(hop_identity=HopIdentity.NONE)
_EXIT_CODE: Mapping[Closing, int] = {
    Closing.BY_APPLICATION: 0,
    Closing.BY_SUBSCRIBER: 510,
    Closing.BY_SILENCE: 600,
    Closing.BY_FAILURE: 500,
}
"""Any but 0 says that something went wrong; theirs are in a table that nobody publishes."""


@dataclass(frozen=True, slots=True)
class Infobip:
    """The dialect, as a value."""

    name: str = "infobip"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return str(draw(63))

    def hop(self, call: Call) -> Message:
        fields = {
            "msisdn": call.msisdn.removeprefix("+"),
            "text": call.newest,
            "imsi": None,
            "shortCode": call.service_code,
            "language": None,
            "optional": "",
            "ussdGwId": "11",
        }
        return _message("POST", call, "response" if call.inputs else "start", fields)

    def read(self, answer: Answer) -> tuple[str, bool]:
        fields = json_fields(answer, NEEDED)
        if fields["responseExitCode"] != OK:
            raise HopFailedError(f"the answer's responseExitCode is not {OK}: {start(answer)}")
        return screen(fields["ussdMenu"], "ussdMenu"), yes_or_no(fields, "shouldClose")

    def closed(self, closed: Closed) -> Message | None:
        return _message("PUT", closed.call, "end", {"exitCode": _EXIT_CODE[closed.how], "reason": closed.how.value})


def _message(method: str, call: Call, deed: str, fields: Mapping[str, object]) -> Message:
    return Message(method, f"{PATH}/{call.session_id}/{deed}", JSON, json.dumps(fields, ensure_ascii=False))


DIALECT = Infobip()
