"""`simulator demo`: the whole thing on one machine, in one command. What `make run` calls.

It starts an SMSC, a billing and, joined to both, `gateway serve --demo`, each as a child; waits until they are ready,
says what to open, what to dial and what to text, and stops them on Ctrl-C, on SIGTERM and on its own death: the gateway
first, since it says goodbye to the SMSC. It knows of the gateway only its command line, its environment and its health
page.

Where GATEWAY_SMPP is set, the gateway binds there, and no SMSC is started; the same goes for GATEWAY_BILLING_URL.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import NoReturn

import httpx
from rich.console import Console

from simulator import billing as billing_stub
from simulator import child, dialects, ports
from simulator.billing_desk import DEFAULT_BILLING_URL
from simulator.child import Child
from simulator.deployment import DEFAULT_API_KEY, DEFAULT_URL, Access, Deployment
from simulator.errors import SimulatorError
from simulator.network import DEFAULT_CONTROL_URL, Network
from simulator.ports import Address
from simulator.smsc import command as smsc_command

READY_S = 90.0  # the first start makes a database; on a slow laptop that has taken 20 s
POLL_S = 0.1
WATCH_S = 1.0  # how soon the end of a child is noticed

SMPP = "GATEWAY_SMPP"
BILLING_URL = "GATEWAY_BILLING_URL"
BILLING_KEY = "GATEWAY_BILLING_KEY"
BILLING_REPEATS = "GATEWAY_BILLING_REPEATS"
PROGRAM = ".venv/bin/simulator"  # typed in a second window of the same checkout


@dataclass(frozen=True, slots=True)
class Smsc:
    """Where the SMSC shall listen: for gateways, and for testers."""

    smpp: Address
    control: Address

    @property
    def links(self) -> str:
        """How the gateway is told to bind. The accounts are no secret: whoever reaches the port may bind."""
        at = f"{self.smpp.host}:{self.smpp.port}"
        return ",".join((f"smpp://demo:demo@{at}?smsc=simulator", *dialects.links(at)))


@dataclass(frozen=True, slots=True)
class Others:
    """What the gateway is joined to, as far as it is ours; None where the gateway has another's."""

    smsc: Smsc | None
    billing: Address | None

    @property
    def addresses(self) -> list[Address]:
        """Every port that we listen on."""
        of_smsc = [] if self.smsc is None else [self.smsc.smpp, self.smsc.control]
        return of_smsc + ([] if self.billing is None else [self.billing])

    def told(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment of a gateway that uses them."""
        told = dict(environment)
        if self.smsc is not None:
            told[SMPP] = self.smsc.links
        if self.billing is not None:
            told[BILLING_URL] = self.billing.url
            told[BILLING_KEY] = _billing_key(environment)
            told[BILLING_REPEATS] = environment.get(BILLING_REPEATS) or billing_stub.Mode.IDEMPOTENT.value
        return told


def run(environment: Mapping[str, str], console: Console) -> int:
    """Run the demonstration until it is stopped; the exit code for the shell."""
    try:
        with child.stop_signals():
            gateway, others = gateway_of(environment), Others(smsc_of(environment), billing_of(environment))
            ports.ensure_free([gateway, *others.addresses])
            _serve(gateway, others, environment, console)
    except child.StopAskedError:
        return 0


def gateway_of(environment: Mapping[str, str]) -> Address:
    """Where the gateway listens, from the same two variables that it reads itself."""
    host = environment.get(ports.GATEWAY_HOST) or "127.0.0.1"
    return ports.address_of(environment, ports.GATEWAY, host, 8080)


def smsc_of(environment: Mapping[str, str]) -> Smsc | None:
    """Where our SMSC shall listen; None where the gateway has another."""
    if environment.get(SMPP):
        return None
    host = smsc_command.HOST
    return Smsc(
        ports.address_of(environment, ports.SMSC, host, smsc_command.PORT),
        ports.address_of(environment, ports.CONTROL, host, smsc_command.CONTROL_PORT),
    )


def billing_of(environment: Mapping[str, str]) -> Address | None:
    """Where our billing shall listen; None where the gateway has another."""
    if environment.get(BILLING_URL):
        return None
    return ports.address_of(environment, ports.BILLING, billing_stub.HOST, billing_stub.PORT)


def _serve(address: Address, others: Others, environment: Mapping[str, str], console: Console) -> NoReturn:
    """Serve until one of the children ends, which is an error, or a signal comes."""
    console.print("Starting the gateway; the first time this makes a database …")
    with ExitStack() as stack:
        started: dict[str, Child] = {}
        if others.smsc is not None:
            started["SMSC"] = stack.enter_context(_smsc(others.smsc, address, others.billing, environment))
        if others.billing is not None:
            started["billing"] = stack.enter_context(_billing(others.billing, environment))
        gateway_child = stack.enter_context(_gateway(address, others.told(environment)))
        console.print(welcome(address, others), highlight=False, markup=False, soft_wrap=True)
        while not child.ended(gateway_child, WATCH_S):
            for name, other in started.items():
                if other.poll() is not None:
                    raise SimulatorError(f"the {name} stopped by itself (exit code {other.returncode}): see above")
        raise SimulatorError(f"the gateway stopped by itself (exit code {gateway_child.returncode}): see above")


def welcome(address: Address, others: Others) -> str:
    """What to open, what to dial, what to text."""
    smsc = others.smsc
    option = "" if address.url == DEFAULT_URL else f" --url {address.url}"
    if smsc is None:
        texting, sms = "", f"{SMPP} is set: no SMSC was started here, and texts go through the one that it names"
        page = f"{PROGRAM} web{option}"
    else:
        texting = ", or text 6111 Баланс"
        page = f"open {smsc.control.url}/"
        sms = f"the SMSC is on {smsc.smpp.host}:{smsc.smpp.port}; what phones got: {smsc.control.url}/inbox"
        option += "" if smsc.control.url == DEFAULT_CONTROL_URL else f" --control-url {smsc.control.url}"
    playing = option
    if others.billing is not None and others.billing.url != DEFAULT_BILLING_URL:
        playing += f" --billing-url {others.billing.url}"
    if others.billing is None:
        gifts = f"{BILLING_URL} is set: no billing was started here, and gifts are delivered by the one that it names"
    else:
        gifts = f"what the billing delivered: {others.billing.url}/orders; it fails on command, at /faults"
    return f"""
The gateway is up.

  Handsets      {page}
                dial *123#{texting}
  In a terminal {PROGRAM} terminal{option}
  Members       +79210000010 has points, ...11 reads English, ...12 is blocked: --msisdn
  SMS           {sms}
  Gifts         {gifts}
  The API       {address.url}/docs
                demo key, in the header X-API-Key: {DEFAULT_API_KEY}
  Dialogues     {PROGRAM} play{playing} simulator/dialogues/*.yaml
  Stop          Ctrl-C
"""


@contextmanager
def _smsc(smsc: Smsc, gateway: Address, billing: Address | None, environment: Mapping[str, str]) -> Iterator[Child]:
    """The SMSC, answering, with the page of handsets. Its own welcome would only hide ours."""
    where = ["--port", str(smsc.smpp.port), "--control-port", str(smsc.control.port), "--page-for", gateway.url]
    where += [] if billing is None else ["--billing-url", billing.url]
    with (
        child.running(["simulator", "smsc", *where], environment, silent=True) as started,
        Network(smsc.control.url) as network,
    ):
        _until(network.answers, started, "SMSC", smsc.control.url)
        yield started


@contextmanager
def _billing(address: Address, environment: Mapping[str, str]) -> Iterator[Child]:
    """The billing, answering. It behaves as the gateway was told that it does."""
    told = {**environment, billing_stub.KEY_VARIABLE: _billing_key(environment)}
    with child.running(["simulator", "billing", "--port", str(address.port)], told, silent=True) as started:
        _until(lambda: _answers(f"{address.url}/faults"), started, "billing", address.url)
        yield started


def _billing_key(environment: Mapping[str, str]) -> str:
    """The secret that both sides have."""
    return environment.get(BILLING_KEY) or billing_stub.KEY


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def _gateway(address: Address, environment: Mapping[str, str]) -> Iterator[Child]:
    """The gateway, ready."""
    with (
        child.running(["gateway", "serve", "--demo"], environment) as started,
        Deployment(Access(address.url)) as deployment,
    ):
        _until(deployment.ready, started, "gateway", f"{address.url}/health/ready")
        yield started


def _until(ready: Callable[[], bool], started: Child, name: str, url: str) -> None:
    deadline = time.monotonic() + READY_S
    while not ready():
        if child.ended(started, POLL_S):
            raise SimulatorError(f"the {name} stopped before it was ready (exit code {started.returncode}): see above")
        if time.monotonic() > deadline:
            raise SimulatorError(f"the {name} was not ready within {READY_S:.0f} s: {url} says why")
