"""Our own programs as processes of their own that begin where the imports end.

A test that kills gateways starts dozens of them, and most of a start's CPU is imports: three seconds of four. A server
that has imported them once forks each process, as `python -m gateway` would have begun it: with its own environment,
folder, signals and logs. What a process does, and how it may die, is the same. `tests/acceptance/test_demo.py` starts
its own from nothing, as an operator does.
"""

import ctypes
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PROGRAMS = {"gateway": "gateway.cli", "simulator": "simulator.cli"}
PR_SET_PDEATHSIG = 1
ENDS_MAX_S = 20.0

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([*PROGRAMS.values(), __name__])


class Child:
    """A process that was started here: what tests need of `subprocess.Popen`. It stops when this test process dies."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        process.start()
        assert process.pid is not None
        self.pid = process.pid

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for the signal that killed it. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()


def start(program: Sequence[str], folder: Path, settings: Mapping[str, str], said: Path, told: Path) -> Child:
    """`python -m PROGRAM` in a folder, with exactly these variables; what it says on its two outputs is added to two
    files, which may be the same.
    """
    process = _forks.Process(
        target=_become, args=(list(program), folder, dict(settings), said, told), name=" ".join(program), daemon=True
    )
    return Child(process)


def _become(program: list[str], folder: Path, settings: dict[str, str], said: Path, told: Path) -> None:
    """In the forked process: forget whose child it is, and be the program."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # of the server, which ends with the test process
    os.environ.clear()
    os.environ.update(settings)
    os.chdir(folder)
    for number, path in ((1, said), (2, told)):
        output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, number)
        os.close(output)
    sys.argv = [program[0], *program[1:]]
    importlib.import_module(PROGRAMS[program[0]]).main()


def end(process: "Child | subprocess.Popen[bytes]") -> None:
    """Ask a process to stop, and insist."""
    process.terminate()
    try:
        process.wait(ENDS_MAX_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
