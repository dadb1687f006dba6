"""`gateway codes`: issue gift codes, and work with them by their serial numbers. The shell of `store.codes`."""

import asyncio
import dataclasses
import os
import re
import secrets
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway import packs, serving, settings
from gateway.app import armed
from gateway.cli_ground import EXIT_FAULTS, Json, actor, out, print_json, say
from gateway.errors import BadRequestError
from gateway.loyalty import programme_file
from gateway.loyalty.codes import BATCH_MAX, LONG_DIGITS_MIN, SHORT_DIGITS, Serial, granted, shown_grant
from gateway.loyalty.programme import Programme
from gateway.msisdn import canonical
from gateway.pack import PROGRAMME
from gateway.settings import Settings
from gateway.store import codes, codes_view
from gateway.store.code_file import CodeFile
from gateway.store.codes import CodeBatch
from gateway.store.codes_view import CodeState
from gateway.store.number_file import read_numbers
from gateway.store.numbers import NumberKeys
from gateway.store.schema import Keys, clock_offset_s

CAMPAIGN = re.compile(r"[\w.-]{1,60}")
VALID_DAYS_MAX = 3_660
COUNT_SHOWN_MAX = 10_000

app = typer.Typer(no_args_is_help=True, help="Gift codes.")

From = Annotated[str | None, typer.Option("--from", help="The first serial number, such as 0012-000345-9.")]
To = Annotated[str | None, typer.Option("--to", help="The last one, of the same batch.")]
Batch = Annotated[int | None, typer.Option(min=1, help="A whole batch, instead of a range.")]
Bind = Annotated[Path | None, typer.Option(help="A CSV file of numbers; each gets a code that works for it only.")]
Digits = Annotated[
    int | None, typer.Option(help=f"{SHORT_DIGITS} with --bind, else {LONG_DIGITS_MIN}, unless you say otherwise.")
]


@app.command()
def issue(
    campaign: Annotated[str, typer.Option(help="A name, by which the codes can be stopped together.")],
    grant: Annotated[str, typer.Option(help="points=500, or reward=cinema: what each code gives.")],
    out_file: Annotated[Path, typer.Option("--out", help="The only clear copy of the codes: a new CSV file.")],
    count: Annotated[int | None, typer.Option(min=1, max=BATCH_MAX, help="With --bind: one for each number.")] = None,
    bind: Bind = None,
    digits: Digits = None,
    valid_days: Annotated[int, typer.Option(min=1, max=VALID_DAYS_MAX, help="Whole days, from today on.")] = 90,
    as_json: Json = False,
) -> None:
    """Issue a batch of gift codes into a file that only you can read."""
    config = settings.load()
    programme = programme_of(config)
    if programme.codes is None:
        raise BadRequestError(f"the pack {config.pack} redeems no gift codes: write `codes` into its {PROGRAMME}")
    grants = granted(grant, programme)
    if CAMPAIGN.fullmatch(campaign) is None:
        raise BadRequestError("--campaign takes up to 60 letters, digits, _ . and -")
    numbers = () if bind is None else read_numbers(bind, config.region)
    if count is None and bind is None:
        raise BadRequestError("how many? --count N, or --bind FILE for one code for each number")
    with database(config) as (url, at):
        batch = CodeBatch(
            key=uuid.uuid4().hex,
            campaign=campaign,
            grants=grants,
            digits=digits or (LONG_DIGITS_MIN if bind is None else SHORT_DIGITS),
            count=count or len(numbers),
            numbers=numbers,
            language=programme.languages[0],
            valid_from=at,
            valid_until=ends(programme, at, valid_days),
            issued_by=actor(),
        )
        codes.refuse_unsafe(batch)
        keys = Keys.parse(serving.number_keys(config), serving.code_key(config))
        with CodeFile(out_file) as file, progress(batch.count) as issued:
            batch_id = asyncio.run(
                codes.issue(url, keys, batch, file, at, secrets.randbelow, issued, armed(os.environ))
            )
    if as_json:
        print_json({"batch_id": batch_id, "count": batch.count, "file": str(out_file)})
        return
    say(
        f"batch {batch_id}: {batch.count} codes of {batch.digits} digits for {campaign}, {shown_grant(grants)}, until "
        f"{batch.valid_until.isoformat(timespec='minutes')}. The only clear copy is {out_file}"
    )


@app.command()
def freeze(first: From = None, last: To = None, batch: Batch = None) -> None:
    """Stop codes for now. Exit 1 when any in the range could not be frozen."""
    turn(first, last, batch, CodeState.FROZEN)


