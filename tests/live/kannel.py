"""Kannel as a process of its own: bearerbox, which binds to an SMSC, and smsbox, which asks services what to answer.

Debian's package; nothing of it is installed from here. What it says holds numbers and texts, so that its logs stay in
its folder, and are no logs of the run.
"""

import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.live.nursery import end
from tests.live.processes import POLL_S, READY_MAX_S, WORDS_SHOWN, free_port, tied
from tests.programs import KANNEL, found

BEARERBOX, SMSBOX = KANNEL

Group = Mapping[str, str | int | bool]
"""One group of its configuration, by the names of its user guide."""


def transceiver(smsc_port: int, options: Group) -> Sequence[Group]:
    """One connection for both ways, to the SMSC on that port."""
    return [{**_LINK, "port": smsc_port, "transceiver-mode": True, **options}]


def pair(smsc_port: int, options: Group) -> Sequence[Group]:
    """A transmitter and a receiver. Two groups of one name, since one group may not have both of their ports."""
    one_way = {**_LINK, "transceiver-mode": False, **options}
    return [{**one_way, "port": smsc_port}, {**one_way, "receive-port": smsc_port}]


_LINK: Group = {
    "group": "smsc",
    "smsc": "smpp",
    "smsc-id": "simulator",
    "host": "127.0.0.1",
    "smsc-username": "kannel",
    "smsc-password": "kannel",
    "system-type": "tests",
}


class Kannel:
    """Kannel with these links and services, in a folder of its own, up for as long as the context lasts."""

    def __init__(
        self,
        home: Path,
        links: Sequence[Group],
        services: Sequence[Group],
        core: Group | None = None,
        smsbox: Group | None = None,
    ) -> None:
        self._home = home
        self._smsbox_port, self.sendsms_port = free_port(), free_port()
        self._configuration = home / "kannel.conf"
        self._processes: list[subprocess.Popen[bytes]] = []
        groups = [self._core(core or {}), *links, self._smsbox(smsbox or {}), *services]
        self._configuration.write_text("\n\n".join(map(_written, groups)) + "\n", encoding="utf-8")

    @property
    def pids(self) -> tuple[int, ...]:
        """Its processes."""
        return tuple(process.pid for process in self._processes)

    def said(self, name: str) -> str:
        """What one of its processes said so far."""
        return self._log(name).read_text("utf-8", "replace")

    def __enter__(self) -> Self:
        try:
            self._start(BEARERBOX, self._smsbox_port)
            self._start(SMSBOX, self.sendsms_port)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for process in reversed(self._processes):
            end(process)

    def _start(self, name: str, port: int) -> None:
        """Start one of the two, and wait until it listens."""
        with self._log(name).open("wb") as log:
            program = [found(name) or name, str(self._configuration)]
            process = subprocess.Popen(tied(*program), cwd=self._home, stdout=log, stderr=log)
        self._processes.append(process)
        deadline = time.monotonic() + READY_MAX_S
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not listen on {port}; it says:\n{self.said(name)[-WORDS_SHOWN:]}")
            time.sleep(POLL_S)  # polls a port that another process opens

    def _log(self, name: str) -> Path:
        return self._home / f"{name}.log"

    def _core(self, options: Group) -> Group:
        return {
            "group": "core",
            "admin-port": free_port(),
            "admin-password": "tests",
            "smsbox-port": self._smsbox_port,
            "store-type": "file",
            "store-location": str(self._home / "kannel.store"),
            "log-level": 3,
            **options,
        }

    def _smsbox(self, options: Group) -> Group:
        return {
            "group": "smsbox",
            "bearerbox-host": "127.0.0.1",
            "sendsms-port": self.sendsms_port,
            "mo-recode": True,  # UCS-2 to UTF-8
            "log-level": 3,
            **options,
        }


def _written(group: Group) -> str:
    return "\n".join(f"{name} = {_value(value)}" for name, value in group.items())


def _value(value: str | int | bool) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return f'"{value}"'


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
