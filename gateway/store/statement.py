"""A member as the back office sees one: the whole account at a moment, and the statement page by page. Read-only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from gateway.ids import MemberId
from gateway.msisdn import Msisdn
from gateway.store.ledger import Ledger
from gateway.store.statements import MEMBER_WHOLE, STATEMENT_PAGE

LOTS_MAX = 200
"""Lots of one answer, in spending order: a year of daily top-ups has fewer, since lots end with a month."""
FIRST = (date(9999, 12, 31), 0)
"""The place before the newest movement."""


@dataclass(frozen=True, slots=True)
class Account:
    """A member, whole. `balances`, `lots`, `holds` and `lock` are as `member_whole` writes them."""

    member_id: MemberId
    status: str
    language: str
    tier: str | None
    segments: Sequence[str]
    enrolled_at: datetime
    terms_version: str
    terms_accepted_at: datetime
    balances: Sequence[Mapping[str, Any]]
    lots: Sequence[Mapping[str, Any]]
    holds: Sequence[Mapping[str, Any]]
    lock: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Line:
    """One movement. `amount` is signed; `of_transfer_id` is what a refund or a reversal corrects."""

    month: date
    transfer_id: int
    at: datetime
    unit: str
    amount: int
    kind: str
    reason: str
    channel: str
    of_transfer_id: int | None


async def account(ledger: Ledger, msisdn: Msisdn, at: datetime) -> Account | None:
    """The member with this number; None when there is none. Raises what the ledger raises."""
    await ledger.open(at)
    for row in await ledger.looks((MEMBER_WHOLE, (ledger.keys.digests(msisdn), at, LOTS_MAX))):
        parts = {name: orjson.loads(row[name]) for name in ("balances", "lots", "holds")}
        lock = None if row["lock"] is None else orjson.loads(row["lock"])
        return Account(**{**dict(row), **parts, "lock": lock})
    return None


async def page(ledger: Ledger, member_id: MemberId, after: tuple[date, int], count: int) -> list[Line]:
    """So many movements after a place (month, transfer_id), newest first."""
    return [Line(**dict(row)) for row in await ledger.looks((STATEMENT_PAGE, (member_id, *after, count)))]
