"""Where pages end."""

import pytest

from gateway.menu.paginate import Rails, paginate
from gateway.ussd.message import Profile

RAILS = Rails(only=("0 Back",), first=("0 Back", "9 More"), middle=("0 Back", "9 More"), last=("0 Back",))
PROFILE = Profile(septets_max=40, ucs2_units_max=40)


@pytest.mark.parametrize(
    ("lines", "pages"),
    [
        pytest.param(["a title", "1 One", "2 Two"], ["a title\n1 One\n2 Two\n0 Back"], id="one page"),
        pytest.param(["x" * 33], ["x" * 33 + "\n0 Back"], id="one page to the last septet"),
        pytest.param(["x" * 34], ["x" * 26 + "\n0 Back\n9 More", "x" * 8 + "\n0 Back"], id="one letter more"),
        pytest.param(
            ["title", "1 aaaaaaaaaa", "2 bbbbbbbbbb", "3 cc"],
            ["title\n1 aaaaaaaaaa\n0 Back\n9 More", "2 bbbbbbbbbb\n3 cc\n0 Back"],
            id="an option moves whole",
        ),
        pytest.param(
            ["title", "some words that no single page can hold", "end"],
            ["title\nsome words that no\n0 Back\n9 More", "single page can hold\nend\n0 Back"],
            id="a long line is divided between words",
        ),
        pytest.param(
            ["some title text", "12 Extraordinarilylong"],
            ["some title text\n0 Back\n9 More", "12 Extraordinarilylong\n0 Back"],
            id="a row is not divided after its number",
        ),
        pytest.param(
            ["a title of 21 letters", "12 Extraordinarilylongindeed and on"],
            [
                "a title of 21 letters\n0 Back\n9 More",
                "12 Extraordinarilylonginde\n0 Back\n9 More",
                "ed and on\n0 Back",
            ],
            id="nor is one that is longer than a page",
        ),
        pytest.param(["1234567 ё", "1234567"], ["1234567 ё\n1234567\n0 Back"], id="the encoding is the page's own"),
    ],
)
def test_pages(lines: list[str], pages: list[str]) -> None:
    assert list(paginate(lines, RAILS, PROFILE)) == pages


def test_navigation_that_fills_a_page_is_loud() -> None:
    crowded = Rails(("n" * 20,), ("n" * 40,), ("n" * 40,), ("n" * 20,))
    with pytest.raises(ValueError, match="shorten its words"):
        paginate(["x" * 50], crowded, PROFILE)
