"""A real gateway for acceptance tests: `gateway serve --demo` with its own stores, one for each test process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.deployment import Access, Deployment

READY_S = 60.0  # the first start makes a database
STOP_S = 15.0
POLL_S = 0.05


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def settings() -> Callable[[Path], dict[str, str]]:
    """Makes the environment of a gateway of its own: ours without its settings, a free port, its data in a folder."""
    return environment


def environment(folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "SIMULATOR_"))}
    return inherited | {"GATEWAY_HTTP_PORT": str(free_port()), "GATEWAY_DATA_DIR": str(folder / "var")}


def tied(*program: str) -> list[str]:
    """A command that stops when this test process dies, in whatever way."""
    return [sys.executable, "-m", "simulator.tether", str(os.getpid()), sys.executable, "-m", *program]


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, new_log: Callable[[str], Path]) -> Iterator[Deployment]:
    """The gateway, ready, as the simulator reaches it."""
    folder = tmp_path_factory.mktemp("gateway")
    own = environment(folder)
    log = new_log("gateway")
    with (
        log.open("wb") as output,
        subprocess.Popen(
            tied("gateway", "serve", "--demo"),
            cwd=folder,  # away from a developer's .env
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as process,
        Deployment(Access(f"http://127.0.0.1:{own['GATEWAY_HTTP_PORT']}")) as deployment,
    ):
        try:
            wait_until_ready(process, deployment, log)
            yield deployment
        finally:
            stop(process)


def wait_until_ready(process: "subprocess.Popen[bytes]", deployment: Deployment, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while not deployment.ready():
        stopped = ended(process, POLL_S)
        if stopped or time.monotonic() > deadline:
            words = "stopped" if stopped else f"was not ready within {READY_S:.0f} s"
            pytest.fail(f"`gateway serve --demo` {words}; its last words:\n{log.read_text()[-3000:]}")


def ended(process: "subprocess.Popen[bytes]", within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    if not ended(process, STOP_S):
        process.kill()
