"""What a session keeps from screen to screen: short values under names, which calls are made of.

Decides what may be kept, how it is written as the argument of a call, and how a menu file asks for it. Refuses to
know where a value comes from: a number that was typed or dialled, or a fact of the row or option that was chosen.
"""

import re
from collections.abc import Iterable, Mapping

from gateway.datafile.shape import NAME
from gateway.outcome import Fact

KEPT_MAX = 8  # names in one menu: a catalogue, a quote and a code need four, and a store of millions pays for each
KEPT_LENGTH_MAX = 40  # characters: an id, a price or a code; what is longer is a text, and texts stay on their screen

_ASKED = re.compile(rf"\{{\{{ *({NAME.strip('^$')}) *\}}\}}")


def asked_name(argument: str) -> str | None:
    """`gift_code` for `{{ gift_code }}`, and None for a text that asks for nothing that was kept."""
    found = _ASKED.fullmatch(argument.strip())
    return found[1] if found else None


def written(fact: Fact) -> str | None:
    """A fact as an argument: true and false in words, nothing as an empty text. None for what cannot be kept."""
    if isinstance(fact, list):
        return None
    if isinstance(fact, bool):
        return "true" if fact else "false"
    text = "" if fact is None else str(fact)
    return text if len(text) <= KEPT_LENGTH_MAX else None


def kept_of(facts: Mapping[str, Fact], names: Iterable[str]) -> dict[str, str | None]:
    """The values of these facts; None for one that is not there or cannot be kept, so that no older one stands in."""
    return {name: written(facts[name]) if name in facts else None for name in names}


def with_kept(before: Mapping[str, str], anew: Mapping[str, str | None]) -> Mapping[str, str]:
    """What a session keeps after a choice."""
    if not anew:
        return before
    values = {**before, **anew}
    return {name: value for name, value in values.items() if value is not None}
