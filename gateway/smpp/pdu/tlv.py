"""Optional parameters: tag, length, value (3.2.4.1, 5.3.2).

A message keeps them all, in their order, as pairs of tag and octets; what we do not know is kept raw. The functions
here read and make the values of those that we do know. Reading tolerates what networks send: a string without its
NUL, a length of 0, an integer of another width.
"""

from enum import IntEnum
from struct import Struct

from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.status import Status

Tlv = tuple[int, bytes]
Tlvs = tuple[Tlv, ...]

VALUE_BYTES_MAX = 0xFFFF
_HEADER = Struct(">HH")


class Tag(IntEnum):
    """Tags by the names of table 5-7; vendors own 0x1400 to 0x3FFF."""

    DEST_ADDR_SUBUNIT = 0x0005
    DEST_NETWORK_TYPE = 0x0006
    DEST_BEARER_TYPE = 0x0007
    DEST_TELEMATICS_ID = 0x0008
    SOURCE_ADDR_SUBUNIT = 0x000D
    SOURCE_NETWORK_TYPE = 0x000E
    SOURCE_BEARER_TYPE = 0x000F
    SOURCE_TELEMATICS_ID = 0x0010
    QOS_TIME_TO_LIVE = 0x0017
    PAYLOAD_TYPE = 0x0019
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    RECEIPTED_MESSAGE_ID = 0x001E
    MS_MSG_WAIT_FACILITIES = 0x0030
    PRIVACY_INDICATOR = 0x0201
    SOURCE_SUBADDRESS = 0x0202
    DEST_SUBADDRESS = 0x0203
    USER_MESSAGE_REFERENCE = 0x0204
    USER_RESPONSE_CODE = 0x0205
    SOURCE_PORT = 0x020A
    DESTINATION_PORT = 0x020B
    SAR_MSG_REF_NUM = 0x020C
    LANGUAGE_INDICATOR = 0x020D
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    CALLBACK_NUM_PRES_IND = 0x0302
    CALLBACK_NUM_ATAG = 0x0303
    NUMBER_OF_MESSAGES = 0x0304
    CALLBACK_NUM = 0x0381
    DPF_RESULT = 0x0420
    SET_DPF = 0x0421
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MORE_MESSAGES_TO_SEND = 0x0426
    MESSAGE_STATE = 0x0427
    CONGESTION_STATE = 0x0428  # SMPP 5.0
    USSD_SERVICE_OP = 0x0501
    DISPLAY_TIME = 0x1201
    SMS_SIGNAL = 0x1203
    MS_VALIDITY = 0x1204
    ALERT_ON_MESSAGE_DELIVERY = 0x130C
    ITS_REPLY_TYPE = 0x1380
    ITS_SESSION_INFO = 0x1383


_TWO_OCTETS = frozenset(
    {
        Tag.DEST_TELEMATICS_ID,
        Tag.USER_MESSAGE_REFERENCE,
        Tag.SOURCE_PORT,
        Tag.DESTINATION_PORT,
        Tag.SAR_MSG_REF_NUM,
        Tag.SMS_SIGNAL,
        Tag.ITS_SESSION_INFO,
    }
)


def read(data: bytes, at: int) -> Tlvs:
    """The parameters from `at` to the end. Raises `PduError` with 0xC0 when one is torn (SMPP 5.0, 4.7.6)."""
    found = []
    end = len(data)
    while at < end:
        if at + 4 > end:
            raise PduError("an optional parameter ends within its header", Status.RINVOPTPARSTREAM)
        tag, length = _HEADER.unpack_from(data, at)
        at += 4 + length
        if at > end:
            raise PduError(f"optional parameter 0x{tag:04X} is longer than its PDU", Status.RINVOPTPARSTREAM)
        found.append((tag, data[at - length : at]))
    return tuple(found)


def write(tlvs: Tlvs) -> bytes:
    """The parameters as octets, in their order."""
    return b"".join(_HEADER.pack(tag, len(value)) + value for tag, value in tlvs)


def octets(tlvs: Tlvs, tag: int) -> bytes | None:
    """The value of the first parameter of that tag, or None."""
    for found, value in tlvs:
        if found == tag:
            return value
    return None


def number(tlvs: Tlvs, tag: int) -> int | None:
    """Its value as an unsigned integer of whatever width came; None when it is absent or has no octets."""
    value = octets(tlvs, tag)
    return int.from_bytes(value, "big") if value else None


def text(tlvs: Tlvs, tag: int) -> str | None:
    """Its value up to a NUL, if one came; None when it is absent."""
    value = octets(tlvs, tag)
    return None if value is None else value.partition(b"\0")[0].decode("latin-1")


def with_number(tag: Tag, value: int) -> Tlv:
    """A parameter whose value is an integer, in the width that the specification gives it: one octet or two."""
    try:
        return tag, value.to_bytes(2 if tag in _TWO_OCTETS else 1, "big")
    except OverflowError:
        raise ValueError(f"{value} does not fit the optional parameter {tag.name}") from None


def with_text(tag: Tag, value: str) -> Tlv:
    """A parameter whose value is a string with its NUL."""
    return tag, value.encode("latin-1") + b"\0"
