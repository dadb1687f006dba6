"""Which part of which long message a PDU is: by its user data header (3GPP TS 23.040, 9.2.3.24), or by SAR parameters
(5.3.2.22 to 24).

Decides only what one PDU says of itself. Joining is whoever's business who keeps the others.
"""

from dataclasses import dataclass

from gateway.smpp.pdu import tlv
from gateway.smpp.pdu.messages import DataSm, ShortMessage
from gateway.smpp.pdu.tlv import Tag, Tlvs

HAS_HEADER = 0x40
"""The bit of esm_class that says that a user data header comes first (5.2.12)."""

TOTAL_MAX = 0xFF
REFERENCE_MAX = 0xFFFF
"""What a header has room for. SAR parameters are read in whatever width they come, and may say more."""

_EIGHT_BIT_REFERENCE = 0x00
_SIXTEEN_BIT_REFERENCE = 0x08


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number`, from 1, of `total` with a `reference` that comes round again."""

    reference: int
    total: int
    number: int


def read(message: ShortMessage | DataSm) -> tuple[Part | None, bytes]:
    """Which part it is, if any, and its user data without the header. A header that makes no sense is left in place."""
    payload = message.payload
    if not message.esm_class & HAS_HEADER:
        return _from_sar(message), payload
    if not payload or payload[0] >= len(payload):
        return None, payload
    after = 1 + payload[0]
    return _from_header(payload[1:after]), payload[after:]


def header(part: Part) -> bytes:
    """The user data header of a part, with a reference of 8 bits: 6 octets."""
    return bytes((5, _EIGHT_BIT_REFERENCE, 3, part.reference, part.total, part.number))


def wide_header(part: Part) -> bytes:
    """The user data header of a part, with a reference of 16 bits: 7 octets."""
    return bytes((6, _SIXTEEN_BIT_REFERENCE, 4, *part.reference.to_bytes(2, "big"), part.total, part.number))


def sar(part: Part) -> Tlvs:
    """The parameters that say the same. The SMSC makes a header of them, so they leave no more room than one."""
    return (
        tlv.with_number(Tag.SAR_MSG_REF_NUM, part.reference),
        tlv.with_number(Tag.SAR_TOTAL_SEGMENTS, part.total),
        tlv.with_number(Tag.SAR_SEGMENT_SEQNUM, part.number),
    )


def _from_header(elements: bytes) -> Part | None:
    at = 0
    while at + 2 <= len(elements):
        kind, length = elements[at], elements[at + 1]
        value = elements[at + 2 : at + 2 + length]
        if kind == _EIGHT_BIT_REFERENCE and len(value) == 3:
            return _sensible(Part(*value))
        if kind == _SIXTEEN_BIT_REFERENCE and len(value) == 4:
            return _sensible(Part(value[0] << 8 | value[1], value[2], value[3]))
        at += 2 + length
    return None


def _from_sar(message: ShortMessage | DataSm) -> Part | None:
    if not message.tlvs:
        return None
    reference = tlv.number(message.tlvs, Tag.SAR_MSG_REF_NUM)
    total = tlv.number(message.tlvs, Tag.SAR_TOTAL_SEGMENTS)
    number = tlv.number(message.tlvs, Tag.SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or number is None:
        return None
    return _sensible(Part(reference, total, number))


def _sensible(part: Part) -> Part | None:
    """None for a part that the whole does not have: the receiver ignores such an element (9.2.3.24.1). So too for more
    parts than there can be, which a sender could make us wait for."""
    return part if 1 <= part.number <= part.total <= TOTAL_MAX and part.reference <= REFERENCE_MAX else None
