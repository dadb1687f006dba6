"""`simulator smsc`: opens the two ports, says where they are, and serves until it is stopped."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress

import uvicorn
from rich.console import Console

from simulator.errors import SimulatorError
from simulator.smsc.centre import Centre
from simulator.smsc.control import create
from simulator.smsc.server import Server

HOST = "127.0.0.1"
"""Loopback only: it accepts anybody, and obeys anybody."""
PORT = 2775
CONTROL_PORT = 8081
BACKLOG = 128


def run(port: int, control_port: int, accounts: Sequence[str], console: Console) -> None:
    """Serve until SIGINT or SIGTERM."""
    named = accounts_of(accounts)
    with _listener(port, "--port") as listener, _listener(control_port, "--control-port") as control:
        server = Server(Centre(named))
        application = create(server, server.listening(listener))
        config = uvicorn.Config(application, access_log=False, server_header=False, log_config=None)
        console.print(_welcome(listener, control), highlight=False, markup=False, soft_wrap=True)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped; uvicorn has closed everything by then
            uvicorn.Server(config).run(sockets=[control])


def accounts_of(written: Sequence[str]) -> Mapping[str, str]:
    """Accounts as the command line has them, `system_id:password`. None at all means that anybody may bind."""
    accounts = {}
    for account in written:
        system_id, colon, password = account.partition(":")
        if not system_id or not colon:
            raise SimulatorError("an account is written system_id:password, for instance --account bolshe:secret")
        accounts[system_id] = password
    return accounts


def _listener(port: int, option: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SimulatorError(f"port {port} on {HOST} cannot be had ({error}): choose another by {option}") from None
    return listener


def _welcome(listener: socket.socket, control: socket.socket) -> str:
    port, control_port = listener.getsockname()[1], control.getsockname()[1]
    return f"""
The SMSC is up.

  ESMEs bind to   {HOST}:{port}
  Control         http://{HOST}:{control_port}/state
  Text as a phone curl -d '{{"msisdn": "+79210000001", "to": "6111", "text": "Баланс"}}' http://{HOST}:{control_port}/mo
  Read its inbox  curl http://{HOST}:{control_port}/inbox?msisdn=79210000001
  Stop            Ctrl-C
"""
