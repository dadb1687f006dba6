"""A real gateway for acceptance tests: `gateway serve --demo` with its own stores, one for each test process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.deployment import Access, Deployment
from tests.live.processes import Gateway, environment, free_port


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
        process.until_ready()
        yield deployment
