"""Valkey as a part: its settings, and how it is recognised as ready.

Every write is in the append-only file before it is answered, so a server that is killed comes back with its
sessions. It is not fsynced: sessions need not survive the machine, and fsync would compete with PostgreSQL's
commits for the disk. Source: `valkey.conf` of 9.1; each setting is also known to Redis 7.0.
"""

import signal
import socket
from pathlib import Path
from urllib.parse import quote

from gateway.embedded.server import Part

NAME = "valkey"
SOCKET = "valkey.sock"
PING_MAX_S = 0.5

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "no",
    "save": "",
    # Full is an error that somebody sees; an evicted session is a wrong answer. 100,000 sessions take 60 MB.
    "maxmemory": "512mb",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
    # A crash report would print the client's last command, and with it a subscriber's number.
    "crash-log-enabled": "no",
}


def url(sockets: Path) -> str:
    """What redis-py understands."""
    return f"unix://{quote(str(sockets / SOCKET))}?db=0"


def part(program: Path, folder: Path, sockets: Path) -> Part:
    """The server over `folder`, which is made if need be."""
    folder.mkdir(mode=0o700, exist_ok=True)
    options = [word for name, value in SETTINGS.items() for word in (f"--{name}", value)]
    path = sockets / SOCKET
    return Part(
        name=NAME,
        command=(str(program), *options, "--dir", str(folder), "--unixsocket", str(path)),
        folder=folder,
        stop_signal=signal.SIGTERM,
        ready=lambda _: _ready(path),
        sockets=(path,),
    )


def _ready(path: Path) -> bool:
    """`PING` is refused while the append-only file is being read."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PING_MAX_S)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
