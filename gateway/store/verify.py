"""`gateway ledger`: the books proven by the database's own sums, and what they say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from gateway.errors import ConfigurationError
from gateway.store.schema import ABSENT, NO_SCHEMA
from gateway.store.statements import ACCOUNTS_HELD, LEDGER_FAULTS, MOVED_BETWEEN, PROOF_FAULTS, SEAL_HEADS
from gateway.store.tracks import Target, connect

VERIFY_TIMEOUT_S = 3600.0
"""Every row is read: minutes for millions of members. Run it against a replica when that is too much."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that is not as it must be."""

    invariant: str
    member_id: int
    detail: str


@dataclass(frozen=True, slots=True)
class SealHead:
    """The last seal of a journal. Kept outside, its digest proves later that the chain was not made anew."""

    journal: str
    seal_id: int
    last_id: int
    digest: str


@dataclass(frozen=True, slots=True)
class AccountHeld:
    """What an account holds of a unit, or what moved on it; the members' together. Over all accounts a unit sums to
    0. What a partner gave is below 0 on its own account."""

    account: str
    unit: str
    amount: int


async def verify(database_url: str) -> tuple[Fault, ...]:
    """Every fault in the ledger; none is the proof. Raises `StoreUnavailableError`."""
    async with _looking(database_url) as connection:
        rows = await connection.fetch(LEDGER_FAULTS, timeout=VERIFY_TIMEOUT_S)
        rows += await connection.fetch(PROOF_FAULTS, timeout=VERIFY_TIMEOUT_S)
    return tuple(Fault(row["invariant"], row["member_id"], row["detail"]) for row in rows)


async def seal_heads(database_url: str) -> tuple[SealHead, ...]:
    """The last seal of each journal that was sealed at all. Raises `StoreUnavailableError`."""
    async with _looking(database_url) as connection:
        rows = await connection.fetch(SEAL_HEADS)
    return tuple(SealHead(row["journal"], row["seal_id"], row["last_id"], row["digest"].hex()) for row in rows)


async def accounts(database_url: str, at: datetime) -> tuple[AccountHeld, ...]:
    """What every account holds: days that are closed as they were closed, and what moved since."""
    async with _looking(database_url) as connection:
        rows = await connection.fetch(ACCOUNTS_HELD, at, timeout=VERIFY_TIMEOUT_S)
    return tuple(AccountHeld(row["account"], row["unit"], row["amount"]) for row in rows)


async def moved(database_url: str, starts_at: datetime, ends_at: datetime) -> tuple[AccountHeld, ...]:
    """What moved on every account from a moment to another, of which the latter is the first after it."""
    async with _looking(database_url) as connection:
        rows = await connection.fetch(MOVED_BETWEEN, starts_at, ends_at, timeout=VERIFY_TIMEOUT_S)
    return tuple(AccountHeld(row["account"], row["unit"], row["amount"]) for row in rows)


@asynccontextmanager
async def _looking(database_url: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection that may look for as long as it takes, and reads whole tables."""
    connection = await connect(Target(database_url, "gateway ledger"))
    try:
        await connection.execute("set statement_timeout = 0; set enable_seqscan = on")
        yield connection
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await connection.close()
