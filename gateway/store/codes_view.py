"""Gift codes as staff sees them, and what staff may do: freeze, unfreeze, void, unlock. Nobody sees a code.

Codes are named by their serial numbers. Numbers come out masked. Each act is audited in the transaction that does it.
"""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from gateway.errors import BadRequestError, ConfigurationError
from gateway.loyalty.codes import Serial, shown_grant
from gateway.msisdn import Msisdn
from gateway.store.numbers import NumberKeys
from gateway.store.schema import ABSENT, NO_SCHEMA
from gateway.store.statements import (
    CODE_BATCH_TURNED,
    CODE_BATCHES_LIST,
    GIFT_CODE_SEEN,
    GIFT_CODES_TURNED,
    REDEEMING_UNLOCKED,
)
from gateway.store.tracks import Target, Track

Done = TypeVar("Done")

TURNED_MAX = 10_000
"""Codes of one transaction: well below what a statement may take."""


class CodeState(StrEnum):
    """What staff can bring a code or a batch to. `VOID` is for ever."""

    ACTIVE = "active"
    FROZEN = "frozen"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch, with how many of its codes were redeemed, are frozen, are void."""

    batch_id: int
    campaign: str
    grants: str
    digits: int
    bound: bool
    count: int
    state: str
    valid_from: datetime
    valid_until: datetime
    issued_by: str
    at: datetime
    redeemed: int
    frozen: int
    void: int


@dataclass(frozen=True, slots=True)
class CodeView:
    """One code. `msisdn` is whom it is bound to, or who redeemed it."""

    serial: str
    campaign: str
    grants: str
    bound: bool
    batch_state: str
    state: str
    valid_from: datetime
    valid_until: datetime
    member_id: int | None
    msisdn: str | None
    redeemed_at: datetime | None
    transfer_id: int | None
    order_id: int | None


@dataclass(frozen=True, slots=True)
class Turned:
    """How many codes were brought to the state, and how many were left alone: redeemed, void, or there already."""

    turned: int
    left_alone: int


async def listed(database_url: str, count: int) -> list[BatchView]:
    """The newest batches. Raises what a track raises, as all of these do."""

    async def read(track: Track) -> list[BatchView]:
        rows = await track.fetch(CODE_BATCHES_LIST, count)
        return [BatchView(**{**row, "grants": shown_grant(json.loads(row["grants"]))}) for row in map(dict, rows)]

    return await _on_track(database_url, read)


async def shown(database_url: str, keys: NumberKeys, serial: Serial) -> CodeView | None:
    """The code of that serial number; None when there is none."""

    async def read(track: Track) -> CodeView | None:
        for row in await track.fetch(GIFT_CODE_SEEN, serial.batch_id, serial.ordinal):
            facts = dict(row)
            sealed = [facts.pop(name) for name in ("number_cipher", "key_version", "number_digest")]
            facts["msisdn"] = None if row["member_id"] is None else keys.shown(*sealed)
            facts["grants"] = shown_grant(json.loads(row["grants"]))
            return CodeView(serial=str(serial), **facts)
        return None

    return await _on_track(database_url, read)


async def turn(database_url: str, first: Serial, last: Serial, to: CodeState, actor: str, at: datetime) -> Turned:
    """Bring the codes from one serial number to another of the same batch to a state, in steps of `TURNED_MAX`.

    Raises `BadRequestError` where the two make no range of codes that are there.
    """
    if first.batch_id != last.batch_id or first.ordinal > last.ordinal:
        raise BadRequestError(f"{first} to {last} is no range: both are of one batch, the lower one first")

    async def write(track: Track) -> Turned:
        for end in (first, last):
            if not await track.fetch(GIFT_CODE_SEEN, end.batch_id, end.ordinal):
                raise BadRequestError(f"there is no code {end}")
        turned = left_alone = 0
        for start in range(first.ordinal, last.ordinal + 1, TURNED_MAX):
            until = min(start + TURNED_MAX - 1, last.ordinal)
            [row] = await track.fetch(GIFT_CODES_TURNED, first.batch_id, start, until, to, actor, at)
            turned, left_alone = turned + row["turned"], left_alone + row["left_alone"]
        return Turned(turned, left_alone)

    return await _on_track(database_url, write)


async def turn_batch(database_url: str, batch_id: int, to: CodeState, actor: str, at: datetime) -> tuple[str, bool]:
    """Bring a whole batch to a state: where it stands then, and whether anything was changed.

    Raises `BadRequestError` where there is no such batch.
    """
    rows = await _on_track(database_url, lambda track: track.fetch(CODE_BATCH_TURNED, batch_id, to, actor, at))
    if not rows:
        raise BadRequestError(f"there is no batch {batch_id}: `gateway codes list` lists them")
    return rows[0]["state"], rows[0]["turned"]


async def unlock(database_url: str, keys: NumberKeys, msisdn: Msisdn, actor: str, at: datetime) -> bool | None:
    """Let a number redeem again: whether it was locked; None when it is nobody's."""
    digests = keys.digests(msisdn)
    rows = await _on_track(database_url, lambda track: track.fetch(REDEEMING_UNLOCKED, digests, actor, at))
    return rows[0]["was_locked"] if rows else None


async def _on_track(database_url: str, do: Callable[[Track], Coroutine[Any, Any, Done]]) -> Done:
    """Over a connection of one's own."""
    track = Track(Target(database_url, "gateway codes"), lambda *_: None)
    try:
        return await do(track)
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await track.close()