@app.command()
def unfreeze(first: From = None, last: To = None, batch: Batch = None) -> None:
    """Let frozen codes work again. Exit 1 when any in the range was not frozen."""
    turn(first, last, batch, CodeState.ACTIVE)


@app.command()
def void(first: From = None, last: To = None, batch: Batch = None) -> None:
    """Stop codes for ever. Exit 1 when any in the range was redeemed already."""
    turn(first, last, batch, CodeState.VOID)


def turn(first: str | None, last: str | None, batch: int | None, to: CodeState) -> None:
    """Bring a range, or a whole batch, to a state."""
    if first is not None and last is not None and batch is None:
        begin, end = Serial.parse(first), Serial.parse(last)
        with database(settings.load()) as (url, at):
            done = asyncio.run(codes_view.turn(url, begin, end, to, actor(), at))
        out.print(f"{done.turned} codes are {to}, {done.left_alone} were left as they are")
        raise typer.Exit(EXIT_FAULTS if done.left_alone else 0)
    if batch is None or first is not None or last is not None:
        raise BadRequestError("which codes? --from SERIAL --to SERIAL, or --batch N for all of a batch")
    with database(settings.load()) as (url, at):
        state, turned = asyncio.run(codes_view.turn_batch(url, batch, to, actor(), at))
    out.print(f"batch {batch} is {state}" + ("" if turned else ", as it was"))
    raise typer.Exit(0 if state == to else EXIT_FAULTS)


@app.command("list")
def list_batches(
    count: Annotated[int, typer.Option(min=1, max=COUNT_SHOWN_MAX, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List batches, with what became of their codes."""
    with database(settings.load()) as (url, _):
        found = asyncio.run(codes_view.listed(url, count))
    if as_json:
        print_json({"batches": [dataclasses.asdict(batch) for batch in found]})
        return
    table = Table("batch", "campaign", "grants", "digits", "codes", "redeemed", "frozen", "void", "until", "state",
                  "by", box=None)  # fmt: skip
    for one in found:
        digits = f"{one.digits} {'bound' if one.bound else 'bearer'}"
        table.add_row(
            str(one.batch_id), one.campaign, one.grants, digits, str(one.count), str(one.redeemed), str(one.frozen),
            str(one.void), one.valid_until.isoformat(timespec="minutes"), one.state, one.issued_by,
        )  # fmt: skip
    out.print(table)
    out.print(f"{len(found)} batches")


@app.command()
def show(serial: str, as_json: Json = False) -> None:
    """Show what became of one code, by its serial number. The code itself nobody can show."""
    config, wanted = settings.load(), Serial.parse(serial)
    with database(config) as (url, _):
        found = asyncio.run(codes_view.shown(url, NumberKeys.parse(serving.number_keys(config)), wanted))
    if found is None:
        out.print("no code has this serial number")
        raise typer.Exit(EXIT_FAULTS)
    view = dataclasses.asdict(found)
    if as_json:
        print_json(view)
        return
    for name, value in view.items():
        say(f"{name}: {value}")


@app.command()
def unlock(msisdn: str) -> None:
    """Let a number redeem codes again, and forget its wrong tries. Exit 1 when no member has it."""
    config = settings.load()
    number, keys = canonical(msisdn, config.region), NumberKeys.parse(serving.number_keys(config))
    with database(config) as (url, at):
        was_locked = asyncio.run(codes_view.unlock(url, keys, number, actor(), at))
    if was_locked is None:
        out.print("no member has this number")
        raise typer.Exit(EXIT_FAULTS)
    out.print("unlocked" if was_locked else "it was not locked; its wrong tries are forgotten")


def programme_of(config: Settings) -> Programme:
    """The configured pack's programme."""
    files = packs.locate(config.pack).read()
    return programme_file.load(PROGRAMME, files[PROGRAMME], files)


def ends(programme: Programme, at: datetime, days: int) -> datetime:
    """The first moment at which codes of so many days do not work: a midnight of the programme, so none is short."""
    last_day = at.astimezone(programme.zone).date() + timedelta(days=days)
    return datetime.combine(last_day + timedelta(days=1), time(), programme.zone)


@contextmanager
def database(config: Settings) -> Iterator[tuple[str, datetime]]:
    """The database of a command, and the programme's time there."""
    with serving.database_of(config) as url:
        yield url, datetime.now(UTC) + timedelta(seconds=asyncio.run(clock_offset_s(url)))


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], object]]:
    """A bar for whoever waits at a terminal; what it is told are further pieces."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("codes", total=total)
        yield lambda more: bar.advance(task, more)
