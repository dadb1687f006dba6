"""A bounded load over loopback: keep-alive connections, one request under way on each, every answer checked."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Load:
    """What one run saw. Latencies are in seconds, from the request's first byte to the answer's last."""

    answered: int = 0
    wrong: list[bytes] = field(default_factory=list)
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The latency that `share` of the answers did not exceed, in milliseconds."""
        return percentile(self.latencies, share)


def percentile(seconds: Sequence[float], share: float) -> float:
    """What `share` of them did not exceed, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection(asyncio.Protocol):
    """Sends the next request when the last one's answer is whole."""

    def __init__(self, requests: Iterator[bytes], right: Callable[[bytes], bool], load: Load) -> None:
        self._requests, self._right, self._load = requests, right, load
        self._buffer = b""
        self._sent = 0.0
        self.finished = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._load.latencies.append(time.perf_counter() - self._sent)
        self._load.answered += 1
        if not head.startswith(b"HTTP/1.1 200") or not self._right(body):
            self._load.wrong.append(head[:20] + body[:200])
        self._buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_result(None)

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


async def run(port: int, requests: Iterator[bytes], connections: int, right: Callable[[bytes], bool]) -> Load:
    """Send all requests over so many connections; each connection takes the next request when it is free."""
    load = Load()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(requests, right, load), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.finished for _, protocol in opened))
    load.seconds = time.perf_counter() - started
    return load


def form_post(path: str, body: str) -> bytes:
    """One request, whole."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()
