"""Arkesel, the network's side: a JSON object with the newest input, and one back.

The first request has `newSession` and all that was dialled. An answer repeats whose session it is, and says whether it
goes on. Nobody is told that a session is over.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Message
from simulator.reading import json_fields, screen, yes_or_no

PATH = "/ussd/arkesel"
JSON = "application/json"
USER_ID = "USSD_123"
NETWORK = "MTN"
NEEDED = ("sessionID", "userID", "msisdn", "message", "continueSession")
"""What their examples answer with."""

PROFILE = Profile(hop_identity=HopIdentity.NONE)


@dataclass(frozen=True, slots=True)
class Arkesel:
    """The dialect, as a value."""

    name: str = "arkesel"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"{draw(128):032x}"

    def hop(self, call: Call) -> Message:
        fields = {
            "sessionID": call.session_id,
            "userID": USER_ID,
            "newSession": not call.inputs,
            "msisdn": call.msisdn.removeprefix("+"),
            "userData": call.newest,
            "network": NETWORK,
        }
        return Message("POST", PATH, JSON, json.dumps(fields, ensure_ascii=False))

    def read(self, answer: Answer) -> tuple[str, bool]:
        fields = json_fields(answer, NEEDED)
        return screen(fields["message"], "message"), not yes_or_no(fields, "continueSession")

    def closed(self, _: Closed) -> Message | None:
        return None


DIALECT = Arkesel()
