"""MTN's MADAPI, the network's side: a JSON object with the newest input, and one back.

The first request has the type 0 and all that was dialled, the others have 1. A subscriber who leaves is a 4, one who
says nothing a 5, and where the network fails it is a 2. Of a session that the application ended nothing is said.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import json_fields, screen, start, whole, yes_or_no

PATH = "/ussd/madapi"
JSON = "application/json"
BEGIN, CONTINUE = "0", "1"
NEEDED = ("statusCode", "statusMessage", "transactionId", "data", "_link")
"""What an answer must have, says their document."""
NEEDED_DATA = {"inboundResponse", "userInputRequired", "messageType"}
STATUS_OK = "0000"
ENDS = {1: False, 2: True}

PROFILE = Profile(hop_identity=HopIdentity.NONE)
_TYPE: Mapping[Closing, str] = {Closing.BY_SUBSCRIBER: "4", Closing.BY_SILENCE: "5", Closing.BY_FAILURE: "2"}


@dataclass(frozen=True, slots=True)
class Madapi:
    """The dialect, as a value."""

    name: str = "madapi"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"{draw(64):020d}"

    def hop(self, call: Call) -> Message:
        return _message(call, CONTINUE if call.inputs else BEGIN, call.newest)

    def read(self, answer: Answer) -> tuple[str, bool]:
        fields = json_fields(answer, NEEDED)
        data: dict[str, Any] = fields["data"] if isinstance(fields["data"], dict) else {}
        if fields["statusCode"] != STATUS_OK or not data.keys() >= NEEDED_DATA:
            raise HopFailedError(
                f"the answer's statusCode is not {STATUS_OK}, or its data lack something: {start(answer)}"
            )
        ends = ENDS.get(whole(data, "messageType"))
        if ends is None or yes_or_no(data, "userInputRequired") is ends:
            raise HopFailedError(f"messageType and userInputRequired do not fit together: {start(answer)}")
        return screen(data["inboundResponse"], "inboundResponse"), ends

    def closed(self, closed: Closed) -> Message | None:
        said = _TYPE.get(closed.how)
        return None if said is None else _message(closed.call, said, closed.how.value)


def _message(call: Call, said: str, text: str) -> Message:
    fields = {
        "sessionId": call.session_id,
        "messageType": said,
        "msisdn": call.msisdn.removeprefix("+"),
        "serviceCode": call.service_code.strip("*#"),
        "ussdString": text,
    }
    return Message("POST", PATH, JSON, json.dumps(fields, ensure_ascii=False))


DIALECT = Madapi()
