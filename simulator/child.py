"""Programs that the demo starts: each in a process group of its own, stopped in order, never left behind.

Ctrl-C reaches only the demo, which stops its children one after the other. Should it be killed with no chance to do
so, the tether stops them.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

STOP_S = 45.0
"""The gateway at its longest: 10 s for hops, 18.5 s for links and what came over them, 15 s for its servers. A second
is usual; whoever kills it sooner leaves texts in doubt, and a database that must recover."""

Child = subprocess.Popen[bytes]


class StopAskedError(Exception):
    """SIGTERM came, or Ctrl-C."""


@contextmanager
def running(arguments: Sequence[str], environment: Mapping[str, str], *, silent: bool = False) -> Iterator[Child]:
    """`python -m ARGUMENTS` for as long as the context lasts. A silent one says only what goes wrong, on stderr."""
    tether = [sys.executable, "-m", "simulator.tether", str(os.getpid())]
    child = subprocess.Popen(
        [*tether, sys.executable, "-m", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if silent else None,
        process_group=0,
    )
    try:
        yield child
    finally:
        _stop(child)


def ended(child: Child, within_s: float) -> bool:
    """Whether it stops within this time."""
    try:
        child.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def stop_signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into an exception at the point where we wait."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise StopAskedError

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _stop(child: Child) -> None:
    """Ask, wait, insist. Another Ctrl-C while waiting must not leave anything behind."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        if not ended(child, STOP_S):
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
