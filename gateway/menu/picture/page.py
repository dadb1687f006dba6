"""Writes a picture as one page for whoever has to be shown a menu: the drawing, its legend, and every screen in every
language at its longest, page by page. The page loads nothing, and everything that came from the menu is escaped."""

from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup

from gateway.menu.picture.layout import Layout
from gateway.menu.picture.svg import svg, told
from gateway.menu.picture.words import gauge_words, left_words
from gateway.pages import template


def page(layout: Layout) -> str:
    """The page, with the drawing in the language of the layout."""
    filters: dict[str, Callable[..., object]] = {"told": told, "gauge": gauge_words, "left": left_words}
    written = template(Path(__file__).parent, filters)
    drawing = Markup(svg(layout))  # noqa: S704 - our own, with every text escaped
    return written.render(picture=layout.picture, language=layout.language, drawing=drawing)
