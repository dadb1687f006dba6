"""Everything that happened to a number, as one list, newest first: what care is asked about.

Decides what is hidden: the facts come from many hands (the operator's event ids, staff's reasons), so whatever looks
like a subscriber's number in them is masked. USSD hops are in the log only, and not here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.msisdn import Msisdn, masked
from gateway.store.ledger import Ledger
from gateway.store.statements import TIMELINE

NUMBER = re.compile(r"\+?\d{10,15}")
"""What may be a subscriber's number, in whatever a fact says."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

Place = tuple[datetime, str, str]
"""Where a line stands: its time, what it is, its id."""
FIRST: Place = (LATEST, "", "")
"""The place before the newest line."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line. `what`: text, message, posting, hold, order, order_settled, code_attempt, lock, consent, event, act,
    enrolled."""

    at: datetime
    what: str
    id: str
    facts: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return self.at, self.what, self.id


@dataclass(frozen=True, slots=True)
class Stretch:
    """What of a timeline is wanted: from a moment (inclusive) to another (exclusive), after a place, so many lines."""

    since: datetime
    until: datetime
    after: Place
    count: int


async def read(ledger: Ledger, msisdn: Msisdn, stretch: Stretch, at: datetime) -> list[Happening] | None:
    """What happened to that number; None when it is nobody's. Raises what the ledger raises."""
    member = await ledger.member(msisdn, at)
    if member is None:
        return None
    wanted = (member.member_id, stretch.since, stretch.until, *stretch.after, stretch.count)
    rows = await ledger.looks((TIMELINE, wanted))
    return [Happening(row["at"], row["what"], row["id"], _masked(orjson.loads(row["facts"]))) for row in rows]


def _masked(fact: Any) -> Any:
    """The same without numbers, however deep they lie."""
    match fact:
        case str():
            return NUMBER.sub(lambda found: masked(found[0]), fact)
        case list():
            return [_masked(one) for one in fact]
        case dict():
            return {name: _masked(one) for name, one in fact.items()}
        case _:
            return fact
