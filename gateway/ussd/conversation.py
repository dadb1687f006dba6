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
from typing import Protocol, assert_never

from gateway.actions.verb import Call as VerbCall
from gateway.actions.verb import Intent, Verb
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import DeadlineMissedError, GatewayError, StateUnavailableError
from gateway.ids import IdempotencyKey, SessionUid
from gateway.loyalty.ports import Member, Written
from gateway.loyalty.service import Loyalty
from gateway.menu import engine, resuming
from gateway.menu.engine import Call, End, Show, Step
from gateway.menu.model import DIALLED_MAX, Menu, dial_parts
from gateway.menu.typed import normalised
from gateway.outcome import Outcome
from gateway.ussd import opening
from gateway.ussd.answered import Answered, Hop, How, Turn, name_of, visit_of
from gateway.ussd.message import ClosedBy, EndTold, HopIdentity, Kind, Profile, UssdReply, UssdRequest
from gateway.ussd.pushed import push_of, uid_of
from gateway.ussd.results import UNHURRIED, Finisher, ResultsPort
from gateway.ussd.sessions import HopStatus, Last, OpenedHop, Redial, SessionKey, SessionPort
from gateway.ussd.stood import Stood
from gateway.ussd.visits import Visit

CALLS_PER_HOP_MAX = 2 * DIALLED_MAX + 2
"""Actions that one hop may run: two for each dialled argument, one for the opening. More is a menu in a circle."""
KEY_BYTES = 16
"""Of a digest in a session's key: as many numbers and sessions as there will ever be, and no two alike."""
SPARED_S = 0.5
"""Of the time for an answer, for saving it and handing it over: an action that is not done by then outlasts its hop."""
BUSY_FIRST_S = 0.01
BUSY_MAX_S = 0.2
"""A copy that waits for the first one's answer looks again after 10 ms, then less and less often. Redis has no way
to wait for a key in a pipeline that others share."""


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
    finisher: Finisher = UNHURRIED
    now_s: Callable[[], float] = lambda: 0.0
    """A clock that only ever moves on, of the machine."""

    async def hop(self, dialect: str, request: UssdRequest, profile: Profile, at: datetime) -> Answered:
        """Answer one hop. When the ledger is away it is an apology, and the hop is free to be sent again.

        Raises `StateUnavailableError` or `StoreUnavailableError` when not even the session can be opened.
        """
        if request.kind in {Kind.CLOSED, Kind.ASKED}:
            return await self._told(dialect, request, profile, at)
        key, until_s = self.key_of(dialect, request), self.now_s() + profile.answer_s - SPARED_S
        if request.kind is Kind.PUSHED and await self.sessions.lives(key, at):
            return Answered(UssdReply("", ends=True), How.BUSY)  # the subscriber's own session, of the same name
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
                return await self._answer_or_give_back(Hop(key, request, profile, at, opened, until_s))
            case _:
                assert_never(opened.status)

    async def shown(self, answered: Answered, profile: Profile) -> None:
        """An answer was handed over in time. Where nobody will tell how the session ended, that must do as a proof that
        its screen was seen."""
        if answered.tells_of is not None and not _will_be_told(answered.reply, profile):
            await self._learned(answered.tells_of, seen=True)

    async def lost(self, answered: Answered) -> None:
        """An answer could not be handed over: a result that it told goes by SMS."""
        if answered.tells_of is not None:
            await self._learned(answered.tells_of, seen=False)

    async def withdraw(self, dialect: str, request: UssdRequest) -> None:
        """Nobody saw the session that a push opened: it is over, and nothing to go on with."""
        with suppress(GatewayError):
            await self.sessions.close(self.key_of(dialect, request), for_good=True)

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
        return Answered(UssdReply("", ends=True), How.CLOSED) if key is None else await self._close(key, request, at)

    async def _close(self, key: SessionKey, request: UssdRequest, at: datetime) -> Answered:
        """The other side ended the session: a result that it did not show goes by SMS. What its subscriber ended is not
        gone on with."""
        closed = await self.sessions.close(key, for_good=request.closed_by is ClosedBy.SUBSCRIBER)
        uid, stored = closed if closed is not None else (None, b"")
        stood = None
        if uid is not None and stored:
            stood = Stood.from_bytes(stored)
            menu = await self.menus.version(stood.state.menu)
            tells_of = None if menu is None else _tells_of(menu, stood, uid)
            if tells_of is not None:
                await self._learned(tells_of, seen=request.seen)
        visit = None if not stood else Visit(at, closed=name_of(stood), closed_by=request.closed_by)
        return Answered(UssdReply("", ends=True), How.CLOSED, uid, visit=visit)

    async def _learned(self, uid: SessionUid, *, seen: bool) -> None:
        """Whether a result was seen. A store that is away costs a message too many, never one too few."""
        with suppress(GatewayError):
            await (self.results.seen(uid) if seen else self.results.unseen(uid))

    def key_of(self, dialect: str, request: UssdRequest) -> SessionKey:
        """Where the request's session is. Raises `StoreUnavailableError` while the store has not been reached since
        this process began."""
        number, session = self.digest(request.msisdn), self.digest(f"{dialect} {request.session_id} {request.msisdn}")
        return SessionKey(f"{number[:KEY_BYTES].hex()}:{session[:KEY_BYTES].hex()}")

    def _name(self, dialect: str, request: UssdRequest) -> SessionKey:
        """Where it stands which session bears the request's id."""
        return SessionKey(self.digest(f"{dialect} {request.session_id}").hex())

    async def _open(self, key: SessionKey, request: UssdRequest, profile: Profile, at: datetime) -> OpenedHop:
        """Open the hop; while somebody else answers it, wait for their reply as long as an answer may take."""
        token = uid_of(request.push_id, self.mint()) if request.kind is Kind.PUSHED else self.mint()
        opening, redial = request.kind in {Kind.OPENED, Kind.PUSHED}, self._redial(request)
        waited_s, wait_s = 0.0, BUSY_FIRST_S
        while True:
            opened = await self.sessions.open(
                key, request.hop, profile, at, token, opening=opening, doubt=request.doubt, redial=redial
            )
            if opened.status is not HopStatus.BUSY or waited_s >= profile.answer_s:
                return opened
            await self.pause(wait_s)
            waited_s, wait_s = waited_s + wait_s, min(2 * wait_s, BUSY_MAX_S)

    async def _answer_or_give_back(self, hop: Hop) -> Answered:
        try:
            return await self._answer(hop)
        except StateUnavailableError:
            raise  # nothing to give back to; the lease ends by itself
        except GatewayError as error:
            with suppress(StateUnavailableError):
                await self.sessions.release(hop.key, hop.opened)
            failed = Stood.from_bytes(hop.opened.state) if hop.opened.state else None
            visit = None if failed is None else Visit(hop.at, failed=name_of(failed))
            return replace(self._politely("unavailable", hop.opened, How.BUSY), failure=error, visit=visit)

    async def _answer(self, hop: Hop) -> Answered:
        request, profile, opened = hop.request, hop.profile, hop.opened
        menu, stood = await self._place(opened)
        if stood is None:
            turn = await self._first(hop)
        else:
            text = _newest(request, profile, opened)
            if text is None and opened.reply is not None:
                await self.sessions.release(hop.key, opened)
                return Answered(opened.reply, How.LATE, opened.uid)
            turn = await self._next(menu, stood, hop, text or "")
        step, calls = await self._act(turn, hop)
        if isinstance(step, Call):
            return await self._promise(turn.menu, step, hop, calls, stood)
        if turn.how is How.RESUMED and turn.before is not None:
            step = resuming.turned(turn.menu, profile, step, turn.before)
        reply = UssdReply(step.text, ends=isinstance(step, End))
        after = Stood(step.state, turn.tells_of, asks=turn.how is How.OFFERED)
        tells_of = _tells_of(turn.menu, after, opened.uid)
        kept = after.to_bytes() if isinstance(step, Show) or tells_of else b""
        stands = await self._save(hop, reply, kept, self._last(turn.menu, after, step))
        visit = visit_of(hop, turn, stood, after, ends=reply.ends)
        push_id = push_of(opened.uid) if opened.hop.startswith(Kind.PUSHED) else None
        return Answered(stands, turn.how, opened.uid, name_of(after), calls, None, tells_of, visit, push_id)

    async def _promise(self, menu: Menu, step: Call, hop: Hop, calls: tuple[str, ...], stood: Stood | None) -> Answered:
        """The last screen of a hop whose action takes longer than it may: what comes of it comes by SMS. No state is
        kept, so that nothing that is heard of the session withdraws the message."""
        reply = UssdReply(menu.message("later", step.state.language), ends=True)
        stands = await self._save(hop, reply, b"", None if self.menus.current.resume is None else Last.DROP)
        answered = "" if stood is None else name_of(stood)
        taken, thought_ms = step.state.taken, hop.opened.thought_ms
        visit = Visit(hop.at, answered=answered, thought_ms=thought_ms, taken=taken)
        return Answered(stands, How.PROMISED, hop.opened.uid, step.state.screen, calls, visit=visit)

    async def _save(self, hop: Hop, reply: UssdReply, kept: bytes, last: Last | None) -> UssdReply:
        stands = await self.sessions.save(hop.key, hop.opened, hop.request.hop, hop.profile, hop.at, reply, kept, last)
        self.reach(CrashPoint.HOP_SAVED)
        return stands

    async def _first(self, hop: Hop) -> Turn:
        """How a session begins: where another was dropped, with the question whether to, or at its own start."""
        menu, lost, request, profile = self.menus.current, hop.opened.dropped, hop.request, hop.profile
        if lost is not None and menu.resume is not None and await self.sessions.supersede(hop.key, lost):
            dropped = Stood.from_bytes(lost.state)
            tells_of, state = dropped.tells_of or lost.uid, dropped.state
            if before := await self.menus.version(state.menu):
                if not menu.resume.asks:
                    return Turn(before, resuming.again(before, profile, state), How.RESUMED, state, tells_of)
                asked = resuming.question(menu, profile, menu.resume, state, hinted=False)
                return Turn(before, asked, How.OFFERED, state, tells_of)
        dials = await opening.caller(self.loyalty, menu, request, hop.at)
        return Turn(menu, opening.begun(menu, profile, request, dials), How.NEW, member=dials.member)

    async def _next(self, menu: Menu, stood: Stood, hop: Hop, text: str) -> Turn:
        """What an input does where a session stands."""
        profile = hop.profile
        if not stood.asks:
            if tells_of := _tells_of(menu, stood, hop.opened.uid):
                await self._learned(tells_of, seen=True)
            return Turn(menu, engine.answer(menu, profile, stood.state, text), How.LIVE)
        current, key, state = self.menus.current, normalised(text), stood.state
        resume = current.resume
        if resume is not None and key == resume.go_on:
            return Turn(menu, resuming.again(menu, profile, state, key), How.RESUMED, state, stood.tells_of)
        if resume is None or key in {resume.anew, current.keys.home}:
            dials = await opening.caller(self.loyalty, current, hop.request, hop.at)
            anew = engine.begin(current, profile, state.language, (), "", dials.facts)
            return Turn(current, resuming.pressed(anew, key), How.LIVE, member=dials.member)
        asked = resuming.question(current, profile, resume, state, hinted=True)
        return Turn(menu, asked, How.OFFERED, state, stood.tells_of)

    async def _place(self, opened: OpenedHop) -> tuple[Menu, Stood | None]:
        """Where the subscriber is. One of a version that nobody has any more is as good as lost."""
        if opened.state:
            stood = Stood.from_bytes(opened.state)
            if menu := await self.menus.version(stood.state.menu):
                return menu, stood
        return self.menus.current, None

    def _redial(self, request: UssdRequest) -> Redial | None:
        """Whether a hop may go on from a dropped session, and under which code one that begins is noted."""
        menu = self.menus.current
        if menu.resume is None:
            return None
        code = next(iter(dial_parts(request.service_code)), "")
        plain = request.kind in {Kind.OPENED, Kind.EITHER} and resuming.is_plain(
            menu, request.service_code, opening.inputs(request)
        )
        return Redial(code, menu.resume.within_s if plain else 0)

    def _last(self, menu: Menu, stood: Stood, step: Show | End) -> Last | None:
        """Whether the session could be gone on with from here. Whoever is being asked may be dropped again."""
        resume = self.menus.current.resume
        if resume is None:
            return None
        if stood.asks:
            return Last.KEEP
        return Last.WRITE if isinstance(step, Show) and resuming.worth_it(menu, stood.state, resume) else Last.DROP

    async def _act(self, turn: Turn, hop: Hop) -> tuple[Step, tuple[str, ...]]:
        """Run what the menu calls until it shows a screen; a `Call` that is left takes longer than the hop may."""
        menu, step = turn.menu, turn.step
        calls: list[str] = []
        while isinstance(step, Call):
            if len(calls) == CALLS_PER_HOP_MAX:
                raise RuntimeError(f"the menu calls {', '.join([*calls, step.action])} in one hop and shows nothing")
            member = None if calls else turn.member
            outcome = await self._carried_out(menu, step, hop, len(calls), member)
            if outcome is None:
                return step, (*calls, f"{step.action}:later")
            self.reach(CrashPoint.CALL_ANSWERED)
            calls.append(f"{step.action}:{outcome.name}")
            step = engine.resume(menu, hop.profile, step.state, outcome)
        return step, tuple(calls)

    async def _carried_out(
        self, menu: Menu, step: Call, hop: Hop, ordinal: int, member: Member | None
    ) -> Outcome | None:
        """What an action answers; None for one that moves points and goes on behind the hop, whose result will come by
        SMS. Raises `DeadlineMissedError` where that cannot be promised. What reads only is left to the edge's deadline.
        """
        opened, verb = hop.opened, self.verbs[step.action]
        key = IdempotencyKey(f"{opened.uid}:{opened.version}:{ordinal}")
        call = VerbCall(
            self.loyalty, hop.request.msisdn, hop.at, "ussd", key, step.arguments, member, hint=hop.request.language
        )
        if not menu.moves_points(step.state.screen):
            return await verb.carry_out(call)
        tells_itself = False

        async def commit(intent: Intent) -> Written:
            nonlocal tells_itself
            written = await self.results.commit(intent, step.action, opened.uid, hop.at)
            tells_itself = written.result in intent.by_sms
            return written

        async def work() -> Outcome:
            call.forget()
            return await verb.carry_out(call, commit)

        async def tell(outcome: Outcome) -> None:
            if not tells_itself:
                member = await call.member()
                await self.results.tell(member.member_id, step.action, outcome, opened.uid, hop.at)

        promises = self.results.tells and "later" in menu.messages
        outcome = await self.finisher.within(work, hop.until_s - self.now_s(), tell if promises else None)
        if outcome is None and not promises:
            raise DeadlineMissedError(f"{step.action} was not answered within {hop.profile.answer_s} s")
        return outcome

    def _politely(self, message: str, opened: OpenedHop, how: How) -> Answered:
        """A last screen that no session keeps, in the session's language if it had come so far."""
        language = Stood.from_bytes(opened.state).state.language if opened.state else None
        return Answered(UssdReply(self.menus.current.message(message, language), ends=True), how, opened.uid)


def _will_be_told(reply: UssdReply, profile: Profile) -> bool:
    """Whether the other side says how the session ended, should nobody go on from this screen."""
    return profile.tells_end is EndTold.EVERY or (profile.tells_end is EndTold.BROKEN and not reply.ends)


def _tells_of(menu: Menu, stood: Stood, uid: SessionUid) -> SessionUid | None:
    """The session whose result the screen tells where a subscriber stands, if it says what became of points."""
    if stood.asks or not menu.moves_points(stood.state.entry):
        return None
    return stood.tells_of or uid


def _newest(request: UssdRequest, profile: Profile, opened: OpenedHop) -> str | None:
    """What was typed in this hop; None when its history is a repeat of one before the last."""
    if profile.hop_identity is not HopIdentity.HISTORY:
        return request.text
    if not opened.hop:
        return request.text or None
    said_before = opened.hop + "*"
    return request.text.removeprefix(said_before) if request.text.startswith(said_before) else None
