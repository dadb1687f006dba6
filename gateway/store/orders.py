"""Orders as the store keeps them, for whoever delivers them: what is to be delivered next, and how many wait.

How an order ended is a write of the ledger (`loyalty.writes.SettleOrder`): points move with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import orjson
from cryptography.exceptions import InvalidTag

from gateway.ids import MemberId
from gateway.msisdn import Msisdn
from gateway.outcome import Fact
from gateway.store.numbers import NumberKeys
from gateway.store.statements import ORDERS_CLAIM, ORDERS_COUNTS
from gateway.store.tracks import Target, Track, TrackEvent


@dataclass(frozen=True, slots=True)
class ClaimedOrder:
    """An order that is ours to deliver until its lease ends. `reference` is its name for others, the same each time.

    `doubtful`: an earlier call may have delivered it. `msisdn` is None where no key of ours opens the number, or it is
    nobody's any more.
    """

    order_id: int
    reference: str
    member_id: MemberId
    msisdn: Msisdn | None
    language: str
    reward: str
    terms: Mapping[str, Fact] = field(repr=False)
    at: datetime
    tries: int
    doubtful: bool
    owner: str


class Orders:
    """The orders of all gateways, over a connection of their own."""

    def __init__(self, target: Target, keys: NumberKeys, notice: TrackEvent) -> None:
        self._keys = keys
        self._claims, self._looks = Track(target, notice), Track(target, notice)

    async def close(self) -> None:
        """Close the connections."""
        await self._claims.close()
        await self._looks.close()

    async def claim(
        self, fulfilments: Sequence[str], count: int, owner: str, lease_until: datetime
    ) -> Sequence[ClaimedOrder]:
        """Take what is to be delivered next, under an owner that no other claim has. One claim at a time."""
        rows = await self._claims.fetch(ORDERS_CLAIM, fulfilments, count, owner, lease_until, datetime.now(UTC))
        return [self._order(row, owner) for row in rows]

    async def counts(self) -> Mapping[str, int]:
        """How many are not over, by state. One look at a time."""
        return {row["state"]: row["count"] for row in await self._looks.fetch(ORDERS_COUNTS)}

    def _order(self, row: asyncpg.Record, owner: str) -> ClaimedOrder:
        return ClaimedOrder(
            row["order_id"],
            row["reference"],
            MemberId(row["member_id"]),
            self._number(row),
            row["language"],
            row["reward"],
            orjson.loads(row["terms"]),
            row["at"],
            row["tries"],
            row["doubtful"],
            owner,
        )

    def _number(self, row: asyncpg.Record) -> Msisdn | None:
        if row["number_cipher"] is None:
            return None
        try:
            return self._keys.decrypt(row["number_cipher"], row["key_version"], row["number_digest"])
        except (InvalidTag, KeyError):
            return None
