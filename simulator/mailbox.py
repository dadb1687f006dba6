"""One phone's SMS: what it sends, and what has come and not been read yet, in the order in which it came.

It decides how long somebody waits for a text and how often they look. Who must read what, and what happens to the
rest, is the business of dialogues and terminals.
"""

import time
from collections import deque

from simulator.network import Network, Sms

LOOK_S = 0.05
SHOWN_MAX = 20  # what `everything` gives at most: a screenful; the control port has the rest


class Mailbox:
    """A phone's texts, from the moment of `open` on; until then all that the SMSC still knows."""

    def __init__(self, msisdn: str, network: Network, link: str = "") -> None:
        self.msisdn = msisdn
        self._network = network
        self._link = link
        self._after = 0
        self._unread: deque[Sms] = deque()
        self._sent: tuple[int, ...] = ()

    def open(self) -> None:
        """Count what has come before as read."""
        self._after = self._network.newest()

    def send(self, to: str, text: str) -> None:
        """Text to a number."""
        self._after = min(self._after, self._network.newest())  # an SMSC that was started again counts from 1
        self._sent = self._network.text(self.msisdn, to, text, self._link)

    def next(self, within_s: float) -> Sms | None:
        """The oldest unread text, which is read by that; None when none comes in time."""
        deadline = time.monotonic() + within_s
        self._look()
        while not self._unread:
            if time.monotonic() >= deadline:
                return None
            time.sleep(LOOK_S)  # between two looks at the phone, as a person waits for an answer
            self._look()
        return self._unread.popleft()

    def everything(self) -> list[Sms]:
        """The newest texts of this phone, read or not; all are read by that."""
        self._look()
        self._unread.clear()
        newest: deque[Sms] = deque(maxlen=SHOWN_MAX)
        while page := self._network.inbox(self.msisdn, newest[-1].number if newest else 0):
            newest.extend(page)
        return list(newest)

    def fate_of_sent(self) -> str:
        """Where the latest text of this phone stands; nothing when it sent none."""
        return self._network.fate(self._sent) if self._sent else ""

    def _look(self) -> None:
        self._unread.extend(self._network.inbox(self.msisdn, self._after))
        if self._unread:
            self._after = self._unread[-1].number
