"""The fields of a PDU's body: NUL-terminated strings and addresses (3.1), read with their limits and written with them.

Sizes count the NUL, as the specification's tables do. Strings are read as Latin-1, which no octet can break.
"""

from enum import Enum

from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.messages import Address
from gateway.smpp.pdu.status import Status


class Text(Enum):
    """The strings: their size in octets at most, and the status that says what was wrong with one (5.2)."""

    def __init__(self, size: int, refusal: Status, shown: str) -> None:
        self.size = size
        self.refusal = refusal
        self.shown = shown

    SYSTEM_ID = 16, Status.RINVSYSID, "system_id"
    PASSWORD = 9, Status.RINVPASWD, "password"
    SYSTEM_TYPE = 13, Status.RINVSYSTYP, "system_type"
    ADDRESS_RANGE = 41, Status.RBINDFAIL, "address_range"
    SERVICE_TYPE = 6, Status.RINVSERTYP, "service_type"
    SOURCE = 21, Status.RINVSRCADR, "source_addr"
    DESTINATION = 21, Status.RINVDSTADR, "destination_addr"
    # data_sm and alert_notification leave more room than the others (4.7.1, 4.12.1).
    LONG_SOURCE = 65, Status.RINVSRCADR, "source_addr of data_sm"
    LONG_DESTINATION = 65, Status.RINVDSTADR, "destination_addr of data_sm"
    SCHEDULE = 17, Status.RINVSCHED, "schedule_delivery_time"
    VALIDITY = 17, Status.RINVEXPIRY, "validity_period"
    FINAL_DATE = 17, Status.RINVPARLEN, "final_date"
    MESSAGE_ID = 65, Status.RINVMSGID, "message_id"


def read(data: bytes, at: int, text: Text) -> tuple[str, int]:
    """The string at `at`, and where the next field begins.

    A string that the PDU's end cuts off before its NUL is accepted: several SMSCs write message ids so. Raises
    `IndexError` when the PDU has ended already. Most strings of a message are empty, so that is looked at first.
    """
    if not data[at]:
        return "", at + 1
    end = data.find(b"\0", at, at + text.size)
    if end > 0:
        return data[at:end].decode("latin-1"), end + 1
    if len(data) < at + text.size:
        return data[at:].decode("latin-1"), len(data)
    raise PduError(f"{text.shown} has no end within {text.size} octets", text.refusal)


def read_address(data: bytes, at: int, text: Text) -> tuple[Address, int]:
    """Type, plan and digits at `at`, and where the next field begins."""
    digits, after = read(data, at + 2, text)
    return Address(digits, data[at], data[at + 1]), after


def write(value: str, text: Text) -> bytes:
    """The string with its NUL. Raises `ValueError` without repeating the value."""
    try:
        octets = value.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(f"{text.shown} has characters beyond Latin-1") from None
    if len(octets) >= text.size or b"\0" in octets:
        raise ValueError(f"{text.shown} takes at most {text.size - 1} octets, none of them NUL")
    return octets + b"\0"


def write_address(address: Address, text: Text) -> bytes:
    """Type, plan and digits."""
    return octet(address.ton, "TON") + octet(address.npi, "NPI") + write(address.digits, text)


def octet(value: int, shown: str) -> bytes:
    """One octet."""
    if not 0 <= value <= 0xFF:
        raise ValueError(f"{shown} is one octet, not {value}")
    return bytes((value,))
