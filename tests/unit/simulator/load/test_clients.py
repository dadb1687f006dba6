"""The gateway and the SMSC as a load reaches them, over real HTTP: what is sent, and what each answer means."""

import json

import pytest

from simulator.call import Call
from simulator.deployment import Access
from simulator.dialects.africastalking import DIALECT
from simulator.errors import NotPlayableError
from simulator.load.clients import ControlPort, HttpGateway, Weight
from simulator.load.wrong import Wrong, WrongError
from simulator.phrases import Happening
from tests.unit.simulator.load.served import Server, joined

pytestmark = pytest.mark.anyio

PHONE = "+79990000001"
ACCEPTED = '{"items": [{"id": "1", "outcome": "accepted"}]}'
METRICS = """# HELP process_resident_memory_bytes Resident memory size in bytes.
process_resident_memory_bytes 1.5e+08
process_cpu_seconds_total 12.5
ussd_hops_total{dialect="x"} 3.0
"""


def answered(body: str, status: int = 200, content_type: str = "application/json") -> Server:
    octets = body.encode()
    head = f"HTTP/1.1 {status} .\r\nContent-Type: {content_type}\r\nContent-Length: {len(octets)}\r\n\r\n"
    return Server(head.encode() + octets)


async def test_a_hop() -> None:
    server = answered("CON Привет", content_type="text/plain")
    async with joined(server) as connections:
        gateway = HttpGateway(Access(connections.url, "key", "s3cret"), connections)
        answer = await gateway.send(DIALECT.hop(Call("ATUid_1", PHONE, "*123#", ())))
    assert DIALECT.read(answer) == ("Привет", False)
    assert server.heard[0].startswith(b"POST /ussd/africastalking/s3cret HTTP/1.1")
    assert b"phoneNumber=%2B79990000001" in server.heard[0]


async def test_an_event() -> None:
    server = answered(ACCEPTED)
    async with joined(server) as connections:
        for _ in range(2):
            await HttpGateway(Access(connections.url, "key"), connections).tell(PHONE, Happening("top_up", 50_000))
    first, second = (json.loads(heard.partition(b"\r\n\r\n")[2]) for heard in server.heard)
    assert {name: first[name] for name in ("type", "msisdn", "amount")} == {
        "type": "top_up",
        "msisdn": PHONE,
        "amount": 50_000,
    }
    assert first["id"] != second["id"]
    assert b"X-API-Key: key" in server.heard[0]


@pytest.mark.parametrize(
    ("server", "words"),
    [
        pytest.param(answered("{}", 503), "HTTP 503", id="not now"),
        pytest.param(answered(ACCEPTED.replace("accepted", "refused")), "refused", id="refused"),
        pytest.param(answered("<html>"), "tells no outcome: <html>", id="no JSON"),
        pytest.param(answered('{"items": []}'), "tells no outcome", id="no item"),
        pytest.param(Server(b"", hangs_up=True), "broke before", id="nothing"),
    ],
)
async def test_an_event_that_is_not_taken(server: Server, words: str) -> None:
    async with joined(server) as connections:
        with pytest.raises(WrongError, match=words) as raised:
            await HttpGateway(Access(connections.url), connections).tell(PHONE, Happening("activated"))
    assert raised.value.kind is Wrong.EVENT


async def test_a_key_that_is_not_taken_ends_everything() -> None:
    async with joined(answered("{}", 403)) as connections:
        with pytest.raises(NotPlayableError, match="SIMULATOR_API_KEY"):
            await HttpGateway(Access(connections.url), connections).tell(PHONE, Happening("activated"))


@pytest.mark.parametrize(
    ("server", "weight"),
    [
        pytest.param(
            answered(METRICS, content_type="text/plain"), Weight(150_000_000, 12.5), id="as Prometheus has it"
        ),
        pytest.param(answered("ussd_hops_total 3.0\n", content_type="text/plain"), None, id="other metrics"),
        pytest.param(answered("{}", 404), None, id="none"),
        pytest.param(Server(b"", hangs_up=True), None, id="nothing"),
    ],
)
async def test_what_a_gateway_takes(server: Server, weight: Weight | None) -> None:
    async with joined(server) as connections:
        assert await HttpGateway(Access(connections.url), connections).weight() == weight


async def test_one_look_is_for_all_phones() -> None:
    row = {"number": 8, "msisdn": "79990000001", "source": "6111", "text": "У вас 0 баллов", "at": 0.0}
    server = answered(json.dumps({"texts": [row]}))
    async with joined(server) as connections:
        (sms,) = await ControlPort(connections).arrived(7)
    assert (sms.number, sms.msisdn, sms.source, sms.text) == (8, "79990000001", "6111", "У вас 0 баллов")
    assert server.heard[0].startswith(b"GET /inbox?after=7 HTTP/1.1")


@pytest.mark.parametrize(
    "server", [answered("<html>", content_type="text/html"), answered("{}", 422), Server(b"", True)]
)
async def test_what_is_no_smsc(server: Server) -> None:
    async with joined(server) as connections:
        with pytest.raises(WrongError, match=connections.url) as raised:
            await ControlPort(connections).text(PHONE, "6111", "Баланс")
    assert raised.value.kind is Wrong.SMSC
