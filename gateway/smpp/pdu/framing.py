"""Cuts a stream of octets into PDUs (3.2.2), wherever reads happen to end.

Decides only by command_length. Knows nothing of what is inside.
"""

from collections.abc import Iterator

from gateway.smpp.pdu.errors import FramingError
from gateway.smpp.pdu.status import Status

PDU_BYTES_MIN = 16
PDU_BYTES_MAX = 0x1_0000 + 0x400
"""The longest message_payload is 64 KiB; the other fields of its message fit the rest."""


class Framer:
    """Keeps what is left of one read until the next. One for each connection."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Every whole PDU that can now be cut, in order.

        Raises `FramingError` in the place of a PDU whose length no PDU has; those before it have been handed over.
        """
        self._pending += data
        return self._cut()

    def _cut(self) -> Iterator[bytes]:
        pending = self._pending
        while len(pending) >= 4:
            length = int.from_bytes(pending[:4], "big")
            if not PDU_BYTES_MIN <= length <= PDU_BYTES_MAX:
                raise FramingError(
                    f"command_length {length} is not from {PDU_BYTES_MIN} to {PDU_BYTES_MAX}", Status.RINVCMDLEN
                )
            if len(pending) < length:
                return
            frame = bytes(pending[:length])
            del pending[:length]
            yield frame
