"""The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, clauses 6.2.1 and 6.2.1.1).

Decides which characters the alphabet has and how many septets each takes. Refuses to know national language
tables: handsets and gateways support them too unevenly to rely on.
"""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each. 127 characters: the 128th place is the escape to the extension table."""

EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each: the escape, then the character."""

ALPHABET = BASIC | EXTENSION


def septets(text: str) -> int | None:
    """The length of `text` in septets, or None when a character is outside the alphabet.

    Worked example: `5 €` takes 4 septets, and `5 ₽` has no GSM 7-bit form at all.
    """
    letters = frozenset(text)
    if not letters <= ALPHABET:
        return None
    if letters.isdisjoint(EXTENSION):
        return len(text)
    return len(text) + sum(text.count(letter) for letter in letters & EXTENSION)


def strangers(text: str) -> tuple[tuple[int, str], ...]:
    """Each character that is outside the alphabet, with its position counted from 1, in order."""
    return tuple((place, letter) for place, letter in enumerate(text, 1) if letter not in ALPHABET)
