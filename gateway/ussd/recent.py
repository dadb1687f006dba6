"""Which session a number had last: a demo's testers look into it. A deployment keeps no such list."""

from collections import OrderedDict

from gateway.msisdn import Msisdn
from gateway.ussd.message import UssdRequest

KEPT_MAX = 1000


class RecentSessions:
    """The newest numbers of this process, with the last request of each and its dialect: they say where its session
    is (`Conversation.key_of`)."""

    def __init__(self) -> None:
        self._requests: OrderedDict[Msisdn, tuple[str, UssdRequest]] = OrderedDict()

    def note(self, dialect: str, request: UssdRequest) -> None:
        """A hop came."""
        self._requests[request.msisdn] = dialect, request
        self._requests.move_to_end(request.msisdn)
        if len(self._requests) > KEPT_MAX:
            self._requests.popitem(last=False)

    def of(self, msisdn: Msisdn) -> tuple[str, UssdRequest] | None:
        """The number's last request, with its dialect."""
        return self._requests.get(msisdn)
