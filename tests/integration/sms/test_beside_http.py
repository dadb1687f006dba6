"""Links of SMPP and of HTTP in one process: each answer goes back by the link that its text came by."""

import httpx
import pytest

from gateway.crash import pass_by
from gateway.loyalty.service import Loyalty
from gateway.messaging import Ground, Messaging
from gateway.observability.metrics import Metrics
from gateway.smpp.links import parse as parse_smpp
from gateway.sms.http_settings import parse as parse_http
from gateway.sms.kinds import REPLY
from gateway.store.outbox import MessageState
from gateway.store.tracks import Target
from tests.integration.sms.scene import ANNA, BORIS, Scene
from tests.integration.sms.test_outbox import put
from tests.live.processes import free_port
from tests.live.sms_gateway import SmsGateway, kannel

pytestmark = pytest.mark.anyio


async def nobody(*_: object) -> None:
    raise AssertionError("nothing behind the edge is asked")


def both(stage: Scene, smpp_port: int, http: str) -> Messaging:
    """A gateway with a link of each kind."""
    ground = Ground(
        Loyalty(stage.pack.programme, stage.ledger),
        stage.ledger,
        stage.clock,
        Metrics(),
        Target(stage.database_url),
        lambda *_: None,
        "RU",
        pass_by,
    )
    links = parse_smpp(f"smpp://test:s3cret@127.0.0.1:{smpp_port}?smsc=test")
    return Messaging(links, stage.pack, ground, http_links=parse_http(http, ["test"]))


async def test_each_answer_goes_back_as_its_text_came(stage: Scene) -> None:
    await stage.ledger.open(stage.clock.now)
    with SmsGateway(kannel) as peer:
        messaging = both(stage, stage.port, f"kannel://test:s3cret@127.0.0.1:{peer.port}?smsc=kannel")
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(messaging.edge(nobody, {}, demo=True)), base_url="http://gateway"
        )
        async with messaging.running(), http:
            await stage.until(lambda: messaging.bound() == {"test#1": True, "kannel#2": True}, "both are there")
            stage.text("Баланс", msisdn=ANNA)
            await stage.answered(1, ANNA)
            fields = {"id": "1", "from": BORIS, "to": "6111", "text": "Balance"}
            assert (await http.get("/sms/kannel", params=fields)).status_code == 200
            await stage.until_state(MessageState.DELIVERED, MessageState.SENT)
        (over_http,) = peer.taken
    assert [text[:6] for text in stage.words(ANNA)] == ["У вас "]
    assert stage.words(BORIS) == []
    assert (over_http.headers["x-kannel-to"], over_http.headers["x-kannel-from"]) == (BORIS, "6111")
    assert "x-kannel-dlr-url" not in over_http.headers, "no address for receipts was given"
    assert over_http.body.startswith("You have 0 points")


async def test_a_gateway_over_http_stands_in_for_an_smsc_that_is_away(stage: Scene) -> None:
    await put(stage, REPLY)
    with SmsGateway(kannel) as peer:
        stands_in = "smsc=kannel&stands_in_for=test&stands_in_after_s=0.5"
        messaging = both(stage, free_port(), f"kannel://test:s3cret@127.0.0.1:{peer.port}?{stands_in}")
        async with messaging.running():
            await stage.until_state(MessageState.DELIVERED, MessageState.SENT)
        assert [taken.headers["x-kannel-to"] for taken in peer.taken] == [ANNA]
