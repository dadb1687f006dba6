"""`gateway timeline`: what happened to a number. `gateway api-keys`: who may call the API."""

import dataclasses
import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from gateway.api.keys import REMEMBERED_S
from gateway.cli_ground import EXIT_FAULTS, Count, Desk, Json, at_desk, out, print_json, say
from gateway.errors import BadRequestError
from gateway.msisdn import canonical, masked
from gateway.settings import Scope
from gateway.store import api_keys, timeline
from gateway.store.timeline import EARLIEST, FIRST, Happening, Stretch

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
SECRET_BYTES = 32

keys_app = typer.Typer(no_args_is_help=True, help="Keys of the API, beside those of GATEWAY_API_KEYS.")

Moment = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"], show_default=False)]


def tell(msisdn: str, since: Moment = None, until: Moment = None, count: Count = 100, as_json: Json = False) -> None:
    """Tell what happened to a number, newest first: texts, messages, postings, orders, codes, staff's acts.

    Days are the programme's. USSD hops are in the log only. Exit 1 when no member has the number.
    """

    async def read(desk: Desk) -> tuple[str, list[Happening] | None]:
        number = canonical(msisdn, desk.config.region)
        zone, now = desk.pack.programme.zone, desk.at + timedelta(microseconds=1)
        stretch = Stretch(_moment(since, zone) or EARLIEST, _moment(until, zone) or now, FIRST, count)
        return masked(number), await timeline.read(desk.ledger, number, stretch, desk.at)

    shown, lines = at_desk(read)
    if lines is None:
        say("no member has this number")
        raise typer.Exit(EXIT_FAULTS)
    if as_json:
        print_json({"msisdn": shown, "items": [{"at": one.at, "what": one.what, "facts": one.facts} for one in lines]})
        return
    for one in lines:
        facts = ", ".join(f"{name} {_word(value)}" for name, value in one.facts.items() if value not in (None, "", []))
        say(f"{one.at.isoformat(timespec='seconds')} {one.what}: {facts}")
    say(f"{len(lines)} lines of {shown}")


def _moment(typed: datetime | None, zone: ZoneInfo) -> datetime | None:
    return typed if typed is None or typed.tzinfo else typed.replace(tzinfo=zone)


def _word(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


@keys_app.command()
def create(
    name: Annotated[str, typer.Argument(help="By which the audit log knows the caller.", show_default=False)],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be given several times.")],
    as_json: Json = False,
) -> None:
    """Make a key, and print its secret, which is kept nowhere. Exit 1 when there is or was one of that name."""
    if NAME.fullmatch(name) is None:
        raise BadRequestError("a key's name has up to 40 small letters, digits, . _ and -")
    secret = secrets.token_urlsafe(SECRET_BYTES)

    async def write(desk: Desk) -> bool:
        if name in {key.name for key in desk.config.keys_of_api(demo=desk.demo)}:
            return False
        return await api_keys.create(desk.ledger, name, secret, scope, desk.actor, desk.at)

    if not at_desk(write):
        say(f"there is or was a key {name}: names are not used twice, since the audit log knows a caller by them")
        raise typer.Exit(EXIT_FAULTS)
    if as_json:
        print_json({"name": name, "secret": secret, "scopes": scope})
        return
    say(f"{secret}\nThis is the only time that it is shown. Send it as X-API-Key.")


@keys_app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys that are in the database, also those that were revoked."""
    found = at_desk(lambda desk: api_keys.listed(desk.ledger))
    if as_json:
        print_json({"keys": [dataclasses.asdict(key) for key in found]})
        return
    table = Table("name", "scopes", "by", "since", "revoked", box=None)
    for one in found:
        revoked = "" if one.revoked_at is None else one.revoked_at.isoformat(timespec="minutes")
        since = one.created_at.isoformat(timespec="minutes")
        table.add_row(one.name, "+".join(one.scopes), one.created_by, since, revoked)
    out.print(table)
    say(f"{len(found)} keys")


@keys_app.command()
def revoke(name: Annotated[str, typer.Argument(help="From `gateway api-keys list`.", show_default=False)]) -> None:
    """End a key for ever, within seconds. Exit 1 when there is none, or it was ended before."""
    if at_desk(lambda desk: api_keys.revoke(desk.ledger, name, desk.actor, desk.at)):
        say(f"{name} is revoked: gateways that run believe it for {int(REMEMBERED_S)} more seconds at most")
        return
    say(f"no key {name} is in force: `gateway api-keys list` lists them; those of GATEWAY_API_KEYS end there")
    raise typer.Exit(EXIT_FAULTS)
