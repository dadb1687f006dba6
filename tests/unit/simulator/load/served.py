"""A real server on loopback that answers each request by the same octets, and keeps what it heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from simulator.load.connections import Connections

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nX-Session: 7\r\n\r\nCON \xd0\xaf"


@dataclass
class Server:
    """Answers each request by the same octets."""

    answer: bytes = PLAIN
    hangs_up: bool = False
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                self.heard.append(head + await reader.readexactly(int(length or 0)))
                writer.write(self.answer)
                if self.hangs_up:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def joined(server: Server, path: str = "", answer_s: float = 20) -> AsyncIterator[Connections]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    connections = Connections(f"http://127.0.0.1:{port}{path}", answer_s)
    try:
        yield connections
    finally:
        connections.close()
        listening.close()
        await asyncio.sleep(0)
