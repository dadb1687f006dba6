"""`simulator smsc`: opens the two ports, says where they are, and serves until it is stopped."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import uvicorn
from rich.console import Console

from simulator import ports
from simulator.errors import SimulatorError
from simulator.ports import Address
from simulator.smsc.accounts import Account
from simulator.smsc.centre import Centre
from simulator.smsc.control import create
from simulator.smsc.server import Server
from simulator.web.app import create as create_page
from simulator.web.command import STOP_S, bench_of
from simulator.web.guard import Guard
from simulator.world import Addresses

HOST = "127.0.0.1"
"""Loopback only: it accepts anybody, and obeys anybody."""
PORT = 2775
CONTROL_PORT = 8081


def run(
    port: int,
    control_port: int,
    accounts: Mapping[str, Account],
    console: Console,
    page_for: Addresses | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; the control port also serves handsets for a gateway, where one is named, with this
    SMSC for theirs."""
    with ExitStack() as stack:
        listener = stack.enter_context(ports.listener(HOST, port, "--port"))
        control = stack.enter_context(ports.listener(HOST, control_port, "--control-port"))
        page = None
        if page_for is not None:
            control_url = Address(HOST, control.getsockname()[1], "").url
            page = create_page(stack.enter_context(bench_of(replace(page_for, control_url=control_url))))
        server = Server(Centre(accounts))
        application = Guard(create(server, server.listening(listener, tls), page), HOST)
        config = uvicorn.Config(
            application,
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_graceful_shutdown=STOP_S,
        )
        console.print(_welcome(listener, control, tls is not None), highlight=False, markup=False, soft_wrap=True)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped; uvicorn has closed everything by then
            uvicorn.Server(config).run(sockets=[control])


def tls_of(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """What ESMEs that bind by smpps:// see; None without a certificate. Raises `SimulatorError` for files that are
    none."""
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise SimulatorError(
            f"--certificate, --key: these files are not a certificate (PEM) and its key: {error}"
        ) from None
    return context


def _welcome(listener: socket.socket, control: socket.socket, has_tls: bool) -> str:
    port, control_port = listener.getsockname()[1], control.getsockname()[1]
    return f"""
The SMSC is up.

  ESMEs bind to   {HOST}:{port}{", with TLS" if has_tls else ""}
  Control         http://{HOST}:{control_port}/state
  Text as a phone curl -d '{{"msisdn": "+79210000001", "to": "6111", "text": "Баланс"}}' http://{HOST}:{control_port}/mo
  Read its inbox  curl http://{HOST}:{control_port}/inbox?msisdn=79210000001
  Stop            Ctrl-C
"""
