"""The way between a phone and the application, with what a USSD network does to hops when it is told to.

A mishap is ordered for the next hop of one phone, and is over with it. What belongs to the subscriber (hanging up,
silence) is the handset's business; what the application makes of it all is for whoever compares screens.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from enum import StrEnum

from simulator.call import Answer, Closing, Message
from simulator.errors import HopFailedError, PhraseError, SimulatorError

Carry = Callable[[Message], Answer]
Abandon = Callable[[Message], None]


class Mishap(StrEnum):
    """What becomes of the next hop, in the words of dialogues and of the page."""

    REPEATED = "hop repeated"
    """It is sent again when it has been answered. Both answers must be the same. Over SMPP the line drops before the
    gateway's acknowledgement, and it comes again by the next."""
    REPEATED_AT_ONCE = "hop repeated at once"
    """Two copies are under way together. Both answers must be the same."""
    COPIED_LATE = "hop copied late"
    """A copy of it arrives behind whatever is sent next."""
    LATE = "hop late"
    """The network gives up, says that the session is over, and then the hop arrives."""
    REPLY_LOST = "reply lost"
    """It is answered, and the answer never reaches the phone: the network ends the session."""
    REPLY_TOO_LATE = "reply too late"
    """The network breaks the connection off before there is an answer, and ends the session."""


ENDINGS: Mapping[str, Closing] = {
    "session dropped": Closing.BY_FAILURE,
    "subscriber silent": Closing.BY_SILENCE,
}
"""What ends a session between two hops, by itself."""
WORDS = (*Mishap, *ENDINGS)


def mishap(words: str) -> Mishap | Closing:
    """What the words of a dialogue mean. Raises `PhraseError` with all that there are."""
    said = words.strip().lower()
    if said in ENDINGS:
        return ENDINGS[said]
    try:
        return Mishap(said)
    except ValueError:
        raise PhraseError(f"a network does not do {words!r} here; it does: {', '.join(WORDS)}") from None


class Line:
    """One phone's line. `carry` takes a message to the application, `abandon` takes it there and does not wait."""

    def __init__(self, carry: Carry, abandon: Abandon) -> None:
        self._carry = carry
        self._abandon = abandon
        self._ordered: Mishap | None = None
        self._behind: deque[Message] = deque()

    @property
    def ordered(self) -> Mishap | None:
        """What waits for the next hop."""
        return self._ordered

    def order(self, ordered: Mishap) -> None:
        """Let this happen to the next hop."""
        self._ordered = ordered

    def hop(self, message: Message) -> Answer:
        """Carry a hop, as well as it goes today. Raises `HopFailedError` when the network gives up on it."""
        ordered, self._ordered = self._ordered, None
        match ordered:
            case None:
                return self.note(message)
            case Mishap.REPEATED | Mishap.REPEATED_AT_ONCE if message.by_smsc:
                return self.note(replace(message, query="repeated=1"))
            case Mishap.COPIED_LATE if message.by_smsc:
                raise PhraseError("over SMPP no copy of a hop comes late: it was acknowledged; let the hop be repeated")
            case Mishap.REPEATED:
                return _one_of(self.note(message), self._carry(message))
            case Mishap.REPEATED_AT_ONCE:
                return self._twice_at_once(message)
            case Mishap.COPIED_LATE:
                answer = self.note(message)
                self._behind.append(message)
                return answer
            case Mishap.LATE:
                self._behind.append(message)
                raise HopFailedError("the network gave up on a hop that was late, and ended the session")
            case Mishap.REPLY_LOST:
                self.note(message)
                raise HopFailedError("the network lost the reply, and ended the session")
            case Mishap.REPLY_TOO_LATE:
                self._abandon(message)
                raise HopFailedError("the network did not wait for the reply, and ended the session")

    def note(self, message: Message) -> Answer:
        """Carry what no mishap befalls, and behind it what was held back."""
        try:
            return self._carry(message)
        finally:
            while self._behind:
                self._carry_late(self._behind.popleft())

    def _carry_late(self, message: Message) -> None:
        """Nobody waits for the answer any more, nor for an error."""
        try:
            self._carry(message)
        except SimulatorError:
            return

    def _twice_at_once(self, message: Message) -> Answer:
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(self._carry, (message, message))
        return _one_of(first, second)


def _one_of(first: Answer, second: Answer) -> Answer:
    if (first.status, first.body) != (second.status, second.body):
        raise HopFailedError(
            f"the network sent a hop twice, and it was answered in two ways: {first.body!r}, then {second.body!r}"
        )
    return second
