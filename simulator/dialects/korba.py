"""Korba, the network's side: a JSON object with the newest input, and one back.

The first request has the operation 1 and all that was dialled, the others have 18. A session that broke off is told by
29 and above; one that the application ended is not.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import json_fields, screen, start, whole

PATH = "/ussd/korba"
JSON = "application/json"
NETWORK = "01"
DIAL, KEY = "1", "18"
NEEDED = ("message", "ussdServiceOp")
ENDS = {2: False, 17: True}

PROFILE = Profile(hop_identity=HopIdentity.NONE)
_OPERATION: Mapping[Closing, str] = {
    Closing.BY_SUBSCRIBER: "29",
    Closing.BY_SILENCE: "30",
    Closing.BY_FAILURE: "31",
}


@dataclass(frozen=True, slots=True)
class Korba:
    """The dialect, as a value."""

    name: str = "korba"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"{draw(36):011d}"

    def hop(self, call: Call) -> Message:
        return _message(call, KEY if call.inputs else DIAL, call.newest)

    def read(self, answer: Answer) -> tuple[str, bool]:
        fields = json_fields(answer, NEEDED)
        ends = ENDS.get(whole(fields, "ussdServiceOp"))
        if ends is None:
            raise HopFailedError(f"the answer's ussdServiceOp is neither 2 nor 17: {start(answer)}")
        return screen(fields["message"], "message"), ends

    def closed(self, closed: Closed) -> Message | None:
        operation = _OPERATION.get(closed.how)
        return None if operation is None else _message(closed.call, operation, "")


def _message(call: Call, operation: str, text: str) -> Message:
    fields = {
        "ussdString": text,
        "msisdn": call.msisdn,
        "ussdServiceOp": operation,
        "sessionID": call.session_id,
        "network": NETWORK,
        "code": call.service_code,
        "country": "GH",
    }
    return Message("POST", PATH, JSON, json.dumps(fields, ensure_ascii=False))


DIALECT = Korba()
