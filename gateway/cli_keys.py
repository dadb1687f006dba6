"""`gateway keys`: versions of the keys of numbers and of gift codes, and how they rotate; see `store.rotation`."""

import dataclasses
import secrets
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from gateway import serving, settings
from gateway.cli_ground import Desk, Json, at_desk, out, print_json, say
from gateway.store import key_versions, rotation
from gateway.store.rotation import Rotated, Rotation
from gateway.store.schema import CODES, NUMBERS

VARIABLES = {NUMBERS: "GATEWAY_NUMBER_KEYS", CODES: "GATEWAY_CODE_KEY"}

app = typer.Typer(no_args_is_help=True, help="Keys of numbers and of gift codes.")


@app.command("list")
def list_versions(as_json: Json = False) -> None:
    """Show the versions that the database knows, which are in force, and what is under each."""
    views = at_desk(lambda desk: rotation.versions(desk.ledger, desk.at))
    if as_json:
        print_json({"versions": list(map(dataclasses.asdict, views))})
        return
    table = Table("key of", "version", "state", "rows", box=None)
    for view in views:
        state = "in force" if view.in_force else "retired" if view.retired else "old"
        table.add_row(view.purpose, str(view.key_version), state, str(view.rows))
    out.print(table)


@app.command()
def new(purpose: Annotated[str, typer.Argument(metavar="numbers|codes", help="Of which key.")]) -> None:
    """Draw a new version: into the data folder where the key is kept there, else printed for the environment."""
    if purpose not in VARIABLES:
        raise typer.BadParameter(f"{purpose}: there are {NUMBERS} and {CODES}")
    config = settings.load()
    given = config.number_keys if purpose == NUMBERS else config.code_key
    held = serving.number_keys(config) if purpose == NUMBERS else serving.code_key(config)
    version = max(key_versions.parse(held, VARIABLES[purpose])) + 1
    added = f"{version}:{secrets.token_hex(key_versions.KEY_BYTES)}"
    if given is None:
        serving.add_own_key(config, purpose == NUMBERS, added)
        say(f"version {version} is in the data folder: restart the gateway, then run `gateway keys rotate`")
        return
    typer.echo(added)
    typer.echo(
        f"Add it to {VARIABLES[purpose]} of every gateway, after what is there and a comma; restart them one after "
        "another; then run `gateway keys rotate`.",
        err=True,
    )


@app.command()
def rotate(as_json: Json = False) -> None:
    """Put the highest versions in force, and bring everything under them, while the service runs."""
    columns = TextColumn("bringing rows under the new keys"), BarColumn(), TextColumn("{task.completed} rows")
    with Progress(*columns, console=out, transient=True, disable=as_json) as bar:
        task = bar.add_task("rows", total=None)

        async def rotated(desk: Desk) -> Rotated:
            rotation = Rotation(desk.ledger, desk.actor, lambda count: bar.advance(task, count), desk.reach)
            return await rotation.rotate(desk.at)

        done = at_desk(rotated)
    if as_json:
        print_json(dataclasses.asdict(done))
        return
    if done.put_in_force:
        say(f"in force now: {', '.join(done.put_in_force)}")
    say(f"{done.rows} rows were brought under the versions in force")
    for version in done.gone:
        say(f"{version} is no longer needed: take it out of the environment, or its file, before the next restart")
