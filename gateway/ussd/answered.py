"""A hop on its way through the conversation, as values: what is to be answered, what it does, and the answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gateway.errors import GatewayError
from gateway.ids import SessionUid
from gateway.loyalty.ports import Member
from gateway.menu.engine import Show, Step
from gateway.menu.model import Menu
from gateway.menu.state import State
from gateway.ussd.message import Profile, UssdReply, UssdRequest
from gateway.ussd.sessions import OpenedHop, SessionKey
from gateway.ussd.stood import Stood
from gateway.ussd.visits import QUESTION, Visit


class How(StrEnum):
    """How a hop was answered. `OFFERED`: with the question whether to go on where a session was dropped. `RESUMED`:
    with the screen of the drop. `PROMISED`: with the word that the result comes by SMS. `LATE`: a repeat of an earlier
    hop, answered with the screen that stands now. `ASKED`: it was none, and the reply only says whether the session is
    over."""

    NEW = "new"
    OFFERED = "offered"
    RESUMED = "resumed"
    PROMISED = "promised"
    LIVE = "live"
    REPLAY = "replay"
    LATE = "late"
    BUSY = "busy"
    DONE = "done"
    CLOSED = "closed"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Answered:
    """A hop's answer, and what the log says of it. `failure` is why it is only an apology."""

    reply: UssdReply
    how: How
    uid: SessionUid | None = None
    screen: str = ""
    calls: tuple[str, ...] = ()
    failure: GatewayError | None = None
    tells_of: SessionUid | None = None
    """The session whose result the screen tells, where it says what became of points."""
    visit: Visit | None = None
    """What is counted of it; None of a repeat."""
    answers_push: int | None = None
    """The push whose first screen the hop answered."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop that is ours to answer. `until_s` is when it must be, by the clock of the conversation."""

    key: SessionKey
    request: UssdRequest
    profile: Profile
    at: datetime
    opened: OpenedHop
    until_s: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What one hop does, before its calls are run: in which menu, and how it came to it. Of a session that goes on from
    another, `before` is where that one stood, and `tells_of` whose result is told there. `member` is who was just read.
    """

    menu: Menu
    step: Step
    how: How
    before: State | None = None
    tells_of: SessionUid | None = None
    member: Member | None = None


def name_of(stood: Stood) -> str:
    """What logs and counts call the screen that a subscriber stands on."""
    return QUESTION if stood.asks else stood.state.screen


def visit_of(hop: Hop, turn: Turn, before: Stood | None, after: Stood, *, ends: bool) -> Visit:
    """What is counted of a hop that was answered: a page that was turned, a wrong key and a refused input leave
    everybody where they are."""
    taken, resumed = after.state.taken, turn.how is How.RESUMED
    if before is None:
        return Visit(hop.at, shown=name_of(after), opened=True, ends=ends, resumed=resumed, taken=taken)
    if isinstance(turn.step, Show) and turn.step.refused:
        return Visit(hop.at, wrong=name_of(before), refused=turn.step.refused)
    stayed = not taken and name_of(before) == name_of(after)
    if stayed and replace(before.state, pressed=()) == replace(after.state, pressed=()):
        return Visit(hop.at, wrong=name_of(before))
    if stayed and before.state.page != after.state.page:
        return Visit(hop.at)
    return Visit(
        hop.at,
        shown=name_of(after),
        answered=name_of(before),
        ends=ends,
        resumed=resumed,
        thought_ms=hop.opened.thought_ms,
        taken=taken,
    )
