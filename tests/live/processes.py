"""The gateway as processes of its own, to be killed and started again. All of them end with this test process."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx
import pytest

from gateway.embedded import folder as data_folder
from tests.conftest import CODE_KEY, NUMBER_KEYS, log_file
from tests.live import nursery
from tests.live.nursery import end

READY_MAX_S = 60.0  # the first start makes a database
DIES_MAX_S = 90.0  # from its start, beside others that start, until it comes to its point
COMMAND_MAX_S = 60.0
POLL_S = 0.05
WORDS_SHOWN = 3000


_handed_out: set[int] = set()


def free_port() -> int:
    """A port that was free a moment ago, and was not handed out before: a system may give the same one twice."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port: int = server.getsockname()[1]
        if port not in _handed_out:
            _handed_out.add(port)
            return port


def tied(*program: str) -> list[str]:
    """A command that stops when this test process dies, in whatever way. Start it from the main thread."""
    return [sys.executable, "-m", "simulator.tether", str(os.getpid()), *program]


def environment(**settings: str) -> dict[str, str]:
    """Ours without its settings, and these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "SIMULATOR_"))}
    return inherited | settings


def command(folder: Path, settings: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `gateway …` in a folder, to its end."""
    program = ["gateway", *arguments]
    with tempfile.TemporaryDirectory(prefix="command-") as outputs:
        said, told = (Path(outputs) / name for name in ("said", "told"))
        code = nursery.start(program, folder, environment(**settings), said, told).wait(COMMAND_MAX_S)
        return subprocess.CompletedProcess(program, code, said.read_text(), told.read_text())


class Ground:
    """`gateway embedded --demo`: the servers of one data folder, held by a process that no crash of ours touches."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "var"
        self.settings = {
            "GATEWAY_DATA_DIR": str(self.data_dir),
            "GATEWAY_NUMBER_KEYS": NUMBER_KEYS,
            "GATEWAY_CODE_KEY": CODE_KEY,
        }
        self._folder = folder
        log = log_file("embedded")
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                tied(sys.executable, "-m", "gateway", "embedded", "--demo"),
                cwd=folder,
                env=environment(**self.settings),
                stdout=subprocess.PIPE,
                stderr=output,
            )
        line = _pipe(self._process.stdout).readline()
        if not line:
            self.close()
            pytest.fail(f"`gateway embedded` did not start: {log.read_text()[-WORDS_SHOWN:]}")
        self.urls: dict[str, str] = json.loads(line)

    def pid(self, name: str) -> int:
        """A server's process, as of its latest start."""
        record = data_folder.read(self.data_dir)
        assert record is not None, "the keeper offers no servers: it has given up, or is gone"
        return record.pids[name]

    def command(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run `gateway …` against these servers."""
        return command(self._folder, self.settings | settings, *arguments)

    def close(self) -> None:
        """Stop the servers and wait for it."""
        end(self._process)
        _pipe(self._process.stdout).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


class Gateway:
    """`gateway serve --demo` on one port, as often as a test wants. It may be asked as soon as it is started."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        self._folder = folder
        self._log = log_file("gateway")
        self._process: nursery.Child | None = None

    def start(self, **settings: str) -> None:
        """Start it, or start it again."""
        assert self._process is None, "it lives already"
        variables = environment(GATEWAY_HTTP_PORT=str(self.port), **self._settings, **settings)
        self._process = nursery.start(["gateway", "serve", "--demo"], self._folder, variables, self._log, self._log)

    def kill(self) -> None:
        """kill -9, and wait for the death."""
        assert self._process is not None, "it is not running"
        self._process.kill()
        assert self.wait_killed(), f"it died in another way: {self.last_words()}"

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None, "it is not running"
        os.kill(self._process.pid, number)

    def wait_killed(self) -> bool:
        """Whether it now dies by kill -9, and not in another way or not at all."""
        assert self._process is not None, "it is not running"
        try:
            died = self._process.wait(DIES_MAX_S) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False
        self._process = None
        return died

    def ended(self, within_s: float) -> bool:
        """Whether it stops by itself within this time."""
        assert self._process is not None, "it is not running"
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def until_ready(self) -> None:
        """Return when it says that it can serve; fail with its last words when it stops, or takes too long."""
        deadline = time.monotonic() + READY_MAX_S
        while not self._ready():
            stopped = self.ended(POLL_S)
            if stopped or time.monotonic() > deadline:
                words = "stopped" if stopped else f"was not ready within {READY_MAX_S:.0f} s"
                pytest.fail(f"`gateway serve --demo` {words}; its last words:\n{self.last_words()}")

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def last_words(self) -> str:
        """The end of what all its lives said."""
        return self._log.read_text()[-WORDS_SHOWN:]

    def close(self) -> None:
        """Let it stop in order."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """As when the machine hangs: neither the process nor any that it made says a word until the context ends."""
    family = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    for member in family:
        os.kill(member, signal.SIGSTOP)
    try:
        yield
    finally:
        for member in family:
            os.kill(member, signal.SIGCONT)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
