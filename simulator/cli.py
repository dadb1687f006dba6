"""The simulator's command line: reads options, joins the parts, turns errors into sentences and exit codes.

Exit codes: 0 all as expected, 1 a dialogue differed, too little of the menu was visited, or a load was not as stated, 2
it could not be tried (a file, a setting, no gateway).
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values
from rich.console import Console
from rich.text import Text

from simulator import billing as billing_stub
from simulator import demo as demonstration
from simulator import junit, ports
from simulator.billing_desk import DEFAULT_BILLING_URL
from simulator.coverage import Coverage, Covering
from simulator.deployment import DEFAULT_API_KEY, DEFAULT_URL, Access
from simulator.dialects import DEFAULT, dialect
from simulator.dialogue import Step, load
from simulator.errors import SimulatorError
from simulator.handset import Handset
from simulator.load import command as load_command
from simulator.load.plan import Plan, think_of
from simulator.load.story_file import DEFAULT as STORIES
from simulator.mailbox import Mailbox
from simulator.network import DEFAULT_CONTROL_URL, Sms
from simulator.phrases import seconds
from simulator.play import Result, Seen, Watch, unseen
from simulator.plays import JOBS_MAX, play_all
from simulator.smsc import command as smsc_command
from simulator.smsc.accounts import parse as parse_accounts
from simulator.terminal import Terminal, drawn, written
from simulator.web import command as web_command
from simulator.world import Addresses, joined

DIFFERED = 1
COULD_NOT = 2

app = typer.Typer(help="A handset and a network that test the gateway.", no_args_is_help=True, add_completion=False)

Url = Annotated[str, typer.Option(envvar="SIMULATOR_URL", help="Where the gateway is.")]
ApiKey = Annotated[str, typer.Option(envvar="SIMULATOR_API_KEY", help="Key for events and the like.")]
Secret = Annotated[
    str, typer.Option(envvar="SIMULATOR_SECRET", help="Last part of the dialect's path, where one is set.")
]
ControlUrl = Annotated[
    str, typer.Option(envvar="SIMULATOR_CONTROL_URL", help="Where the SMSC's control port is, for SMS.")
]
BillingUrl = Annotated[
    str, typer.Option(envvar="SIMULATOR_BILLING_URL", help="Where the billing is, for dialogues that let it fail.")
]
DialectName = Annotated[str, typer.Option("--dialect", help="The USSD gateway to play.")]
Msisdn = Annotated[str, typer.Option(help="The number of the phone you hold.")]
Files = Annotated[list[Path], typer.Argument(help="Dialogue files.", show_default=False)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every screen and SMS.")]


@app.command()
def terminal(
    url: Url = DEFAULT_URL,
    msisdn: Msisdn = "+79210000001",
    dialect_name: DialectName = DEFAULT,
    api_key: ApiKey = DEFAULT_API_KEY,
    secret: Secret = "",
    control_url: ControlUrl = DEFAULT_CONTROL_URL,
) -> None:
    """A handset in this terminal: dial *123# and answer the screens, or text 6111 Баланс."""
    with joined(Addresses(Access(url, api_key, secret), control_url)) as world:
        handset = Handset(msisdn, dialect(dialect_name), world.send)
        Terminal(handset, Mailbox(msisdn, world.network), world.deployment, Console()).run()


