"""The SMSC on a port: hands octets and time to the centre, and writes what its sessions have."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from simulator.smsc.centre import Centre
from simulator.smsc.session import Session

CONNECTIONS_MAX = 200
UNREAD_BYTES_MAX = 4 * 1024 * 1024
"""What a peer may leave unread before its connection is dropped."""


class Server:
    """Every connection, and the one timer."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self._open: dict[Session, asyncio.Transport] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._all_gone = asyncio.Event()

    @asynccontextmanager
    async def listening(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        """Serve for as long as the context lasts, with TLS where it is given; afterwards nothing of it is left."""
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(lambda: _Connection(self), sock=listener, ssl=tls)
        try:
            yield
        finally:
            listening.close()
            await self._drop_all()
            await listening.wait_closed()

    def opened(self, transport: asyncio.Transport) -> Session | None:
        """A connection was made; None when there are too many, and it is closed."""
        if len(self._open) >= CONNECTIONS_MAX:
            transport.abort()
            return None
        session = self.centre.open(time.time())
        self._open[session] = transport
        self.flush()
        return session

    def received(self, session: Session, data: bytes) -> None:
        """Octets came."""
        self.centre.receive(session, data, time.time())
        self.flush()

    def lost(self, session: Session) -> None:
        """A connection is gone."""
        del self._open[session]
        self.centre.lost(session, time.time())
        self.flush()
        if not self._open:
            self._all_gone.set()

    def flush(self) -> None:
        """Write what sessions have, close what has ended, and set the timer. To be called after every change."""
        for session, transport in list(self._open.items()):
            if transport.is_closing():
                continue
            transport.write(self.centre.outgoing(session))
            if transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
                transport.abort()
            elif session.ends:
                transport.close()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.centre.due()
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(max(due - time.time(), 0), self._tick)

    def _tick(self) -> None:
        self.centre.advance(time.time())
        self.flush()

    async def _drop_all(self) -> None:
        self._all_gone.clear()
        for transport in list(self._open.values()):
            transport.abort()
        if self._open:
            await self._all_gone.wait()
        if self._timer is not None:
            self._timer.cancel()


class _Connection(asyncio.Protocol):
    """What asyncio calls."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: Session | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, not isinstance: uvloop's transports have the methods without being subclasses.
        self._session = self._server.opened(cast(asyncio.Transport, transport))

    def data_received(self, data: bytes) -> None:
        if self._session is not None:
            self._server.received(self._session, data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._session is not None:
            self._server.lost(self._session)
