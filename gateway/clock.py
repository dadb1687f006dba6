"""Programme time as a port. Programme time is an argument (`at`) everywhere; only shells ask for it.

Machine time (leases, timeouts, back-off) is real and is not read through this port.
"""

from datetime import datetime
from typing import Protocol


class ProgrammeClock(Protocol):
    """What time it is in the programme."""

    async def at(self) -> datetime:
        """Now, in UTC, aware. In demo mode it includes the database's forward-only offset."""
        ...
