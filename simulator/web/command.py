"""`simulator web`: opens the port, says what to open, and serves the page until it is stopped."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn
from rich.console import Console

from simulator import ports
from simulator.deployment import Access, Deployment
from simulator.dialects import DEFAULT, dialect
from simulator.network import Network
from simulator.ports import Address
from simulator.web.app import create
from simulator.web.bench import Bench
from simulator.web.guard import Guard

HOST = "127.0.0.1"
PORT = 8081
STOP_S = 3
"""For answers that are under way when it is stopped; the page asks again by itself."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What the phones of a bench are joined to: a gateway by a dialect, and an SMSC by its control port."""

    access: Access
    control_url: str
    dialect_name: str = DEFAULT


@contextmanager
def bench_of(joined: Joined) -> Iterator[Bench]:
    """A bench; it asks neither gateway nor SMSC before somebody dials or looks."""
    with Deployment(joined.access) as deployment, Network(joined.control_url) as network:
        yield Bench(deployment, network, dialect(joined.dialect_name))


def run(host: str, port: int, joined: Joined, console: Console) -> None:
    """Serve until SIGINT or SIGTERM."""
    with ports.listener(host, port, "--port") as listener, bench_of(joined) as bench:
        url = Address(host, listener.getsockname()[1], "").url
        console.print(_welcome(url, joined), highlight=False, markup=False, soft_wrap=True)
        config = uvicorn.Config(
            Guard(create(bench), host),
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_graceful_shutdown=STOP_S,
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped; uvicorn has closed everything by then
            uvicorn.Server(config).run(sockets=[listener])


def _welcome(url: str, joined: Joined) -> str:
    return f"""
Handsets in the browser.

  Open          {url}/
  The gateway   {joined.access.url}
  The SMSC      {joined.control_url}
  Stop          Ctrl-C
"""
