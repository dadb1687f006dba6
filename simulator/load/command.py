"""`simulator load`: rehearses the stories, plays the load, and tells how it went; the exit code for the shell."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from rich.console import Console
from rich.text import Text

from simulator.deployment import ANSWER_S, Access
from simulator.dialects import dialect
from simulator.errors import GatewayDownError, PhraseError, SmscAwayError
from simulator.load import report
from simulator.load.book import Phones
from simulator.load.clients import ControlPort, HttpGateway
from simulator.load.connections import Connections, NoAnswerError, UnreachableError
from simulator.load.engine import Engine
from simulator.load.live import Display
from simulator.load.measure import Measure
from simulator.load.outcome import Outcome, Where
from simulator.load.plan import Plan, PlanError, checked
from simulator.load.story import Stories
from simulator.load.story_file import load
from simulator.load.subscriber import World
from simulator.load.weight import allow_files, own_weight
from simulator.load.words import clock_of, rate_of
from simulator.load.wrong import WrongError

WRONG = 1
FILES_BESIDE = 64
"""What this process has open beside a connection for each phone."""
OWN_NUMBERS = range(79_990_000_000, 80_000_000_000 - 200_000)
"""A block of Russian mobile numbers; a load takes some in a row, wherever it happens to begin."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    plan: Plan
    stories: Path
    access: Access
    control_url: str
    dialect_name: str
    with_sms: bool = True
    first_number: str = ""
    report: Path | None = None
    json: Path | None = None


def run(asked: Asked, console: Console) -> int:
    """0 when all was as expected, 1 when something was wrong or the rate was not held. Raises `SimulatorError` when it
    cannot be tried.
    """
    for savable in filter(None, (asked.report, asked.json)):
        report.ensure_savable(savable)
    stories = load(asked.stories)
    stories = stories if asked.with_sms else stories.without_sms()
    plan = checked(asked.plan, stories)
    first = _first_number(asked.first_number)
    _allow_connections(plan)
    console.print(_welcome(asked, plan, stories, first), highlight=False, markup=False, soft_wrap=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(_played(asked, plan, stories, first, console))
    if outcome is None:
        return WRONG
    report.tell(outcome, console)
    for file, written in ((asked.report, report.html), (asked.json, report.as_json)):
        if file is not None:
            report.save(file, written(outcome))
            console.print(f"Saved: {file}", highlight=False, markup=False, soft_wrap=True)
    return WRONG if outcome.complaints else 0


async def _played(asked: Asked, plan: Plan, stories: Stories, first: int, console: Console) -> Outcome | None:
    """The load, from its rehearsal to its end; None when the rehearsal showed that there is no point in it."""
    loop = asyncio.get_running_loop()
    async with _world(asked, plan, stories) as world:
        phones, measure = Phones(first, plan.phones, stories.new_number), Measure(loop.time)
        engine = Engine(plan, world, phones, measure)
        with _stopped_by_signals(engine):
            console.print("Rehearsing: each story once, before any load …")
            try:
                await engine.rehearse()
            except WrongError as error:
                console.print(Text(f"Wrong before any load: {error.kind}\n{error}", style="red"), soft_wrap=True)
                return None
            began_at, began, cpu_s = datetime.now(UTC), loop.time(), own_weight().cpu_s
            await _shown(engine, Display(plan, phones, measure, console))
        where = Where(asked.access.url, asked.dialect_name, stories.title, f"+{first}")
        took_s, cpu_s = loop.time() - began, own_weight().cpu_s - cpu_s
        return Outcome(where, plan, measure, engine.ending, phones.put_away, began_at, took_s, cpu_s)


async def _shown(engine: Engine, display: Display) -> None:
    """Run it, and show how it goes."""
    drawing = asyncio.create_task(display.run())
    try:
        await engine.run()
    finally:
        drawing.cancel()
        with suppress(asyncio.CancelledError):
            await drawing


@contextmanager
def _stopped_by_signals(engine: Engine) -> Iterator[None]:
    """Ctrl-C, and SIGTERM, end the load, and what there is is reported."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, engine.stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def _world(asked: Asked, plan: Plan, stories: Stories) -> AsyncIterator[World]:
    """Gateway and SMSC, reached; or a sentence that says why not."""
    connections = Connections(asked.access.url, ANSWER_S)
    control = Connections(asked.control_url, ANSWER_S)
    chance = random.Random(plan.seed)  # noqa: S311 - how long subscribers think, repeatably; no secret
    try:
        try:
            await connections.ask("GET", "/")
        except UnreachableError as error:
            raise GatewayDownError(
                f"{error}: start a gateway with `make run`, or name one by --url or SIMULATOR_URL"
            ) from None
        except NoAnswerError:
            pass  # it listens; what it answers to hops, the rehearsal shows
        smsc = ControlPort(control) if stories.says_sms else None
        if smsc is not None:
            await _reach(smsc)
        yield World(
            stories,
            dialect(asked.dialect_name),
            HttpGateway(asked.access, connections),
            smsc,
            lambda: chance.uniform(plan.think.least_s, plan.think.most_s),
        )
    finally:
        connections.close()
        control.close()


async def _reach(smsc: ControlPort) -> None:
    try:
        await smsc.newest()
    except WrongError as error:
        raise SmscAwayError(
            f"no SMSC: {error}. Start one with `make run`, name its control port by --control-url or "
            "SIMULATOR_CONTROL_URL, or leave SMS out: --no-sms"
        ) from None


def _first_number(written: str) -> int:
    """The number that the first phone has: the one that was asked for, or any of our own block."""
    if not written:
        return random.SystemRandom().choice(OWN_NUMBERS)
    digits = written.removeprefix("+")
    if not digits.isdecimal() or not 8 <= len(digits) <= 15 or digits.startswith("0"):
        raise PhraseError(f"not a number to begin with: {written!r}; write it as +79990000000")
    return int(digits)


def _allow_connections(plan: Plan) -> None:
    """Each phone may have a request under way, each of which is a connection."""
    allowed = allow_files(plan.phones + FILES_BESIDE)
    if allowed < plan.phones + FILES_BESIDE:
        raise PlanError(
            f"this machine lets a process open {allowed} files, and {plan.phones} phones take more: "
            f"raise the limit (ulimit -n), or take --phones {allowed - FILES_BESIDE}"
        )


def _welcome(asked: Asked, plan: Plan, stories: Stories, first: int) -> str:
    climb = f", after a climb from {rate_of(plan.from_rate)} in {clock_of(plan.ramp_s)}" if plan.ramp_s else ""
    rates = [f"{rate_of(plan.rate)} sessions a second"] if plan.rate else []
    rates += [f"{rate_of(plan.texts)} texts a second"] if plan.texts else []
    return f"""
  Load          {" and ".join(rates)}, for {clock_of(plan.for_s)}{climb}
  Gateway       {asked.access.url}, {asked.dialect_name}
  Stories       {stories.title}: {len(stories.dials)} of dials, {len(stories.texts)} of texts; seed {plan.seed}
  Phones        {plan.phones}, from +{first} on
  Stop          Ctrl-C: it reports what there is
"""
