"""What flies over the ledger's tracks: how the calls of each batch become one statement, and its rows their answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from gateway.batching import Fly
from gateway.ids import Amount, MemberId, Unit
from gateway.loyalty.ports import Balance, Member, Movement, Status
from gateway.store.items import Item
from gateway.store.statements import MEMBERS_SEEN, STATEMENTS, WRITE_BATCH
from gateway.store.tracks import Track

Seek = tuple[tuple[bytes, ...], datetime]
"""Digests of one number, a version each, and the moment of looking."""

Ask = tuple[MemberId, int]
Outcome = Mapping[str, Any]
Asked = tuple[str, tuple[object, ...]]


def members_line(track: Track) -> Fly[Seek, Member | None]:
    """Members by their digests, many in one statement."""

    async def fly(seeks: Sequence[Seek]) -> Sequence[tuple[int, Member | Exception | None]]:
        asked = [(ordinal, digest, at) for ordinal, (digests, at) in enumerate(seeks) for digest in digests]
        rows = await track.fetch(MEMBERS_SEEN, [digest for _, digest, _ in asked], [at for *_, at in asked])
        found: dict[int, Member | None] = dict.fromkeys(range(len(seeks)))
        found |= {asked[row["ord"] - 1][0]: _member(row) for row in rows}
        return list(found.items())

    return fly


def _member(row: asyncpg.Record) -> Member:
    balances = tuple(
        Balance(Unit(unit), Amount(available), Amount(expiring), expires_at)
        for unit, available, expiring, expires_at in zip(
            row["units"] or (), row["available"] or (), row["expiring"] or (), row["expires_next"] or (), strict=True
        )
    )
    return Member(
        MemberId(row["member_id"]),
        row["language"],
        Status(row["status"]),
        row["terms_version"],
        balances,
        frozenset(row["segments"]),
        row["tier"],
    )


def statements_line(track: Track) -> Fly[Ask, Sequence[Movement]]:
    """The latest movements of members."""

    async def fly(asks: Sequence[Ask]) -> Sequence[tuple[int, Sequence[Movement] | Exception]]:
        rows = await track.fetch(STATEMENTS, [member_id for member_id, _ in asks], [count for _, count in asks])
        lines: dict[int, list[Movement]] = {ordinal: [] for ordinal in range(len(asks))}
        for row in rows:
            lines[row["ord"] - 1].append(Movement(row["at"], Unit(row["unit"]), Amount(row["amount"]), row["reason"]))
        return list(lines.items())

    return fly


def writes_line(track: Track, *, wait: bool) -> Fly[Item, Outcome]:
    """Items of `write_batch`; with `wait`, locks of busy members are waited for."""

    async def fly(items: Sequence[Item]) -> Sequence[tuple[int, Outcome | Exception]]:
        rows = await track.fetch(WRITE_BATCH, orjson.dumps(items).decode(), wait)
        return [(row["ord"], orjson.loads(row["outcome"])) for row in rows]

    return fly


def look_line(track: Track) -> Fly[Asked, Sequence[asyncpg.Record]]:
    """One statement alone, with all its rows."""

    async def fly(asks: Sequence[Asked]) -> Sequence[tuple[int, Sequence[asyncpg.Record] | Exception]]:
        [(statement, arguments)] = asks
        return [(0, await track.fetch(statement, *arguments))]

    return fly


def single_line(track: Track) -> Fly[Asked, asyncpg.Record]:
    """One statement alone, with its only row."""

    async def fly(asks: Sequence[Asked]) -> Sequence[tuple[int, asyncpg.Record | Exception]]:
        [(statement, arguments)] = asks
        [row] = await track.fetch(statement, *arguments)
        return [(0, row)]

    return fly
