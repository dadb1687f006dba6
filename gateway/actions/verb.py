"""What a verb is handed, what it answers, and how a mouth carries that out.

A verb only decides. What it decides to write it hands over as an `Intent`, with its answer to each result: so a mouth
may carry it out by itself, or together with the receipt of a message and the reply to it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.errors import StoreUnavailableError
from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import Member, Result, Written
from gateway.loyalty.programme import Programme
from gateway.loyalty.service import Loyalty
from gateway.loyalty.writes import Write
from gateway.msisdn import Msisdn
from gateway.outcome import ActionSpec, Outcome

DECISIONS_MAX = 10
"""How often a verb decides again because the member changed in between."""


@dataclass(slots=True)
class Call:
    """One call of one verb: by whom, when, over which channel, and under which key.

    The member is read once in a call, and again in the next: a balance is never older than its screen. `short_number`
    is the one that was texted to; nothing was, from a screen. `hint` is the language that a new member is taken to
    read.
    """

    loyalty: Loyalty
    msisdn: Msisdn
    at: datetime
    channel: str
    key: IdempotencyKey
    arguments: Mapping[str, str] = field(default_factory=dict, repr=False)
    _member: Member | None = None
    """Whoever has just read the member hands it over."""
    short_number: str = ""
    hint: str = ""

    async def member(self) -> Member:
        """The member, enrolled now if need be."""
        if self._member is None:
            self._member = await self.loyalty.recognise(self.msisdn, self.at, self.hint)
        return self._member

    def forget(self) -> None:
        """What was read is stale: read it again."""
        self._member = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be written, and what to say for each result. Any other result means that the facts were stale.

    `by_sms` are the results whose write sends a message of its own: a mouth that answers by SMS adds nothing to it.
    """

    write: Write
    answers: Mapping[Result, Outcome]
    by_sms: frozenset[Result] = frozenset()


Commit = Callable[[Intent], Awaitable[Written]]
"""Writes what a verb decided, with whatever its mouth adds to it."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`declare` says what the verb answers at its longest; `run` does it."""

    declare: Callable[[Programme], ActionSpec]
    run: Callable[[Call], Awaitable[Outcome | Intent]]

    async def carry_out(self, call: Call, commit: Commit | None = None) -> Outcome:
        """The verb's answer, with what it decided written: by `commit`, or by itself. Raises what the store raises."""
        for _ in range(DECISIONS_MAX):
            said = await self.run(call)
            if isinstance(said, Outcome):
                return said
            written = await (commit(said) if commit else call.loyalty.ledger.write(said.write, call.at))
            if written.result in said.answers:
                return said.answers[written.result].knowing(written.facts)
            call.forget()
        raise StoreUnavailableError("the member keeps changing while the verb decides")
