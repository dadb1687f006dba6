"""A gateway's SMS side and an SMSC in one process: real TCP between them, a real database behind, a clock to move."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.crash import pass_by
from gateway.loyalty.service import Loyalty
from gateway.messaging import Ground, Messaging
from gateway.observability.metrics import Metrics
from gateway.pack import Pack
from gateway.smpp.links import parse
from gateway.smpp.settings import LinkSettings
from gateway.store.ledger import Ledger
from gateway.store.outbox import MessageState
from gateway.store.outbox_view import MessageView, listed
from gateway.store.tracks import Target
from simulator.smsc.centre import Centre
from simulator.smsc.deliveries import Delivery, Fate
from simulator.smsc.faults import Orders
from simulator.smsc.inbox import Text
from simulator.smsc.server import Server
from tests.conftest import open_ledger

PATIENCE_S = 60.0
KNOCK_S = 0.01
ANNA = "+79217770001"
BORIS = "+79217770002"


class SetClock:
    """Programme time as a test wants it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    async def at(self) -> datetime:
        return self.now

    def wait(self, **time_: int) -> None:
        """Let programme time pass."""
        self.now += timedelta(**time_)


@dataclass
class Scene:
    """The SMSC's side is used as a phone and an operator use it."""

    server: Server
    port: int
    ledger: Ledger
    database_url: str
    pack: Pack
    clock: SetClock

    @property
    def centre(self) -> Centre:
        return self.server.centre

    @asynccontextmanager
    async def gateway(
        self, query: str = "", pack: Pack | None = None, port: int | None = None
    ) -> AsyncIterator[Messaging]:
        """A gateway that is bound for as long as the context lasts. It ends politely."""
        url = f"smpp://test:s3cret@127.0.0.1:{port or self.port}?smsc=test"
        links = parse("&".join(filter(None, [url, "" if "response_s" in query else "response_s=2", query])))
        async with self.linked(links, pack) as messaging:
            yield messaging

    @asynccontextmanager
    async def linked(
        self, links: tuple[LinkSettings, ...], pack: Pack | None = None, away: str = ""
    ) -> AsyncIterator[Messaging]:
        """A gateway with these links, all bound but those of the SMSC that is away."""
        ledger = open_ledger(self.database_url, pack or self.pack)
        messaging = self.messaging(links, pack or self.pack, ledger)
        try:
            await ledger.open(self.clock.now)
            async with messaging.running():
                await self.until(
                    lambda: all(link.is_bound for link in messaging.links if link.settings.smsc != away), "bound"
                )
                yield messaging
        finally:
            await ledger.close()

    def messaging(self, links: tuple[LinkSettings, ...], pack: Pack, ledger: Ledger) -> Messaging:
        ground = Ground(
            Loyalty(pack.programme, ledger),
            ledger,
            self.clock,
            Metrics(),
            Target(self.database_url),
            lambda *_: None,
            "RU",
            pass_by,
        )
        return Messaging(links, pack, ground)

    def text(self, text: str, to: str = "6111", msisdn: str = ANNA) -> list[Delivery]:
        """A phone sends a text, in as many parts as it needs."""
        sent = self.centre.text(msisdn, to, text, "", time.time())
        self.server.flush()
        return sent

    def raw(
        self, octets: bytes, data_coding: int = 0, esm_class: int = 0, to: str = "6111", msisdn: str = ANNA
    ) -> Delivery:
        """A phone sends octets."""
        sent = self.centre.raw(msisdn, to, octets, data_coding, esm_class, "", time.time())
        self.server.flush()
        return sent

    def order(self, **orders: object) -> None:
        """The SMSC behaves so from now on."""
        self.centre.order(Orders.model_validate(orders), time.time())
        self.server.flush()

    def shown(self, msisdn: str = ANNA) -> list[Text]:
        """What a phone has received."""
        return self.centre.inbox.texts(msisdn)

    def words(self, msisdn: str = ANNA) -> list[str]:
        return [text.text for text in self.shown(msisdn)]

    async def answered(self, count: int, msisdn: str = ANNA) -> list[str]:
        """A phone's texts, once there are so many; and no more come while the SMSC has anything left."""
        await self.until(lambda: len(self.shown(msisdn)) >= count, f"{count} texts on the phone")
        await self.quiet()
        assert len(self.shown(msisdn)) == count, self.words(msisdn)
        return self.words(msisdn)

    async def quiet(self) -> None:
        """Return when every delivery is over, and nothing is under way in the outbox."""
        over = {Fate.ACKNOWLEDGED, Fate.DROPPED}
        await self.until(lambda: all(one.fate in over for one in self.centre.deliveries.all()), "deliveries over")
        under_way = (MessageState.QUEUED, MessageState.SENDING, MessageState.IN_DOUBT)
        async with asyncio.timeout(PATIENCE_S):
            while await self.messages(*under_way):  # noqa: ASYNC110 - the outbox tells nobody but who asks
                await asyncio.sleep(KNOCK_S)

    async def messages(self, *states: MessageState) -> list[MessageView]:
        """The outbox, oldest first."""
        found = await listed(self.database_url, self.ledger.keys, states or tuple(MessageState), 1000, doubtful=False)
        return found[::-1]

    async def until_state(self, *states: MessageState) -> list[MessageView]:
        """The outbox, once its messages stand so, oldest first."""
        found: Sequence[MessageView] = ()
        try:
            async with asyncio.timeout(PATIENCE_S):
                while [one.state for one in found] != list(states):
                    await asyncio.sleep(KNOCK_S)
                    found = await self.messages()
        except TimeoutError:
            stand = [f"{one.message_id} {one.state} {one.reason}" for one in found]
            raise AssertionError(f"not {[str(state) for state in states]} but {stand}") from None
        return list(found)

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not reached():  # noqa: ASYNC110 - what is waited for knows no events
                    await asyncio.sleep(KNOCK_S)
        except TimeoutError:
            raise AssertionError(f"never: {what}; {self.centre.deliveries.counts()}, {self.words()}") from None


@asynccontextmanager
async def scene(ledger: Ledger, database_url: str, pack: Pack) -> AsyncIterator[Scene]:
    """An SMSC that listens, and everything to bind to it."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(Centre({}))
    async with server.listening(listener):
        server.centre.faults = server.centre.faults.model_copy(
            update={"receipt_delay_s": 0.01, "delivery_retry_s": 0.2}
        )
        yield Scene(server, listener.getsockname()[1], ledger, database_url, pack, SetClock())
