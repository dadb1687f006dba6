"""TruRoute-USSD, the network's side: a small XML document with the newest input, and one back.

The first request has the type 1 and what was dialled, the others have 2. A subscriber who leaves is a 3, one who says
nothing a 4; where the network fails it is a 3 too. Of a session that the application ended nothing is said.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import document, screen, start

PATH = "/ussd/truroute"
XML = "text/xml"
REQUEST, RESPONSE, RELEASE, TIMEOUT = "1", "2", "3", "4"
ENDS = {RESPONSE: False, RELEASE: True}

PROFILE = Profile(hop_identity=HopIdentity.NONE)
_TYPE: Mapping[Closing, str] = {
    Closing.BY_SUBSCRIBER: RELEASE,
    Closing.BY_SILENCE: TIMEOUT,
    Closing.BY_FAILURE: RELEASE,
}


@dataclass(frozen=True, slots=True)
class Truroute:
    """The dialect, as a value."""

    name: str = "truroute"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return str(draw(48))

    def hop(self, call: Call) -> Message:
        return _message(call, RESPONSE if call.inputs else REQUEST, call.newest)

    def read(self, answer: Answer) -> tuple[str, bool]:
        root = document(answer)
        ends = ENDS.get(root.findtext("type") or "")
        if root.tag != "ussd" or ends is None:
            raise HopFailedError(f"the answer is no <ussd> of the type 2 or 3: {start(answer)}")
        if root.findtext("premium/cost", "0") != "0":
            raise HopFailedError(f"the answer charges the subscriber: {start(answer)}")
        return screen(root.findtext("msg"), "msg"), ends

    def closed(self, closed: Closed) -> Message | None:
        said = _TYPE.get(closed.how)
        return None if said is None else _message(closed.call, said, closed.how.value)


def _message(call: Call, said: str, text: str) -> Message:
    root = Element("ussd")
    fields = {"msisdn": call.msisdn.removeprefix("+"), "sessionid": call.session_id, "type": said, "msg": text}
    for name, value in fields.items():
        SubElement(root, name).text = value
    return Message("POST", PATH, XML, tostring(root, encoding="unicode"))


DIALECT = Truroute()
