"""One USSD hop in neutral words: what every dialect parses to, and what every dialect formats from."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.msisdn import Msisdn


class Kind(StrEnum):
    """What the other side tells us. `PUSHED` is a session that we open ourselves. `EITHER`: a dial or an input, and it
    does not say which; where nobody knows the session, it was a dial. `ASKED`: it wants to know whether the session
    lives, and nothing changes."""

    OPENED = "opened"
    PUSHED = "pushed"
    INPUT = "input"
    EITHER = "either"
    CLOSED = "closed"
    ASKED = "asked"


class HopIdentity(StrEnum):
    """How a dialect lets a repeated hop be told from a new one (decision 0003).

    `HISTORY`: every request carries all inputs so far. `SEQUENCE`: a whole number that grows with each hop, or nothing
    at the opening. `TRANSACTION`: an id unique to each hop, without spaces. `NONE`: nothing; only the same bytes within
    a moment are a repeat.
    """

    HISTORY = "history"
    SEQUENCE = "sequence"
    TRANSACTION = "transaction"
    NONE = "none"


REPEAT_WITHIN_S = 1.5
"""Without any identity of a hop, the same bytes within this time of the answer are a repeat of the hop before it
(decision 0003): networks repeat that soon, and nobody reads a screen and presses the same key again in less."""


class ClosedBy(StrEnum):
    """Who ended a session, as far as the other side says. `US`: it ended with our last screen. `SILENCE`: the
    subscriber did not answer in time. `NETWORK`: it broke. `UNKNOWN`: any of these, or nobody says."""

    UNKNOWN = "unknown"
    US = "us"
    SUBSCRIBER = "subscriber"
    SILENCE = "silence"
    NETWORK = "network"


class Doubt(StrEnum):
    """For an identity of `NONE`: how long the same bytes are a repeat of the hop before. `NEVER`: the other side has
    its acknowledgement. `MOMENT`: nothing is known. `SESSION`: it is known not to have it, so what comes is most likely
    that hop again."""

    NEVER = "never"
    MOMENT = "moment"
    SESSION = "session"


class EndTold(StrEnum):
    """Of which sessions the other side says that they are over (decision 0013). `BROKEN`: of those that we did not end
    ourselves; of a last screen it says nothing."""

    NONE = "none"
    BROKEN = "broken"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a dialect's gateways allow, and how sure its hops are.

    `septets_max` and `ucs2_units_max` bound one screen, in GSM 7-bit septets and in UCS-2 units (3GPP TS 23.038);
    the three times bound the answer to a hop, the subscriber's thinking, and the whole session. `tells_end`: of which
    sessions the other side says how they ended, so that a screen nobody saw is known as such.
    """

    septets_max: int = 182
    ucs2_units_max: int = 80
    hop_identity: HopIdentity = HopIdentity.NONE
    answer_s: float = 8.0
    idle_s: int = 60
    total_s: int = 180
    tells_end: EndTold = EndTold.NONE
    tells_by_id: bool = False
    """Whether its notices name the session and not the subscriber. Then a session can be found by its id alone."""


@dataclass(frozen=True, slots=True)
class UssdRequest:
    """A hop as every dialect says it.

    `msisdn` is empty where a notice does not name the subscriber.
    `service_code` is what was dialled before its arguments (`*123#`). `text` is the newest input, or the whole
    history joined by `*` where the profile's identity is `HISTORY`; at an opening, the dialled arguments.
    `hop` tells one hop of a session from the next, as the profile's identity promises. `language` is the one that the
    other side takes the subscriber to read; empty where it says none. Of a push, `text` is its name in the menu,
    `push_id` its own, and `language` the member's.
    """

    session_id: str
    msisdn: Msisdn
    kind: Kind
    service_code: str = ""
    text: str = ""
    hop: str = ""
    arguments: str = ""
    """Of `EITHER`: the dialled arguments, joined by `*`, if it is an opening."""
    note: str = ""
    """Why a session was closed, in the other side's words."""
    seen: bool = False
    """Of a session that was closed: whether its last screen was shown."""
    closed_by: ClosedBy = ClosedBy.UNKNOWN
    """Of a session that was closed."""
    doubt: Doubt = Doubt.MOMENT
    echo: str = ""
    """What the dialect's own answer has to repeat. Nobody else reads it."""
    push_id: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class UssdReply:
    """One screen, and whether the session goes on after it."""

    text: str
    ends: bool
