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

from gateway import messaging, serving
from gateway.embedded import server
from gateway.smpp import link
from gateway.smpp.choices import UssdDialect
from gateway.smpp.links import parse
from simulator import child
from simulator.demo import Others, billing_of, gateway_of, smsc_of, welcome
from simulator.errors import SimulatorError
from simulator.ports import Address, address_of, ensure_free

DIES_S = 5.0
PORTS = ["GATEWAY_HTTP_PORT", "SIMULATOR_SMSC_PORT", "SIMULATOR_CONTROL_PORT", "SIMULATOR_BILLING_PORT"]


def test_the_gateway_may_finish_before_it_is_killed() -> None:
    links_s = 3 * messaging.FINISH_S + link.DRAIN_S + link.GOODBYE_S
    assert serving.GRACE_S + links_s + server.STOP_MAX_S < child.STOP_S


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        pytest.param({}, "http://127.0.0.1:8080", id="default"),
        pytest.param({"GATEWAY_HTTP_PORT": ""}, "http://127.0.0.1:8080", id="empty is default"),
        pytest.param({"GATEWAY_HTTP_PORT": "9000"}, "http://127.0.0.1:9000", id="port"),
        pytest.param({"GATEWAY_HTTP_HOST": "0.0.0.0"}, "http://127.0.0.1:8080", id="everywhere"),  # noqa: S104 - only read
        pytest.param({"GATEWAY_HTTP_HOST": "::1"}, "http://[::1]:8080", id="IPv6"),
    ],
)
def test_address_of_the_gateway(environment: dict[str, str], url: str) -> None:
    assert gateway_of(environment).url == url


@pytest.mark.parametrize(
    ("environment", "link"),
    [
        pytest.param({}, "smpp://demo:demo@127.0.0.1:2775?smsc=simulator", id="ours"),
        pytest.param({"SIMULATOR_SMSC_PORT": "2900"}, "smpp://demo:demo@127.0.0.1:2900?smsc=simulator", id="port"),
        pytest.param({"GATEWAY_SMPP": "smpp://a:b@smsc:2775"}, None, id="another's"),
        pytest.param({"GATEWAY_SMPP": ""}, "smpp://demo:demo@127.0.0.1:2775?smsc=simulator", id="empty is none"),
    ],
)
def test_the_gateway_binds_to_our_smsc_unless_it_has_another(environment: dict[str, str], link: str | None) -> None:
    smsc = smsc_of(environment)
    assert (smsc.links.split(",")[0] if smsc else None) == link


def test_the_gateway_speaks_every_dialect_of_ussd_with_our_smsc() -> None:
    smsc = smsc_of({})
    assert smsc is not None
    assert {link.ussd for link in parse(smsc.links)} == {None, *UssdDialect}


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
@pytest.mark.parametrize("variable", PORTS)
def test_ports_that_are_none(variable: str, port: str) -> None:
    with pytest.raises(SimulatorError, match=rf"{variable}={port} is not a port: choose one from 1 to 65535"):
        address_of({variable: port}, variable, "127.0.0.1", 8080)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        pytest.param({}, ("http://127.0.0.1:8082", "the-demo-billing-key", "idempotent"), id="ours"),
        pytest.param(
            {"SIMULATOR_BILLING_PORT": "9082", "GATEWAY_BILLING_REPEATS": "never", "GATEWAY_BILLING_KEY": "k" * 16},
            ("http://127.0.0.1:9082", "k" * 16, "never"),
            id="ours, as it is wanted",
        ),
        pytest.param({"GATEWAY_BILLING_URL": "https://billing"}, ("https://billing", None, None), id="another's"),
    ],
)
def test_the_gateway_orders_at_our_billing_unless_it_has_another(
    environment: dict[str, str], told: tuple[str | None, ...]
) -> None:
    seen = Others(None, billing_of(environment)).told(environment)
    names = ("GATEWAY_BILLING_URL", "GATEWAY_BILLING_KEY", "GATEWAY_BILLING_REPEATS")
    assert tuple(map(seen.get, names)) == told


def address(port: int, variable: str = "GATEWAY_HTTP_PORT") -> Address:
    return Address("127.0.0.1", port, variable)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("variable", PORTS)
def test_a_taken_port_is_named_with_a_way_out(taken: int, variable: str) -> None:
    with pytest.raises(SimulatorError, match=rf"port {taken} .*taken(.|\n)*{variable}=\d+ make run"):
        ensure_free([address(taken, variable)])


def test_one_port_for_two_is_named_with_a_way_out() -> None:
    asked_twice = [address(8081), address(8081, "SIMULATOR_CONTROL_PORT")]
    with pytest.raises(
        SimulatorError, match=r"twice, by GATEWAY_HTTP_PORT and SIMULATOR_(.|\n)*CONTROL_PORT=8091 make"
    ):
        ensure_free(asked_twice)


def test_a_port_that_was_just_left_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            pass
    ensure_free([address(port)])


def test_welcome_names_what_to_open_dial_and_text() -> None:
    ours = {"SIMULATOR_CONTROL_PORT": "9001", "SIMULATOR_BILLING_PORT": "9002"}
    words = welcome(address(9000), Others(smsc_of(ours), billing_of(ours)))
    for expected in (
        "open http://127.0.0.1:9001/",
        "terminal --url http://127.0.0.1:9000 --control-url http://127.0.0.1:9001",
        "--control-url http://127.0.0.1:9001 --billing-url http://127.0.0.1:9002 simulator/dialogues/*.yaml",
        "*123#",
        "text 6111 Баланс",
        "http://127.0.0.1:9001/inbox",
        "http://127.0.0.1:9002/orders",
        "http://127.0.0.1:9000/docs",
        "X-API-Key: demo",
        "Ctrl-C",
    ):
        assert expected in words
    assert "-url" not in welcome(address(8080), Others(smsc_of({}), billing_of({})))


def test_welcome_says_what_is_anothers_and_keeps_its_secrets() -> None:
    theirs = {"GATEWAY_SMPP": "smpp://me:s3cret@smsc:2775", "GATEWAY_BILLING_URL": "https://billing/s3cret"}
    words = welcome(address(8080), Others(smsc_of(theirs), billing_of(theirs)))
    assert "Handsets      .venv/bin/simulator web\n" in words
    assert "GATEWAY_SMPP is set: no SMSC was started here" in words
    assert "GATEWAY_BILLING_URL is set: no billing was started here" in words
    assert "s3cret" not in words


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