@app.command()
def play(
    files: Files,
    url: Url = DEFAULT_URL,
    dialect_name: DialectName = DEFAULT,
    api_key: ApiKey = DEFAULT_API_KEY,
    secret: Secret = "",
    control_url: ControlUrl = DEFAULT_CONTROL_URL,
    billing_url: BillingUrl = DEFAULT_BILLING_URL,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=JOBS_MAX, help="Dialogues to play at once.")] = 1,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", help="Write the results there as JUnit XML.", dir_okay=False)
    ] = None,
    verbose: Verbose = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say which screens and ways of the menu no dialogue visited.")
    ] = False,
    coverage_file: Annotated[
        Path | None,
        typer.Option("--coverage-file", help="Write that as JSON, for `gateway graph --coverage`.", dir_okay=False),
    ] = None,
    coverage_min: Annotated[
        float | None, typer.Option(min=0, max=100, help="Exit code 1 where fewer per cent of the ways were taken.")
    ] = None,
) -> None:
    """Play dialogue files and compare every screen and SMS. Exit code 0: all passed; 1: one differed, or too little of
    the menu was visited; 2: could not play.
    """
    console = Console()
    dialogues = [load(file) for file in files]
    watch = _shown_on(console) if verbose else unseen
    results, covered = [], None
    with joined(Addresses(Access(url, api_key, secret), control_url, billing_url)) as world:
        covering = Covering(world.deployment) if coverage or coverage_file or coverage_min is not None else None
        for result in play_all(dialogues, world, dialect(dialect_name), jobs, watch):
            results.append(result)
            _report(console, result)
        covered = covering.coverage() if covering else None
    if junit_file is not None:
        junit.write(results, junit_file)
    short = covered is not None and _told_short(console, covered, coverage_file, coverage_min)
    if failed := sum(not result.passed for result in results):
        console.print(f"{failed} of {len(dialogues)} dialogues differed.")
    if failed or short:
        raise typer.Exit(DIFFERED)


def _told_short(console: Console, covered: Coverage, file: Path | None, percent_min: float | None) -> bool:
    """Say what was visited; whether that is less than was asked for."""
    for line in covered.told():
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if file is not None:
        covered.write(file)
    if percent_min is None or covered.percent >= percent_min:
        return False
    console.print(f"{covered.percent:.1f} % of the ways were taken, and {percent_min:g} % are asked for.")
    return True


@app.command()
def demo() -> None:
    """Start the gateway with everything it needs, and say what to open and what to dial."""
    # The gateway reads `.env` as well; both must mean the same port.
    from_file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    raise typer.Exit(demonstration.run(from_file | dict(os.environ), Console()))


