"""The stores of a gateway that hang when they are told to, in the words of dialogues and of the page."""

from simulator.deployment import Deployment
from simulator.errors import PhraseError

STORES = ("postgresql", "valkey")
FROZEN_S = 30.0
"""Then they go on by themselves."""
IN_ORDER = "in order"


def read(words: str) -> tuple[tuple[str, ...], float]:
    """`valkey frozen`, `valkey in order` or `in order`: which stores, and for how many seconds they hang."""
    said = words.strip().lower()
    if said == IN_ORDER:
        return STORES, 0.0
    store, _, how = said.partition(" ")
    if store not in STORES or how not in {"frozen", IN_ORDER}:
        raise PhraseError(f"a store does not do {words!r} here: write {' or '.join(STORES)} frozen, or in order")
    return (store,), FROZEN_S if how == "frozen" else 0.0


def order(words: str, deployment: Deployment) -> None:
    """Let it be so."""
    stores, seconds = read(words)
    for store in stores:
        deployment.freeze(store, seconds)
