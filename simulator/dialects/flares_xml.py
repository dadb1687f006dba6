"""Comviva's Flares, the network's side of its XML: a `<request>` with the newest input, a `<response>` back.

`newRequest` says whether a request is the first, `transactionId` names it. `Freeflow` of an answer says whether the
session goes on. A session that broke off comes as a request of another type.
"""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import document, screen, start

PATH = "/ussd/flares/xml"
XML = "text/xml"
ENDS = {"FC": False, "FB": True}

PROFILE = Profile(hop_identity=HopIdentity.TRANSACTION)


@dataclass(frozen=True, slots=True)
class FlaresXml:
    """The dialect, as a value."""

    name: str = "flares_xml"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return str(draw(53))

    def hop(self, call: Call) -> Message:
        said = call.newest if call.inputs else call.dialled[1:-1]
        return _message(call, "pull", {"newRequest": "0" if call.inputs else "1", "subscriberInput": said})

    def read(self, answer: Answer) -> tuple[str, bool]:
        root = document(answer)
        ends = ENDS.get(root.findtext("Freeflow") or "")
        if root.tag != "response" or ends is None:
            raise HopFailedError(f"the answer is no <response> with a Freeflow of FC or FB: {start(answer)}")
        return screen(root.findtext("applicationResponse"), "applicationResponse"), ends

    def closed(self, closed: Closed) -> Message | None:
        return None if closed.how is Closing.BY_APPLICATION else _message(closed.call, "cleanup", {})


def _message(call: Call, kind: str, said: dict[str, str]) -> Message:
    root = Element("request", {"type": kind})
    fields = {
        "sessionId": call.session_id,
        "transactionId": f"{call.session_id}-{call.hops}",
        "msisdn": call.msisdn.removeprefix("+"),
    }
    for name, value in (fields | said).items():
        SubElement(root, name).text = value
    return Message("POST", PATH, XML, tostring(root, encoding="unicode"))


DIALECT = FlaresXml()
