"""A gateway's SMS side and an SMS gateway in one process: HTTP over TCP one way, our ASGI edge the other, a real
database behind."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from gateway.crash import pass_by
from gateway.loyalty.service import Loyalty
from gateway.messaging import Ground, Messaging
from gateway.observability.metrics import Metrics
from gateway.pack import Pack
from gateway.sms.http_settings import parse
from gateway.store.ledger import Ledger
from gateway.store.outbox import MessageState
from gateway.store.outbox_view import MessageView, listed
from gateway.store.tracks import Target
from tests.conftest import open_ledger
from tests.integration.sms.scene import ANNA, KNOCK_S, PATIENCE_S, SetClock
from tests.live.sms_gateway import SmsGateway, Taken, africastalking, kannel

SECRET = "f3c7"
USUAL: Mapping[str, Callable[[Taken], tuple[int, bytes] | None]] = {"kannel": kannel, "africastalking": africastalking}
EXTRAS = {"kannel": f"&receipts_url=http://127.0.0.1/sms/kannel/receipts/{SECRET}", "africastalking": "&tls=no"}


@dataclass
class Scene:
    """The other side is used as a phone, and as whoever runs it."""

    peer: SmsGateway
    dialect: str
    ledger: Ledger
    database_url: str
    pack: Pack
    clock: SetClock = field(default_factory=SetClock)
    notices: list[str] = field(default_factory=list)
    _http: httpx.AsyncClient | None = None
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    @asynccontextmanager
    async def gateway(self, query: str = "", demo: bool = False) -> AsyncIterator[Messaging]:
        """A gateway for as long as the context lasts. It ends politely."""
        url = f"{self.dialect}://test:s3cret@127.0.0.1:{self.peer.port}?smsc=test{EXTRAS[self.dialect]}"
        links = parse("&".join(filter(None, [url, "" if "response_s" in query else "connect_s=2&response_s=2", query])))
        ledger = open_ledger(self.database_url, self.pack)
        target, metrics = Target(self.database_url), Metrics()
        loyalty = Loyalty(self.pack.programme, ledger)
        ground = Ground(loyalty, ledger, self.clock, metrics, target, lambda *_: None, "RU", pass_by)
        messaging = Messaging((), self.pack, ground, http_links=links)
        environment = {} if demo else {f"GATEWAY_SMS_{self.dialect.upper()}_SECRET": SECRET}
        edge = messaging.edge(_nobody, environment, demo=demo)
        try:
            await ledger.open(self.clock.now)
            async with (
                messaging.running(),
                httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://gateway") as self._http,
            ):
                yield messaging
        finally:
            await ledger.close()

    async def text(self, text: str, msisdn: str = ANNA, to: str = "6111", id_: str = "", secret: str = SECRET) -> int:
        """A phone texts, and the SMS gateway calls us; the status of our answer."""
        fields = {"id": id_ or f"id-{next(self._ids)}", "from": msisdn, "to": to, "text": text}
        if self.dialect == "kannel":
            return await self._call("GET", "", secret, params=fields | {"charset": "UTF-8"})
        return await self._call("POST", "", secret, data=fields)

    async def receipt(self, message_id: str, *, delivered: bool, msisdn: str = ANNA) -> int:
        """A message has come to its end; the status of our answer."""
        if self.dialect == "kannel":
            fields = {"smsc": "test", "id": message_id, "state": "1" if delivered else "2", "to": msisdn}
            return await self._call("GET", "/receipts", SECRET, params=fields)
        status = "Success" if delivered else "Failed"
        return await self._call(
            "POST", "/receipts", SECRET, data={"id": message_id, "status": status, "phoneNumber": msisdn}
        )

    async def _call(self, method: str, suffix: str, secret: str, **request: Any) -> int:
        assert self._http is not None, "no gateway runs"
        path = f"/sms/{self.dialect}{suffix}" + (f"/{secret}" if secret else "")
        response = await self._http.request(method, path, **request)
        assert response.status_code != 200 or response.content == b"", "a body would be sent to the phone"
        return response.status_code

    def words(self, msisdn: str = ANNA) -> list[str]:
        """What was sent to a phone."""
        return [self.text_of(taken) for taken in self.peer.taken if self.to_of(taken) == msisdn]

    def text_of(self, taken: Taken) -> str:
        return taken.body if self.dialect == "kannel" else taken.form["message"]

    def to_of(self, taken: Taken) -> str:
        return taken.headers["x-kannel-to"] if self.dialect == "kannel" else taken.form["to"]

    def id_of(self, taken: Taken) -> str:
        """By which its receipt names it."""
        if self.dialect == "kannel":
            return dict(httpx.URL(taken.headers["x-kannel-dlr-url"]).params)["id"]
        return f"AT_{taken.ordinal}"

    async def messages(self) -> list[MessageView]:
        """The outbox, oldest first."""
        return list(await listed(self.database_url, self.ledger.keys, tuple(MessageState), 1000, doubtful=False))[::-1]

    async def until_state(self, *states: MessageState) -> list[MessageView]:
        """The outbox, once its messages stand so, oldest first."""
        found: list[MessageView] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while [one.state for one in found] != list(states):
                    await asyncio.sleep(KNOCK_S)
                    found = await self.messages()
        except TimeoutError:
            stand = [f"{one.message_id} {one.state} {one.reason}" for one in found]
            raise AssertionError(f"not {[str(state) for state in states]} but {stand}") from None
        return found

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not reached():  # noqa: ASYNC110 - what is waited for knows no events
                    await asyncio.sleep(KNOCK_S)
        except TimeoutError:
            raise AssertionError(f"never: {what}; {len(self.peer.taken)} were taken") from None


async def _nobody(*_: object) -> None:
    raise AssertionError("nothing behind the edge is asked")
