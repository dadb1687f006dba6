"""The gateway and the SMSC as a load reaches them: hops and events over HTTP, texts over the SMSC's control port.

What a hop is made of is the dialects' business; who must see what, the subscriber's. Both ends are protocols, so that a
test may put another in their place.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode
from uuid import uuid4

import orjson

from simulator.call import Answer, Message
from simulator.deployment import TAKEN, Access
from simulator.errors import NotPlayableError
from simulator.load.book import Sms
from simulator.load.connections import Connections, NoAnswerError
from simulator.load.wrong import Wrong, WrongError
from simulator.phrases import Happening

SHOWN = 300
"""Characters of a strange answer that a fault is told with."""
_MEMORY = "process_resident_memory_bytes"
_CPU = "process_cpu_seconds_total"


@dataclass(frozen=True, slots=True)
class Weight:
    """What a process takes: memory in bytes, and CPU in seconds since it began."""

    memory_bytes: int
    cpu_s: float


class Gateway(Protocol):
    """What is put under load."""

    async def send(self, message: Message) -> Answer:
        """A hop, or the note that a session is over. Raises `NoAnswerError`."""
        ...

    async def tell(self, msisdn: str, happening: Happening) -> None:
        """An event of a subscriber, taken. Raises `WrongError`."""
        ...

    async def weight(self) -> Weight | None:
        """What the process that answers takes; None when it does not say."""
        ...


class Smsc(Protocol):
    """Where phones text, and where their texts come."""

    async def newest(self) -> int:
        """The number of the newest text of all phones. Raises `WrongError`."""
        ...

    async def text(self, msisdn: str, to: str, text: str) -> None:
        """Text from a phone. Raises `WrongError`."""
        ...

    async def arrived(self, after: int) -> Sequence[Sms]:
        """What came to all phones since a number, oldest first, perhaps not all of it. Raises `WrongError`."""
        ...


class HttpGateway:
    """A deployment, by its address."""

    def __init__(self, access: Access, connections: Connections) -> None:
        self._access = access
        self._connections = connections

    async def send(self, message: Message) -> Answer:
        target = message.target(self._access.secret)
        return await self._connections.ask(message.method, target, message.all_headers, message.body.encode())

    async def tell(self, msisdn: str, happening: Happening) -> None:
        event = {"id": f"load-{uuid4().hex}", "msisdn": msisdn, **happening.body()}
        headers = {"Content-Type": "application/json", "X-API-Key": self._access.api_key}
        try:
            answer = await self._connections.ask("POST", "/v1/events", headers, orjson.dumps(event))
        except NoAnswerError as error:
            raise WrongError(Wrong.EVENT, str(error)) from None
        if answer.status in {401, 403}:
            raise NotPlayableError("the gateway does not take events with this API key: name one by SIMULATOR_API_KEY")
        if answer.status != 200:
            raise WrongError(Wrong.EVENT, f"HTTP {answer.status}: {answer.body[:SHOWN]}")
        try:
            (item,) = orjson.loads(answer.body)["items"]
            outcome, detail = item["outcome"], item.get("detail", "")
        except (ValueError, KeyError, TypeError):
            raise WrongError(Wrong.EVENT, f"this tells no outcome: {answer.body[:SHOWN]}") from None
        if outcome not in TAKEN:
            raise WrongError(Wrong.EVENT, f"{outcome}, {detail}")

    async def weight(self) -> Weight | None:
        # As Prometheus' clients say it of themselves in `/metrics`.
        try:
            answer = await self._connections.ask("GET", "/metrics")
        except NoAnswerError:
            return None
        if answer.status != 200:
            return None
        lines = (line.split() for line in answer.body.splitlines() if line.startswith((_MEMORY, _CPU)))
        said = {line[0]: float(line[1]) for line in lines if len(line) == 2}
        return Weight(int(said[_MEMORY]), said[_CPU]) if said.keys() == {_MEMORY, _CPU} else None


class ControlPort:
    """An SMSC of `simulator smsc`. One look shows what came to all phones: `arrived`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def newest(self) -> int:
        return int(orjson.loads(await self._asked("GET", "/state"))["texts"])

    async def text(self, msisdn: str, to: str, text: str) -> None:
        await self._asked("POST", "/mo", orjson.dumps({"msisdn": msisdn, "to": to, "text": text}))

    async def arrived(self, after: int) -> Sequence[Sms]:
        texts = orjson.loads(await self._asked("GET", f"/inbox?{urlencode({'after': after})}"))["texts"]
        at = asyncio.get_running_loop().time()
        return [Sms(text["number"], text["msisdn"], text["source"], text["text"], at) for text in texts]

    async def _asked(self, method: str, path: str, body: bytes = b"") -> str:
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            answer = await self._connections.ask(method, path, headers, body)
        except NoAnswerError as error:
            raise WrongError(Wrong.SMSC, f"{self._connections.url}: {error}") from None
        if answer.status not in {200, 202} or not answer.content_type.startswith("application/json"):
            raise WrongError(Wrong.SMSC, f"{self._connections.url}: HTTP {answer.status}: {answer.body[:SHOWN]}")
        return answer.body
