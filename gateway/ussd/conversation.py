"""One hop of a USSD session, read downward once: opened, answered by the menu, saved.

Decides what a repeated, late, lost or concurrent hop gets. Refuses to know the dialect's wire format, the
ledger, and the time: programme time and ids are handed in. A crash anywhere is healed by the retry: the session
keeps its uid, and the key of each call, `uid:step:call`, finds the first outcome. Nothing a hop says moves points
twice (decision 0003).
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Protocol, assert_never

from gateway.actions.verb import Call as VerbCall
from gateway.actions.verb import Verb
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import GatewayError, StateUnavailableError, UnknownPushError
from gateway.ids import IdempotencyKey, SessionUid
from gateway.loyalty.service import Loyalty
from gateway.menu import engine
from gateway.menu.engine import Call, End, Show, Step
from gateway.menu.model import DIALLED_MAX, Menu
from gateway.menu.state import State
from gateway.ussd.message import EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest
from gateway.ussd.pushed import uid_of
from gateway.ussd.results import ResultsPort
from gateway.ussd.sessions import HopStatus, OpenedHop, SessionKey, SessionPort

CALLS_PER_HOP_MAX = 2 * DIALLED_MAX + 2
"""Actions that one hop may run: two for each dialled argument, one for the opening. More is a menu in a circle."""
BUSY_FIRST_S = 0.01
BUSY_MAX_S = 0.2
"""A copy that waits for the first one's answer looks again after 10 ms, then less and less often. Redis has no way
to wait for a key in a pipeline that others share."""


class How(StrEnum):
    """How a hop was answered. `LATE`: a repeat of an earlier hop, answered with the screen that stands now. `ASKED`: it
    was none, and the reply only says whether the session is over."""

    NEW = "new"
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
    moved: bool = False
    """Whether the screen says what became of points."""


class MenuLibrary(Protocol):
    """The menus by version: a session keeps the one it began with."""

    @property
    def current(self) -> Menu:
        """What a new session begins with."""
        ...

    async def version(self, digest: str) -> Menu | None:
        """The menu of that version, or None when nobody has it any more."""
        ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation by USSD, over any dialect."""

    loyalty: Loyalty
    menus: MenuLibrary
    verbs: Mapping[str, Verb]
    sessions: SessionPort
    digest: Callable[[str], bytes]
    mint: Callable[[], SessionUid]
    pause: Callable[[float], Awaitable[None]]
    results: ResultsPort
    reach: Reach = pass_by

    async def hop(self, dialect: str, request: UssdRequest, profile: Profile, at: datetime) -> Answered:
        """Answer one hop. When the ledger is away it is an apology, and the hop is free to be sent again.

        Raises `StateUnavailableError` or `StoreUnavailableError` when not even the session can be opened.
        """
        if request.kind in {Kind.CLOSED, Kind.ASKED}:
            return await self._told(dialect, request, profile, at)
        key = self.key_of(dialect, request)
        opened = await self._open(key, request, profile, at)
        if profile.tells_by_id and opened.status is HopStatus.NEW:
            await self.sessions.lead(self._name(dialect, request), key)
        match opened.status:
            case HopStatus.REPLAY if opened.reply is not None:
                return Answered(opened.reply, How.REPLAY, opened.uid)
            case HopStatus.LATE if opened.reply is not None:
                return Answered(opened.reply, How.LATE, opened.uid)
            case HopStatus.DONE:
                return self._politely("expired", opened, How.DONE)
            case HopStatus.BUSY | HopStatus.REPLAY | HopStatus.LATE:
                return self._politely("unavailable", opened, How.BUSY)
            case HopStatus.NEW | HopStatus.LIVE:
                self.reach(CrashPoint.HOP_OPENED)
                return await self._answer_or_give_back(key, request, profile, at, opened)
            case _:
                assert_never(opened.status)

    async def shown(self, answered: Answered, profile: Profile) -> None:
        """An answer was handed over in time. Where nobody will tell how the session ended, that must do as a proof that
        its screen was seen."""
        if answered.moved and answered.uid is not None and not _will_be_told(answered.reply, profile):
            await self._learned(answered.uid, seen=True)

    async def lost(self, answered: Answered) -> None:
        """An answer could not be handed over: a result that it told goes by SMS."""
        if answered.moved and answered.uid is not None:
            await self._learned(answered.uid, seen=False)

    def apology(self) -> UssdReply:
        """The polite end when nothing is known, not even the language."""
        return UssdReply(self.menus.current.message("unavailable", None), ends=True)

    async def _told(self, dialect: str, request: UssdRequest, profile: Profile, at: datetime) -> Answered:
        """What the other side says, or asks, of a session as a whole."""
        by_id = profile.tells_by_id and not request.msisdn
        key = await self.sessions.led(self._name(dialect, request)) if by_id else self.key_of(dialect, request)
        if request.kind is Kind.ASKED:
            lives = key is not None and await self.sessions.lives(key, at)
            return Answered(UssdReply("", ends=not lives), How.ASKED)
        return Answered(UssdReply("", ends=True), How.CLOSED) if key is None else await self._close(key, request)

    async def _close(self, key: SessionKey, request: UssdRequest) -> Answered:
        """The other side ended the session: a result that it did not show goes by SMS."""
        closed = await self.sessions.close(key)
        uid, stored = closed if closed is not None else (None, b"")
        if uid is not None and stored:
            state = State.from_bytes(stored)
            menu = await self.menus.version(state.menu)
            if menu is not None and _has_moved(menu, state):
                await self._learned(uid, seen=request.seen)
        return Answered(UssdReply("", ends=True), How.CLOSED, uid)

    async def _learned(self, uid: SessionUid, *, seen: bool) -> None:
        """Whether a result was seen. A store that is away costs a message too many, never one too few."""
        with suppress(GatewayError):
            await (self.results.seen(uid) if seen else self.results.unseen(uid))

    def key_of(self, dialect: str, request: UssdRequest) -> SessionKey:
        """Where the request's session is. Raises `StoreUnavailableError` while the store has not been reached since
        this process began."""
        return SessionKey(self.digest(f"{dialect} {request.session_id} {request.msisdn}").hex())

    def _name(self, dialect: str, request: UssdRequest) -> SessionKey:
        """Where it stands which session bears the request's id."""
        return SessionKey(self.digest(f"{dialect} {request.session_id}").hex())

    async def _open(self, key: SessionKey, request: UssdRequest, profile: Profile, at: datetime) -> OpenedHop:
        """Open the hop; while somebody else answers it, wait for their reply as long as an answer may take."""
        token = uid_of(request.push_id, self.mint()) if request.kind is Kind.PUSHED else self.mint()
        opening = request.kind in {Kind.OPENED, Kind.PUSHED}
        waited_s, wait_s = 0.0, BUSY_FIRST_S
        while True:
            opened = await self.sessions.open(
                key, request.hop, profile, at, token, opening=opening, doubt=request.doubt
            )
            if opened.status is not HopStatus.BUSY or waited_s >= profile.answer_s:
                return opened
            await self.pause(wait_s)
            waited_s, wait_s = waited_s + wait_s, min(2 * wait_s, BUSY_MAX_S)

    async def _answer_or_give_back(
        self, key: SessionKey, request: UssdRequest, profile: Profile, at: datetime, opened: OpenedHop
    ) -> Answered:
        try:
            return await self._answer(key, request, profile, at, opened)
        except StateUnavailableError:
            raise  # nothing to give back to; the lease ends by itself
        except GatewayError as error:
            with suppress(StateUnavailableError):
                await self.sessions.release(key, opened)
            return replace(self._politely("unavailable", opened, How.BUSY), failure=error)

    async def _answer(
        self, key: SessionKey, request: UssdRequest, profile: Profile, at: datetime, opened: OpenedHop
    ) -> Answered:
        menu, state = await self._place(opened)
        if state is None:
            step = _begun(menu, profile, request)
        else:
            text = _newest(request, profile, opened)
            if text is None and opened.reply is not None:
                await self.sessions.release(key, opened)
                return Answered(opened.reply, How.LATE, opened.uid)
            if _has_moved(menu, state):
                await self._learned(opened.uid, seen=True)
            step = engine.answer(menu, profile, state, text or "")
        step, calls = await self._act(menu, profile, step, request, at, opened)
        reply = UssdReply(step.text, ends=isinstance(step, End))
        moved = _has_moved(menu, step.state)
        kept = step.state.to_bytes() if isinstance(step, Show) or moved else b""
        stands = await self.sessions.save(key, opened, request.hop, profile, at, reply, kept)
        self.reach(CrashPoint.HOP_SAVED)
        how = How.NEW if state is None else How.LIVE
        return Answered(stands, how, opened.uid, step.state.screen, calls, moved=moved)

    async def _place(self, opened: OpenedHop) -> tuple[Menu, State | None]:
        """Where the subscriber is. One of a version that nobody has any more is as good as lost."""
        if opened.state:
            state = State.from_bytes(opened.state)
            if menu := await self.menus.version(state.menu):
                return menu, state
        return self.menus.current, None

    async def _act(
        self, menu: Menu, profile: Profile, step: Step, request: UssdRequest, at: datetime, opened: OpenedHop
    ) -> tuple[Show | End, tuple[str, ...]]:
        """Run what the menu calls until it shows a screen."""
        calls: list[str] = []
        while isinstance(step, Call):
            if len(calls) == CALLS_PER_HOP_MAX:
                raise RuntimeError(f"the menu calls {', '.join([*calls, step.action])} in one hop and shows nothing")
            key = IdempotencyKey(f"{opened.uid}:{opened.version}:{len(calls)}")
            call = VerbCall(self.loyalty, request.msisdn, at, "ussd", key, step.arguments)
            commit = partial(self.results.commit, reply=step.action, session=opened.uid, at=at)
            moves = menu.moves_points(step.state.screen)
            outcome = await self.verbs[step.action].carry_out(call, commit if moves else None)
            self.reach(CrashPoint.CALL_ANSWERED)
            calls.append(f"{step.action}:{outcome.name}")
            step = engine.resume(menu, profile, step.state, outcome)
        return step, tuple(calls)

    def _politely(self, message: str, opened: OpenedHop, how: How) -> Answered:
        """A last screen that no session keeps, in the session's language if it had come so far."""
        language = State.from_bytes(opened.state).language if opened.state else None
        return Answered(UssdReply(self.menus.current.message(message, language), ends=True), how, opened.uid)


