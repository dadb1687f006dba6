"""What guards gift codes, in the store's units: the programme says it, every redemption carries it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How many wrong tries lock, and for how long; the programme's `codes` say it.

    `locks_s` are the seconds of the first lock, the second, and so on; after the last only care unlocks.
    """

    wrong_max: int
    wrong_window_s: int
    malformed_max: int
    malformed_window_s: int
    locks_s: tuple[int, ...]
    breaker_max: int
    breaker_window_s: int
