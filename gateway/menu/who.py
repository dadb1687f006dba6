"""Who dials, as conditions of a menu ask: `pilot.NAME`, `segment.NAME`, `tier`.

Decides what these are called, and who takes part in a pilot: so many of a hundred numbers, by a digest of the pilot's
name and the number. So a number stays in while the share grows, and two pilots draw independently. Refuses to know
where segments and tiers come from.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from gateway.menu.condition import Facts
from gateway.msisdn import Msisdn
from gateway.outcome import Fact

PILOT = "pilot."
SEGMENT = "segment."
TIER = "tier"
SHARES = 10_000  # a pilot's share is told in hundredths of a percent
NOBODY: Facts = {}
"""Of whom nothing is known: in no pilot, in no segment, of no tier."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """Something that some see first. `shares` of `SHARES` numbers take part."""

    name: str
    shares: int

    def includes(self, msisdn: Msisdn) -> bool:
        """Whether this number takes part."""
        drawn = hashlib.sha256(f"{self.name} {msisdn}".encode()).digest()
        return int.from_bytes(drawn[:8]) % SHARES < self.shares


def askable(pilots: Collection[str], segments: Collection[str], tiers: Collection[str]) -> Facts:
    """What may be asked of who dials, at its longest."""
    facts: dict[str, Fact] = {PILOT + name: True for name in pilots}
    facts |= {SEGMENT + name: True for name in segments}
    return facts | ({TIER: max(tiers, key=len)} if tiers else {})


def is_who(fact: str) -> bool:
    """Whether a fact is about who dials, by its name."""
    return fact == TIER or fact.startswith((PILOT, SEGMENT))


def is_members(fact: str) -> bool:
    """Whether a fact can be known of members only."""
    return fact == TIER or fact.startswith(SEGMENT)


def known(
    asked: Collection[str], pilots: Collection[Pilot], msisdn: Msisdn, segments: Collection[str], tier: str | None
) -> Facts:
    """Of what a menu asks, what is so: nothing else goes with a session."""
    facts: dict[str, Fact] = {PILOT + one.name: True for one in pilots if one.includes(msisdn)}
    facts |= {SEGMENT + name: True for name in segments}
    facts |= {TIER: tier} if tier is not None else {}
    return {name: fact for name, fact in facts.items() if name in asked}
