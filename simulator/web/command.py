"""`simulator web`: opens the port, says what to open, and serves the page until it is stopped."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from rich.console import Console

from simulator import ports
from simulator.dialects import DEFAULT, dialect
from simulator.ports import Address
from simulator.web.app import create
from simulator.web.bench import Bench
from simulator.web.guard import Guard
from simulator.world import Addresses, joined

HOST = "127.0.0.1"
PORT = 8081
STOP_S = 3
"""For answers that are under way when it is stopped; the page asks again by itself."""


@contextmanager
def bench_of(addresses: Addresses, dialect_name: str = DEFAULT) -> Iterator[Bench]:
    """A bench; it asks nobody before somebody dials or looks."""
    with joined(addresses) as world:
        yield Bench(world, dialect(dialect_name))


def run(host: str, port: int, addresses: Addresses, dialect_name: str, console: Console) -> None:
    """Serve until SIGINT or SIGTERM."""
    with ports.listener(host, port, "--port") as listener, bench_of(addresses, dialect_name) as bench:
        url = Address(host, listener.getsockname()[1], "").url
        console.print(_welcome(url, addresses), highlight=False, markup=False, soft_wrap=True)
        config = uvicorn.Config(
            Guard(create(bench), host),
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_graceful_shutdown=STOP_S,
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped; uvicorn has closed everything by then
            uvicorn.Server(config).run(sockets=[listener])


def _welcome(url: str, addresses: Addresses) -> str:
    return f"""
Handsets in the browser.

  Open          {url}/
  The gateway   {addresses.access.url}
  The SMSC      {addresses.control_url}
  Stop          Ctrl-C
"""
