"""Both ends of a link in one event loop: the simulator's SMSC, or a peer that does what it is told; and the link."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from gateway.smpp.deliveries import Answer
from gateway.smpp.link import Link
from gateway.smpp.pdu.messages import Address, DataSm, DeliverSm, SubmitSm
from gateway.smpp.settings import LinkSettings
from simulator.smsc.centre import Centre
from simulator.smsc.deliveries import Delivery
from simulator.smsc.faults import Orders
from simulator.smsc.server import Server

PATIENCE_S = 60.0
KNOCK_S = 0.005
SHORT = Address("6111", 3, 0)
PHONE = "79210000001"
QUICK = LinkSettings(
    "127.0.0.1", "bolshe", "pass", not_now=0x14, bind_s=0.3, response_s=0.3, enquire_s=0.2, silence_s=1.0
)
PATIENT = LinkSettings("127.0.0.1", "bolshe", "pass", not_now=0x14)


async def until(reached: Callable[[], object], what: str = "") -> None:
    """Look again until it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what or reached}"
        await asyncio.sleep(KNOCK_S)


def listener(port: int = 0) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


class Smsc:
    """The simulator's SMSC. It may go away and come back on its port."""

    def __init__(self) -> None:
        with listener() as reserved:
            self.port: int = reserved.getsockname()[1]
        self.server = Server(Centre({}))
        self.centre = self.server.centre
        self._serving = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.come()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.go()

    async def come(self) -> None:
        await self._serving.enter_async_context(self.server.listening(listener(self.port)))

    async def go(self) -> None:
        await self._serving.aclose()

    def order(self, **orders: object) -> None:
        self.centre.order(Orders.model_validate(orders), time.time())
        self.server.flush()

    def text(self, text: str = "Баланс") -> Delivery:
        (delivery,) = self.centre.text(PHONE, "6111", text, "", time.time())
        self.server.flush()
        return delivery

    def texts(self) -> list[str]:
        return [text.text for text in self.centre.inbox.texts()]

    @property
    def bound(self) -> int:
        return sum(session.is_bound for session in self.centre.sessions)


@dataclass
class Linked:
    """A link that runs, and what happened to it."""

    link: Link
    running: asyncio.Task[None]
    notices: list[tuple[str, str]]
    came: list[DeliverSm | DataSm]
    freed: list[int] = field(default_factory=list)

    def told(self, what: str) -> list[str]:
        return [why for told, why in self.notices if told == what]

    async def submit(self, text: bytes = b"hi", registered_delivery: int = 0) -> object:
        """The answer, or the error. Waits for a slot."""
        await until(lambda: self.link.reserve(1), "a slot is free")
        return await self.submit_reserved(text, registered_delivery)

    async def submit_reserved(self, text: bytes = b"hi", registered_delivery: int = 0) -> object:
        pdu = SubmitSm(0, SHORT, Address(PHONE, 1, 1), text, registered_delivery=registered_delivery)
        try:
            return await self.link.submit(pdu)
        except Exception as error:
            return error


Handler = Callable[[DeliverSm | DataSm, Answer], Awaitable[None]]


async def acknowledge(_: DeliverSm | DataSm, answer: Answer) -> None:
    answer(0)


def ours() -> set["asyncio.Task[object]"]:
    """Every task but those of a peer's connections."""
    return {task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") != "Peer._serve"}


@asynccontextmanager
async def linked(
    port: int, settings: LinkSettings = QUICK, handler: Handler = acknowledge, *, bound: bool = True
) -> AsyncIterator[Linked]:
    """A link to a port, bound; stopped afterwards, which leaves no task behind."""
    notices: list[tuple[str, str]] = []
    came: list[DeliverSm | DataSm] = []
    freed: list[int] = []

    async def deliver(pdu: DeliverSm | DataSm, answer: Answer) -> None:
        came.append(pdu)
        await handler(pdu, answer)

    before = ours()
    link = Link(
        replace(settings, port=port), deliver, lambda *told: notices.append(told), lambda: freed.append(link.free_slots)
    )
    one = Linked(link, asyncio.get_running_loop().create_task(link.run()), notices, came, freed)
    try:
        if bound:
            await until(lambda: link.is_bound, "the link is bound")
        yield one
    finally:
        await link.stop()
        await asyncio.wait((one.running,))
    one.running.result()
    assert ours() - before == set(), "a link that has stopped has no tasks"
    assert not link.is_bound
    assert link.free_slots == 0


class Peer:
    """Whoever is at the other end, octet by octet. Everything that it hears is kept."""

    def __init__(self, script: Callable[["Peer", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
        self._script = script
        self.connections = 0
        self.reads: list[bytes] = []
        self.release = asyncio.Event()
        """Set at the end: a script that waits for it holds its connection open."""

    @asynccontextmanager
    async def listening(self, **options: object) -> AsyncIterator[int]:
        sock = listener()
        server = await asyncio.start_server(self._serve, sock=sock, **options)  # type: ignore[arg-type]  # options of any kind
        try:
            yield sock.getsockname()[1]
        finally:
            self.release.set()
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._script(self, reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
