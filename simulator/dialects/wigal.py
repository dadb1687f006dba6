"""Wigal's Smart USSD, the network's side: a GET with everything in its query, a line of fields in bars back.

The first request has the mode START and all that was dialled, the others have MORE; each has a `trafficid` of its own.
All but the mode and the screen comes back as it was sent. A session that broke off is told by the mode END.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import NAMESPACE_OID, uuid5

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import accepted, screen, start

PATH = "/ussd/wigal"
NETWORK = "wigal_mtn_gh"
USER_NAME = "bolshe"
ENDS = {"MORE": False, "END": True}
FIELDS = 7
"""Of an answer: network, mode, number, session, screen, user, traffic; an eighth may follow."""

PROFILE = Profile(septets_max=160, hop_identity=HopIdentity.TRANSACTION)


@dataclass(frozen=True, slots=True)
class Wigal:
    """The dialect, as a value."""

    name: str = "wigal"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"{draw(53):017d}"

    def hop(self, call: Call) -> Message:
        return _message(call, "MORE" if call.inputs else "START", call.newest)

    def read(self, answer: Answer) -> tuple[str, bool]:
        parts = accepted(answer).body.split("|")
        if len(parts) not in {FIELDS, FIELDS + 1}:
            raise HopFailedError(f"the answer has {len(parts)} fields between bars, not {FIELDS}: {start(answer)}")
        network, mode, _, _, text, user_name, _ = parts[:FIELDS]
        if (network, user_name) != (NETWORK, USER_NAME):
            raise HopFailedError(f"the answer does not return what was sent: {start(answer)}")
        if mode not in ENDS:
            raise HopFailedError(f"the answer's mode is neither MORE nor END: {start(answer)}")
        return screen(text, "userdata").replace("^", "\n"), ENDS[mode]

    def closed(self, closed: Closed) -> Message | None:
        return None if closed.how is Closing.BY_APPLICATION else _message(closed.call, "END", "")


def _message(call: Call, mode: str, text: str) -> Message:
    fields = {
        "network": NETWORK,
        "sessionid": call.session_id,
        "mode": mode,
        "msisdn": call.msisdn.removeprefix("+"),
        "userdata": text,
        "username": USER_NAME,
        "trafficid": str(uuid5(NAMESPACE_OID, f"{call.session_id} {call.hops}")),
        "other": "",
    }
    return Message("GET", PATH, "", "", query=urlencode(fields))


DIALECT = Wigal()
