"""Any text, any rows, any profile: every page fits, and nothing is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.menu.paginate import Rails, paginate
from gateway.text.segments import fits
from gateway.ussd.message import Profile

LINES = st.lists(st.text(alphabet="abc €ёж1👍", max_size=120), max_size=12)
NAVIGATION = (
    st.sampled_from([("0 Назад", "9 Далее"), ("0 Back", "9 More"), ("0 Назад", "00 Меню", "9 Далее")])
    .map(lambda way: Rails(only=way[:-1], first=way, middle=way, last=way[:-1]))
)  # fmt: skip


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    ucs2_units_max = draw(st.integers(40, 90))
    return Profile(septets_max=draw(st.integers(ucs2_units_max, 200)), ucs2_units_max=ucs2_units_max)


def without_spaces(text: str) -> str:
    return "".join(text.split())


@given(LINES, NAVIGATION, profiles())
@settings(max_examples=200, deadline=None)
def test_every_page_fits_and_nothing_is_lost(lines: list[str], rails: Rails, profile: Profile) -> None:
    pages = paginate(lines, rails, profile)
    assert all(fits(page, profile) for page in pages)
    bodies = []
    for place, page in enumerate(pages):
        is_last = place == len(pages) - 1
        navigation = "\n".join(rails.only if len(pages) == 1 else rails.last if is_last else rails.middle)
        assert page.endswith(navigation)
        bodies.append(page.removesuffix(navigation))
    assert without_spaces("".join(bodies)) == without_spaces("".join(lines))


@given(LINES, NAVIGATION, profiles())
@settings(max_examples=200, deadline=None)
def test_a_line_that_fits_a_page_is_whole_on_one(lines: list[str], rails: Rails, profile: Profile) -> None:
    pages = paginate(lines, rails, profile)
    for line in lines:
        if fits("\n".join((line, *rails.middle)), profile):
            assert any(line in page.split("\n") for page in pages)


@given(
    st.lists(st.text(alphabet="abc €ё👍", max_size=120).map(str.strip).filter(bool), max_size=12),
    NAVIGATION,
    profiles(),
)
@settings(max_examples=200, deadline=None)
def test_no_row_is_cut_from_its_number(texts: list[str], rails: Rails, profile: Profile) -> None:
    rows = [f"{number} {text}" for number, text in enumerate(texts, 1)]
    for page in paginate(rows, rails, profile):
        assert not any(line.strip().isdigit() for line in page.split("\n"))
