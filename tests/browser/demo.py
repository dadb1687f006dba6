"""`simulator demo`, up and away from everybody else's: what the browser tests and the picture look at."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.ports import BILLING, CONTROL, GATEWAY, SMSC
from tests.live.processes import environment, free_port, tied

OPTIONS = [
    "--no-sandbox",  # root has none, and only our own page is opened
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Of a Chromium that looks at it."""


class DemoDidNotComeUpError(Exception):
    """What it said instead."""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Where its page is. Raises `DemoDidNotComeUpError`."""
    ports = {name: str(free_port()) for name in (GATEWAY, SMSC, CONTROL, BILLING)}
    settings = environment(**ports, GATEWAY_DATA_DIR=str(folder / "var"))
    output = folder / "demo.log"
    with output.open("wb") as log:
        demo = subprocess.Popen(
            tied(sys.executable, "-m", "simulator", "demo"), cwd=folder, env=settings, stdout=log, stderr=log
        )
    try:
        _wait_until_up(demo, output)
        yield f"http://127.0.0.1:{ports[CONTROL]}"
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(60)


def _wait_until_up(demo: "subprocess.Popen[bytes]", output: Path) -> None:
    for _ in range(900):
        if "Ctrl-C" in output.read_text():
            return
        try:
            demo.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise DemoDidNotComeUpError(output.read_text()[-3000:])
