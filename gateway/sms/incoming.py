"""What comes to the receiver, whatever the link speaks: a text, a receipt, or something without an answer.

Decides whose texts are taken at all: those of subscribers, to numbers of ours.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from gateway.msisdn import Msisdn
from gateway.sms.ports import PartOf

NUMBER_DIGITS_MIN = 7
"""A shorter sender is a service, not a subscriber."""


@dataclass(frozen=True, slots=True)
class TextHeard:
    """A text. `about` is what it has in common with its own repetitions, beside its numbers; `is_named`: that is an id
    which no other text ever has. `content` is as `sms.content` packs it."""

    smsc: str
    msisdn: Msisdn
    short_number: str
    about: str = field(repr=False)
    content: bytes = field(repr=False)
    part: PartOf | None = None
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptHeard:
    """How a message to that subscriber stands. `ids` are the ways in which its id may have been written when it was
    given: pairs of form and id. After a `final` one no other comes."""

    smsc: str
    msisdn: Msisdn
    ids: tuple[tuple[str, str], ...]
    state: str
    final: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptIgnored:
    """A receipt that says nothing: `ignored` (it names no message), or `stranger` (its number is none)."""

    how: str


@dataclass(frozen=True, slots=True)
class TextIgnored:
    """A text without answer: `robot` (its sender is no subscriber), `bad_number`, `not_ours` (its destination), or
    `ussd` (a subscriber dials, and the link has no `ussd` setting)."""

    smsc: str
    why: str
    about: str = field(repr=False)


Heard = TextHeard | ReceiptHeard | ReceiptIgnored | TextIgnored


def is_robot(digits: str, our_numbers: AbstractSet[str]) -> bool:
    """Whether a sender, without its plus, is a service, or one of ourselves: two robots would talk for ever."""
    return digits in our_numbers or len(digits) < NUMBER_DIGITS_MIN
