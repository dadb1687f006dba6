"""A link against whoever may be at the other end of a wire: the slow, the mute, the hostile, and TLS."""

import asyncio
import random
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.smpp.connection import Connection
from gateway.smpp.deliveries import Answer
from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.events import Closed, Delivered, Event
from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import (
    Address,
    Bind,
    BindMode,
    BindResp,
    CommandId,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    Pdu,
    PlainResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.tlv import Tag
from gateway.smpp.settings import LinkSettings
from tests.integration.smpp.peers import PATIENT, PHONE, QUICK, SHORT, Linked, Peer, linked, until
from tests.live.certificate import signed

pytestmark = pytest.mark.anyio

READ_BYTES = 1024 * 1024
LONG = SubmitSm(0, SHORT, Address(PHONE, 1, 1), tlvs=((Tag.MESSAGE_PAYLOAD, b"a" * 60_000),))
Script = Callable[[Peer, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer_to(pdu: Pdu) -> Pdu | None:
    """What an SMSC in order says."""
    match pdu:
        case Bind():
            return BindResp(pdu.sequence, pdu.mode, 0, "peer")
        case SubmitSm():
            return SubmitSmResp(pdu.sequence, 0, f"{pdu.sequence:x}")
        case EnquireLink():
            return PlainResp(pdu.sequence, CommandId.ENQUIRE_LINK)
        case Unbind():
            return PlainResp(pdu.sequence, CommandId.UNBIND)
        case _:
            return None


async def in_order(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    framer = Framer()
    while data := await reader.read(READ_BYTES):
        peer.reads.append(data)
        answers = [answer_to(codec.decode(frame)) for frame in framer.feed(data)]
        writer.write(b"".join(codec.encode(answer) for answer in answers if answer is not None))


async def binds_and_stops_reading(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    peer.reads.append(await reader.read(READ_BYTES))
    writer.write(codec.encode(BindResp(1, BindMode.TRANSCEIVER, 0, "peer")))
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of asyncio's, which reads
    await peer.release.wait()


async def mute(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await peer.release.wait()


def says(octets: bytes) -> Script:
    """A peer that takes the bind, says something in the same breath, and is in order from then on."""

    async def script(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(READ_BYTES)
        writer.write(codec.encode(BindResp(1, BindMode.TRANSCEIVER, 0, "peer")) + octets)
        await in_order(peer, reader, writer)

    return script


def heard_by(peer: Peer) -> list[Pdu]:
    return [codec.decode(frame) for frame in Framer().feed(b"".join(peer.reads))]


async def flood(one: Linked, pdu: SubmitSm) -> list[object]:
    """Submit as long as the link takes any, in turns of the loop; what became of each."""
    submits = []
    while granted := one.link.reserve(10):
        submits += [asyncio.ensure_future(one.link.submit(pdu)) for _ in range(granted)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return list(await asyncio.gather(*submits, return_exceptions=True))


async def test_what_one_turn_of_the_loop_says_is_one_write() -> None:
    peer = Peer(in_order)
    async with peer.listening() as port, linked(port, PATIENT) as one:
        peer.reads.clear()
        assert one.link.reserve(50) == 50
        answers = await asyncio.gather(*(one.submit_reserved() for _ in range(50)))
        assert {type(answer) for answer in answers} == {SubmitSmResp}
        assert len(peer.reads) == 1


async def connected(port: int, settings: LinkSettings, hear: Callable[[Event], None]) -> Connection:
    """A connection by itself, bound."""
    connection = Connection(settings, hear, lambda: None)
    await asyncio.get_running_loop().create_connection(lambda: connection, "127.0.0.1", port)
    await until(lambda: connection.session.is_bound)
    return connection


async def test_what_waits_is_written_before_what_came_is_read() -> None:
    """Else a submit would be told as not sent, and then leave together with the answer to their goodbye."""
    peer, unwritten = Peer(in_order), []

    def hear(event: Event) -> None:
        if isinstance(event, Closed):
            unwritten.append(set(connection.unwritten))

    async with peer.listening() as port:
        connection = await connected(port, PATIENT, hear)
        connection.submit(SubmitSm(0, SHORT, Address(PHONE, 1, 1), b"hi"))
        connection.data_received(codec.encode(Unbind(9)))
        assert unwritten == [set()]
        await until(lambda: connection.over)
        assert [type(pdu) for pdu in heard_by(peer)] == [Bind, SubmitSm, PlainResp]


async def test_what_is_not_read_is_neither_heard_nor_overdue() -> None:
    """Held for longer than any time that a peer has, then read on."""
    release = asyncio.Event()

    async def late(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(codec.encode(BindResp(1, BindMode.TRANSCEIVER, 0, "peer")))
        await release.wait()
        writer.write(codec.encode(DeliverSm(1, Address(PHONE, 1, 1), SHORT, b"hi")))
        await peer.release.wait()

    peer, events = Peer(late), list[Event]()
    async with peer.listening() as port:
        connection = await connected(port, replace(QUICK, enquire_s=0.2, response_s=0.2, silence_s=0.4), events.append)
        connection.hold(True)
        events.clear()
        release.set()
        await asyncio.sleep(0.6)
        assert events == []
        connection.hold(False)
        await until(lambda: events)
        assert isinstance(events[0], Delivered)
        connection.abort()
        await until(lambda: connection.over)


async def test_a_small_write_does_not_wait_for_another() -> None:
    peer = Peer(in_order)
    async with peer.listening() as port:
        connection = await connected(port, PATIENT, lambda _: None)
        assert connection._transport is not None
        assert connection._transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        connection.abort()
        await until(lambda: connection.over)


async def test_a_message_that_was_not_written_was_not_sent() -> None:
    peer = Peer(in_order)
    async with peer.listening() as port, linked(port, PATIENT) as one:
        one.link.reserve(2)
        written = asyncio.ensure_future(one.submit_reserved(b"written"))
        await until(lambda: b"written" in b"".join(peer.reads))
        assert isinstance(await written, SubmitSmResp)
        late = asyncio.ensure_future(one.submit_reserved(b"late"))
        one.running.cancel()  # cuts the connection before the loop comes to writing
        assert isinstance(await late, NotSentError)
        assert b"late" not in b"".join(peer.reads)
        one.running = asyncio.ensure_future(asyncio.sleep(0))


async def test_a_peer_that_does_not_read_is_given_little_and_then_left() -> None:
    """A window of 1,000 messages of 60 kB would be 60 MB; what its socket takes and a quarter of a megabyte goes."""
    peer = Peer(binds_and_stops_reading)
    settings = replace(QUICK, window=1000, enquire_s=0.8, response_s=0.5)
    async with peer.listening() as port, linked(port, settings) as one:
        outcomes = await flood(one, LONG)
        assert {type(outcome) for outcome in outcomes} <= {UnansweredError, NotSentError}
        assert len(outcomes) < 200
        assert "a submit was not answered" in one.told("lost")[0]
        await until(lambda: peer.connections == 2, "it tries again")


async def test_a_peer_that_is_mute_is_left_when_the_bind_is_not_answered() -> None:
    peer = Peer(mute)
    async with peer.listening() as port, linked(port, bound=False) as one:
        await until(lambda: one.told("lost"))
        assert one.told("lost") == ["the bind was not answered; 0 submits unanswered"]
        await until(lambda: peer.connections == 2)


async def test_stopped_while_it_binds() -> None:
    peer = Peer(mute)
    async with peer.listening() as port, linked(port, PATIENT, bound=False):
        await until(lambda: peer.connections == 1)


async def test_stopped_while_it_connects() -> None:
    """Nobody accepts there, so a handshake of TLS never ends."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with linked(silent.getsockname()[1], replace(PATIENT, tls=True), bound=False) as one:
            await asyncio.sleep(0.05)
            begun = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - begun < 1
        assert one.notices == []


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("nowhere.invalid", id="a name that nobody has"),
        pytest.param("a" * 64 + ".example", id="a name that nobody can have"),
        pytest.param("127.0.0.2", id="nobody listens"),
    ],
)
async def test_a_host_that_is_not_there(host: str) -> None:
    async with linked(1, replace(QUICK, host=host), bound=False) as one:
        await until(lambda: len(one.told("unreachable")) >= 2, "it says so, and tries again")
        assert all(one.told("unreachable"))


@pytest.mark.parametrize("seed", range(3))
async def test_rubbish_after_the_bind_is_left_and_bound_again(seed: int) -> None:
    peer = Peer(says(b"\xff" + random.Random(seed).randbytes(199)))
    async with peer.listening() as port, linked(port, bound=False) as one:
        await until(lambda: len(one.told("bound")) >= 2)
        assert one.told("lost")[0] == "what came is not SMPP; 0 submits unanswered"


async def test_a_browser_is_no_smsc() -> None:
    async def http(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        peer.reads.append(await reader.read(READ_BYTES))
        await peer.release.wait()

    peer = Peer(http)
    async with peer.listening() as port, linked(port, bound=False) as one:
        await until(lambda: one.told("lost"))
        assert one.told("lost")[0].startswith("what came is not SMPP")


async def test_messages_in_the_segment_of_the_bind_and_twice_the_same_number() -> None:
    asked = [DeliverSm(0xFFFF_FFFF, Address(PHONE, 1, 1), SHORT, text) for text in (b"first", b"second")]
    peer = Peer(says(b"".join(codec.encode(pdu) for pdu in asked)))

    async def by_text(pdu: DeliverSm | DataSm, answer: Answer) -> None:
        answer(0 if pdu.payload == b"first" else 0x14)

    async with peer.listening() as port, linked(port, PATIENT, by_text):
        await until(lambda: len(heard_by(peer)) == 2)
        assert heard_by(peer) == [DeliverSmResp(0xFFFF_FFFF, 0), DeliverSmResp(0xFFFF_FFFF, 0x14)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return signed(tmp_path_factory.mktemp("tls"))


class TestTls:
    def context(self, certificate: tuple[Path, Path]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        return context

    async def test_a_certificate_that_is_trusted(self, certificate: tuple[Path, Path]) -> None:
        peer = Peer(in_order)
        settings = replace(PATIENT, tls=True, ca=str(certificate[0]))
        async with peer.listening(ssl=self.context(certificate)) as port, linked(port, settings) as one:
            assert isinstance(await one.submit(), SubmitSmResp)

    async def test_one_that_is_not(self, certificate: tuple[Path, Path]) -> None:
        peer = Peer(in_order)
        settings = replace(QUICK, tls=True)
        async with (
            peer.listening(ssl=self.context(certificate)) as port,
            linked(port, settings, bound=False) as one,
        ):
            await until(lambda: one.told("unreachable"))
            assert "CERTIFICATE_VERIFY_FAILED" in one.told("unreachable")[0]
            assert peer.reads == [], "the password was not said"

    async def test_a_file_of_certificates_that_is_not_there(self) -> None:
        with pytest.raises(ConfigurationError, match="ca: no certificates can be read from that file"):
            async with linked(1, replace(QUICK, tls=True, ca="/nowhere.pem")):
                pass
