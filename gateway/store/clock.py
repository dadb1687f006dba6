"""The two programme clocks: the machine's, and in demo mode the database's, which only moves forward."""

from datetime import UTC, datetime, timedelta

from gateway.errors import BadRequestError
from gateway.store.ledger import Ledger
from gateway.store.statements import CLOCK_ADVANCE, CLOCK_OFFSET

ADVANCE_MAX_S = 20 * 366 * 86_400
"""How far programme time may run ahead in all: far enough for any story, and no date leaves a calendar."""


class MachineClock:
    """Programme time is machine time."""

    async def at(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


class VirtualClock:
    """Machine time and the database's offset, read with each hop, so that every gateway agrees."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def at(self) -> datetime:
        """Now in the demo's time."""
        return datetime.now(UTC) + timedelta(seconds=await self.offset_s())

    async def offset_s(self) -> int:
        """How far the demo's time runs ahead."""
        row = await self._ledger.one(CLOCK_OFFSET)
        return int(row["offset_s"])

    async def advance(self, advance_s: int) -> int:
        """Move time forward and answer the new offset after commit. Raises `BadRequestError` past the limit."""
        if await self.offset_s() + advance_s > ADVANCE_MAX_S:
            raise BadRequestError(
                f"the virtual clock runs ahead by {ADVANCE_MAX_S} s at most; make a new demo database"
            )
        row = await self._ledger.one(CLOCK_ADVANCE, advance_s)
        return int(row["offset_s"])
