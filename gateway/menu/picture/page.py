"""Writes a picture as one page for whoever has to be shown a menu: the drawing, its legend, and every screen in every
language at its longest, page by page. The page loads nothing, and everything that came from the menu is escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway.menu.picture.layout import Layout
from gateway.menu.picture.svg import svg, told
from gateway.menu.picture.words import gauge_words

TEMPLATE = "page.html.j2"


def page(layout: Layout) -> str:
    """The page, with the drawing in the language of the layout."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(told=told, gauge=gauge_words)
    drawing = Markup(svg(layout))  # noqa: S704 - our own, with every text escaped
    return environment.get_template(TEMPLATE).render(picture=layout.picture, language=layout.language, drawing=drawing)
