"""The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, clauses 6.2.1 and 6.2.1.1).

Decides which characters the alphabet has, how many septets each takes, and which septets those are, unpacked: one
in each octet, as SMPP carries them. Refuses to know national language tables: handsets and gateways support them too
unevenly to rely on.
"""

ESCAPE = "\x1b"

_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ" + ESCAPE + "ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet, each character in its place."""

_EXTENDED = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

BASIC = frozenset(_TABLE) - {ESCAPE}
"""One septet each. 127 characters: the 128th place is the escape to the extension table."""

EXTENSION = frozenset(_EXTENDED.values())
"""Two septets each: the escape, then the character."""

ALPHABET = BASIC | EXTENSION

_OCTETS = {letter: bytes((place,)) for place, letter in enumerate(_TABLE) if letter != ESCAPE} | {
    letter: bytes((0x1B, place)) for place, letter in _EXTENDED.items()
}


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


def encode(text: str) -> bytes:
    """The septets of `text`, one in each octet. Raises `ValueError` for a text that has no form here: measure first."""
    try:
        return b"".join([_OCTETS[letter] for letter in text])
    except KeyError:
        raise ValueError("the text has characters outside the GSM 7-bit alphabet") from None


def decode(octets: bytes) -> str:
    """The text of septets that came one in each octet. Never raises.

    An escape to a place that the extension table leaves empty shows the basic table's character there, as the clause
    asks of a receiver; an octet beyond 7 bits shows as `\ufffd`.
    """
    letters = []
    escaped = False
    for place in octets:
        basic = _TABLE[place] if place < len(_TABLE) else "\ufffd"
        if escaped:
            letters.append(_EXTENDED.get(place, basic if basic != ESCAPE else " "))
            escaped = False
        elif basic == ESCAPE:
            escaped = True
        else:
            letters.append(basic)
    return "".join(letters)
