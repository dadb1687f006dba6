"""Gift codes as people see them: their digits, their check digit, their serials, and what they may grant.

Decides what a code may look like and how one is drawn. Refuses to know keys, digests, the store, and where randomness
comes from: that is an argument.

The check digit is H. Michael Damm's ("Total anti-symmetrische Quasigruppen", Marburg 2004); table and worked example as
in https://www.programmingalgorithms.com/algorithm/damm-algorithm/: 572 → 4. It finds every wrong digit and every two
neighbours that changed places; it does not see zeros in front.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gateway.errors import BadRequestError
from gateway.loyalty.programme import AMOUNT_MAX, DAY_S, Programme
from gateway.msisdn import Msisdn

SHORT_DIGITS = 6
"""Few enough to be typed after `*123*`, and to be guessed: so they only work from the number that they were sent to."""
LONG_DIGITS_MIN = 10
LONG_DIGITS_MAX = 20  # what prints on a card and is still typed without a slip
RARE = 10_000
"""At most one of so many codes that look right is one that anybody may redeem. With the lock after five wrong tries a
number hits one with 0.05 % a day; the breaker meets whoever has many numbers."""
BATCH_MAX = 1_000_000
"""Codes of one batch: its file still opens in a spreadsheet."""
RANGE_LEFT = 5
"""The breaker takes numbers together that differ in their last five digits: blocks of a hundred thousand, as operators
hand them out. SIM cards bought by the bag fall into few blocks, and nobody can stop everybody."""

DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)  # fmt: skip

BATCH_DIGITS, ORDINAL_DIGITS = 4, 6
SERIAL = re.compile(r"\s*(?P<batch>[0-9]{4,9})-(?P<ordinal>[0-9]{6,9})-(?P<check>[0-9])\s*")


class Form(Enum):
    """What a gift code is by its looks."""

    SHORT = "short"
    LONG = "long"
    MALFORMED = "malformed"


def check_digit(digits: str) -> str:
    """The digit to write after these."""
    interim = 0
    for digit in digits:
        interim = int(DAMM[interim][int(digit)])
    return str(interim)


def well_formed(gift_code: str) -> Form:
    """Six digits, or ten to twenty of which the last one checks the others."""
    if not (gift_code.isascii() and gift_code.isdigit()):
        return Form.MALFORMED
    if len(gift_code) == SHORT_DIGITS:
        return Form.SHORT
    is_long = LONG_DIGITS_MIN <= len(gift_code) <= LONG_DIGITS_MAX
    return Form.LONG if is_long and check_digit(gift_code) == "0" else Form.MALFORMED


def draw(length: int, below: Callable[[int], int]) -> str:
    """A gift code of so many digits. `below(n)` is a random integer from 0 to n - 1, from a source nobody can foresee.

    A long code begins with no zero: its check digit would not miss one that a spreadsheet ate.
    """
    if length == SHORT_DIGITS:
        return f"{below(10**length):0{length}}"
    first = 10 ** (length - 2)
    body = str(first + below(9 * first))
    return body + check_digit(body)


def bearer_codes_max(length: int) -> int:
    """How many bearer codes of this length may be alive at once: of ten digits 90,000."""
    return int(9 * 10 ** (length - 2) // RARE)


@dataclass(frozen=True, slots=True, order=True)
class Serial:
    """A gift code's printable name, which redeems nothing: `0012-000345-` and a check digit."""

    batch_id: int
    ordinal: int

    @classmethod
    def parse(cls, text: str) -> "Serial":
        """Read one as it is printed. Raises `BadRequestError`, which does not repeat it: it may be a code."""
        found = SERIAL.fullmatch(text)
        if found is None:
            raise BadRequestError(f"this is no serial number: they are printed as {cls(12, 345)}")
        if check_digit(found["batch"] + found["ordinal"]) != found["check"]:
            raise BadRequestError("a digit of this serial number is mistyped: compare it with the print")
        return cls(int(found["batch"]), int(found["ordinal"]))

    def __str__(self) -> str:
        batch, ordinal = f"{self.batch_id:0{BATCH_DIGITS}}", f"{self.ordinal:0{ORDINAL_DIGITS}}"
        return f"{batch}-{ordinal}-{check_digit(batch + ordinal)}"


def number_range(msisdn: Msisdn) -> str:
    """The beginning of a number, by which the breaker acts: +79211234567 → +792112."""
    return msisdn[:-RANGE_LEFT]


def granted(text: str, programme: Programme) -> Mapping[str, Any]:
    """What a batch keeps of `points=500` or `reward=cinema`: what the code will give, whatever the catalogue says by
    then. Raises `BadRequestError` with what there is."""
    what, _, value = text.partition("=")
    if what == "reward":
        return _granted_reward(value, programme)
    if what not in programme.units:
        units = ", ".join(f"{unit}=500" for unit in programme.units)
        raise BadRequestError(
            f"nothing can be granted by {text!r}: write {units}, or reward=… with {_rewards(programme)}"
        )
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= AMOUNT_MAX):
        raise BadRequestError(f"{text!r}: an amount is a whole number from 1 to {AMOUNT_MAX}")
    return {"unit": what, "amount": int(value)}


def _granted_reward(code: str, programme: Programme) -> Mapping[str, Any]:
    reward = programme.reward(code)
    if reward is None:
        raise BadRequestError(f"there is no reward {code!r}; there are: {_rewards(programme)}")
    return {
        "reward": reward.reward,
        "fulfilment": reward.fulfilment.value,
        "unit": reward.unit,
        "counted": reward.counted,
        "terms": dict(reward.terms),
        "due_s": None if reward.due_days is None else reward.due_days * DAY_S,
    }


def _rewards(programme: Programme) -> str:
    return ", ".join(one.reward for one in programme.rewards) or "no reward: the catalogue is empty"


def shown_grant(grants: Mapping[str, Any]) -> str:
    """The same as it was asked for."""
    return f"reward={grants['reward']}" if "reward" in grants else f"{grants['unit']}={grants['amount']}"
