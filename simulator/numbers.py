"""Numbers of phones without a past: drawn anew, so that a story may be told again and again on one database."""

import random

_CHANCE = random.SystemRandom()


def fresh_number() -> str:
    """A mobile number of Russia's, `+7921…`."""
    return f"+7921{_CHANCE.randrange(10**7):07d}"
