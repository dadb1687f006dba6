"""The operator's side of the wire: every request goes to any of the gateways, a repeat of it to any again."""

import asyncio
import random
from collections.abc import Sequence

import httpx

from tests.live.network import Answer, Event, Network
from tests.live.smsc import Smsc

LOOK_S = 0.1
ACKNOWLEDGED_MAX_S = 120.0
"""The longest faults, one after the other, and links that rest half a minute after them."""
NOTICE_MAX_S = 2.0


class Operator(Network):
    """A balancer before the gateways, without affinity. `requests` counts what was sent, repeats too."""

    def __init__(self, draw: random.Random, *urls: str) -> None:
        super().__init__(*urls)
        self.requests = 0
        self._draw = draw

    async def hop(self, msisdn: str, session: str, text: str, *, over: int = 0) -> Answer:
        """See `Network.hop`; `over` means nothing here."""
        return await super().hop(msisdn, session, text, over=self._any())

    async def events(self, *events: Event, over: int = 0) -> httpx.Response:
        """See `Network.events`; `over` means nothing here."""
        return await super().events(*events, over=self._any())

    async def ended(self, msisdn: str, session: str, status: str) -> None:
        """Tell that a session is over, once: a network does not insist."""
        form = {"sessionId": session, "phoneNumber": msisdn, "serviceCode": "*123#", "status": status}
        client = self._clients[self._any()]
        try:
            await client.post("/ussd/africastalking/events", data=form, timeout=NOTICE_MAX_S)
        except httpx.TransportError:
            return

    def _any(self) -> int:
        self.requests += 1
        return self._draw.randrange(len(self._clients))


class Postman:
    """Takes texts to one SMSC, and knows when it has our acknowledgement."""

    def __init__(self, smsc: Smsc) -> None:
        self.smsc = smsc
        self.texts = 0
        self._open: dict[int, asyncio.Future[None]] = {}

    async def text(self, msisdn: str, to: str, words: str) -> bool:
        """Text, and wait until every part of it is acknowledged. Whether it was, within any patience."""
        self.texts += 1
        numbers = await self.smsc.text(msisdn, to, words)
        waiting = {number: asyncio.get_running_loop().create_future() for number in numbers}
        self._open |= waiting
        _, late = await asyncio.wait(waiting.values(), timeout=ACKNOWLEDGED_MAX_S)
        return not late

    async def run(self) -> None:
        """Until cancelled: look what was acknowledged."""
        while True:
            for row in await self._rows():
                if row["fate"] == "acknowledged" and row["number"] in self._open:
                    self._open.pop(row["number"]).set_result(None)
            await asyncio.sleep(LOOK_S)

    async def _rows(self) -> Sequence[dict[str, object]]:
        return await self.smsc.deliveries(min(self._open) - 1) if self._open else ()
