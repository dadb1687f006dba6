"""The command `gateway`: a thin shell over the roots. Exit codes: 0 well, 1 faults found, 2 it could not be done."""

import asyncio
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from dotenv import dotenv_values
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway import check as checks
from gateway import (
    check_report,
    cli_codes,
    cli_jobs,
    cli_keys,
    cli_orders,
    cli_packs,
    cli_reports,
    cli_rewards,
    cli_segments,
    cli_timeline,
    packs,
    serving,
    settings,
)
from gateway.drawing import Format, counted, drawn, picture_of, printed
from gateway.errors import ConfigurationError, GatewayError
from gateway.msisdn import canonical
from gateway.pack import compile_pack
from gateway.settings import Role
from gateway.sms.checks.cost import Cost
from gateway.store import inbox_view, outbox_view
from gateway.store import members as members_store
from gateway.store.migrate import migrate_blocking
from gateway.store.numbers import NumberKeys
from gateway.store.outbox import UNSETTLED, MessageState
from gateway.store.schema import clock_offset_s
from gateway.store.verify import accounts as accounts_held
from gateway.store.verify import moved as accounts_moved
from gateway.store.verify import seal_heads
from gateway.store.verify import verify as verify_ledger

EXIT_FAULTS = 1
EXIT_IMPOSSIBLE = 2

app = typer.Typer(
    no_args_is_help=True, help="A USSD and SMS gateway for loyalty programmes.", pretty_exceptions_enable=False
)
members_app = typer.Typer(no_args_is_help=True, help="Members.")
ledger_app = typer.Typer(no_args_is_help=True, help="The ledger.")
app.add_typer(members_app, name="members")
inbox_app = typer.Typer(no_args_is_help=True, help="Texts of subscribers.")
outbox_app = typer.Typer(no_args_is_help=True, help="Messages to subscribers.")
app.add_typer(ledger_app, name="ledger")
app.add_typer(inbox_app, name="inbox")
app.add_typer(outbox_app, name="outbox")
app.add_typer(cli_codes.app, name="codes")
app.add_typer(cli_orders.app, name="orders")
app.add_typer(cli_rewards.rewards_app, name="rewards")
app.add_typer(cli_rewards.switches_app, name="switches")
app.add_typer(cli_segments.app, name="segments")
app.add_typer(cli_jobs.app, name="jobs")
app.add_typer(cli_reports.app, name="report")
app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_timeline.keys_app, name="api-keys")
members_app.command("tier")(cli_segments.set_tier)
app.command("timeline")(cli_timeline.tell)
app.command("packs")(cli_packs.show)
out = Console(highlight=False)

Demo = Annotated[bool, typer.Option("--demo", help="A demo database: virtual clock, open to this machine.")]
Count = Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")]
MessageIds = Annotated[list[int], typer.Argument(help="Numbers from `gateway outbox list`.", show_default=False)]
Month = Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="Only what moved in it: how partners settle.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def serve(
    role: Annotated[Role, typer.Option(help="Which part of the work to take.")] = Role.ALL, demo: Demo = False
) -> None:
    """Run the service."""
    serving.serve(settings.load(), environment(), role, demo=demo)


@app.command()
def embedded(demo: Demo = False) -> None:
    """Start the embedded servers, print their URLs, and hold them until interrupted."""
    config = settings.load()
    with serving.stores_of(config, Role.ALL, demo=demo, ours=True) as stores:
        print_json({"GATEWAY_DATABASE_URL": stores.database_url, "GATEWAY_REDIS_URL": stores.redis_url})
        print_json({"GATEWAY_NUMBER_KEYS_FILE": str(config.data_dir / serving.NUMBER_KEYS_FILE)})
        print_json({"GATEWAY_CODE_KEY_FILE": str(config.data_dir / serving.CODE_KEY_FILE)})
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


@app.command()
def migrate(demo: Demo = False) -> None:
    """Bring the database to the current schema; safe to run again, and by several at once."""
    with serving.database_of(settings.load()) as url:
        done = migrate_blocking(url, demo=demo, at=datetime.now(UTC))
    state = "installed" if done.installed else "there already"
    out.print(f"functions {done.functions_schema} {state}, {done.partitions_made} partitions made, demo: {done.demo}")


