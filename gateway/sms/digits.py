"""The digits of a text: one stretch of them, and what stands on either side.

Decides what is one stretch: digits of any alphabet, with spaces and signs between them (`123 456`, `12-34.56`), on one
line. Not with `*` or `#` between: that is a dial string, sent to the wrong place, and no code. Refuses to know what the
digits are for, and which words may stand beside them.
"""

import re
from dataclasses import dataclass, field

from gateway.sms.source import TAKEN_DIGITS_MAX

_STRETCH = re.compile(r"(?P<before>\D*)(?P<digits>\d(?:(?:[^\w*#\n\r]|_)*\d)*)(?P<after>\D*)")
_NUMBER_SIGN = re.compile(r"(?<=[^\W_])[\W_]+no?[\W_]*$")
"""The `N` or `No` of keyboards without `№`. After a word: `no 1` says no."""

_BETWEEN = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The one stretch of a text: `before` and `after` hold no digit. `in_one_piece`: nothing stands between them."""

    before: str
    digits: str = field(repr=False)
    after: str
    in_one_piece: bool

    @property
    def number(self) -> str:
        """The number that it is, without leading zeros; none when it is in pieces, or so long that it may be a code."""
        is_number = self.in_one_piece and len(self.digits) <= TAKEN_DIGITS_MAX
        return str(int(self.digits)) if is_number else ""


def stretch(text: str) -> Stretch | None:
    """The digits of a plain text, in ASCII; None when it has none, or several stretches."""
    found = _STRETCH.fullmatch(text)
    if found is None:
        return None
    digits = "".join(str(int(sign)) for sign in found["digits"] if sign.isdecimal())
    return Stretch(_NUMBER_SIGN.sub("", found["before"]), digits, found["after"], found["digits"].isdecimal())


def apart(text: str) -> str:
    """A plain text with a space wherever a letter and a digit touch: `подарок5` is `подарок 5`."""
    return _BETWEEN.sub(" ", text)
