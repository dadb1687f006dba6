"""`gateway segments`, `gateway members tier`: what the operator knows of members, as files and by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from rich.table import Table

from gateway import settings
from gateway.cli_ground import EXIT_FAULTS, Desk, Json, at_desk, out, print_json, say
from gateway.errors import BadRequestError
from gateway.loyalty.programme import NO_TIER
from gateway.msisdn import Msisdn, canonical
from gateway.store import segments
from gateway.store.number_file import read_numbers
from gateway.store.segments import CHANGE_MAX, Groups

app = typer.Typer(no_args_is_help=True, help="Segments of members.")

Name = Annotated[str, typer.Argument(help="A segment of the pack.", show_default=False)]
File = Annotated[Path, typer.Argument(help="One number a line.", show_default=False)]
Tier = Annotated[str, typer.Argument(help=f"A tier of the pack, or {NO_TIER}.", show_default=False)]


@app.command("list")
def list_segments(as_json: Json = False) -> None:
    """List the segments of the pack, with how many numbers are in each."""

    async def read(desk: Desk) -> list[tuple[str, int]]:
        counts = await segments.counted(desk.ledger)
        return [(name, counts.get(name, 0)) for name in desk.pack.programme.segments]

    found = at_desk(read)
    if as_json:
        print_json({"segments": [{"segment": name, "members": members} for name, members in found]})
        return
    table = Table("segment", "members", box=None)
    for name, members in found:
        table.add_row(name, str(members))
    out.print(table)


@app.command()
def add(name: Name, file: File) -> None:
    """Put numbers into a segment. One that never came finds it at its first dial."""
    numbers = read_numbers(file, settings.load().region)
    added = at_desk(lambda desk: _changed(desk, name, numbers, joins=True))
    say(f"{name}: {added} numbers are new, {len(numbers) - added} were in it already")


@app.command()
def remove(name: Name, file: File) -> None:
    """Take numbers out of a segment."""
    numbers = read_numbers(file, settings.load().region)
    removed = at_desk(lambda desk: _changed(desk, name, numbers, joins=False))
    say(f"{name}: {removed} numbers are out, {len(numbers) - removed} were not in it")


async def _changed(desk: Desk, name: str, numbers: Sequence[Msisdn], *, joins: bool) -> int:
    """How many were changed. What breaks off in the middle may be done again as a whole."""
    _known("segment", name, desk.pack.programme.segments)
    count = 0
    for first in range(0, len(numbers), CHANGE_MAX):
        chunk = numbers[first : first + CHANGE_MAX]
        changed = await _groups(desk).change(name, chunk if joins else (), () if joins else chunk)
        count += changed.added + changed.removed
    return count


def set_tier(msisdn: str, tier: Tier) -> None:
    """Give a number a tier, or none. Exit 1 when there is no member to take one from."""
    number = canonical(msisdn, settings.load().region)

    async def write(desk: Desk) -> bool:
        if tier != NO_TIER:
            _known("tier", tier, desk.pack.programme.tiers)
        return await _groups(desk).set_tier(number, None if tier == NO_TIER else tier)

    if not at_desk(write):
        say("no member has this number")
        raise typer.Exit(EXIT_FAULTS)
    say("the member has no tier" if tier == NO_TIER else f"the member's tier is {tier}")


def _groups(desk: Desk) -> Groups:
    async def fetch(statement: str, *arguments: object) -> list[asyncpg.Record]:
        return [await desk.ledger.one(statement, *arguments)]

    return Groups(fetch, desk.ledger.keys, desk.pack.programme.languages[0], desk.actor, desk.at)


def _known(what: str, name: str, known: Sequence[str]) -> None:
    """A misspelt one would be shown to nobody. Raises `BadRequestError` that lists those that there are."""
    if name not in known:
        raise BadRequestError(f"the pack has no {what} {name}: there are {', '.join(known) or 'none'}")
