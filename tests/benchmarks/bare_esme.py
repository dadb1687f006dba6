"""The floor of SMS: an ESME on asyncio that answers every text with one fixed text. No store, no logic, no time-outs.

python -m tests.benchmarks.bare_esme PORT
"""

import asyncio
import sys
from typing import cast

import uvloop

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import Bind, BindMode, DeliverSm, DeliverSmResp
from tests.benchmarks import texts


class BareEsme(asyncio.Protocol):
    """One bind, until the SMSC hangs up."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._framer = Framer()
        self._sequence = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, not isinstance: uvloop's transports have the methods without being subclasses.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(codec.encode(Bind(1, BindMode.TRANSCEIVER, "bare", "bare")))

    def data_received(self, data: bytes) -> None:
        answers = []
        for frame in self._framer.feed(data):
            pdu = codec.decode(frame)
            if isinstance(pdu, DeliverSm):
                self._sequence += 1
                answers.append(codec.encode(DeliverSmResp(pdu.sequence)))
                answers.append(codec.encode(texts.fixed_reply(pdu, self._sequence)))
        if answers:
            self._transport.write(b"".join(answers))

    def connection_lost(self, error: Exception | None) -> None:
        self.over.set()


async def main(port: int) -> None:
    """Serve until the SMSC hangs up."""
    _, esme = await asyncio.get_running_loop().create_connection(BareEsme, "127.0.0.1", port)
    await esme.over.wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
