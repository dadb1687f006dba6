"""YateUSGW, the network's side, in its synchronous mode: a GET with the newest input, the screen as plain text back.

The address is filled in from a template. The first operation is `pssr`, later ones are `ussr`, each numbered by `seq`;
`code` stays what was dialled. An answer with the header `operation: pssr` is the last. A session that broke off is told
by `stop`; one that the application ended is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import accepted, screen, start

PATH = "/ussd/yate"
AGENT = {"User-Agent": "YATE/6.1.1 (yate-usgw)", "Accept": "text/plain;charset=UTF-8"}

PROFILE = Profile(hop_identity=HopIdentity.SEQUENCE)


@dataclass(frozen=True, slots=True)
class Yate:
    """The dialect, as a value."""

    name: str = "yate"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"gw-{draw(32)}"

    def hop(self, call: Call) -> Message:
        return _message(call, "ussr" if call.inputs else "pssr", call.newest)

    def read(self, answer: Answer) -> tuple[str, bool]:
        if not accepted(answer).content_type.lower().startswith("text/plain"):
            raise HopFailedError(f"the answer is no text/plain: {start(answer)}")
        operation = answer.headers.get("operation", "ussr")
        if operation not in {"ussr", "pssr"}:
            raise HopFailedError(f"no {operation!r} can follow here: the phone began the session")
        return screen(answer.body, "body"), operation == "pssr"

    def closed(self, closed: Closed) -> Message | None:
        return None if closed.how is Closing.BY_APPLICATION else _message(closed.call, "stop", "")


def _message(call: Call, operation: str, text: str) -> Message:
    fields = {
        "id": call.session_id,
        "operation": operation,
        "msisdn": call.msisdn.removeprefix("+"),
        "code": call.dialled,
        "text": text,
        "seq": str(call.hops + 1),
    }
    return Message("GET", PATH, "", "", AGENT, query=urlencode(fields))


DIALECT = Yate()
