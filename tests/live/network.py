"""The outside of a gateway: what a USSD gateway and an operator's billing send, asked again until it is answered."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

Result = TypeVar("Result")

PATIENCE_S = 60.0
"""A gateway starts, and waits for the lease of one that died, well within this."""
KNOCK_S = 0.02
ANSWER_MAX_S = 15.0
CONTROL_MAX_S = 60.0
"""A simulator's control port answers within this, however laden the machine is."""
HEADERS = {"X-API-Key": "demo"}

_numbers = itertools.count(1_000_000)
_sessions = itertools.count(1)


def new_number() -> str:
    """A subscriber whom no gateway of this test process has seen."""
    return f"+7921{next(_numbers)}"


def new_session() -> str:
    """A session id that was not used before in this test process."""
    return f"ATUid_{next(_sessions):032x}"


class NotNowError(Exception):
    """The gateway says that it cannot serve at the moment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a hop, and how long it took."""

    status: int
    screen: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Event:
    """One event; sent again, it is the same bytes."""

    id: str
    type: str
    msisdn: str
    amount: int = 0

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        amount = {"amount": self.amount} if self.amount else {}
        return {"id": self.id, "type": self.type, "msisdn": self.msisdn} | amount


class Network:
    """Speaks to one gateway or to several; a hop names which."""

    def __init__(self, *urls: str) -> None:
        limits = httpx.Limits(max_connections=None)
        self.told_not_now = 0
        self._clients = [
            httpx.AsyncClient(base_url=url, timeout=ANSWER_MAX_S, limits=limits, trust_env=False) for url in urls
        ]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for client in self._clients:
            await client.aclose()

    def turn_to(self, url: str) -> None:
        """From now on another gateway is asked instead."""
        for client in self._clients:
            client.base_url = httpx.URL(url)

    async def hop(self, msisdn: str, session: str, text: str, *, over: int = 0) -> Answer:
        """One hop, sent once. Raises `httpx.TransportError` when nobody answers."""
        form = {
            "sessionId": session,
            "phoneNumber": msisdn,
            "networkCode": "99999",
            "serviceCode": "*123#",
            "text": text,
        }
        started = time.monotonic()
        response = await self._clients[over].post("/ussd/africastalking", data=form)
        return Answer(response.status_code, response.text, time.monotonic() - started)

    async def screen(self, msisdn: str, session: str, text: str, *, over: int = 0) -> str:
        """The screen of a hop that is sent, the same bytes each time, until somebody answers."""
        answer = await until_answered(lambda: self.hop(msisdn, session, text, over=over))
        assert answer.status == 200, f"any HTTP error ends the session on the phone: {answer}"
        return answer.screen

    async def close_session(self, msisdn: str, session: str) -> int:
        """The notice that the session is over; its HTTP status."""
        form = {"sessionId": session, "phoneNumber": msisdn, "serviceCode": "*123#", "status": "Success"}
        return (await self._clients[0].post("/ussd/africastalking/events", data=form)).status_code

    async def events(self, *events: Event, over: int = 0) -> httpx.Response:
        """These events in one request, sent once."""
        return await self._clients[over].post("/v1/events", json=[event.body() for event in events], headers=HEADERS)

    async def event(self, event: Event, *, over: int = 0) -> dict[str, Any]:
        """The outcome of an event that is sent, the same bytes each time, until it is taken or refused."""

        async def once() -> dict[str, Any]:
            response = await self.events(event, over=over)
            if response.status_code == 503:
                self.told_not_now += 1
                raise NotNowError
            assert response.status_code == 200, response.text
            (item,) = response.json()["items"]
            return dict(item)

        return await until_answered(once)

    async def advance(self, seconds: int) -> None:
        """Move the programme's clock."""
        response = await self._clients[0].post("/demo/clock", json={"advance_s": seconds})
        assert response.status_code == 200, response.text

    async def until_ready(self) -> None:
        """Return when every gateway says that it can serve."""

        async def once(client: httpx.AsyncClient) -> None:
            response = await client.get("/health/ready")
            if response.status_code != 200:
                raise NotNowError(response.text)

        for client in self._clients:
            await until_answered(partial(once, client))


async def until_answered(ask: Callable[[], Awaitable[Result]]) -> Result:
    """Ask again and again while the gateway is down: what every USSD gateway and every billing does."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await ask()
        except (httpx.TransportError, NotNowError):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(KNOCK_S)


async def walk(network: Network, msisdn: str, session: str, inputs: Sequence[str], *, over: int = 0) -> list[str]:
    """Dial, then press one key after the other; every screen that was shown."""
    histories = ["*".join(inputs[:count]) for count in range(len(inputs) + 1)]
    return [await network.screen(msisdn, session, history, over=over) for history in histories]
