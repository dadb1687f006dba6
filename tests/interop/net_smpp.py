"""Perl's Net::SMPP, as a process: an ESME that does what it is told (`esme.pl`), an SMSC (`smsc.pl` by `Theirs`)."""

import json
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.live.nursery import end
from tests.live.processes import tied

ESME = Path(__file__).with_name("esme.pl")
SMSC = ("perl", str(Path(__file__).with_name("smsc.pl")))
RESPONSE = 0x8000_0000
PATIENCE_S = 60.0

Heard = Mapping[str, Any]
"""A PDU by Perl's names; texts and optional parameters, which go by their tags, are octets in hex."""


class Esme:
    """Bound as a transceiver for as long as the context lasts. What the SMSC asked stands in `received`."""

    def __init__(self, port: int, system_id: str, folder: Path) -> None:
        self.received: list[Heard] = []
        self._told = folder / "perl.log"  # no log of the run: it may hold texts
        with self._told.open("wb") as log:
            self._process = subprocess.Popen(
                tied("perl", str(ESME), str(port), system_id),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.bound = self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        end(self._process)

    def ask(self, method: str, **arguments: object) -> Heard:
        """Send a request; its response."""
        self._tell(method, arguments)
        return self._answer()

    def read(self) -> Heard:
        """The next request of the SMSC; it has been answered."""
        self._tell("read_pdu", {})
        return self._next()

    def answer_with(self, status: int) -> None:
        """How messages of the SMSC are answered from now on."""
        self._tell("answer_with", {"status": status})

    def _tell(self, method: str, arguments: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([method, arguments]).encode() + b"\n")

    def _answer(self) -> Heard:
        while True:
            pdu = self._next()
            if pdu["cmd"] & RESPONSE:
                return pdu

    def _next(self) -> Heard:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)  # it is not buffered: see bufsize
        assert ready, f"nothing came within {PATIENCE_S:.0f} s"
        line = self._process.stdout.readline()
        assert line, f"Perl has ended: {self._told.read_text('utf-8', 'replace')}"
        pdu: Heard = json.loads(line.decode("latin-1"))
        if not pdu["cmd"] & RESPONSE:
            self.received.append(pdu)
        return pdu
