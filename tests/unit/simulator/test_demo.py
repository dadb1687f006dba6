"""`simulator demo` around the gateway: ports, words, and a child that never outlives it.

That the gateway itself starts and stops under it is shown by tests/acceptance.
"""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from simulator.demo import Address, address_of, ensure_free, welcome
from simulator.errors import SimulatorError

DIES_S = 5.0


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        pytest.param({}, "http://127.0.0.1:8080", id="default"),
        pytest.param({"GATEWAY_HTTP_PORT": "9000"}, "http://127.0.0.1:9000", id="port"),
        pytest.param({"GATEWAY_HTTP_HOST": "0.0.0.0"}, "http://127.0.0.1:8080", id="everywhere"),  # noqa: S104 - only read
        pytest.param({"GATEWAY_HTTP_HOST": "::1"}, "http://[::1]:8080", id="IPv6"),
    ],
)
def test_address(environment: dict[str, str], url: str) -> None:
    assert address_of(environment).url == url


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "-1"])
def test_ports_that_are_none(port: str) -> None:
    with pytest.raises(SimulatorError, match="choose one from 1 to 65535"):
        address_of({"GATEWAY_HTTP_PORT": port})


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_a_way_out(taken: int) -> None:
    with pytest.raises(SimulatorError, match=rf"port {taken} .*taken(.|\n)*GATEWAY_HTTP_PORT={taken + 10} make run"):
        ensure_free(Address("127.0.0.1", taken))


def test_a_port_that_was_just_left_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            pass
    ensure_free(Address("127.0.0.1", port))


def test_welcome_names_what_to_open_and_dial() -> None:
    words = welcome(Address("127.0.0.1", 9000))
    for expected in (
        "terminal --url http://127.0.0.1:9000",
        "*123#",
        "http://127.0.0.1:9000/docs",
        "X-API-Key: demo",
        "Ctrl-C",
    ):
        assert expected in words
    assert "--url" not in welcome(Address("127.0.0.1", 8080))


PARENT = """
import os, subprocess, sys
child = [sys.executable, "-c", "import os, signal; print(os.getpid(), flush=True); signal.pause()"]
tether = [sys.executable, "-m", "simulator.tether", str(os.getpid())]
subprocess.Popen([*tether, *child], process_group=0).wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a process to its parent")
@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "kill"])
def test_the_child_dies_with_its_parent(signal_number: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal_number)
        # The child holds the pipe's other end, so that the pipe closes when the child is gone.
        dead = bool(select.select([parent.stdout], [], [], DIES_S)[0])
        if not dead:
            os.kill(child, signal.SIGKILL)
        assert dead, "the child outlived its parent"


def test_a_child_whose_parent_is_gone_already_does_not_start() -> None:
    command = [sys.executable, "-m", "simulator.tether", "1", sys.executable, "-c", "print('up')"]
    assert subprocess.run(command, capture_output=True, check=False).stdout == b""
