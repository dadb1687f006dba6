"""An SMSC that shares no code with us, as a process of its own: see `smpp34_server`, and `interop/smsc.pl`."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.conftest import log_file
from tests.live.processes import free_port, tied

SMPP34 = (sys.executable, str(Path(__file__).with_name("smpp34_server.py")))


class Theirs:
    """The process, and what it said. With `msisdn`, that subscriber texts `Баланс` to 6111 over whatever binds."""

    def __init__(self, folder: Path, msisdn: str = "", program: Sequence[str] = SMPP34) -> None:
        self.port = free_port()
        self._said = folder / "said"  # no log: numbers and texts are what it is for
        with self._said.open("wb") as output, log_file("theirs").open("wb") as log:
            self.process = subprocess.Popen(
                tied(*program, str(self.port), *filter(None, [msisdn])), stdout=output, stderr=log
            )

    def said(self, what: str) -> list[dict[str, Any]]:
        """What it saw of this kind, in its order."""
        lines = [json.loads(line) for line in self._said.read_text().splitlines()]
        return [line for line in lines if line["what"] == what]
