"""Texts on the wire: ours divided into the parts that a link's SMSC takes, theirs joined and read.

Decides where a part ends and how it says which one it is. Refuses to keep parts until the others come: whoever keeps
them hands them over together. Octets are joined, then read, since phones cut an emoji in two, or an escape from its
character; what we cut we cut between characters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from gateway.smpp.choices import Concatenation
from gateway.smpp.pdu import coding, part
from gateway.smpp.pdu.coding import DefaultAlphabet
from gateway.smpp.pdu.messages import DataSm, ShortMessage
from gateway.smpp.pdu.part import Part
from gateway.smpp.pdu.tlv import Tag, Tlvs
from gateway.smpp.settings import LinkSettings
from gateway.text import sms

PARTS_MAX = 255
"""A part's number is one octet, in headers and in parameters."""
HEADER_OCTETS = {Concatenation.UDH8: 6, Concatenation.UDH16: 7, Concatenation.SAR: 6}
"""What marking a part takes of its 140 octets. SAR parameters become a header at the SMSC."""
_HIGH_SURROGATES = range(0xD8, 0xDC)


@dataclass(frozen=True, slots=True)
class Content:
    """What one submit_sm says, and how."""

    short_message: bytes = b""
    data_coding: int = coding.DEFAULT
    esm_class: int = 0
    tlvs: Tlvs = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """What one PDU brought: all of a text, or a part of it."""

    part: Part | None
    octets: bytes
    data_coding: int


def divide(text: str, settings: LinkSettings, reference: int) -> tuple[Content, ...]:
    """A text as the link's SMSC takes it, in as few PDUs as hold it.

    `reference` tells the parts of one text from another's to the same number; it counts up and is cut to what the
    marking has room for. Raises `ValueError` for a text of more than `PARTS_MAX` parts: check texts before. Worked
    example: 161 letters are 153 and 8.
    """
    data_coding = coding.coding_of(text, settings.default_alphabet)
    whole = _octets(text, data_coding, settings)
    if len(_pieces(text, data_coding, settings, 0)) == 1:
        return (Content(whole, data_coding),)
    if settings.concatenation is Concatenation.PAYLOAD:
        return (Content(data_coding=data_coding, tlvs=((Tag.MESSAGE_PAYLOAD, whole),)),)
    pieces = _pieces(text, data_coding, settings, HEADER_OCTETS[settings.concatenation])
    if len(pieces) > PARTS_MAX:
        raise ValueError(f"a text of {len(pieces)} parts; at most {PARTS_MAX} can be marked")
    return tuple(
        _marked(piece, data_coding, Part(reference, len(pieces), number), settings.concatenation)
        for number, piece in enumerate(pieces, 1)
    )


def read(pdu: ShortMessage | DataSm) -> Piece:
    """What a PDU brought."""
    found, octets = part.read(pdu)
    return Piece(found, octets, pdu.data_coding)


def text_of(octets: bytes, data_coding: int, default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7) -> str | None:
    """The text of octets; None where they are none."""
    return coding.read(octets, data_coding, default_alphabet)


def joined(pieces: Iterable[Piece], default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7) -> str | None:
    """The text of all pieces, in the order of their numbers; None when one of them is no text.

    Neighbours in one coding are read as one; some phones change it from part to part.
    """
    ordered = sorted(pieces, key=lambda piece: piece.part.number if piece.part else 0)
    runs = groupby(ordered, key=lambda piece: piece.data_coding)
    texts = [
        text_of(b"".join(piece.octets for piece in run), data_coding, default_alphabet) for data_coding, run in runs
    ]
    return None if None in texts else "".join(text for text in texts if text is not None)


def _pieces(text: str, data_coding: int, settings: LinkSettings, header_octets: int) -> Sequence[bytes]:
    """The octets of each part, without its mark; one when the text fits the room that `header_octets` leave."""
    if data_coding == coding.UCS2:
        return _cut(_octets(text, data_coding, settings), sms.USER_DATA_OCTETS - header_octets)
    return [_octets(piece, data_coding, settings) for piece in sms.split(text, header_octets)]


def _cut(octets: bytes, room: int) -> list[bytes]:
    """UTF-16 in pieces of at most `room` octets, a surrogate with its pair. A text in the default alphabet is cut by
    `sms.split`; one that only this SMSC's alphabet lacks a letter of would count as septets there."""
    room -= room % 2
    pieces: list[bytes] = []
    at = 0
    while at < len(octets) or not pieces:
        end = at + room
        if end < len(octets) and octets[end - 2] in _HIGH_SURROGATES:
            end -= 2
        pieces.append(octets[at:end])
        at = end
    return pieces


def _octets(text: str, data_coding: int, settings: LinkSettings) -> bytes:
    return coding.write(text, data_coding, settings.default_alphabet)


def _marked(octets: bytes, data_coding: int, whole: Part, how: Concatenation) -> Content:
    match how:
        case Concatenation.UDH8:
            header = part.header(Part(whole.reference % 0x100, whole.total, whole.number))
            return Content(header + octets, data_coding, part.HAS_HEADER)
        case Concatenation.UDH16:
            header = part.wide_header(Part(whole.reference % 0x1_0000, whole.total, whole.number))
            return Content(header + octets, data_coding, part.HAS_HEADER)
        case _:
            sar = part.sar(Part(whole.reference % 0x1_0000, whole.total, whole.number))
            return Content(octets, data_coding, tlvs=sar)