def _begun(menu: Menu, profile: Profile, request: UssdRequest) -> Step:
    """The first step of a session, whoever opened it. Raises `UnknownPushError`."""
    if request.kind is not Kind.PUSHED:
        return engine.begin(menu, profile, None, _dialled(request, profile), request.service_code)
    if request.text not in menu.pushes:
        raise UnknownPushError(f"this version of the menu has no push {request.text!r}")
    return engine.push(menu, profile, request.language, request.text)


def _will_be_told(reply: UssdReply, profile: Profile) -> bool:
    """Whether the other side says how the session ended, should nobody go on from this screen."""
    return profile.tells_end is EndTold.EVERY or (profile.tells_end is EndTold.BROKEN and not reply.ends)


def _has_moved(menu: Menu, state: State) -> bool:
    """Whether the screen where a subscriber is says what became of points."""
    return menu.moves_points(state.entry)


def _dialled(request: UssdRequest, profile: Profile) -> tuple[str, ...]:
    """The arguments that a new session was dialled with. A history that comes with an unknown session is one that
    was lost, or a dial whose arguments came as text: the same walk serves both."""
    if request.kind is Kind.INPUT and profile.hop_identity is not HopIdentity.HISTORY:
        return ()
    said = request.arguments if request.kind is Kind.EITHER else request.text
    inputs = tuple(part for part in said.split("*") if part)
    # A walk that stopped in the middle would end on a screen that nobody asked for: better none.
    return inputs if len(inputs) <= DIALLED_MAX else ()


def _newest(request: UssdRequest, profile: Profile, opened: OpenedHop) -> str | None:
    """What was typed in this hop; None when its history is a repeat of one before the last."""
    if profile.hop_identity is not HopIdentity.HISTORY:
        return request.text
    if not opened.hop:
        return request.text or None
    said_before = opened.hop + "*"
    return request.text.removeprefix(said_before) if request.text.startswith(said_before) else None