@app.command()
def check(
    pack: Annotated[str | None, typer.Argument(help="A shipped pack's name, or a folder.")] = None,
    as_json: Json = False,
) -> None:
    """Validate the settings and a whole pack; every fault with file, line, key, and what to write there."""
    config = settings.load()
    faults = checks.check_settings(config, environment())
    files = packs.locate(pack or config.pack)
    checked = checks.check_pack(files)
    warnings = checks.check_together(config, checked, environment())
    report = check_report.document(files.name, checked, faults, warnings)
    if as_json:
        print_json(report)
        raise typer.Exit(0 if report["ok"] else EXIT_FAULTS)
    table = Table("setting", "value", box=None)
    for name, value in checks.shown_settings(config, environment()).items():
        table.add_row(name, value)
    out.print(table)
    if links := checks.shown_links(config, environment()):
        out.print(_links_table(links))
    if checked.costs:
        out.print(_costs_table(checked.costs))
    told = [f"settings: error: {fault}" for fault in faults] + [f"settings: warning: {each}" for each in warnings]
    for line in (*told, *check_report.told(checked.findings)):
        out.print(line, soft_wrap=True, markup=False)
    out.print(check_report.summary(checked.findings, faults, warnings))
    raise typer.Exit(0 if report["ok"] else EXIT_FAULTS)


def _links_table(links: Mapping[str, str]) -> Table:
    """What each link comes to: its own settings over its profile's, over the defaults."""
    table = Table("link", "its settings (no password is shown)", box=None)
    for name, told in links.items():
        table.add_row(Text(name), Text(told))
    return table


def _costs_table(costs: tuple[Cost, ...]) -> Table:
    """What each text of SMS takes at its longest."""
    table = Table("SMS at its longest", "language", "encoding", "length", "parts", box=None)
    for cost in costs:
        size = (str(cost.measure.encoding), str(cost.measure.length), str(cost.parts))
        table.add_row(cost.file.name, cost.file.language, *size)
    return table


@app.command()
def graph(
    pack: Annotated[str, typer.Argument(help="A shipped pack's name, or a folder.", show_default=False)],
    form: Annotated[Format, typer.Option("--format", help="Text, a drawing, or a page for people.")] = Format.MERMAID,
    language: Annotated[str | None, typer.Option(help="Of the texts; the menu's first one by default.")] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="Written to; without it, the terminal.")] = None,
    coverage: Annotated[
        Path | None,
        typer.Option(
            help="Mark what no dialogue visited: the file of `simulator play --coverage-file`.", dir_okay=False
        ),
    ] = None,
    counts: Annotated[
        Path | None,
        typer.Option(help="Show who went where, and who left: `gateway report menu --json`.", dir_okay=False),
    ] = None,
) -> None:
    """Draw the menu of a pack: its screens, the ways between them, and how full each screen gets."""
    if coverage is not None and counts is not None:
        raise ConfigurationError("one picture shows coverage or counts: draw two")
    files = packs.locate(pack)
    picture = picture_of(files.name, files.read(), printed(files))
    if source := coverage or counts:
        picture = counted(picture, source, marks_missed=source is coverage)
        if picture.counts is not None and picture.counts.version not in {"", picture.version}:
            sys.stderr.write(
                f"{source} is of version {picture.counts.version}, and these files are {picture.version}: "
                "what has another name now counts as not visited\n"
            )
    text = drawn(picture, form, language)
    if out_file is None:
        sys.stdout.write(text)
        return
    try:
        out_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{out_file} cannot be written: {error.strerror}") from None


@members_app.command("show")
def members_show(msisdn: str, as_json: Json = False) -> None:
    """Show a member: tier, segments, balances by unit, lots, status."""
    config = settings.load()
    number = canonical(msisdn, config.region)
    with serving.database_of(config) as url:
        at = datetime.now(UTC) + timedelta(seconds=asyncio.run(clock_offset_s(url)))
        keys = NumberKeys.parse(serving.number_keys(config))
        member = asyncio.run(members_store.show(url, keys, number, at))
    if member is None:
        out.print("no member has this number")
        raise typer.Exit(EXIT_FAULTS)
    view = dataclasses.asdict(member)
    if as_json:
        print_json(view)
        return
    for lot in view.pop("lots"):
        view[f"lot of {lot.pop('unit')}"] = ", ".join(f"{name} {value}" for name, value in lot.items())
    for name, value in view.items():
        out.print(f"{name}: {value}", markup=False, soft_wrap=True)


@ledger_app.command("verify")
def ledger_verify(as_json: Json = False) -> None:
    """Prove the books: every invariant over every row. Exit 1 when any fault is found."""
    with serving.database_of(settings.load()) as url:
        faults = asyncio.run(verify_ledger(url))
        heads = asyncio.run(seal_heads(url))
    if as_json:
        print_json({"faults": list(map(dataclasses.asdict, faults)), "seals": list(map(dataclasses.asdict, heads))})
    else:
        for fault in faults:
            out.print(f"{fault.invariant}: member {fault.member_id}: {fault.detail}", markup=False, soft_wrap=True)
        for head in heads:
            out.print(f"{head.journal}: sealed up to {head.last_id}, seal {head.seal_id} {head.digest}", soft_wrap=True)
        out.print(f"{len(faults)} faults" if faults else "the ledger is right")
    raise typer.Exit(EXIT_FAULTS if faults else 0)


