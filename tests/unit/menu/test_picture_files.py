"""What is written of a picture: Mermaid text, SVG, a page."""

import re
from xml.etree import ElementTree as ET

import pytest

from gateway.menu.document import Document, read
from gateway.menu.picture.layout import lay_out
from gateway.menu.picture.make import Known, picture
from gateway.menu.picture.mermaid import mermaid
from gateway.menu.picture.page import page
from gateway.menu.picture.svg import svg

SVG = "{http://www.w3.org/2000/svg}"
ADDRESS = re.compile(r"(?:https?:)?//[a-z]|@import|url\(|<(?:script|link|img|iframe|use|image)\b", re.IGNORECASE)


def test_mermaid_text_is_what_a_wiki_draws(small_text: str) -> None:
    assert mermaid(picture(read("small.yaml", small_text), Known("small")), "en") == (
        'flowchart TD\n'
        '  dial_0(["*123#35;"]) --> screen_home\n'
        '  screen_home["home<br/>Welcome"]\n'
        '  screen_home -- "1 Balance" --> screen_ask\n'
        '  screen_home -- "2 Buy" --> screen_buy\n'
        '  screen_ask[["ask<br/>call: balance"]]\n'
        '  screen_ask -- "balance" --> screen_shown\n'
        '  screen_ask -- "blocked" --> screen_blocked\n'
        '  screen_shown["shown<br/>‹points›"]\n'
        '  screen_shown -- "1 Buy" --> screen_buy\n'
        '  screen_buy[["buy<br/>call: redeem"]]\n'
        '  screen_buy -- "done" --> screen_bought\n'
        '  screen_bought["bought<br/>Bought"]\n'
        '  screen_bought -- "1 Balance" --> screen_ask\n'
        '  screen_blocked(("blocked<br/>Not allowed"))\n'
    )  # fmt: skip


NASTY = """'"</text><script>`[end]`&#'"""


@pytest.fixture
def nasty(small_text: str) -> Document:
    """A menu whose words would break any file that they are pasted into."""
    quoted = "'" + NASTY.replace("'", "''") + "'"
    return read("small.yaml", small_text.replace("Welcome", quoted).replace("en: Balance", f"en: {quoted}"))


def test_words_do_not_break_mermaid_text(nasty: Document) -> None:
    drawn = mermaid(picture(nasty, Known("nasty")), "en")
    escaped = "'#quot;#lt;/text#gt;#lt;script#gt;#96;[end]#96;#amp;#35;'"
    assert f'  screen_home["home<br/>{escaped}"]' in drawn.splitlines()
    assert f'  screen_home -- "1 {escaped}" --> screen_ask' in drawn.splitlines()


def test_words_do_not_break_a_drawing(nasty: Document) -> None:
    drawing = svg(lay_out(picture(nasty, Known("nasty<&")), "en"))
    root = ET.fromstring(drawing)
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert NASTY in texts
    assert root.find(f".//{SVG}script") is None


def test_a_drawing_names_its_screens_for_people_and_for_pages(shop_document: Document) -> None:
    root = ET.fromstring(svg(lay_out(picture(shop_document, Known("shop", "v1")), "ru")))
    screens = root.findall(f"{SVG}g[@data-screen]")
    assert [one.get("id") for one in screens] == [f"screen-{one.get('data-screen')}" for one in screens]
    assert {one.get("data-screen") for one in screens} == set(shop_document.source.screens)
    assert all("screen" in str(one.get("class")).split() for one in screens)
    assert all(one.findtext(f"{SVG}title") for one in [root, *screens])
    assert "*9373*{gift_code}#" in str(root.findtext(f"{SVG}desc"))
    assert (root.get("role"), root.get("data-menu"), root.get("data-language")) == ("img", "v1", "ru")
    ways = {(one.get("data-from"), one.get("data-to")) for one in root.iter(f"{SVG}path")}
    assert {("home", "rewards"), ("quote", "rewards"), ("code", "redeem")} <= ways


def test_a_drawing_needs_no_style_and_loads_nothing(shop_document: Document) -> None:
    drawing = svg(lay_out(picture(shop_document, Known("shop")), "ru"))
    assert "style" not in drawing
    assert ADDRESS.search(drawing.replace("http://www.w3.org/2000/svg", "")) is None


def test_the_page_has_the_drawing_and_every_text_and_loads_nothing(nasty: Document) -> None:
    written = page(lay_out(picture(nasty, Known("nasty")), "en"))
    assert ADDRESS.search(written.replace("http://www.w3.org/2000/svg", "")) is None
    assert '<g id="screen-bought"' in written
    assert 'id="about-bought"' in written
    assert "Куплено" in written
    assert "Bought" in written
