"""The few phrases that dialogues and the terminal share: `top-up 500 roubles`, `31 days`.

Money is kopecks inside and roubles outside; a bare number is roubles, because that is what a subscriber pays.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from simulator.errors import PhraseError

WAIT_MAX_S = 10 * 366 * 24 * 3600  # ten years: longer is a slip of the keyboard, and a clock cannot be set back
AMOUNT_MAX = 10**10 - 1  # kopecks; what the events API takes at most

_SECONDS: Mapping[str, int] = {
    **dict.fromkeys(("s", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 24 * 3600),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 24 * 3600),
}
_KOPECKS: Mapping[str, int] = {
    **dict.fromkeys(("", "rouble", "roubles"), 100),
    **dict.fromkeys(("kopeck", "kopecks"), 1),
}
_EVENTS: Mapping[str, str] = {
    "top-up": "top_up",
    "charge": "charge",
    "purchase": "purchase",
    "activated": "activated",
    "blocked": "blocked",
    "unblocked": "unblocked",
}
_PURCHASE = "purchase"
_WITH_AMOUNT = frozenset({"top-up", "charge"})

GRANT_PHRASES = "500 points, 5 gift_units, or a reward such as mug"
EVENT_PHRASES = (
    "top-up 500 roubles, charge 300 roubles, purchase 500 roubles at kinograd, activated, blocked, unblocked"
)


@dataclass(frozen=True, slots=True)
class Happening:
    """What the operator's systems would tell the gateway of a subscriber. `amount` is in kopecks, `partner` where a
    purchase was made."""

    type: str
    amount: int | None = None
    partner: str | None = None

    def body(self) -> dict[str, str | int]:
        """As the API takes it, but for whose it is."""
        said = {"type": self.type, "amount": self.amount, "partner": self.partner}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a gift code gives: an amount of a unit, or a reward of the catalogue."""

    what: str
    amount: int | None = None

    def body(self) -> dict[str, str | int]:
        """As the API takes it."""
        return {"reward": self.what} if self.amount is None else {"unit": self.what, "amount": self.amount}


def seconds(phrase: str) -> int:
    """`31 days` or `3d` as seconds."""
    found = re.fullmatch(r"(\d{1,9})\s*([a-z]+)", phrase.strip().lower())
    unit = _SECONDS.get(found[2]) if found else None
    if found is None or unit is None:
        raise PhraseError(f"cannot read the time {phrase!r}: write it as 30 seconds, 5 minutes, 2 hours, 31 days or 3d")
    if int(found[1]) * unit > WAIT_MAX_S:
        raise PhraseError(f"{phrase!r} is longer than ten years; wait less")
    return int(found[1]) * unit


def kopecks(phrase: str) -> int:
    """`500 roubles`, `499.50` or `30 kopecks` as kopecks."""
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,2})?)\s*([a-z]*)", phrase.strip().lower())
    unit = _KOPECKS.get(found[2]) if found else None
    exact = Decimal(found[1]) * unit if found and unit else Decimal("0.5")
    if exact != int(exact) or exact > AMOUNT_MAX:
        raise PhraseError(f"cannot read the amount {phrase!r}: write it as 500 roubles, 499.50 roubles or 30 kopecks")
    return int(exact)


def happening(phrase: str) -> Happening:
    """`top-up 500 roubles` or `blocked` as an event."""
    name, _, rest = phrase.strip().partition(" ")
    kind = _EVENTS.get(name.lower())
    if kind is None:
        raise PhraseError(f"no such event: {phrase!r}; there are: {EVENT_PHRASES}")
    if name.lower() in _WITH_AMOUNT:
        return Happening(kind, kopecks(rest))
    if kind == _PURCHASE:
        return _purchase(phrase, rest)
    if rest.strip():
        raise PhraseError(f"{name} takes no amount; write just: {name}")
    return Happening(kind)


def _purchase(phrase: str, rest: str) -> Happening:
    amount, _, partner = rest.rpartition(" at ")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", partner.strip()):
        raise PhraseError(f"cannot read where {phrase!r} was made: write it as purchase 500 roubles at kinograd")
    return Happening(_PURCHASE, kopecks(amount), partner.strip())


def grant(phrase: str) -> Grant:
    """`500 points` or `mug` as what a gift code gives."""
    found = re.fullmatch(r"(?:(\d{1,10})\s+)?([a-z][a-z0-9_]{1,30})", phrase.strip().lower())
    if found is None:
        raise PhraseError(f"cannot read what the code gives, {phrase!r}: write {GRANT_PHRASES}")
    return Grant(found[2], None if found[1] is None else int(found[1]))
