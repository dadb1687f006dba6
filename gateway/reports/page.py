"""Writes the report on a menu as one page with a chart. It loads nothing, and everything in it is escaped."""

from pathlib import Path

from gateway.pages import template
from gateway.reports.menu import MenuReport, widest


def page(report: MenuReport, title: str) -> str:
    """The page, of a programme of this name."""
    filters = {"grouped": lambda number: f"{number:,}", "percent": lambda share: f"{100 * share:.0f} %"}
    return (
        template(Path(__file__).parent, filters).render(report=report, title=title, widest=max(widest(report), 1))
        + "\n"
    )
