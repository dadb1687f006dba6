"""What rewards there are left of, and what staff may do about it: stock, vouchers, kill switches.

Vouchers are kept sealed beside their keyed digests, as numbers are. Each act is audited in the transaction that does it.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from gateway.errors import ConfigurationError
from gateway.store.numbers import NumberKeys
from gateway.store.schema import ABSENT, NO_SCHEMA
from gateway.store.statements import (
    CAMPAIGNS_KNOWN,
    REWARDS_STOCKED,
    STOCK_CHANGED,
    SWITCH_CLOSED,
    SWITCH_THROWN,
    SWITCHES_LIST,
    VOUCHERS_PUT,
)
from gateway.store.tracks import Target, Track

Done = TypeVar("Done")

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


async def stocks(track: Track, rewards: Sequence[str]) -> list[Stock]:
    """Of each reward, in the order asked. Raises what a track raises, as all of these do."""
    rows = await track.fetch(REWARDS_STOCKED, rewards)
    return [Stock(row["remaining"], row["vouchers"], row["thrown"]) for row in rows]


async def change_stock(track: Track, reward: str, by: int, key: str, actor: str, at: datetime) -> int | None:
    """So many more or fewer, once for a key; what is left then, or None when it would be less than nothing."""
    [row] = await track.fetch(STOCK_CHANGED, reward, by, key, actor, at)
    remaining: int | None = row["remaining"]
    return remaining


async def put_vouchers(
    track: Track, keys: NumberKeys, reward: str, vouchers: Sequence[str], actor: str, at: datetime
) -> int:
    """Keep vouchers to be handed on; how many are new. What breaks off in the middle may be done again as a whole."""
    new = 0
    for first in range(0, len(vouchers), CHUNK_MAX):
        chunk = vouchers[first : first + CHUNK_MAX]
        digests = [keys.digest_of(f"voucher of {reward}: {voucher}") for voucher in chunk]
        ciphers = [keys.seal(voucher.encode(), digest) for voucher, digest in zip(chunk, digests, strict=True)]
        [row] = await track.fetch(VOUCHERS_PUT, reward, digests, ciphers, keys.current, actor, at)
        new += row["count"]
    return new


async def throw(track: Track, name: str, reason: str, actor: str, at: datetime) -> bool:
    """Stop what a switch names; False when it was stopped already."""
    [row] = await track.fetch(SWITCH_THROWN, name, at, actor, reason)
    return bool(row["done"])


async def close(track: Track, name: str, actor: str, at: datetime) -> bool:
    """Let go on what a switch stopped; False when nothing did."""
    [row] = await track.fetch(SWITCH_CLOSED, name, at, actor)
    return bool(row["done"])


async def switches(track: Track) -> list[SwitchView]:
    """Those that are thrown."""
    return [SwitchView(**dict(row)) for row in await track.fetch(SWITCHES_LIST)]


async def campaigns(track: Track) -> list[str]:
    """The names of all campaigns of gift codes."""
    return [row["campaign"] for row in await track.fetch(CAMPAIGNS_KNOWN)]


async def on_track(database_url: str, do: Callable[[Track], Coroutine[Any, Any, Done]]) -> Done:
    """Over a connection of one's own. Raises `ConfigurationError` where the schema is not there."""
    track = Track(Target(database_url, "gateway command"), lambda *_: None)
    try:
        return await do(track)
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await track.close()
