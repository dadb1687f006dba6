"""What a verb is handed, and what it is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import Member
from gateway.loyalty.programme import Programme
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.outcome import ActionSpec, Outcome


@dataclass(slots=True)
class Call:
    """One call of one verb: by whom, when, over which channel, and under which key.

    The member is read once in a call, and again in the next: a balance is never older than its screen.
    """

    loyalty: Loyalty
    msisdn: Msisdn
    at: datetime
    channel: str
    key: IdempotencyKey
    arguments: Mapping[str, str] = field(default_factory=dict)
    _member: Member | None = None

    async def member(self) -> Member:
        """The member, enrolled now if need be."""
        if self._member is None:
            self._member = await self.loyalty.recognise(self.msisdn, self.at)
        return self._member


@dataclass(frozen=True, slots=True)
class Verb:
    """`declare` says what the verb answers at its longest; `run` does it."""

    declare: Callable[[Programme], ActionSpec]
    run: Callable[[Call], Awaitable[Outcome]]
