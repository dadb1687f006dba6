"""The process that owns the servers: `python -m gateway.embedded PLAN`.

It starts them, offers them in `keeper.json`, starts again what dies, and stops all of it when its standard input
closes: the kernel closes that when the gateway ends, in whatever way. It has a session of its own, so Ctrl-C in
the gateway's terminal does not reach it. If the keeper itself is killed, the servers end with it (`server.spawn`),
and the gateway can tell by `Embedded.alive`. Refuses to know who asks, and why.

It says one line on standard output: `{"ready": true}`, or `{"fault": "what is wrong and what to do"}`.
"""

import json
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from gateway.embedded import folder, postgres, valkey
from gateway.embedded.server import Server, open_log, spawn, tail
from gateway.errors import ConfigurationError

STARTING_POLL_S = 0.01  # readiness is a state of a file or a socket, which wakes nobody
SOCKET_PATH_MAX = 107  # sockaddr_un.sun_path holds 108 bytes with its end, unix(7)
NAME_BYTES = 6
SOCKET_NAME_MAX = len(f"/{folder.SOCKETS_PREFIX}/{postgres.SOCKET}.lock") + 2 * NAME_BYTES
STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the keeper is told. `lock` is the inherited `servers.lock`; the keeper's own lock is merely kept open."""

    data_dir: str
    postgres: str
    valkey: str
    owner_pid: int
    lock: int


class Keeper:
    """Two servers over one data folder."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._data_dir = Path(plan.data_dir)
        self._sockets = _make_sockets_folder(self._data_dir)
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._servers: tuple[Server, ...] = ()
        self._offered = False

    def serve(self) -> None:
        """Runs until we are let go. Raises `ConfigurationError` when a server cannot be had."""
        with _Wakes() as wakes:
            self._servers = self._prepare()
            while not wakes.let_go(self._pause_s()):
                changed = [server.tend(time.monotonic()) for server in self._servers]
                self._look_at_deaths()
                if any(changed) and all(server.ready for server in self._servers):
                    self._offer()

    def stop(self) -> None:
        """Withdraws the offer, stops both servers at once, and leaves no socket behind."""
        folder.withdraw(self._data_dir)
        for server in self._servers:
            server.ask_to_stop()
        for server in self._servers:
            server.wait_stopped()
        shutil.rmtree(self._sockets, ignore_errors=True)  # known by name, for the data folder may be gone
        folder.remove_sockets(self._data_dir)

    def _prepare(self) -> tuple[Server, ...]:
        plan, home = self._plan, self._data_dir
        with open_log(_log(home, postgres.NAME)) as log:
            run = partial(spawn, folder=home, log=log, lock=plan.lock, stdin=subprocess.PIPE)
            postgres.initialise(Path(plan.postgres), home / folder.POSTGRES_FOLDER, run, _log(home, postgres.NAME))
        parts = (
            postgres.part(Path(plan.postgres), home / folder.POSTGRES_FOLDER, self._sockets),
            valkey.part(Path(plan.valkey), home / folder.VALKEY_FOLDER, self._sockets),
        )
        return tuple(Server(part, open_log(_log(home, part.name)), plan.lock) for part in parts)

    def _pause_s(self) -> float | None:
        """How long nothing can be due."""
        if any(server.pid and not server.ready for server in self._servers):
            return STARTING_POLL_S
        due = [at for server in self._servers if (at := server.due_at()) is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _look_at_deaths(self) -> None:
        """A server that dies before the first offer has something that trying again will not mend."""
        for server in self._servers:
            if server.deaths and not self._offered:
                log = _log(self._data_dir, server.part.name)
                raise ConfigurationError(f"{server.part.name} does not start; the end of {log}:\n{tail(log)}")

    def _offer(self) -> None:
        record = folder.Record(
            keeper_pid=os.getpid(),
            owner_pid=self._plan.owner_pid,
            since=self._since,
            postgres_url=postgres.url(self._sockets),
            redis_url=valkey.url(self._sockets),
            pids={server.part.name: server.pid for server in self._servers},
        )
        folder.write(self._data_dir, record)
        if not self._offered:
            _say({"ready": True})
        self._offered = True


class _Wakes:
    """What ends a wait: the gateway letting go, a signal to stop, the death of a server, or time."""

    def __enter__(self) -> "_Wakes":
        self._signals, write_end = os.pipe()
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end)
        for number in (signal.SIGCHLD, *STOPPING):
            signal.signal(number, lambda *_: None)  # the wake-up is the message
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._selector.register(self._signals, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def let_go(self, timeout_s: float | None) -> bool:
        """Waits, then says whether to stop."""
        for key, _ in self._selector.select(timeout_s):
            if key.fd != self._signals:
                return True  # nobody writes there: it can only have closed
            if STOPPING & set(os.read(self._signals, 512)):
                return True
        return False


def _log(data_dir: Path, name: str) -> Path:
    return data_dir / f"{name}.log"


def _make_sockets_folder(data_dir: Path) -> Path:
    """A short folder of mode 0700: a socket's path has 107 bytes, and a data folder's may have more."""
    place = tempfile.gettempdir()
    if len(os.fsencode(place)) + SOCKET_NAME_MAX > SOCKET_PATH_MAX:
        place = "/tmp"  # noqa: S108  nobody can guess the name inside it, and a name that is taken is an error
    path = Path(place) / f"{folder.SOCKETS_PREFIX}{secrets.token_hex(NAME_BYTES)}"
    folder.remember_sockets(data_dir, path)
    path.mkdir(mode=0o700)
    return path


def _say(message: dict[str, object]) -> None:
    with suppress(BrokenPipeError):  # the gateway is gone, which standard input will tell too
        os.write(sys.stdout.fileno(), json.dumps(message).encode() + b"\n")


def main(words: list[str]) -> int:
    """Exit status 0 after being let go, 1 when a server could not be had."""
    plan = Plan(**json.loads(words[0]))
    os.umask(0o077)
    keeper = Keeper(plan)
    try:
        keeper.serve()
    except ConfigurationError as fault:
        _say({"fault": str(fault)})
        sys.stderr.write(f"{fault}\n")
        return 1
    finally:
        keeper.stop()
    return 0
