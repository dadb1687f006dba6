"""Writes the report on a menu as one page with a chart. It loads nothing, and everything in it is escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.reports.menu import MenuReport, widest

TEMPLATE = "page.html.j2"


def page(report: MenuReport, title: str) -> str:
    """The page, of a programme of this name."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(grouped=lambda number: f"{number:,}", percent=lambda share: f"{100 * share:.0f} %")
    template = environment.get_template(TEMPLATE)
    return template.render(report=report, title=title, widest=max(widest(report), 1)) + "\n"
