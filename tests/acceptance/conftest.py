"""A real gateway for acceptance tests: `gateway serve --demo` with its own stores, bound to a real SMSC.

One of each for each test process.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.billing import KEY
from simulator.billing_desk import BillingDesk
from simulator.deployment import Access, Deployment
from simulator.dialects import links
from simulator.network import Network
from simulator.ports import BILLING, CONTROL, GATEWAY, SMSC
from simulator.world import World
from tests.conftest import log_file
from tests.integration.smsc.peers import Smsc
from tests.live.nursery import end
from tests.live.processes import Gateway, environment, free_port, tied


@pytest.fixture(scope="session")
def settings() -> Callable[[Path], dict[str, str]]:
    """Makes the environment of a demo of its own: free ports, and its data in a folder."""

    def own(folder: Path) -> dict[str, str]:
        ports = {name: str(free_port()) for name in (GATEWAY, SMSC, CONTROL, BILLING)}
        return environment(**ports, GATEWAY_DATA_DIR=str(folder / "var"))

    return own


@pytest.fixture(scope="session")
def smsc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Smsc]:
    """The SMSC that the gateway is bound to."""
    with Smsc(tmp_path_factory.mktemp("smsc")) as running:
        yield running


@pytest.fixture(scope="session")
def billing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The operator's billing, to which the gateway gives orders: its URL."""
    port = free_port()
    program = [sys.executable, "-m", "simulator", "billing", "--port", str(port)]
    with log_file("billing").open("wb") as output:
        folder = tmp_path_factory.mktemp("billing")
        process = subprocess.Popen(tied(*program), cwd=folder, stdout=subprocess.DEVNULL, stderr=output)
    try:
        yield f"http://127.0.0.1:{port}"  # nobody orders anything before it listens: the gateway tries again
    finally:
        end(process)


@pytest.fixture(scope="session")
def network(smsc: Smsc) -> Iterator[Network]:
    """The SMSC, as phones reach it."""
    with Network(f"http://127.0.0.1:{smsc.control_port}") as found:
        yield found


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, smsc: Smsc, billing: str) -> Iterator[Deployment]:
    """The gateway, ready, as the simulator reaches it."""
    folder = tmp_path_factory.mktemp("gateway")  # away from a developer's .env
    at = f"127.0.0.1:{smsc.port}"
    settings = {
        "GATEWAY_DATA_DIR": str(folder / "var"),
        "GATEWAY_SMPP": f"smpp://demo:demo@{at}?smsc=simulator,{','.join(links(at))}",
        "GATEWAY_BILLING_URL": billing,
        "GATEWAY_BILLING_KEY": KEY,
        "GATEWAY_BILLING_REPEATS": "idempotent",
    }
    with (
        Gateway(folder, settings) as process,
        Deployment(Access(process.url)) as deployment,
    ):
        process.start()
        process.until_ready()
        yield deployment


@pytest.fixture(scope="session")
def world(gateway: Deployment, network: Network, billing: str) -> Iterator[World]:
    """All of it, as a dialogue is played against it."""
    with BillingDesk(billing) as desk:
        yield World(gateway, network, desk)
