"""What is around the phones of a bench: the billing, the gateway's stores, and what there is of the programme.

It orders what a tester wants of them, and remembers how they were when it looked last. None of them need be there.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from simulator import stores
from simulator.errors import NotPlayableError, SimulatorError
from simulator.phrases import seconds
from simulator.smsc.trace import Shown
from simulator.web.journal import EVERYBODY, Journal
from simulator.world import World

LOOK_S = 2.0
"""A billing's counts go down with the orders that come, and nothing tells the page."""


class Around:
    """The surroundings of a bench."""

    def __init__(self, world: World, journal: Journal, now: Callable[[], float] = time.monotonic) -> None:
        self.billing: Shown = None
        """How the billing behaves (`billing.Faults`); None: there is none."""
        self.frozen: Shown = None
        """Which stores of the gateway hang; None: that cannot be ordered."""
        self.languages: Shown = None
        """What the programme speaks; None: not known yet."""
        self.partners: Shown = None
        """Whose purchases it takes, as the API lists them; None: not known yet."""
        self.pushes: Shown = None
        """What its menu can show unasked, by name; None: not known yet."""
        self._world = world
        self._journal = journal
        self._now = now
        self._looked_at = now() - LOOK_S

    def look(self) -> None:
        """See how they are, now and then."""
        if self._now() - self._looked_at >= LOOK_S:
            self._look()

    def order_billing(self, named: str, orders: Mapping[str, Shown]) -> None:
        """Let the billing behave so; `named` is what a page calls it."""
        self._world.billing.order(orders)
        self._journal.note(EVERYBODY, "billing", {"text": named, "orders": dict(orders)})
        self._look()

    def order_store(self, words: str) -> None:
        """Let a store of the gateway hang, or go on (`stores.read`)."""
        stores.order(words, self._world.deployment)
        self._journal.note(EVERYBODY, "store", {"text": words})
        self._look()

    def advance(self, phrase: str) -> str:
        """Move the virtual clock; the programme's time then, as ISO 8601. `0 seconds` only reads it."""
        wait_s = seconds(phrase)
        at = self._world.deployment.advance(wait_s)
        if at is None:
            raise NotPlayableError("this gateway has no virtual clock: only a demo has one")
        if wait_s:
            self._journal.note(EVERYBODY, "clock", {"text": phrase, "programme_at": at.isoformat()})
        return at.isoformat()

    def _look(self) -> None:
        self._looked_at = self._now()
        self.billing = self.frozen = None
        with suppress(SimulatorError):
            self.billing = dict(self._world.billing.faults())
        with suppress(SimulatorError):
            frozen = self._world.deployment.frozen()
            self.frozen = None if frozen is None else list(frozen)
        with suppress(SimulatorError):
            if self.languages is None:
                self.partners = list(self._world.deployment.partners())
                self.languages = list(self._world.deployment.languages())
        with suppress(SimulatorError):
            if self.pushes is None:
                self.pushes = list(self._world.deployment.pushes())
