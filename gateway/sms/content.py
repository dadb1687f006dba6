"""The octets of a text with all that is needed to read them, as the store keeps them: coding, alphabet, octets.

Parts of a long text are joined before they are read: senders cut pairs of UTF-16, and escapes, in two.
"""

from collections.abc import Sequence
from itertools import groupby

from gateway.smpp import parts
from gateway.smpp.parts import Piece
from gateway.smpp.pdu.coding import DefaultAlphabet


def packed(octets: bytes, data_coding: int, default_alphabet: DefaultAlphabet) -> bytes:
    """One value of the three: a line that says how to read, then the octets."""
    return f"{data_coding} {default_alphabet.value}\n".encode() + octets


def merged(contents: Sequence[bytes]) -> bytes:
    """All parts as one value, read as the first says: to be kept for a person."""
    how, line_end, _ = contents[0].partition(b"\n")
    return how + line_end + b"".join(content.partition(b"\n")[2] for content in contents)


def joined(contents: Sequence[bytes]) -> str | None:
    """The text of all parts in their order, or None where any of it is no text."""
    runs = groupby(map(_unpacked, contents), key=lambda unpacked: unpacked[0])
    texts = [parts.joined([piece for _, piece in run], alphabet) for alphabet, run in runs]
    return None if None in texts else "".join(text for text in texts if text is not None)


def _unpacked(content: bytes) -> tuple[DefaultAlphabet, Piece]:
    how, _, octets = content.partition(b"\n")
    data_coding, default_alphabet = how.decode().split(" ")
    return DefaultAlphabet(default_alphabet), Piece(None, octets, int(data_coding))
