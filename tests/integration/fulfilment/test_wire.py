"""Answers that no billing should give, over a real socket: too long, too slow, cut off, forged; and nobody there."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic

import pytest
from pydantic import SecretStr

from gateway.fulfilment.billing import ANSWER_BYTES_MAX, Billing
from gateway.fulfilment.model import Answer, Verdict
from gateway.ids import MemberId
from gateway.msisdn import Msisdn
from gateway.settings import BillingAccess, Repeats
from gateway.store.orders import ClaimedOrder

pytestmark = pytest.mark.anyio

TIMEOUT_S = 0.5
ORDER = ClaimedOrder(
    7, "1a2b3c4d-7", MemberId(1), Msisdn("+79210000001"), "ru", "mug", {}, datetime.now(UTC), 1, False, "me/1"
)
WELL = b'{"state": "delivered"}'


def http(status: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    said = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
    return "\r\n".join(said).encode() + body


@asynccontextmanager
async def saying(answer: bytes, *, hang_up: bool = True) -> AsyncIterator[str]:
    """Somebody who says this to every request that is whole; the URL."""
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, OSError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                await writer.drain()
                if not hang_up:
                    await reader.read()
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(talk(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for talk_ in talks:
            talk_.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()


async def delivered(url: str) -> Answer:
    billing = Billing(BillingAccess(url, SecretStr("a key of tests 1"), Repeats.NEVER, TIMEOUT_S))
    try:
        return await billing.deliver(ORDER)
    finally:
        await billing.close()


@pytest.mark.parametrize(
    ("answer", "hang_up", "verdict"),
    [
        pytest.param(http("200 OK", WELL), True, Verdict.DELIVERED, id="in good order"),
        pytest.param(b"", True, Verdict.UNKNOWN, id="hung up without a word"),
        pytest.param(b"", False, Verdict.UNKNOWN, id="not a word, and stays"),
        pytest.param(http("200 OK", WELL, length=100), True, Verdict.UNKNOWN, id="cut off"),
        pytest.param(http("200 OK", WELL, length=100), False, Verdict.UNKNOWN, id="never ends"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", True, Verdict.UNKNOWN, id="no HTTP"),
        pytest.param(http("200 OK", b" " * (ANSWER_BYTES_MAX + 1)), True, Verdict.UNKNOWN, id="too long"),
        pytest.param(http("200 OK", WELL.ljust(ANSWER_BYTES_MAX)), True, Verdict.DELIVERED, id="just not too long"),
        pytest.param(
            http("307 Temporary Redirect", b"", "Location: http://127.0.0.1:9/orders"), True, Verdict.UNKNOWN,
            id="sent elsewhere",
        ),
        pytest.param(http("404 Not Found", b'{"state": "unknown"}'), True, Verdict.UNKNOWN, id="unknown, just given"),
    ],
)  # fmt: skip
async def test_whatever_is_said_is_an_answer_in_time(answer: bytes, hang_up: bool, verdict: Verdict) -> None:
    started = monotonic()
    async with saying(answer, hang_up=hang_up) as url:
        assert (await delivered(url)).verdict is verdict
    assert monotonic() - started < 2 * TIMEOUT_S + 1


async def test_one_who_speaks_letter_by_letter_is_not_listened_to_for_ever() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with suppress(OSError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(TIMEOUT_S / 10)
        writer.close()
        gone.set()

    gone = asyncio.Event()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        started = monotonic()
        answer = await delivered(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await gone.wait()
    assert answer.verdict is Verdict.UNKNOWN
    assert monotonic() - started < 2 * TIMEOUT_S + 1


async def test_what_never_reached_them_was_surely_not_done() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = await delivered(f"http://127.0.0.1:{port}")
    assert (answer.verdict, answer.misconfigured) == (Verdict.NOT_NOW, False)


async def test_one_who_cannot_prove_who_he_is_hears_nothing() -> None:
    async with saying(b"\x15\x03\x01\x00\x02\x02\x28", hang_up=False) as url:
        answer = await delivered(url.replace("http://", "https://"))
    assert answer.verdict is Verdict.NOT_NOW
