"""What the application shows on a phone unasked: the screens that an SMSC has for it, from the moment of `open` on."""

import time

from simulator.call import Dialect, Pushed, TakesPushes
from simulator.errors import PhraseError
from simulator.mailbox import LOOK_S
from simulator.network import Network


class Unasked:
    """One phone's screens, each once."""

    def __init__(self, msisdn: str, dialect: Dialect, network: Network) -> None:
        self._msisdn = msisdn
        self._dialect = dialect
        self._network = network
        self._after = 0

    @property
    def smsc(self) -> str:
        """Whose links show it. Raises `PhraseError` where nothing can."""
        if not isinstance(self._dialect, TakesPushes):
            raise PhraseError(
                f"a USSD gateway of {self._dialect.name} opens no session by itself: take a phone of one over SMPP"
            )
        return self._dialect.smsc

    def open(self) -> None:
        """Count what was shown before as seen."""
        if isinstance(self._dialect, TakesPushes):
            self._after = self._network.state().pushed

    def next(self, within_s: float = 0.0) -> Pushed | None:
        """The oldest that was not seen yet, which is seen by that; None when none comes in time, or the gateway of this
        phone shows nothing unasked."""
        if not isinstance(self._dialect, TakesPushes):
            return None
        deadline = time.monotonic() + within_s
        while not (found := self._network.pushed(self._msisdn, self._dialect.name, self._after)):
            if time.monotonic() >= deadline:
                return None
            time.sleep(LOOK_S)  # between two looks at the phone
        self._after = found[0].number
        return found[0]
