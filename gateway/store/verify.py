"""`gateway ledger verify`: the books proven by the database's own sums."""

from dataclasses import dataclass

from gateway.errors import ConfigurationError
from gateway.store.schema import ABSENT, NO_SCHEMA
from gateway.store.statements import LEDGER_FAULTS
from gateway.store.tracks import Target, connect

VERIFY_TIMEOUT_S = 3600.0
"""Every row is read: minutes for millions of members. Run it against a replica when that is too much."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that is not as it must be."""

    invariant: str
    member_id: int
    detail: str


async def verify(database_url: str) -> tuple[Fault, ...]:
    """Every fault in the ledger; none is the proof. Raises `StoreUnavailableError`."""
    connection = await connect(Target(database_url, "gateway ledger verify"))
    try:
        await connection.execute("set statement_timeout = 0")
        rows = await connection.fetch(LEDGER_FAULTS, timeout=VERIFY_TIMEOUT_S)
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await connection.close()
    return tuple(Fault(row["invariant"], row["member_id"], row["detail"]) for row in rows)
