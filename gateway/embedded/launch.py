"""Starting the keeper, and holding on to it.

Decides how the keeper is launched and what its failure means to the caller; refuses to know the servers.
"""

import json
import os
import select
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

import gateway
from gateway.embedded import disguise, find, folder, postgres
from gateway.embedded.folder import Locks, Servers
from gateway.embedded.keeper import Plan
from gateway.embedded.server import open_log, tail
from gateway.errors import ConfigurationError

READY_MAX_S = postgres.INIT_MAX_S + 30.0  # a cluster made on the slowest disk we wait for, and two servers started
CLOSE_MAX_S = folder.HANDOVER_MAX_S


class Embedded:
    """Running servers, for as long as this object is open and this process lives."""

    def __init__(self, servers: Servers, keeper: subprocess.Popen[bytes]) -> None:
        self.servers = servers
        self._keeper = keeper

    def alive(self) -> bool:
        """False when the keeper is gone, and the servers with it. A server that died alone comes back by itself."""
        return self._keeper.poll() is None

    def pid(self, name: Literal["keeper", "postgres", "valkey"]) -> int:
        """The process's number as of its latest start. For tests that kill."""
        if name == "keeper":
            return self._keeper.pid
        record = folder.read(self.servers.data_dir)
        return record.pids[name] if record else 0

    def close(self) -> None:
        """Stops the servers cleanly and waits for it. May be called again."""
        _let_go(self._keeper)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


def start(data_dir: Path, *, postgres_bin: Path | None = None, valkey_bin: Path | None = None) -> Embedded:
    """Starts both servers over `data_dir`, which is made (0700) if need be; returns when they answer.

    About 0.3 s over an existing folder, 1.5 s over a new one. The binaries are looked for when not given. Raises
    `ConfigurationError`, which says what to do, also when another process holds the folder. Blocks: call it before
    the event loop runs.
    """
    if sys.platform != "linux":
        raise ConfigurationError("embedded servers need Linux: set GATEWAY_DATABASE_URL and GATEWAY_REDIS_URL")
    data_dir = data_dir.resolve()
    programs = (find.postgres(postgres_bin), find.valkey(valkey_bin))
    with folder.claimed(data_dir) as locks:
        keeper = _spawn(data_dir, programs, locks)
    try:
        return Embedded(_offer(keeper, data_dir), keeper)
    except BaseException:
        _let_go(keeper)
        raise


def running(data_dir: Path) -> Servers | None:
    """The servers that another process holds over this folder, or None."""
    data_dir = data_dir.resolve()
    record = folder.read(data_dir)
    if record is None or not folder.held(data_dir):
        return None
    return Servers(record.postgres_url, record.redis_url, data_dir)


def _spawn(data_dir: Path, programs: tuple[Path, Path], locks: Locks) -> subprocess.Popen[bytes]:
    plan = Plan(str(data_dir), str(programs[0]), str(programs[1]), os.getpid(), locks.servers)
    # -P: a folder called gateway in the caller's working directory is not our package. PYTHONPATH says which is.
    ours = str(Path(gateway.__file__).parents[1])
    path = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    with open_log(data_dir / "keeper.log") as log:
        return subprocess.Popen(
            [
                *disguise.prefix(data_dir, programs),
                *(sys.executable, "-P", "-m", "gateway.embedded", json.dumps(asdict(plan))),
            ],
            env={**os.environ, "PYTHONPATH": path},
            cwd="/",  # a folder that cannot be taken away, so that no unmount waits for us
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=(locks.keeper, locks.servers),
            start_new_session=True,
        )


def _offer(keeper: subprocess.Popen[bytes], data_dir: Path) -> Servers:
    """Waits for the keeper's one line, and reads the offer that it announces."""
    heard = json.loads(_line(_pipe(keeper.stdout)) or "{}")
    record = folder.read(data_dir)
    if "ready" in heard and record is not None:
        return Servers(record.postgres_url, record.redis_url, data_dir)
    log = data_dir / "keeper.log"
    raise ConfigurationError(
        heard.get("fault") or f"the keeper did not start the servers; the end of {log}:\n{tail(log)}"
    )


def _line(pipe: IO[bytes]) -> bytes:
    waiter = select.poll()
    waiter.register(pipe, select.POLLIN)
    return pipe.readline() if waiter.poll(READY_MAX_S * 1000) else b""


def _let_go(keeper: subprocess.Popen[bytes]) -> None:
    """Closes the pipe, which is the request to stop; a keeper that does not obey takes its servers with it."""
    _pipe(keeper.stdin).close()
    try:
        keeper.wait(CLOSE_MAX_S)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
    _pipe(keeper.stdout).close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    """Popen's pipes are optional in its type, and always there with PIPE."""
    assert pipe is not None
    return pipe
