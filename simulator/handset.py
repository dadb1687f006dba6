"""The neutral handset: dial, answer, hang up. It keeps the session as a phone and its network do.

It decides when the other side is told that a session is over. It knows no dialect's fields and draws nothing.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock

from gateway.ussd.message import REPEAT_WITHIN_S, HopIdentity
from simulator.call import Answer, Call, Closed, Closing, Dialect, Message, Pushed, TakesPushes, split_dialled
from simulator.errors import HungUpError, PhraseError, SimulatorError
from simulator.gauge import Gauge, measured

Send = Callable[[Message], Answer]
Pause = Callable[[float], None]
CHANCE = random.SystemRandom().getrandbits
SAME_KEY_AGAIN_S = REPEAT_WITHIN_S + 0.1
"""A subscriber reads a screen before pressing the key that was pressed for it. Where a network gives its hops no
identity, whoever is quicker is taken for the network repeating itself; a tenth is for the way there and back."""


def unread_s(dialect: Dialect, request: Message, last: Message | None, shown_s: float) -> float:
    """How much longer a screen that was shown for so long is read before this request: nearly always no longer. Over
    SMPP a screen was acknowledged, and what follows is no repeat."""
    unsure = dialect.profile.hop_identity is HopIdentity.NONE and not request.by_smsc
    return max(SAME_KEY_AGAIN_S - shown_s, 0.0) if unsure and request == last else 0.0


@dataclass(frozen=True, slots=True)
class Screen:
    """What the phone shows after one hop, how full it is, and the hop itself for whoever looks closer."""

    text: str
    ends: bool
    gauge: Gauge
    request: Message
    response: Answer


@dataclass(frozen=True, slots=True)
class _Session:
    call: Call
    began: float
    request: Message | None = None
    """Of the newest hop."""
    answered: float = 0.0
    """When its answer came."""


class Handset:
    """One phone. At most one session at a time, as on a real one. It may be hung up from another thread."""

    def __init__(
        self,
        msisdn: str,
        dialect: Dialect,
        send: Send,
        draw: Callable[[int], int] = CHANCE,
        note: Send | None = None,
        pause: Pause = time.sleep,
    ) -> None:
        self.msisdn = msisdn
        self._dialect = dialect
        self._send = send
        self._note = note or send
        self._draw = draw
        self._pause = pause
        self._session: _Session | None = None
        self._turn = Lock()
        self.closing_answer: Answer | None = None
        """What the application said to the last note that a session is over."""

    @property
    def in_session(self) -> bool:
        """Whether the last screen waits for an answer."""
        return self._session is not None

    def dial(self, dialled: str) -> Screen:
        """Dial a code, with or without arguments, and see the first screen."""
        if self._session is not None:
            raise PhraseError("a session is open: answer it, or hang up before dialling again")
        service_code, arguments = split_dialled(dialled)
        call = Call(self._dialect.new_session_id(self._draw), self.msisdn, service_code, arguments)
        return self._hop(_Session(call, time.monotonic()))

    def answer(self, text: str) -> Screen:
        """Send the answer to the open session and see the next screen."""
        if self._session is None:
            raise PhraseError("no session is open: dial first, for instance *123#")
        return self._hop(replace(self._session, call=self._session.call.answered(text)))

    @property
    def takes_pushes(self) -> bool:
        """Whether its gateway shows what nobody asked for, and the phone is free for it."""
        return isinstance(self._dialect, TakesPushes) and self._session is None

    def show(self, pushed: Pushed) -> Screen:
        """Show a screen that the application sends unasked. A notice is confirmed as soon as it is seen; a question
        waits for `answer`."""
        if self._session is not None or not isinstance(self._dialect, TakesPushes):
            raise PhraseError("this phone shows nothing unasked: a session is open, or its gateway opens none")
        call = self._dialect.opened(self.msisdn, pushed)
        came = call.last_answer or Answer(200, "", "")
        text, ends = self._dialect.read(came)
        request = self._dialect.confirmation(call)
        if ends:
            self._note(request)
        elif not self._turned(None, _Session(call.shown(text, came), time.monotonic())):
            raise HungUpError("the subscriber dialled at the same moment")
        return Screen(text, ends, measured(text, self._dialect.profile), request, came)

    def hang_up(self, how: Closing = Closing.BY_SUBSCRIBER) -> None:
        """Break the session off, under a hop too. Without one this does nothing, as on a phone. The network does the
        same when the subscriber has been silent for too long, and when it fails."""
        session = self._session
        if session is not None and self._turned(session, None):
            self._tell(session, how)

    def _hop(self, asked: _Session) -> Screen:
        call, request = asked.call, self._dialect.hop(asked.call)
        self._session = asked
        self._read_first(request, asked)
        try:
            response = self._send(request)
            text, ends = self._dialect.read(response)
        except SimulatorError as error:  # refused, or nobody there: the phone's session is over either way
            if not self._turned(asked, None):
                raise HungUpError("hung up before the answer came") from error
            with suppress(SimulatorError):  # the failed hop is the news; a failed note about it is not
                self._tell(asked, Closing.BY_FAILURE, str(error))
            raise
        shown = _Session(call.shown(text, response), asked.began, request, time.monotonic())
        if not self._turned(asked, None if ends else shown):
            raise HungUpError("hung up before the answer came")
        if ends:
            self._tell(shown, Closing.BY_APPLICATION)
        return Screen(text, ends, measured(text, self._dialect.profile), request, response)

    def _read_first(self, request: Message, asked: _Session) -> None:
        """Let a moment pass before the very request that was sent last."""
        left_s = unread_s(self._dialect, request, asked.request, time.monotonic() - asked.answered)
        if left_s:
            self._pause(left_s)

    def _turned(self, session: _Session | None, becomes: _Session | None) -> bool:
        """Put another session in the place of one, or of none; not when that is over."""
        with self._turn:
            if self._session is not session:
                return False
            self._session = becomes
            return True

    def _tell(self, session: _Session, how: Closing, error: str = "") -> None:
        """Tell the application. The session is over for the phone even when nobody hears."""
        duration_s = time.monotonic() - session.began
        note = self._dialect.closed(Closed(session.call, how, datetime.now(UTC), duration_s, error))
        self.closing_answer = None if note is None else self._note(replace(note, closes=True))
