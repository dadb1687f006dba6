"""PDUs as tshark sees them: each in a TCP segment of a capture that was never on a wire, and the fields that it reads.

The capture is classic libpcap with bare IPv4 (LINKTYPE_RAW); checksums are 0, which tshark does not look at.
"""

import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

PORT_SMSC, PORT_ESME = 2775, 40_000
LINKTYPE_RAW = 101
SEGMENT_BYTES_MAX = 1400
TCP = 6
PUSH_ACK = 0x18
TROUBLE = ("_ws.expert.severity", "_ws.expert.message")
WARNING = 0x0060_0000

_BETWEEN, _AMONG = "|", "~"

_FILE = Struct("<IHHiIII")
_RECORD = Struct("<IIII")
_IPV4 = Struct(">BBHHHBBH4s4s")
_SEGMENT = Struct(">HHIIBBHHH")
_LOOPBACK = socket.inet_aton("127.0.0.1")

Read = Mapping[str, Sequence[str]]
"""What tshark read of a PDU: names of its fields, and their values in their order."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Octets that one side wrote, from the SMSC's side: `in` or `out`."""

    way: str
    octets: bytes


def written(path: Path, sent: Sequence[Sent], segment_bytes: int = SEGMENT_BYTES_MAX) -> None:
    """A capture of one connection, segment by segment."""
    at = {"in": 1, "out": 1}
    records = [_FILE.pack(0xA1B2C3D4, 2, 4, 0, 0, 0x10000, LINKTYPE_RAW)]
    for one in sent:
        for start in range(0, len(one.octets), segment_bytes):
            packet = _packet(one.way, at, one.octets[start : start + segment_bytes])
            records += [_RECORD.pack(len(records), 0, len(packet), len(packet)), packet]
    path.write_bytes(b"".join(records))


def read(path: Path, fields: Sequence[str]) -> list[Read]:
    """These fields of each PDU of a capture, in the order of the PDUs. Fails for whatever tshark warns of."""
    names = [*TROUBLE, *fields]
    command = ["tshark", "-r", str(path), "-d", f"tcp.port=={PORT_SMSC},smpp", "-Y", "smpp", "-T", "fields"]
    options = ["-E", f"separator={_BETWEEN}", "-E", f"aggregator={_AMONG}", *(f"-e{name}" for name in names)]
    output = subprocess.run([*command, *options], check=True, capture_output=True, text=True).stdout
    found = [dict(zip(names, map(_values, line.split(_BETWEEN)), strict=True)) for line in output.splitlines()]
    trouble = [f"PDU {number}: {', '.join(pdu[TROUBLE[1]])}" for number, pdu in enumerate(found, 1) if _warns(pdu)]
    if trouble:
        raise AssertionError(f"tshark says of {path}: {'; '.join(trouble)}")
    return found


def _values(written: str) -> Sequence[str]:
    return written.split(_AMONG) if written else ()


def _warns(pdu: Read) -> bool:
    """Notes are about TCP, of which we have no handshake."""
    return any(int(severity) >= WARNING for severity in pdu[TROUBLE[0]])


def _packet(way: str, at: dict[str, int], data: bytes) -> bytes:
    """An IPv4 packet with one segment; counts its octets."""
    source, destination = (PORT_ESME, PORT_SMSC) if way == "in" else (PORT_SMSC, PORT_ESME)
    other = "out" if way == "in" else "in"
    segment = _SEGMENT.pack(source, destination, at[way], at[other], 5 << 4, PUSH_ACK, 0xFFFF, 0, 0)
    at[way] += len(data)
    length = _IPV4.size + len(segment) + len(data)
    return _IPV4.pack(0x45, 0, length, 0, 0, 64, TCP, 0, _LOOPBACK, _LOOPBACK) + segment + data
