"""`gateway report`: what subscribers do, in numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from rich.table import Table
from rich.text import Text

from gateway.cli_ground import Desk, Json, at_desk, out, print_json
from gateway.errors import ConfigurationError
from gateway.reports import menu
from gateway.reports.menu import DAYS, DAYS_MAX, MenuReport
from gateway.reports.page import page

app = typer.Typer(no_args_is_help=True, help="Reports.")

Days = Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="Of the programme, today's included.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write it there as a page with a chart.", dir_okay=False)]
BAR = 24


@app.callback()
def reports() -> None:
    """Reports."""


@app.command("menu")
def of_menu(days: Days = DAYS, as_json: Json = False, html: Html = None) -> None:
    """Show the funnel of every menu screen: who saw it, who went on, who left, and how long they took."""
    report, title = at_desk(lambda desk: _read(desk, days))
    if html is not None:
        try:
            html.write_text(page(report, title), encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{html} cannot be written: {error.strerror}") from None
    if as_json:
        print_json(report.as_json())
    elif html is None:
        _show(report)


async def _read(desk: Desk, days: int) -> tuple[MenuReport, str]:
    return await read(desk, days), desk.config.pack


async def read(desk: Desk, days: int) -> MenuReport:
    """The report, at a desk."""

    async def fetch(statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        return await desk.ledger.looks((statement, arguments))

    return await menu.read(fetch, desk.at, desk.pack.programme.time_zone, days)


def _show(report: MenuReport) -> None:
    table = Table(
        "screen", "", "shown", "went on", "last", "left", "share", "seconds", "wrong keys", "refused", box=None
    )
    widest = max(menu.widest(report), 1)
    for screen, tally in report.screens.items():
        bar = Text("█" * round(BAR * min(tally.answered + tally.ended, tally.shown) / widest), style="green")
        bar.append("░" * round(BAR * tally.left / widest), style="red")
        counts = map(str, (tally.shown, tally.answered, tally.ended, tally.left))
        took = (f"{100 * tally.left_share:.0f} %", f"{tally.seconds:.1f}")
        table.add_row(Text(screen), bar, *counts, *took, str(tally.wrong), str(tally.refused))
    out.print(table)
    for failed, count in report.refused.items():
        out.print(f"refused: {count} × {failed}", markup=False)
    out.print(f"{report.sessions} sessions from {report.since} to {report.until}")
