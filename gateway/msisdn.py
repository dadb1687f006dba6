"""Subscribers' numbers: one canonical E.164 form inside, and one masked form outside.

Numbers arrive as `+7921…`, `7921…`, `8921…` or `921…`. Reading one takes about 30 µs, so it happens once,
at the edge, and the last few thousand are remembered.
"""

import re
from functools import lru_cache
from typing import NewType

import phonenumbers

from gateway.errors import BadNumberError

Msisdn = NewType("Msisdn", str)
"""E.164 with its plus: `+79210000001`."""

REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""The countries (ISO 3166) whose numbers can be read without a country code."""
WRITTEN = re.compile(r"\s*[+＋]?\d[\d ()\-.]{4,24}\s*")
"""How people and networks write a number. The library would read letters as keys of a telephone: nobody's number."""
REMEMBERED_MAX = 8192


@lru_cache(maxsize=REMEMBERED_MAX)
def canonical(raw: str, region: str = "RU") -> Msisdn:
    """The E.164 form of a number as a network or a person writes it.

    `region` (ISO 3166) reads numbers without a country code. Raises `BadNumberError` for what is no number;
    the message never repeats it. Worked example: `8 (921) 000-00-01` in RU is `+79210000001`.
    """
    try:
        parsed = phonenumbers.parse(raw, region) if WRITTEN.fullmatch(raw) else None
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is not None and not phonenumbers.is_possible_number(parsed):
        parsed = _without_plus(raw)
    if parsed is None:
        raise BadNumberError(
            f"not a subscriber's number ({len(raw)} characters): send E.164: a plus, the country code, the number"
        )
    return Msisdn(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _without_plus(raw: str) -> phonenumbers.PhoneNumber | None:
    """International digits that came without their plus (`233244000001`), or None."""
    try:
        parsed = phonenumbers.parse("+" + raw.strip().lstrip("+"), None)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None


def masked(number: str) -> str:
    """The only form that logs, screens of staff and errors show: `+7921*****01`."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:5] + "*" * (len(number) - 7) + number[-2:]
