"""`gateway packs`: which process serves which version of the pack, and since when."""

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gateway import serving, settings
from gateway.cli_ground import Json, out, print_json
from gateway.errors import ConfigurationError
from gateway.store import serving_view
from gateway.store.schema import ABSENT, NO_SCHEMA
from gateway.store.serving_view import ProcessServing, Version
from gateway.store.tracks import Target, connect

Shown = Annotated[int, typer.Option("--versions", min=0, max=1000, help="How many of the versions that ever served.")]

STANDINGS = {"served": "", "faulty": "its files have faults: ", "waits": "its files wait for a restart: "}


def show(versions: Shown = 5, as_json: Json = False) -> None:
    """Show which process serves which version of the pack, since when, and whether its files are that version."""
    with serving.database_of(settings.load()) as url:
        processes, known = asyncio.run(_read(url, versions))
    if as_json:
        told = {
            "processes": [dataclasses.asdict(one) for one in processes],
            "versions": [dataclasses.asdict(one) for one in known],
        }
        print_json(told)
        return
    table = Table("process", "serves", "since", "files", box=None)
    for one in processes:
        files = Text(STANDINGS.get(one.standing, "") + (one.why or "served"))
        table.add_row(Text(one.process), one.digest, one.since.isoformat(timespec="seconds"), files)
    out.print(table)
    if not processes:
        out.print("no process has said in the last two minutes what it serves")
    table = Table("version", "first served", "files", box=None)
    for each in known:
        table.add_row(each.digest, each.first_used_at.isoformat(timespec="seconds"), str(each.files))
    out.print(table)


async def _read(url: str, versions: int) -> tuple[Sequence[ProcessServing], Sequence[Version]]:
    connection = await connect(Target(url, "gateway command"))
    try:
        return await serving_view.serving(connection.fetch), await serving_view.versions(connection.fetch, versions)
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await connection.close()
