"""Segments and tiers of members, as the operator's systems hand them in: who is put where, how many are in each.

A number that is no member yet is invited, so that its first dial finds what it was put into. Refuses to know which
segments and tiers the programme has: whoever calls makes sure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.msisdn import Msisdn
from gateway.store.ledger import Ledger
from gateway.store.numbers import NumberKeys
from gateway.store.statements import SEGMENT_CHANGED, SEGMENTS_COUNTED, TIER_SET
from gateway.store.tracks import Fetch

CHANGE_MAX = 1_000
"""Numbers of one transaction: a few hundredths of a second, so that nobody who dials waits behind it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """How many were not in the segment before and are now, and how many were and are not."""

    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Groups:
    """Puts members into segments and tiers over whatever connection, each time in one statement. `language` is for
    numbers that are no members yet. The same again changes nothing."""

    fetch: Fetch
    keys: NumberKeys
    language: str
    actor: str
    at: datetime

    async def change(self, segment: str, add: Sequence[Msisdn], remove: Sequence[Msisdn]) -> Changed:
        """Put some into a segment and take others out, `CHANGE_MAX` together at most. No number is among both, and none
        comes twice."""
        digests = [self.keys.digests(number) for number in add]
        firsts, others = [first for first, *_ in digests], [other for _, *rest in digests for other in rest]
        ciphers = [self.keys.encrypt(number) for number in add]
        removed = [digest for number in remove for digest in self.keys.digests(number)]
        invited = firsts, others, ciphers, self.keys.current, self.language
        [row] = await self.fetch(SEGMENT_CHANGED, segment, *invited, removed, self.actor, self.at)
        return Changed(row["added"], row["removed"])

    async def set_tier(self, msisdn: Msisdn, tier: str | None) -> bool:
        """Give a number a tier, or none; False when it is nobody's, and stays so."""
        sealed = self.keys.digests(msisdn), self.keys.encrypt(msisdn), self.keys.current
        [row] = await self.fetch(TIER_SET, *sealed, self.language, tier, self.actor, self.at)
        return bool(row["found"])


async def counted(ledger: Ledger) -> Mapping[str, int]:
    """How many members are in each segment that anybody was ever in. Raises what the ledger raises."""
    return {row["segment"]: row["members"] for row in await ledger.looks((SEGMENTS_COUNTED, ()))}
