"""A real gateway for acceptance tests: `gateway serve --demo` with its own stores, bound to a real SMSC.

One of each for each test process.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.deployment import Access, Deployment
from simulator.network import Network
from simulator.ports import CONTROL, GATEWAY, SMSC
from tests.integration.smsc.peers import Smsc
from tests.live.processes import Gateway, environment, free_port


@pytest.fixture(scope="session")
def settings() -> Callable[[Path], dict[str, str]]:
    """Makes the environment of a demo of its own: free ports, and its data in a folder."""

    def own(folder: Path) -> dict[str, str]:
        ports = {name: str(free_port()) for name in (GATEWAY, SMSC, CONTROL)}
        return environment(**ports, GATEWAY_DATA_DIR=str(folder / "var"))

    return own


@pytest.fixture(scope="session")
def smsc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Smsc]:
    """The SMSC that the gateway is bound to."""
    with Smsc(tmp_path_factory.mktemp("smsc")) as running:
        yield running


@pytest.fixture(scope="session")
def network(smsc: Smsc) -> Iterator[Network]:
    """The SMSC, as phones reach it."""
    with Network(f"http://127.0.0.1:{smsc.control_port}") as found:
        yield found


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, smsc: Smsc) -> Iterator[Deployment]:
    """The gateway, ready, as the simulator reaches it."""
    folder = tmp_path_factory.mktemp("gateway")  # away from a developer's .env
    smpp = f"smpp://demo:demo@127.0.0.1:{smsc.port}?smsc=simulator"
    with (
        Gateway(folder, {"GATEWAY_DATA_DIR": str(folder / "var"), "GATEWAY_SMPP": smpp}) as process,
        Deployment(Access(process.url)) as deployment,
    ):
        process.start()
        process.until_ready()
        yield deployment
