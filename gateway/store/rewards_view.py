"""What rewards there are left of, and what staff may do about it: stock, vouchers, kill switches.

Vouchers are kept sealed beside their keyed digests, as numbers are. Each act is audited in its transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.store.ledger import Ledger
from gateway.store.statements import (
    CAMPAIGNS_KNOWN,
    REWARDS_STOCKED,
    STOCK_CHANGED,
    SWITCH_CLOSED,
    SWITCH_THROWN,
    SWITCHES_LIST,
    VOUCHERS_PUT,
)

CHUNK_MAX = 1_000
"""Vouchers of one transaction: a few hundredths of a second, so that nobody who orders waits behind it."""


@dataclass(frozen=True, slots=True)
class Stock:
    """How many are left of a reward (None: none was ever counted), how many of its vouchers, and whether a switch stops
    it."""

    remaining: int | None
    vouchers: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class SwitchView:
    """A switch that is thrown."""

    name: str
    since: datetime
    thrown_by: str
    reason: str


async def stocks(ledger: Ledger, rewards: Sequence[str]) -> list[Stock]:
    """Of each reward, in the order asked. Raises what the ledger raises, as all of these do."""
    rows = await ledger.looks((REWARDS_STOCKED, (rewards,)))
    return [Stock(row["remaining"], row["vouchers"], row["thrown"]) for row in rows]


async def change_stock(ledger: Ledger, reward: str, by: int, key: str, actor: str, at: datetime) -> int | None:
    """So many more or fewer, once for a key; what is left then, or None when it would be less than nothing."""
    row = await ledger.one(STOCK_CHANGED, reward, by, key, actor, at)
    remaining: int | None = row["remaining"]
    return remaining


async def put_vouchers(ledger: Ledger, reward: str, vouchers: Sequence[str], actor: str, at: datetime) -> int:
    """Keep vouchers to be handed on; how many are new. What breaks off in the middle may be done again as a whole."""
    keys, new = ledger.keys, 0
    for first in range(0, len(vouchers), CHUNK_MAX):
        chunk = vouchers[first : first + CHUNK_MAX]
        digests = [keys.digest_of(f"voucher of {reward}: {voucher}") for voucher in chunk]
        ciphers = [keys.seal(voucher.encode(), digest) for voucher, digest in zip(chunk, digests, strict=True)]
        row = await ledger.one(VOUCHERS_PUT, reward, digests, ciphers, keys.current, actor, at)
        new += row["count"]
    return new


async def throw(ledger: Ledger, name: str, reason: str, actor: str, at: datetime) -> bool:
    """Stop what a switch names; False when it was stopped already."""
    row = await ledger.one(SWITCH_THROWN, name, at, actor, reason)
    return bool(row["done"])


async def close(ledger: Ledger, name: str, actor: str, at: datetime) -> bool:
    """Let go on what a switch stopped; False when nothing did."""
    row = await ledger.one(SWITCH_CLOSED, name, at, actor)
    return bool(row["done"])


async def switches(ledger: Ledger) -> list[SwitchView]:
    """Those that are thrown."""
    return [SwitchView(**dict(row)) for row in await ledger.looks((SWITCHES_LIST, ()))]


async def campaigns(ledger: Ledger) -> list[str]:
    """The names of all campaigns of gift codes."""
    return [row["campaign"] for row in await ledger.looks((CAMPAIGNS_KNOWN, ()))]
