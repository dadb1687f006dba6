"""The simulator's command line: reads options, joins the parts, turns errors into sentences and exit codes.

Exit codes: 0 all as expected, 1 a dialogue differed, 2 it could not be tried (a file, a setting, no gateway).
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values
from rich.console import Console
from rich.text import Text

from simulator import demo as demonstration
from simulator.deployment import DEFAULT_API_KEY, DEFAULT_URL, Access, Deployment
from simulator.dialects import DEFAULT, dialect
from simulator.dialogue import Dialogue, Step, load
from simulator.errors import SimulatorError
from simulator.handset import Handset, Screen
from simulator.play import Watch, unseen
from simulator.play import play as play_dialogue
from simulator.smsc import command as smsc_command
from simulator.terminal import Terminal, drawn

DIFFERED = 1
COULD_NOT = 2

app = typer.Typer(help="A handset and a network that test the gateway.", no_args_is_help=True, add_completion=False)

Url = Annotated[str, typer.Option(envvar="SIMULATOR_URL", help="Where the gateway is.")]
ApiKey = Annotated[str, typer.Option(envvar="SIMULATOR_API_KEY", help="Key for events and the like.")]
Secret = Annotated[
    str, typer.Option(envvar="SIMULATOR_SECRET", help="Last part of the dialect's path, where one is set.")
]
DialectName = Annotated[str, typer.Option("--dialect", help="The USSD gateway to play.")]
Msisdn = Annotated[str, typer.Option(help="The number of the phone you hold.")]
Files = Annotated[list[Path], typer.Argument(help="Dialogue files.", show_default=False)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every screen.")]


@app.command()
def terminal(
    url: Url = DEFAULT_URL,
    msisdn: Msisdn = "+79210000001",
    dialect_name: DialectName = DEFAULT,
    api_key: ApiKey = DEFAULT_API_KEY,
    secret: Secret = "",
) -> None:
    """A handset in this terminal: dial *123# and answer the screens."""
    with Deployment(Access(url, api_key, secret)) as deployment:
        Terminal(Handset(msisdn, dialect(dialect_name), deployment.send), deployment, Console()).run()


@app.command()
def play(
    files: Files,
    url: Url = DEFAULT_URL,
    dialect_name: DialectName = DEFAULT,
    api_key: ApiKey = DEFAULT_API_KEY,
    secret: Secret = "",
    verbose: Verbose = False,
) -> None:
    """Play dialogue files and compare every screen. Exit code 0: all passed; 1: one differed; 2: could not play."""
    console = Console()
    dialogues = [load(file) for file in files]
    failed = 0
    with Deployment(Access(url, api_key, secret)) as deployment:
        for dialogue in dialogues:
            result = play_dialogue(
                dialogue, deployment, dialect(dialect_name), _shown_on(console) if verbose else unseen
            )
            failed += not result.passed
            _report(console, dialogue, result.screens, result.failure)
    if failed:
        console.print(f"{failed} of {len(dialogues)} dialogues differed.")
        raise typer.Exit(DIFFERED)


@app.command()
def demo() -> None:
    """Start the gateway with everything it needs, and say what to open and what to dial."""
    # The gateway reads `.env` as well; both must mean the same port.
    from_file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    raise typer.Exit(demonstration.run(from_file | dict(os.environ), Console()))


@app.command()
def smsc(
    port: Annotated[int, typer.Option(help="Where ESMEs bind.")] = smsc_command.PORT,
    control_port: Annotated[int, typer.Option(help="Where testers command it.")] = smsc_command.CONTROL_PORT,
    account: Annotated[list[str] | None, typer.Option(help="system_id:password; none: anybody may bind.")] = None,
) -> None:
    """An SMSC for ESMEs to bind to, with receipts, and faults on command."""
    smsc_command.run(port, control_port, account or [], Console())


def main() -> None:
    """The entry point: an error that the user can set right is a sentence on stderr, never a traceback."""
    try:
        app()
    except SimulatorError as error:
        Console(stderr=True).print(Text(str(error), style="red"), soft_wrap=True)
        sys.exit(COULD_NOT)


def _report(console: Console, dialogue: Dialogue, screens: int, failure: str) -> None:
    if failure:
        console.print(Text(f"✗ {dialogue.title}\n  {failure}", style="red"), soft_wrap=True)
    else:
        console.print(Text(f"✓ {dialogue.title} ({screens} screen{'' if screens == 1 else 's'})", style="green"))


def _shown_on(console: Console) -> Watch:
    def show(step: Step, screen: Screen) -> None:
        console.print(drawn(screen, step.phone or "phone"))

    return show
