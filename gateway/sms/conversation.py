"""One text of a subscriber, read downward once: joined, understood, taken with its effect and its answer.

Decides what a text is answered. Refuses to know SMPP, the ledger, the wording, and the time. Nothing is acknowledged
here: what this module returns has been committed, receipt, effect and answer together; what it raises has not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.actions.verb import DECISIONS_MAX, Call, Intent, Verb
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import StoreUnavailableError
from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import Member, Result
from gateway.loyalty.service import Loyalty
from gateway.loyalty.writes import Write
from gateway.outcome import Outcome
from gateway.sms import content
from gateway.sms.keywords import Exact, Matcher, Near
from gateway.sms.kinds import REPLY
from gateway.sms.ports import InboxPort, Incomplete, Mo, Reply, Reservation, Taken, Taking
from gateway.sms.route_table import HELP, SHOWN, SUGGESTED, Route

CHANNEL = "sms"


@dataclass(frozen=True, slots=True)
class _Text:
    """One text under way: whose, under which key, the window slot that its answer may take, and what all its parts
    brought."""

    mo: Mo
    contents: Sequence[bytes]
    member: Member
    key: IdempotencyKey
    reservation: Reservation | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation by SMS, over any link."""

    loyalty: Loyalty
    matcher: Matcher
    verbs: Mapping[str, Verb]
    inbox: InboxPort
    help_limits: tuple[tuple[int, int], ...]
    answer_limits: tuple[tuple[int, int], ...]
    """Pairs of seconds and a maximum, of help and of each other answer."""
    reach: Reach = pass_by

    async def take(self, mo: Mo, key: IdempotencyKey, reservation: Reservation | None, at: datetime) -> Taken:
        """Take one text, or one part of one. Raises what the store raises; then nothing was acknowledged."""
        text = await self._begin(mo, key, reservation, at)
        if isinstance(text, Taken):
            return text
        self.reach(CrashPoint.TEXT_READ)
        said = content.joined(text.contents)
        return await (self._park(text) if said is None else self._understand(text, said))

    async def park(self, mo: Mo, key: IdempotencyKey, reservation: Reservation | None, at: datetime) -> Taken:
        """Keep a text that cannot be dealt with, all parts of it, for a person to look at, and answer it with help."""
        text = await self._begin(mo, key, reservation, at)
        return text if isinstance(text, Taken) else await self._park(text)

    async def give_up(self, incomplete: Incomplete, key: IdempotencyKey, at: datetime) -> Taken:
        """Take a long text of which parts never came: what there is of it is parked, and answered with help."""
        mo = replace(incomplete.mo, content=content.merged(incomplete.contents))
        return await self.park(mo, key, None, at)

    async def _begin(self, mo: Mo, key: IdempotencyKey, reservation: Reservation | None, at: datetime) -> _Text | Taken:
        """The text with whoever sent it. `Taken`: a part that is kept until the others come, or was taken before."""
        member = await self.loyalty.recognise(mo.msisdn, at)
        if mo.part is None:
            return _Text(mo, (mo.content,), member, key, reservation, at)
        kept = await self.inbox.keep_part(member.member_id, mo, mo.part, key, at)
        if isinstance(kept, Taken):
            return kept
        if kept is None:
            return Taken("part")
        return _Text(replace(mo, content=content.merged(kept)), kept, member, key, reservation, at)

    async def _understand(self, text: _Text, said: str) -> Taken:
        match self.matcher.match(said, text.mo.short_number):
            case Exact(routes, arguments):
                route = next((one for one in routes if one.language == text.member.language), routes[0])
                language = route.language or text.member.language
                if route.call == HELP.name:
                    return await self._help(text, Outcome(SHOWN), language)
                return await self._act(text, route, {**route.arguments, **arguments}, language)
            case Near(keyword, short_number, its_language):
                facts = {"keyword": keyword, "number": short_number}
                return await self._help(text, Outcome(SUGGESTED, facts), its_language)
            case _:
                language = self.matcher.language_of(said) or text.member.language
                return await self._help(text, Outcome(SHOWN), language)

    async def _act(self, text: _Text, route: Route, arguments: Mapping[str, str], language: str) -> Taken:
        """Carry out a verb; where its facts went stale, decide again. What it tells by an SMS of its own is not said
        twice."""
        member: Member | None = text.member
        for _ in range(DECISIONS_MAX):
            short_number = text.mo.short_number
            call = Call(self.loyalty, text.mo.msisdn, text.at, CHANNEL, text.key, arguments, member, short_number)
            said = await self.verbs[route.call].run(call)
            write, replies = _answered(said, route.reply, language)
            who = text.member.member_id
            taking = Taking(who, text.key, text.mo, write, replies, REPLY, text.reservation, self.answer_limits)
            taken = await self.inbox.take(taking, text.at)
            if taken is not None:
                return taken
            member = None
        raise StoreUnavailableError("the member keeps changing while the verb decides")

    async def _help(self, text: _Text, outcome: Outcome, language: str, *, parked: bool = False) -> Taken:
        """Help, within its limits: robots that answer each other must fall silent."""
        reply = Reply(HELP.name, outcome.name, outcome.facts, language)
        taking = Taking(
            text.member.member_id,
            text.key,
            text.mo,
            None,
            {Result.READ: reply},
            REPLY,
            text.reservation,
            self.help_limits,
            parked,
        )
        taken = await self.inbox.take(taking, text.at)
        assert taken is not None, "a read has no result that was not foreseen"
        return taken

    async def _park(self, text: _Text) -> Taken:
        return await self._help(text, Outcome(SHOWN), text.member.language, parked=True)


def _answered(said: Outcome | Intent, reply: str, language: str) -> tuple[Write | None, Mapping[Result, Reply | None]]:
    """What a verb decided to write, and what is said for each result: nothing where the write sends its own message."""
    if isinstance(said, Outcome):
        return None, {Result.READ: Reply(reply, said.name, said.facts, language)}
    replies = {
        result: None if result in said.by_sms else Reply(reply, outcome.name, outcome.facts, language)
        for result, outcome in said.answers.items()
    }
    return said.write, replies
