"""Ports: a demo's, read from the environment, and free and different before anything starts on them; and listening."""

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
BACKLOG = 128


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


def listener(host: str, port: int, option: str) -> socket.socket:
    """A socket that listens there. Raises with a way out, which `option` is, when the port cannot be had."""
    listening = socket.socket(_family(host), socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        another = _another(port)
        raise SimulatorError(f"port {port} on {host} {_why(error)}. Choose another: {option} {another}") from None
    return listening


def _ensure_free(address: Address) -> None:
    with socket.socket(_family(address.host), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise _choose(address, _why(error)) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _why(error: OSError | OverflowError) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "is taken by another program"
    return f"cannot be had ({error})"


def _choose(address: Address, why: str) -> SimulatorError:
    return SimulatorError(
        f"port {address.port} on {address.host} {why}. Choose another, for instance:\n"
        f"    {address.variable}={_another(address.port)} make run"
    )


def _another(port: int) -> int:
    return port + 10 if 0 < port + 10 <= PORT_MAX else PORT_MAX - 10
