"""Africa's Talking, the network's side: a form with the whole history, an answer `CON …` or `END …`.

The first `text` holds the dialled arguments; some accounts send it empty instead, and then the service code is
all that was dialled (`arguments_in_text=False`). When a session is over, the gateway posts its end to the
events path. Any HTTP error ends the session.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import accepted, screen, start

PATH = "/ussd/africastalking"
NETWORK_CODE = "99999"  # what their own sandbox sends
FORM = "application/x-www-form-urlencoded"

PROFILE = Profile(hop_identity=HopIdentity.HISTORY)
_STATUS: Mapping[Closing, str] = {
    Closing.BY_APPLICATION: "Success",
    Closing.BY_SUBSCRIBER: "Incomplete",
    Closing.BY_SILENCE: "Incomplete",
    Closing.BY_FAILURE: "Failed",
}


@dataclass(frozen=True, slots=True)
class AfricasTalking:
    """The dialect, as a value."""

    name: str = "africastalking"
    profile: Profile = PROFILE
    arguments_in_text: bool = True

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"ATUid_{draw(128):032x}"

    def hop(self, call: Call) -> Message:
        fields = {
            "sessionId": call.session_id,
            "phoneNumber": call.msisdn,
            "networkCode": NETWORK_CODE,
            "serviceCode": self._service_code(call),
            "text": self._history(call),
        }
        return Message("POST", PATH, FORM, urlencode(fields))

    def read(self, answer: Answer) -> tuple[str, bool]:
        verb, _, text = accepted(answer).body.partition(" ")
        if verb not in {"CON", "END"}:
            raise HopFailedError(f"the answer begins with neither CON nor END: {start(answer)}")
        return screen(text, "text"), verb == "END"

    def closed(self, closed: Closed) -> Message:
        call = closed.call
        fields = {
            "date": closed.at.strftime("%Y-%m-%d %H:%M:%S"),
            "sessionId": call.session_id,
            "serviceCode": self._service_code(call),
            "networkCode": NETWORK_CODE,
            "phoneNumber": call.msisdn,
            "status": _STATUS[closed.how],
            "cost": "0",
            "durationInMillis": str(round(closed.duration_s * 1000)),
            "hopsCount": str(call.hops),
            "input": self._history(call),
            "lastAppResponse": call.last_screen,
            "errorMessage": closed.error,
        }
        return Message("POST", f"{PATH}/events", FORM, urlencode(fields))

    def _history(self, call: Call) -> str:
        arguments = call.arguments if self.arguments_in_text else ()
        return "*".join((*arguments, *call.inputs))

    def _service_code(self, call: Call) -> str:
        return call.service_code if self.arguments_in_text else call.dialled


DIALECT = AfricasTalking()
