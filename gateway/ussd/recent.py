"""Which session a number had last: a demo's testers look into it. A deployment keeps no such list."""

from collections import OrderedDict

from gateway.msisdn import Msisdn
from gateway.ussd.sessions import SessionKey

KEPT_MAX = 1000


class RecentSessions:
    """The newest numbers of this process, and where their sessions are."""

    def __init__(self) -> None:
        self._keys: OrderedDict[Msisdn, SessionKey] = OrderedDict()

    def note(self, msisdn: Msisdn, key: SessionKey) -> None:
        """A hop of this number came in that session."""
        self._keys[msisdn] = key
        self._keys.move_to_end(msisdn)
        if len(self._keys) > KEPT_MAX:
            self._keys.popitem(last=False)

    def of(self, msisdn: Msisdn) -> SessionKey | None:
        """Where its newest session is, or was."""
        return self._keys.get(msisdn)
