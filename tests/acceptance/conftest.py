"""A real gateway for acceptance tests: `gateway serve --demo` with its own stores, one for each test process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.deployment import Access, Deployment
from tests.live.processes import Gateway, environment, free_port

READY_S = 60.0  # the first start makes a database
POLL_S = 0.05


@pytest.fixture(scope="session")
def settings() -> Callable[[Path], dict[str, str]]:
    """Makes the environment of a gateway of its own: a free port, and its data in a folder."""

    def own(folder: Path) -> dict[str, str]:
        return environment(GATEWAY_HTTP_PORT=str(free_port()), GATEWAY_DATA_DIR=str(folder / "var"))

    return own


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The gateway, ready, as the simulator reaches it."""
    folder = tmp_path_factory.mktemp("gateway")  # away from a developer's .env
    with (
        Gateway(folder, {"GATEWAY_DATA_DIR": str(folder / "var")}) as process,
        Deployment(Access(process.url)) as deployment,
    ):
        process.start()
        wait_until_ready(process, deployment)
        yield deployment


def wait_until_ready(process: Gateway, deployment: Deployment) -> None:
    """Return when the gateway is ready; fail with its last words when it stops, or takes too long."""
    deadline = time.monotonic() + READY_S
    while not deployment.ready():
        stopped = process.ended(POLL_S)
        if stopped or time.monotonic() > deadline:
            words = "stopped" if stopped else f"was not ready within {READY_S:.0f} s"
            pytest.fail(f"`gateway serve --demo` {words}; its last words:\n{process.last_words()}")
