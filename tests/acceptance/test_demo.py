"""`simulator demo`, what `make run` calls: it comes up, says what to dial and text, and leaves nothing behind."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from simulator.deployment import Access, Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.handset import Handset
from simulator.network import Network
from simulator.ports import BILLING, CONTROL, GATEWAY, SMSC
from tests.integration.smsc.peers import Smsc
from tests.live.processes import tied

GONE_S = 20.0
COMMAND = [sys.executable, "-m", "simulator"]


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is up, the words it came up with, and its environment."""

    process: "subprocess.Popen[str]"
    environment: dict[str, str]
    words: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['GATEWAY_HTTP_PORT']}"

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.environment['SIMULATOR_CONTROL_PORT']}"

    def all_gone(self) -> bool:
        """Whether every process of the demo is gone in time: the last to go closes the pipe they all write to."""
        assert self.process.stdout is not None
        output = self.process.stdout.fileno()
        while select.select([output], [], [], GONE_S)[0]:
            if not os.read(output, 65536):
                return True
        return False

    def ready(self) -> bool:
        with Deployment(Access(self.url)) as deployment:
            return deployment.ready()


def simulator(*arguments: str, environment: dict[str, str], typed: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, input=typed, capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def started(folder: Path, environment: dict[str, str]) -> Iterator[Demo]:
    """A demo, as soon as it says how to stop it."""
    with subprocess.Popen(
        tied(*COMMAND, "demo"), cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            words = ""
            for line in process.stdout:
                words += line
                if "Ctrl-C" in line:
                    break
            yield Demo(process, environment, words)
        finally:
            process.terminate()


@pytest.fixture
def demo(tmp_path: Path, settings: Callable[[Path], dict[str, str]]) -> Iterator[Demo]:
    with started(tmp_path, settings(tmp_path)) as up:
        yield up


@pytest.mark.parametrize(
    ("signal_number", "exit_code"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)],
    ids=["Ctrl-C", "kill", "kill -9"],
)
def test_nothing_is_left_behind(demo: Demo, signal_number: int, exit_code: int) -> None:
    assert demo.ready(), demo.words
    demo.process.send_signal(signal_number)
    assert demo.all_gone(), "a process of the demo is still there"
    assert not demo.ready()
    with Network(demo.control_url) as network:
        assert not network.answers()
    assert demo.process.wait(GONE_S) == exit_code


def test_what_it_says_to_do_works(demo: Demo) -> None:
    assert demo.url in demo.words
    handset = simulator("terminal", "--url", demo.url, environment=demo.environment, typed="*123#\ntop-up 500\n1\n")
    assert "1 000" in handset.stdout, handset.stdout + handset.stderr


def test_a_second_demo_is_told_which_port_is_taken(
    demo: Demo, tmp_path: Path, settings: Callable[[Path], dict[str, str]]
) -> None:
    for variable in (GATEWAY, SMSC, CONTROL, BILLING):
        environment = settings(tmp_path) | {variable: demo.environment[variable]}
        again = simulator("demo", environment=environment)
        assert again.returncode == 2
        assert f"port {environment[variable]} on 127.0.0.1 is taken by another program" in again.stderr
        assert f"{variable}=" in again.stderr


def test_a_text_is_answered(demo: Demo) -> None:
    options = ["--url", demo.url, "--control-url", demo.control_url]
    assert f"terminal {' '.join(options)}" in demo.words
    handset = simulator("terminal", *options, environment=demo.environment, typed="top-up 500\ntext 6111 Баланс\n")
    assert "SMS from 6111" in handset.stdout, handset.stdout + handset.stderr
    assert "1 000 баллов" in handset.stdout


def test_a_gift_is_delivered_by_the_billing_and_told(demo: Demo) -> None:
    billing_url = f"http://127.0.0.1:{demo.environment[BILLING]}"
    assert f"{billing_url}/orders" in demo.words
    dialogue = Path(__file__).parents[2] / "simulator" / "dialogues" / "exchange_by_ussd.yaml"
    options = ["--url", demo.url, "--control-url", demo.control_url]
    played = simulator("play", *options, str(dialogue), environment=demo.environment)
    assert played.returncode == 0, played.stdout + played.stderr
    [order] = httpx.get(f"{billing_url}/orders", trust_env=False).json()["orders"]
    assert (order["reward"], order["terms"], order["delivered"]) == ("internet_1gb", {"product": "internet_1gb"}, 1)


def test_with_an_smsc_of_somebody_elses_none_is_started(
    smsc: Smsc, tmp_path: Path, settings: Callable[[Path], dict[str, str]]
) -> None:
    elsewhere = {"GATEWAY_SMPP": f"smpp://other:s3cret@127.0.0.1:{smsc.port}?smsc=other"}
    with started(tmp_path, settings(tmp_path) | elsewhere) as demo, Network(demo.control_url) as network:
        assert "GATEWAY_SMPP is set: no SMSC was started here" in demo.words
        assert "s3cret" not in demo.words
        assert not network.answers()
        smsc.until(lambda: "other" in {one["system_id"] for one in smsc.get("/state")["sessions"]}, "it is bound")


def test_a_demo_begins_with_members_to_look_at(demo: Demo) -> None:
    with Deployment(Access(demo.url)) as deployment:
        seen = {
            number: Handset(number, DIALECT, deployment.send).dial("*123#").text
            for number in ("+79210000010", "+79210000011", "+79210000012")
        }
        history = Handset("+79210000010", DIALECT, deployment.send).dial("*123*2#").text
    assert "У вас 4 387 баллов" in seen["+79210000010"]
    assert "You have 300 points" in seen["+79210000011"]
    assert "не участвует" in seen["+79210000012"]
    assert "+3 000 пополнение" in history
