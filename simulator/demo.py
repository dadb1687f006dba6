"""`simulator demo`: the whole thing on one machine, in one command. What `make run` calls.

It starts `gateway serve --demo` as its child, waits until that is ready, says what to open and what to dial, and
stops it on Ctrl-C, on SIGTERM and on its own death (`tether`). It knows of the gateway only its command line, its
environment and its health page.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from rich.console import Console

from simulator.deployment import DEFAULT_API_KEY, DEFAULT_URL, Access, Deployment
from simulator.errors import SimulatorError

READY_S = 90.0  # the first start makes a database; on a slow laptop that has taken 20 s
POLL_S = 0.1
STOP_S = 15.0  # the gateway finishes its hops (8 s at most) and stops its servers

PROGRAM = ".venv/bin/simulator"  # typed in a second window of the same checkout


class _StopAskedError(Exception):
    """SIGTERM came, or Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the gateway shall listen."""

    host: str
    port: int

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def run(environment: Mapping[str, str], console: Console) -> int:
    """Run the demonstration until it is stopped; the exit code for the shell."""
    try:
        with _stop_signals():
            address = address_of(environment)
            ensure_free(address)
            return _serve(address, environment, console)
    except _StopAskedError:
        return 0


def address_of(environment: Mapping[str, str]) -> Address:
    """The address from the same two variables that the gateway reads."""
    port = environment.get("GATEWAY_HTTP_PORT", "8080")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SimulatorError(f"GATEWAY_HTTP_PORT={port} is not a port: choose one from 1 to 65535")
    return Address(environment.get("GATEWAY_HTTP_HOST", "127.0.0.1"), int(port))


def ensure_free(address: Address) -> None:
    """Raise with a way out when the port cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            why = (
                "is taken by another program"
                if error.errno == errno.EADDRINUSE
                else f"cannot be had ({error.strerror})"
            )
            raise SimulatorError(
                f"port {address.port} on {address.host} {why}. Choose another, for instance:\n"
                f"    GATEWAY_HTTP_PORT={address.port + 10} make run"
            ) from None


def _serve(address: Address, environment: Mapping[str, str], console: Console) -> int:
    console.print("Starting the gateway; the first time this makes a database …")
    with _gateway(environment) as gateway, Deployment(Access(address.url)) as deployment:
        deadline = time.monotonic() + READY_S
        while not deployment.ready():
            if _ended(gateway, POLL_S):
                raise SimulatorError(
                    f"the gateway stopped before it was ready (exit code {gateway.returncode}): see above"
                )
            if time.monotonic() > deadline:
                raise SimulatorError(
                    f"the gateway was not ready within {READY_S:.0f} s: {address.url}/health/ready says why"
                )
        console.print(welcome(address), highlight=False, markup=False, soft_wrap=True)
        code = gateway.wait()
        raise SimulatorError(f"the gateway stopped by itself (exit code {code}): see above")


def welcome(address: Address) -> str:
    """What to open and what to dial."""
    option = "" if address.url == DEFAULT_URL else f" --url {address.url}"
    return f"""
The gateway is up.

  A handset     {PROGRAM} terminal{option}
                then dial *123#
  Members       +79210000010 has points, ...11 reads English, ...12 is blocked: --msisdn
  The API       {address.url}/docs
                demo key, in the header X-API-Key: {DEFAULT_API_KEY}
  Dialogues     {PROGRAM} play{option} simulator/dialogues/*.yaml
  Stop          Ctrl-C
"""


@contextmanager
def _gateway(environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """The child in a process group of its own, so that Ctrl-C reaches it once and through us."""
    program = [sys.executable, "-m", "gateway", "serve", "--demo"]
    tether = [sys.executable, "-m", "simulator.tether", str(os.getpid())]
    child = subprocess.Popen([*tether, *program], env=environment, stdin=subprocess.DEVNULL, process_group=0)
    try:
        yield child
    finally:
        _stop(child)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """Ask, wait, insist. Another Ctrl-C while waiting must not leave the gateway behind."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        if not _ended(child, STOP_S):
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _ended(child: "subprocess.Popen[bytes]", within_s: float) -> bool:
    try:
        child.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into an exception at the point where we wait."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _StopAskedError

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
