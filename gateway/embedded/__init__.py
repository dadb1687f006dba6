"""A real PostgreSQL and a real Valkey for a laptop, for tests and for the simulator.

`start` gives two servers that live exactly as long as the process that asked for them; `running` finds those
that another process holds on the same folder. `decisions/0002-embedded-keeper.md` says why there is a keeper.
"""

from gateway.embedded.folder import Servers
from gateway.embedded.launch import Embedded, running, start

__all__ = ["Embedded", "Servers", "running", "start"]
