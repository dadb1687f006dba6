"""Hubtel's Programmable Services, the network's side: a JSON object with the newest input, and one back.

The first request is an `Initiation` with all that was dialled, the others are a `Response` each; `Sequence` counts
them from 1, and the `ClientState` of an answer comes back with the next. A subscriber who leaves is a `Release`, one
who says nothing, or an answer that does not come, a `Timeout`. What the application released is not reported.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import json_fields, screen, start

PATH = "/ussd/hubtel"
JSON = "application/json"
OPERATOR = "mtn"
NEEDED = ("SessionId", "Type", "Message", "Label", "DataType", "FieldType")
"""What an answer must have, says their documentation."""
ENDS = {"response": False, "release": True}

PROFILE = Profile(hop_identity=HopIdentity.SEQUENCE)
_TYPE: Mapping[Closing, str] = {
    Closing.BY_SUBSCRIBER: "Release",
    Closing.BY_SILENCE: "Timeout",
    Closing.BY_FAILURE: "Timeout",
}


@dataclass(frozen=True, slots=True)
class Hubtel:
    """The dialect, as a value."""

    name: str = "hubtel"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"{draw(128):032x}"

    def hop(self, call: Call) -> Message:
        return _message(call, "Response" if call.inputs else "Initiation", call.newest)

    def read(self, answer: Answer) -> tuple[str, bool]:
        fields = json_fields(answer, NEEDED)
        ends = ENDS.get(str(fields["Type"]).lower())
        if ends is None:
            raise HopFailedError(f"the answer's Type is neither response nor release: {start(answer)}")
        return screen(fields["Message"], "Message"), ends

    def closed(self, closed: Closed) -> Message | None:
        said = _TYPE.get(closed.how)
        return None if said is None else _message(closed.call, said, "")


def _message(call: Call, said: str, text: str) -> Message:
    fields = {
        "Type": said,
        "Mobile": call.msisdn.removeprefix("+"),
        "SessionId": call.session_id,
        "ServiceCode": call.service_code.strip("*#"),
        "Message": text,
        "Operator": OPERATOR,
        "Sequence": call.hops + 1,
        "ClientState": _client_state(call.last_answer),
        "Platform": "USSD",
    }
    return Message("POST", PATH, JSON, json.dumps(fields, ensure_ascii=False))


def _client_state(answer: Answer | None) -> str:
    return str(json.loads(answer.body).get("ClientState") or "") if answer is not None else ""


DIALECT = Hubtel()