@app.command()
def smsc(
    port: Annotated[int, typer.Option(envvar=ports.SMSC, help="Where ESMEs bind.")] = smsc_command.PORT,
    control_port: Annotated[
        int, typer.Option(envvar=ports.CONTROL, help="Where testers command it.")
    ] = smsc_command.CONTROL_PORT,
    account: Annotated[
        list[str] | None,
        typer.Option(help="system_id:password?binds=2&window=10&tps=50; none: anybody may bind, without limits."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="TLS: the certificate (PEM) that ESMEs see.", dir_okay=False)
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its key, where it is in a file of its own.", dir_okay=False)] = None,
    page_for: Annotated[
        str, typer.Option(help="Serve the page of handsets as well, for the gateway at this address.")
    ] = "",
    api_key: ApiKey = DEFAULT_API_KEY,
    secret: Secret = "",
    billing_url: BillingUrl = DEFAULT_BILLING_URL,
) -> None:
    """An SMSC for ESMEs to bind to, with receipts, and faults on command."""
    page = Addresses(Access(page_for, api_key, secret), billing_url=billing_url) if page_for else None
    accounts, tls = parse_accounts(account or []), smsc_command.tls_of(certificate, key)
    smsc_command.run(port, control_port, accounts, Console(), page, tls)


@app.command()
def web(
    host: Annotated[
        str, typer.Option(help="Where the page listens. It obeys whoever reaches it: mind who can.")
    ] = web_command.HOST,
    port: Annotated[int, typer.Option(help="On which port.")] = web_command.PORT,
    url: Url = DEFAULT_URL,
    control_url: ControlUrl = DEFAULT_CONTROL_URL,
    api_key: ApiKey = DEFAULT_API_KEY,
    secret: Secret = "",
    billing_url: BillingUrl = DEFAULT_BILLING_URL,
    dialect_name: DialectName = DEFAULT,
) -> None:
    """Handsets in the browser, for any gateway. `simulator demo` serves them by itself."""
    addresses = Addresses(Access(url, api_key, secret), control_url, billing_url)
    web_command.run(host, port, addresses, dialect_name, Console())


@app.command()
def billing(
    port: Annotated[int, typer.Option(envvar=ports.BILLING, help="Where it listens.")] = billing_stub.PORT,
    key: Annotated[
        str, typer.Option(envvar=billing_stub.KEY_VARIABLE, help="What orders are signed with.")
    ] = billing_stub.KEY,
) -> None:
    """The operator's billing: delivers rewards that gateways order, and fails on command."""
    billing_stub.run(port, key, Console())


@app.command("load")
def put_load(
    rate: Annotated[float, typer.Option(help="Sessions begun each second.")] = 20.0,
    texts: Annotated[float, typer.Option(help="Texts sent each second.")] = 2.0,
    duration: Annotated[str, typer.Option("--for", help="How long at the full rate: 30s, 5m, 2h.")] = "1m",
    ramp: Annotated[str, typer.Option(help="How long it climbs to the full rate before that.")] = "0s",
    from_rate: Annotated[float, typer.Option(help="Sessions a second where the climb begins.")] = 0.0,
    think: Annotated[str, typer.Option(help="Seconds that a subscriber looks at a reply: 0.5..2, or 1.")] = "0.5..2",
    phones: Annotated[int, typer.Option(min=0, help="Numbers in play; 0: as many as it takes.")] = 0,
    first_number: Annotated[str, typer.Option(help="Where they begin; else somewhere in +7999…, unused.")] = "",
    stories: Annotated[
        Path, typer.Option(help="What subscribers do and must see.", show_default="those of «Больше»")
    ] = STORIES,
    sms: Annotated[bool, typer.Option(help="Whether stories that take an SMSC are played.")] = True,
    seed: Annotated[int, typer.Option(help="Of what subscribers choose to do.")] = 1,
    max_wrong: Annotated[int, typer.Option(min=1, help="Give up at so many wrong replies.")] = 100,
    report: Annotated[Path | None, typer.Option(help="Save a page with charts: report.html.")] = None,
    json: Annotated[Path | None, typer.Option(help="Save the numbers for programs.")] = None,
    url: Url = DEFAULT_URL,
    control_url: ControlUrl = DEFAULT_CONTROL_URL,
    api_key: ApiKey = DEFAULT_API_KEY,
    secret: Secret = "",
    dialect_name: DialectName = DEFAULT,
) -> None:
    """Many subscribers at a stated rate, every reply checked. Exit code 0: the rate was held and nothing was wrong; 1:
    not so; 2: could not be tried.
    """
    texts = texts if sms else 0.0
    plan = Plan(
        rate, texts, seconds(duration), think_of(think), phones, seed, seconds(ramp), from_rate, wrong_max=max_wrong
    )
    access = Access(url, api_key, secret)
    asked = load_command.Asked(plan, stories, access, control_url, dialect_name, sms, first_number, report, json)
    raise typer.Exit(load_command.run(asked, Console()))


def main() -> None:
    """The entry point: an error that the user can set right is a sentence on stderr, never a traceback."""
    try:
        app()
    except SimulatorError as error:
        Console(stderr=True).print(Text(str(error), style="red"), soft_wrap=True)
        sys.exit(COULD_NOT)


def _report(console: Console, result: Result) -> None:
    title = result.dialogue.title
    if result.failure:
        console.print(Text(f"✗ {title}\n  {result.failure}", style="red"), soft_wrap=True)
        return
    counts = [(result.screens, "screen"), (result.texts, "SMS")]
    seen = ", ".join(_counted(count, what) for count, what in counts if count)
    console.print(Text(f"✓ {title} ({seen or 'nothing to see'})", style="green"), soft_wrap=True)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 or what == "SMS" else f"{count} {what}s"


def _shown_on(console: Console) -> Watch:
    def show(step: Step, seen: Seen) -> None:
        console.print(written(seen) if isinstance(seen, Sms) else drawn(seen, step.phone or "phone"))

    return show
