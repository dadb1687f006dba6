"""How the programme is asked: who a number is, and what an event does.

Joins the pure rules to the store's primitives: read facts, decide, write with the facts as guards; when a guard
no longer holds, decide again. Actions and the API call this; it knows neither menus nor HTTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import BadRequestError, StoreUnavailableError
from gateway.ids import MemberId
from gateway.loyalty.ports import Decision, Enrolment, Event, LedgerPort, Member, Result, Status, Written
from gateway.loyalty.programme import EventType, Programme, Reward
from gateway.loyalty.rules import Earning, earn
from gateway.msisdn import Msisdn

DECISIONS_MAX = 10
"""How often an event is decided again because the member changed in between."""
AHEAD_MAX = timedelta(minutes=5)
"""How far an event's time may lie ahead of ours: clocks differ, but an event has happened."""


@dataclass(frozen=True, slots=True)
class Loyalty:
    """One programme over one ledger."""

    programme: Programme
    ledger: LedgerPort
    reach: Reach = pass_by

    async def recognise(self, msisdn: Msisdn, at: datetime, hint: str = "") -> Member:
        """The member with this number, enrolled now if there was none: using the programme accepts its terms. `hint` is
        the language that a new one is taken to read, as far as the programme speaks it."""
        member = await self.ledger.member(msisdn, at)
        if member is not None and member.status is not Status.INVITED:
            return member
        language = self._language_of(member, hint)
        terms = self.programme.terms.version
        member_id = await self.ledger.enrol(Enrolment(msisdn, language, self.programme.unit_codes, terms), at)
        self.reach(CrashPoint.MEMBER_ENROLLED)
        seen = Member(member_id, language, Status.ACTIVE, terms, ())
        return seen if member is None else replace(seen, segments=member.segments, tier=member.tier)

    def _language_of(self, invited: Member | None, hint: str) -> str:
        """What was chosen for whoever was invited, while the programme speaks it; else the hint; else the first
        language, which is also that of whom nothing was chosen for."""
        languages = self.programme.languages
        chosen = invited.language if invited is not None else languages[0]
        return next((one for one in (chosen, hint) if one in languages[1:]), languages[0])

    async def on_offer(self, member_id: MemberId, rewards: Sequence[Reward], at: datetime) -> Sequence[Reward]:
        """Those that anybody can have now: in the catalogue, in stock, and stopped by no switch."""
        running = [reward for reward in rewards if reward.runs_at(at)]
        if not running:
            return ()
        seen = await self.ledger.rewards(member_id, [(reward.reward, None) for reward in running])
        return [
            reward for reward, one in zip(running, seen, strict=True) if not one.closed and not one.sold_out(reward)
        ]

    async def take_event(self, event: Event, at: datetime) -> Written:
        """Record an event and book what it earns, once, however often it is sent.

        Raises `BadRequestError` for an event of the future and for a partner who is none of the programme's,
        `KeyReusedError` for an id that came with other content.
        """
        if event.partner is not None and event.partner not in self.programme.partner_codes:
            known = ", ".join(self.programme.partner_codes) or "none"
            raise BadRequestError(f"partner: the programme has no such partner; there are: {known}")
        if event.occurred_at is not None and event.occurred_at > at + AHEAD_MAX:
            raise BadRequestError(
                f"occurred_at lies ahead of the programme's clock ({at.isoformat(timespec='seconds')})"
            )
        for _ in range(DECISIONS_MAX):
            member = await self.recognise(event.msisdn, at)
            decision = self._decide(event, member, at)
            self.reach(CrashPoint.EVENT_DECIDED)
            written = await self.ledger.record_event(event, decision, at)
            self.reach(CrashPoint.EVENT_RECORDED)
            if written.result is not Result.STALE:
                return written
        raise StoreUnavailableError("the member keeps changing while the event is decided")

    def _decide(self, event: Event, member: Member, at: datetime) -> Decision:
        """A blocked member earns nothing; blocking and unblocking are events like any other."""
        becomes = {EventType.BLOCKED: Status.BLOCKED, EventType.UNBLOCKED: Status.ACTIVE}.get(event.kind, member.status)
        earnings: tuple[Earning, ...] = ()
        if member.status is Status.ACTIVE:
            occurred_at = event.occurred_at or at
            earnings = earn(self.programme, event.kind, event.amount, occurred_at, at, event.partner)
        return Decision(member.member_id, member.status, becomes, earnings)
