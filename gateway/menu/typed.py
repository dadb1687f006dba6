"""What a subscriber types or dials, as keys and as what was asked for.

Decides how forgiving an input is: digits of any script, with spaces and hyphens between them. Refuses to know what a
typed number is for.
"""

import re
import unicodedata
from dataclasses import dataclass

INPUT_LENGTH_MAX = 182  # one USSD string; a longer one did not come from a handset

_DIGITS = re.compile(r"[0-9]+(-+[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Input:
    """A number that may be typed: what the session calls it, and how many digits it has."""

    name: str
    digits_from: int
    digits_to: int

    def fitted(self, text: str) -> str | None:
        """The digits of a normalised text, `123-456` as `123456`; None when it is no number of this length."""
        if not _DIGITS.fullmatch(text):
            return None
        digits = text.replace("-", "")
        return digits if self.digits_from <= len(digits) <= self.digits_to else None


def normalised(text: str) -> str:
    """An input as keys: full-width and other digits as ours, without spaces and a closing `#`. Empty if too long."""
    if len(text) > INPUT_LENGTH_MAX:
        return ""
    plain = "".join(text.split()).removesuffix("#")
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in plain)
