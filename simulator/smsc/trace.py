"""Every PDU that went over the wire, for a tester to look at: octets and fields."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.messages import Bind
from gateway.smpp.pdu.status import described
from gateway.smpp.pdu.tlv import Tag

PDUS_MAX = 60_000
"""Kept; older ones are forgotten."""

Shown = str | float | None | list["Shown"] | dict[str, "Shown"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One PDU as it passed. `way` is `in` or `out`, from the SMSC's side."""

    number: int
    at: float
    session: int
    way: str
    octets: bytes


class Trace:
    """The newest PDUs of all connections, in order."""

    def __init__(self) -> None:
        self._seen: deque[Seen] = deque(maxlen=PDUS_MAX)
        self._count = 0

    @property
    def count(self) -> int:
        """How many have passed so far: the number of the newest, and so a cursor to all that come later."""
        return self._count

    def add(self, at: float, session: int, way: str, octets: bytes) -> None:
        """Note a PDU. A password does not stay."""
        self._count += 1
        self._seen.append(Seen(self._count, at, session, way, _without_password(octets)))

    def after(self, number: int, session: int | None) -> list[Seen]:
        """Those that came after one, of one connection or of all."""
        return [seen for seen in self._seen if seen.number > number and session in {None, seen.session}]


def shown(seen: Seen) -> Mapping[str, Shown]:
    """A PDU as JSON: its octets in hex, and what they mean."""
    head: dict[str, Shown] = {
        "number": seen.number,
        "at": seen.at,
        "session": seen.session,
        "way": seen.way,
        "hex": seen.octets.hex(),
    }
    try:
        pdu = codec.decode(seen.octets)
    except PduError as error:
        return head | {"pdu": None, "fault": error.what}
    status = int.from_bytes(seen.octets[8:12], "big")
    body = {field.name: _value(getattr(pdu, field.name)) for field in fields(pdu)}
    return head | {"pdu": type(pdu).__name__, "status": described(status), "fields": body}


def _value(value: object) -> Shown:
    match value:
        case bytes():
            return value.hex()
        case Enum():
            return value.name
        case str() | int():
            return value
        case tuple():
            return [{"tag": _tag(tag), "value": octets.hex()} for tag, octets in value]
        case _ if is_dataclass(value):
            return {field.name: _value(getattr(value, field.name)) for field in fields(value)}
    return None


def _tag(tag: int) -> str:
    return f"0x{tag:04X} {Tag(tag).name.lower()}" if tag in Tag.__members__.values() else f"0x{tag:04X}"


def _without_password(octets: bytes) -> bytes:
    try:
        pdu = codec.decode(octets)
    except PduError:
        return octets
    return codec.encode(replace(pdu, password="*" * len(pdu.password))) if isinstance(pdu, Bind) else octets