@ledger_app.command("accounts")
def ledger_accounts(month: Month = None, as_json: Json = False) -> None:
    """Show what every account holds, or what moved in a month, the members' together: liability, issuance, partners,
    redemption, breakage."""
    config = settings.load()
    with serving.database_of(config) as url:
        if month is None:
            at = datetime.now(UTC) + timedelta(seconds=asyncio.run(clock_offset_s(url)))
            held = asyncio.run(accounts_held(url, at))
        else:
            held = asyncio.run(accounts_moved(url, *_bounds(month, config.pack)))
    if as_json:
        print_json({"accounts": list(map(dataclasses.asdict, held))})
        return
    table = Table("account", "unit", "amount", box=None)
    for one in held:
        table.add_row(one.account, one.unit, str(one.amount))
    out.print(table)


def _bounds(month: datetime, pack: str) -> tuple[datetime, datetime]:
    """From a month's first moment to the next one's, on the programme's calendar."""
    zone = compile_pack(packs.locate(pack).read()).programme.zone
    after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return month.replace(tzinfo=zone), after.replace(tzinfo=zone)


@inbox_app.command("parked")
def inbox_parked(count: Count = 50, as_json: Json = False) -> None:
    """Show texts that could not be dealt with: no text at all, parts that never came, or a fault of ours."""
    config = settings.load()
    with serving.database_of(config) as url:
        found = asyncio.run(inbox_view.parked(url, NumberKeys.parse(serving.number_keys(config)), count))
    if as_json:
        print_json({"texts": [dataclasses.asdict(text) for text in found]})
        return
    table = Table("id", "from", "to", "at", "text", box=None)
    for one in found:
        at = one.at.isoformat(timespec="seconds")
        table.add_row(
            str(one.inbox_id), one.msisdn, f"{one.short_number} ({one.smsc})", at, Text(one.text or one.octets)
        )
    out.print(table)
    out.print(f"{len(found)} texts")


@outbox_app.command("list")
def outbox_list(
    state: Annotated[list[MessageState] | None, typer.Option(help="Only these; may be given several times.")] = None,
    doubtful: Annotated[bool, typer.Option("--doubtful", help="Only those that ever were in doubt.")] = False,
    count: Count = 50,
    as_json: Json = False,
) -> None:
    """List messages: without more, those that are not over, or that a person must look at."""
    config = settings.load()
    wanted = state or (list(MessageState) if doubtful else list(UNSETTLED))
    with serving.database_of(config) as url:
        keys = NumberKeys.parse(serving.number_keys(config))
        found = asyncio.run(outbox_view.listed(url, keys, wanted, count, doubtful=doubtful))
    if as_json:
        print_json({"messages": [dataclasses.asdict(message) for message in found]})
        return
    table = Table("id", "to", "from", "says", "state", "tries", "doubts", "reason", box=None)
    for one in found:
        table.add_row(
            str(one.message_id), one.msisdn, f"{one.short_number} ({one.smsc})", one.says, one.state, str(one.tries),
            str(one.doubts), one.reason,
        )  # fmt: skip
    out.print(table)
    out.print(f"{len(found)} messages")


@outbox_app.command("resend")
def outbox_resend(message_ids: MessageIds) -> None:
    """Send messages again: those that wait, are parked, in doubt, expired or failed. Exit 1 for any that cannot be."""
    _order(message_ids, MessageState.QUEUED)


@outbox_app.command("park")
def outbox_park(message_ids: MessageIds) -> None:
    """Keep messages from being sent until somebody says otherwise. Exit 1 for any that cannot be parked."""
    _order(message_ids, MessageState.PARKED)


def _order(message_ids: list[int], state: MessageState) -> None:
    with serving.database_of(settings.load()) as url:
        at = datetime.now(UTC) + timedelta(seconds=asyncio.run(clock_offset_s(url)))
        done = asyncio.run(outbox_view.order(url, message_ids, state, at))
    for message_id, is_done in done.items():
        out.print(f"{message_id}: {state if is_done else 'left alone: it is on its way, arrived, or is not known'}")
    raise typer.Exit(0 if all(done.values()) else EXIT_FAULTS)


def environment() -> dict[str, str]:
    """The process's environment over `.env`, as settings read it. What is empty is not set."""
    try:
        from_file = dotenv_values(".env")
    except UnicodeDecodeError:
        raise ConfigurationError("settings: .env is not UTF-8: save the file as UTF-8") from None
    return {name: value for name, value in (from_file | dict(os.environ)).items() if value}


def print_json(data: Any) -> None:
    """One JSON document on a line of its own."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


@contextmanager
def explained() -> Iterator[None]:
    """Whatever goes wrong outside our code ends in a sentence, not in a traceback."""
    try:
        yield
    except GatewayError as error:
        sys.stderr.write(f"gateway: {error}\n")
        sys.exit(EXIT_IMPOSSIBLE)


def main() -> None:
    """The entry point."""
    with explained():
        app()
