"""One supervised server process: started, restarted after a death, stopped.

Decides when to start again; refuses to know what the server does. A server that is merely stopped (SIGSTOP) is
alive: only its end is acted upon. Every process started here ends with the keeper, however that ends.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gateway.errors import ConfigurationError

# Nothing of the caller's: a bogus LC_ALL stops initdb, and PG* variables change what a server does.
ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/local/bin:/usr/bin:/bin"}

STOP_MAX_S = 15.0  # the last checkpoint of 256 MB of WAL on a slow disk; after it, crash recovery is the lesser evil
STEADY_S = 10.0  # who lived that long did not die of its start
DEATHS_MAX = 60  # in a row; at the longest pause this is five minutes of trying
PAUSE_FIRST_S = 0.1
PAUSE_MAX_S = 5.0
LOG_BYTES_MAX = 1_000_000  # then the log moves aside at the next start; two of them are kept
TAIL_BYTES = 600

PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Part:
    """What makes a server this server. `sockets` are removed before it starts: nobody else can own them."""

    name: str
    command: tuple[str, ...]
    folder: Path
    stop_signal: signal.Signals
    ready: Callable[[int], bool]
    sockets: tuple[Path, ...]


class Server:
    """A part with a process. `deaths` counts those in a row."""

    deaths = 0

    def __init__(self, part: Part, log: IO[bytes], lock: int) -> None:
        self.part = part
        self.ready = False
        self._log = log
        self._lock = lock
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._retry_at = 0.0

    @property
    def pid(self) -> int:
        """The living process, or 0 between two lives."""
        return self._process.pid if self._process else 0

    def tend(self, now: float) -> bool:
        """Does what is due: start, notice readiness, notice death. True when the process or its readiness changed.

        `now` is machine time in seconds. Raises `ConfigurationError` after `DEATHS_MAX` deaths in a row.
        """
        before = (self.pid, self.ready)
        if self._process is not None and self._process.poll() is not None:
            self._bury(now)
        if self._process is None and now >= self._retry_at:
            self._start(now)
        if self._process is not None and not self.ready:
            self.ready = self.part.ready(self._process.pid)
        return before != (self.pid, self.ready)

    def due_at(self) -> float | None:
        """When it wants to be tended again without anything happening; None for not at all."""
        return self._retry_at if self._process is None else None

    def ask_to_stop(self) -> None:
        """Sends the polite signal, and wakes a stopped process so that it can obey."""
        if self._process is not None:
            self._process.send_signal(self.part.stop_signal)
            self._process.send_signal(signal.SIGCONT)

    def wait_stopped(self) -> None:
        """Waits for the polite end, then takes the impolite one."""
        if self._process is None:
            return
        try:
            self._process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self, now: float) -> None:
        for path in self.part.sockets:
            path.unlink(missing_ok=True)
        self._process = spawn(self.part.command, self.part.folder, self._log, self._lock, ends_by=self.part.stop_signal)
        self._started_at = now

    def _bury(self, now: float) -> None:
        lived_s = now - self._started_at
        self.deaths = 1 if lived_s > STEADY_S else self.deaths + 1
        if self.deaths >= DEATHS_MAX:
            raise ConfigurationError(f"{self.part.name} died {DEATHS_MAX} times in a row: see its log")
        self._process = None
        self.ready = False
        self._retry_at = now + pause_s(self.deaths)


def pause_s(deaths: int) -> float:
    """How long to wait after so many deaths in a row: not at all, then 0.1 s, 0.2 s, … 5 s."""
    return 0.0 if deaths <= 1 else min(PAUSE_FIRST_S * 2 ** (deaths - 2), PAUSE_MAX_S)


def spawn(
    command: Sequence[str],
    folder: Path,
    log: IO[bytes],
    lock: int,
    *,
    ends_by: signal.Signals = signal.SIGKILL,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Starts a process that holds `lock` as long as it or a child of it lives, and gets `ends_by` when we die."""
    keeper = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(ends_by))
        if os.getppid() != keeper:  # we died before the tie was made
            os._exit(1)

    return subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdin=stdin,
        stdout=log,
        stderr=log,
        pass_fds=(lock,),
        preexec_fn=tie,
    )


def open_log(path: Path) -> IO[bytes]:
    """A private log to append to. A long one moves aside first."""
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0)


def tail(path: Path) -> str:
    """The log's last words, for an error message."""
    try:
        return path.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
    except FileNotFoundError:
        return ""
