"""What is written of a picture: Mermaid text, SVG, a page."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from gateway.errors import ConfigurationError
from gateway.menu.document import Document, read
from gateway.menu.picture.counted import counts
from gateway.menu.picture.layout import lay_out
from gateway.menu.picture.make import Known, picture
from gateway.menu.picture.mermaid import mermaid
from gateway.menu.picture.model import Picture
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


WAYS = {"dial *123#": 1200, "home.options.1": 300, "ask.on.balance": 290, "shown.options.1": 12}
"""Nobody chose to buy on the first screen, none was blocked, and nothing was bought."""


def counted(text: str, *, marks_missed: bool) -> Picture:
    """The small menu with what was counted of it."""
    told = json.dumps(
        {
            "version": "v1",
            "ways": [{"way": way, "taken": taken} for way, taken in WAYS.items()],
            "screens": [{"screen": "home", "shown": 1200, "left": 900, "answered": 300}],
        }
    )
    drawn = picture(read("small.yaml", text), Known("small"))
    return replace(drawn, counts=counts("counts.json", told, marks_missed=marks_missed))


def arrows(drawing: str) -> dict[tuple[str, str], ET.Element]:
    return {
        (path.attrib["data-from"], path.attrib["data-to"]): path
        for path in ET.fromstring(drawing).iter(f"{SVG}path")
        if "data-to" in path.attrib
    }


def words(drawing: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(drawing).iter(f"{SVG}text")]


def test_what_nobody_visited_is_marked_in_words_and_lines(small_text: str) -> None:
    covered = counted(small_text, marks_missed=True)
    drawing = svg(lay_out(covered, "en"))
    assert {word for word in words(drawing) if word.startswith("✗")} == {
        "✗ 2 Buy", "✗ blocked", "✗ done", "✗ 1 Balance", "✗ bought",
    }  # fmt: skip
    assert "stroke-dasharray" in arrows(drawing)["home", "buy"].attrib
    assert "stroke-dasharray" not in arrows(drawing)["shown", "buy"].attrib
    text = mermaid(covered, "en")
    assert '  screen_home -- "2 Buy (not taken)" --x screen_buy' in text
    assert 'screen_bought["bought<br/>Bought<br/>NOT VISITED"]' in text
    assert page(lay_out(covered, "en")).count("✗ nobody came there</span>") == 2, "blocked and bought"


def test_how_many_went_where_is_drawn(small_text: str) -> None:
    walked = counted(small_text, marks_missed=False)
    drawing = svg(lay_out(walked, "en"))
    widths = {way: float(path.attrib["stroke-width"]) for way, path in arrows(drawing).items()}
    assert widths["home", "ask"] > widths["shown", "buy"] >= 1
    assert {"*123# ×1.2k", "300", "75 % left of 1.2k"} <= set(words(drawing))
    assert not any("✗" in word for word in words(drawing))
    assert '  screen_home -- "1 Balance (300)" --> screen_ask' in mermaid(walked, "en")
    assert "75 % left of 1.2k" in page(lay_out(walked, "en"))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"ways": [{"way": "start"}]}', '{"ways": [{"way": "a", "taken": -1}]}']
)
def test_a_file_without_counts(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"counts\.json has no counts of a menu: give the file of"):
        counts("counts.json", text, marks_missed=True)
