"""Nalo Solutions, the network's side: a JSON object with the newest input, and one back.

The first request has `MSGTYPE` true and all that was dialled. An answer repeats `USERID` and the number; its `MSGTYPE`
says whether the session goes on. Nobody is told that a session is over.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Message
from simulator.errors import HopFailedError
from simulator.reading import json_fields, screen, start, yes_or_no

PATH = "/ussd/nalo"
JSON = "application/json"
USER_ID = "NALOTest"
NETWORK = "MTN"
NEEDED = ("USERID", "MSG", "MSGTYPE")
"""What an answer must have, says their documentation."""

PROFILE = Profile(septets_max=120, hop_identity=HopIdentity.NONE)


@dataclass(frozen=True, slots=True)
class Nalo:
    """The dialect, as a value."""

    name: str = "nalo"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"{draw(53):017d}"

    def hop(self, call: Call) -> Message:
        fields = {
            "USERID": USER_ID,
            "MSISDN": call.msisdn.removeprefix("+"),
            "USERDATA": call.newest,
            "MSGTYPE": not call.inputs,
            "NETWORK": NETWORK,
            "SESSIONID": call.session_id,
        }
        return Message("POST", PATH, JSON, json.dumps(fields, ensure_ascii=False))

    def read(self, answer: Answer) -> tuple[str, bool]:
        fields = json_fields(answer, NEEDED)
        if fields["USERID"] != USER_ID:
            raise HopFailedError(f"the answer's USERID is not {USER_ID}: {start(answer)}")
        return screen(fields["MSG"], "MSG"), not yes_or_no(fields, "MSGTYPE")

    def closed(self, _: Closed) -> Message | None:
        return None


DIALECT = Nalo()
