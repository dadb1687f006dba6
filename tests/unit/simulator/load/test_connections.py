"""The HTTP client against real servers on loopback: what comes back, what is used again, and how nothing comes."""

import asyncio

import pytest

from simulator.errors import SimulatorError
from simulator.load.connections import IDLE_S, Connections, NoAnswerError, UnreachableError, origin_of
from tests.live.processes import free_port
from tests.unit.simulator.load.served import PLAIN, Server, joined

pytestmark = pytest.mark.anyio


async def test_a_request_and_its_answer() -> None:
    server = Server()
    async with joined(server, "/loyalty/") as connections:
        answer = await connections.ask("POST", "/ussd/x", {"Content-Type": "text/plain"}, "Я".encode())
        await connections.ask("GET", "/state")
    assert (answer.status, answer.content_type, answer.body) == (200, "text/plain", "CON Я")
    assert answer.headers["x-session"] == "7"
    assert server.heard[0].startswith(b"POST /loyalty/ussd/x HTTP/1.1\r\nHost: 127.0.0.1:")
    assert server.heard[0].endswith(b"\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n\xd0\xaf")
    assert server.heard[1].startswith(b"GET /loyalty/state HTTP/1.1")
    assert server.connections == 1, "a connection is used again"


async def test_a_body_in_chunks() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nCON\r\n3\r\n \xd0\xaf\r\n0\r\n\r\n"
    async with joined(Server(chunks)) as connections:
        for _ in range(3):
            assert (await connections.ask("POST", "/")).body == "CON Я"


async def test_as_many_connections_as_requests_under_way() -> None:
    server = Server()
    async with joined(server) as connections:
        await asyncio.gather(*(connections.ask("POST", "/") for _ in range(20)))
        assert server.connections == 20
        await asyncio.gather(*(connections.ask("POST", "/") for _ in range(20)))
        assert server.connections == 20


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(Server(hangs_up=True), id="it hangs up"),
        pytest.param(Server(PLAIN.replace(b"X-Session: 7", b"Connection: close"), hangs_up=True), id="and says so"),
    ],
)
async def test_a_server_that_keeps_no_connection(server: Server) -> None:
    async with joined(server) as connections:
        for _ in range(3):
            assert (await connections.ask("POST", "/")).status == 200
            await asyncio.sleep(0.05)  # for the other side's hanging up to arrive: it is what is tested
    assert server.connections == 3


async def test_one_that_has_rested_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    async with joined(server) as connections:
        await connections.ask("POST", "/")
        loop = asyncio.get_running_loop()
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 2 * IDLE_S)
        await connections.ask("POST", "/")
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"", "broke before the answer was whole", id="nothing"),
        pytest.param(PLAIN[:-1], "broke before the answer was whole", id="a part"),
        pytest.param(b"220 mail\r\n", "the answer is not HTTP", id="another protocol"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + bytes(9_000_000), "longer than", id="flood"
        ),
    ],
)
async def test_no_answer(answer: bytes, words: str) -> None:
    async with joined(Server(answer, hangs_up=True)) as connections:
        with pytest.raises(NoAnswerError, match=words):
            await connections.ask("POST", "/")


async def test_an_answer_that_comes_too_late_is_nobody_elses() -> None:
    server = Server(b"")
    async with joined(server, answer_s=0.05) as connections:
        with pytest.raises(NoAnswerError, match=r"no answer within 0\.05 s"):
            await connections.ask("POST", "/")
        server.answer = PLAIN
        assert (await connections.ask("POST", "/")).status == 200
    assert server.connections == 2


async def test_nobody_there() -> None:
    connections = Connections(f"http://127.0.0.1:{free_port()}", 20)
    with pytest.raises(UnreachableError, match="nobody answers at http"):
        await connections.ask("POST", "/")


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://", "http://x:99999", "http://x:none"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(SimulatorError, match="not an address"):
        origin_of(url)


def test_addresses() -> None:
    origin = origin_of("https://user:secret@gateway.example/loyalty/")
    assert (origin.host, origin.port, origin.tls) == ("gateway.example", 443, True)
    assert (origin.prefix, origin.authority) == ("/loyalty", "gateway.example")
    assert origin_of("http://[::1]:8080").host == "::1"
