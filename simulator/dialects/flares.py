"""Comviva's Flares, the network's side: a query with the newest input, the screen as plain text back.

Nothing in a request says whether it is the first: `input` is the code that was dialled, without its first and its last
sign, or what was typed. The header `Freeflow` of an answer says whether the session goes on. A session that broke off
comes as `clean`, with a status.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import accepted, screen, start

PATH = "/ussd/flares"
MSC = "79210009999"
ENDS = {"FC": False, "FB": True}

PROFILE = Profile(hop_identity=HopIdentity.NONE)


@dataclass(frozen=True, slots=True)
class Flares:
    """The dialect, as a value."""

    name: str = "flares"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return str(draw(53))

    def hop(self, call: Call) -> Message:
        said = call.newest if call.inputs else call.dialled[1:-1]
        return _message(call, {"MSC": MSC, "input": said})

    def read(self, answer: Answer) -> tuple[str, bool]:
        ends = ENDS.get(accepted(answer).headers.get("freeflow", ""))
        if ends is None:
            raise HopFailedError(f"the header Freeflow is neither FC nor FB: {start(answer)}")
        if answer.headers.get("charge") != "N":
            raise HopFailedError("the answer charges the subscriber")
        return screen(answer.body, "body"), ends

    def closed(self, closed: Closed) -> Message | None:
        if closed.how is Closing.BY_APPLICATION:
            return None
        return _message(closed.call, {"clean": "clean-session", "status": "522"})


def _message(call: Call, said: dict[str, str]) -> Message:
    fields = {"SessionID": call.session_id, "MSISDN": call.msisdn.removeprefix("+")} | said
    return Message("GET", PATH, "", "", query=urlencode(fields))


DIALECT = Flares()
