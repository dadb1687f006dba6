"""Freezes an embedded server for a while, as when its machine hangs: for a demo's testers.

A frozen process is alive (SIGSTOP): connections stay, and nothing is answered. It thaws by itself, since who froze it
may have closed the page. Knows processes; refuses to know what the servers do.
"""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer

from gateway.embedded import folder

NAMES: Mapping[str, str] = {"postgresql": "postgres", "valkey": "valkey"}
"""The stores by the names that people use, and those of `folder.Record`."""


class Freezer:
    """The servers over one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._frozen: dict[str, tuple[list[int], Timer]] = {}
        self._lock = Lock()

    def frozen(self) -> list[str]:
        """Which stores are frozen now."""
        return sorted(self._frozen)

    def freeze(self, store: str, seconds: float) -> bool:
        """Freeze a store, or for longer if it is frozen. False: there is no such process here, or it cannot be seen
        which processes belong to it (they are seen on Linux)."""
        record = folder.read(self._data_dir)
        family = _family(record.pids.get(NAMES[store], 0)) if record else []
        with self._lock:
            self._thaw(store)
            if not family:
                return False
            _signal(family, signal.SIGSTOP)
            timer = Timer(seconds, self.thaw, (store,))
            timer.daemon = True
            self._frozen[store] = family, timer
            timer.start()
        return True

    def thaw(self, store: str) -> None:
        """Let it go on. One that is not frozen does already."""
        with self._lock:
            self._thaw(store)

    def close(self) -> None:
        """Let all go on."""
        for store in NAMES:
            self.thaw(store)

    def _thaw(self, store: str) -> None:
        family, timer = self._frozen.pop(store, ([], None))
        if timer is not None:
            timer.cancel()
        _signal(family, signal.SIGCONT)


def _family(pid: int) -> list[int]:
    """A process and what it made: PostgreSQL answers from children."""
    try:
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())] if pid else []
    except OSError:
        return []


def _signal(family: list[int], number: signal.Signals) -> None:
    for member in family:
        with suppress(ProcessLookupError):  # a connection's process may have ended meanwhile
            os.kill(member, number)
