"""How lanes share what a link can carry: by weight, with no lane starving, and nothing unused while another waits."""

from collections.abc import Iterable, Mapping

from gateway.sms.kinds import Lane

WEIGHTS: Mapping[Lane, int] = {Lane.REPLY: 8, Lane.SERVICE: 3, Lane.CAMPAIGN: 1}
"""Of twelve messages, when all lanes are full."""


class Shares:
    """Whose turn it is: a smooth weighted round, which spreads each lane's turns evenly."""

    def __init__(self) -> None:
        self._credit = dict.fromkeys(Lane, 0)

    def turns(self, count: int, lanes: Iterable[Lane] = tuple(Lane)) -> dict[Lane, int]:
        """How many of the next `count` messages each of these lanes may send. Worked example: 12 are 8, 3 and 1."""
        weights = {lane: WEIGHTS[lane] for lane in lanes}
        given = dict.fromkeys(weights, 0)
        total = sum(weights.values())
        for _ in range(count if weights else 0):
            for lane, weight in weights.items():
                self._credit[lane] += weight
            first = max(weights, key=lambda lane: self._credit[lane])
            self._credit[first] -= total
            given[first] += 1
        return given
