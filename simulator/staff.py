"""What the operator's staff do that everybody notices: they stop something, or let a stock be empty.

Decides that whatever was stopped goes on again afterwards, and that a stock gets back what was taken from it.
"""

import re
from collections.abc import Mapping, Sequence

from simulator.deployment import Deployment
from simulator.errors import PhraseError

_SWITCH = re.compile(r"(action|reward|campaign):[\w.-]{1,60}")


def check_switches(names: Sequence[str]) -> None:
    """Raise `PhraseError` for what is no switch."""
    for name in names:
        if not _SWITCH.fullmatch(name):
            raise PhraseError(
                f"no such switch: {name!r}; write action:redeem, action:exchange, reward:mug or campaign:spring"
            )


class Staff:
    """The staff of one play."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._thrown: list[str] = []
        self._taken: dict[str, int] = {}

    def throw(self, names: Sequence[str]) -> None:
        """Stop these."""
        for name in names:
            self._thrown.append(name)
            self._deployment.throw_switch(name)

    def close(self) -> None:
        """Let everything go on that was stopped here."""
        while self._thrown:
            self._deployment.close_switch(self._thrown[-1])
            self._thrown.pop()

    def leave(self, stocks: Mapping[str, int]) -> None:
        """Leave so many of these."""
        for reward, left in stocks.items():
            by = left - self._deployment.stock(reward)
            if by:
                self._deployment.change_stock(reward, by)
                self._taken[reward] = self._taken.get(reward, 0) - by

    def put_back(self) -> None:
        """Let every stock have again what was taken from it here."""
        while self._taken:
            reward, taken = self._taken.popitem()
            if taken:
                self._deployment.change_stock(reward, taken)

    def set_right(self) -> None:
        """Both, at the end of a play."""
        self.close()
        self.put_back()
