"""Somebody at the command line, in this process: a Python of their own takes ten times as long."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from typer.testing import CliRunner

from gateway import cli
from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Staff = Callable[..., Done]


def typed(known: Mapping[str, str], *arguments: str, **settings: str) -> Done:
    """Run a command with these settings."""
    values = {f"GATEWAY_{name.upper()}": value for name, value in (dict(known) | settings).items()}
    with ThreadPoolExecutor(1) as aside:  # a command has an event loop of its own
        done = aside.submit(CliRunner().invoke, cli.app, arguments, env=values).result()
    if isinstance(done.exception, GatewayError):
        return Done(cli.EXIT_IMPOSSIBLE, done.stdout, str(done.exception))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.stdout, done.stderr)
