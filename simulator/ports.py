"""The ports of a demo: read from the environment, and free and different before anything starts on them."""

import errno
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.errors import SimulatorError

GATEWAY_HOST = "GATEWAY_HTTP_HOST"
GATEWAY = "GATEWAY_HTTP_PORT"
SMSC = "SIMULATOR_SMSC_PORT"
CONTROL = "SIMULATOR_CONTROL_PORT"
BILLING = "SIMULATOR_BILLING_PORT"
PORT_MAX = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """Where something shall listen, and the variable that says so."""

    host: str
    port: int
    variable: str

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def address_of(environment: Mapping[str, str], variable: str, host: str, default: int) -> Address:
    """The address whose port is named by `variable`."""
    port = environment.get(variable) or str(default)
    if not port.isdecimal() or not 0 < int(port) <= PORT_MAX:
        raise SimulatorError(f"{variable}={port} is not a port: choose one from 1 to {PORT_MAX}")
    return Address(host, int(port), variable)


def ensure_free(addresses: Sequence[Address]) -> None:
    """Raise with a way out when one of the ports cannot be had."""
    for place, address in enumerate(addresses):
        for other in addresses[:place]:
            if other.port == address.port:
                raise _choose(address, f"is asked for twice, by {other.variable} and {address.variable}")
        _ensure_free(address)


def _ensure_free(address: Address) -> None:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            raise _choose(
                address, "is taken by another program" if taken else f"cannot be had ({error.strerror})"
            ) from None


def _choose(address: Address, why: str) -> SimulatorError:
    another = address.port + 10 if address.port + 10 <= PORT_MAX else address.port - 10
    return SimulatorError(
        f"port {address.port} on {address.host} {why}. Choose another, for instance:\n"
        f"    {address.variable}={another} make run"
    )
