"""What a picture of a menu holds: each screen, each way, each dial string, and how full screens get."""

import pytest

from gateway.menu.checks import fit
from gateway.menu.document import Document, read
from gateway.menu.picture.make import Known, picture
from gateway.menu.picture.model import Kind, Node, Picture
from gateway.menu.picture.words import cells, named, shortened, wrapped
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary
from gateway.ussd.message import Profile

CLUB = Known("club")


def node(drawn: Picture, name: str) -> Node:
    return next(one for one in drawn.nodes if one.name == name)


def ways(drawn: Picture, name: str, language: str) -> list[tuple[str, str]]:
    return [(arrow.label[language], arrow.target) for arrow in drawn.leaving(name)]


def test_it_has_every_screen_once_and_every_way(club_document: Document) -> None:
    drawn = picture(club_document, CLUB)
    assert [one.name for one in drawn.nodes] == list(club_document.source.screens)
    assert ("2 История", "history") in ways(drawn, "home_menu", "ru")
    assert ("2 History", "history") in ways(drawn, "home_menu", "en")
    assert ways(drawn, "home", "ru") == [("balance", "home_menu"), ("blocked", "blocked")]
    assert (node(drawn, "home").kind, node(drawn, "home_menu").kind) == (Kind.CALL, Kind.SCREEN)
    assert node(drawn, "blocked").kind is Kind.END


def test_rows_inputs_and_dialled_arguments_are_ways_too(shop_document: Document) -> None:
    drawn = picture(shop_document, Known("shop", printed=["*123#"]))
    assert ways(drawn, "code", "ru") == [("{gift_code}", "redeem")]
    assert ways(drawn, "rewards_list", "en") == [("3 Code", "code"), ("1, 2, … of rewards", "quote")]
    dials = {dial.text: dial.is_printed for dial in node(drawn, "redeem_dialled").dials}
    assert dials == {"*123*{gift_code}#": False, "*9373*{gift_code}#": False}
    assert [dial.is_printed for dial in node(drawn, "home").dials] == [True]


def test_a_call_that_moves_points_is_told_from_one_that_asks(shop_document: Document) -> None:
    drawn = picture(shop_document, Known("shop", moving=["exchange"]))
    assert [one.name for one in drawn.nodes if one.moves_points] == ["exchange"]
    assert node(drawn, "exchange").says["ru"][:2] == ("call: exchange", "quote = ‹quote›")


def test_a_call_may_say_another_thing_in_each_language(club_document: Document) -> None:
    says = node(picture(club_document, CLUB), "language").says
    assert (says["ru"], says["en"]) == (("call: language", "language = en"), ("call: language", "language = ru"))


def test_a_menu_is_drawn_while_it_is_being_translated(club_document: Document) -> None:
    source = club_document.source.model_copy(update={"languages": ("de", "en")})
    drawn = picture(Document(source, club_document.marks), CLUB)
    assert ("2 History", "history") in ways(drawn, "home_menu", "de")


def test_a_screen_that_is_not_there_is_drawn_as_missing(small_text: str) -> None:
    drawn = picture(read("small.yaml", small_text.replace("go: buy}", "go: sell}", 1)), Known("small"))
    assert (node(drawn, "sell").kind, node(drawn, "buy").kind) == (Kind.MISSING, Kind.CALL)


@pytest.mark.parametrize(
    ("screen", "language", "size", "pages"),
    [
        pytest.param("home_menu", "ru", "72/80 UCS-2", 1, id="one page"),
        pytest.param("expiry_shown", "ru", "127/80 UCS-2", 2, id="two pages"),
        pytest.param("help", "en", "89/182 GSM-7", 1, id="septets"),
    ],
)
def test_a_gauge_is_what_the_check_measures(
    club_document: Document, specs: dict[str, ActionSpec], vocabulary: Vocabulary,
    screen: str, language: str, size: str, pages: int,
) -> None:  # fmt: skip
    worst = fit.worst(club_document, specs, vocabulary, {"wide": Profile(), "wider": Profile(ucs2_units_max=90)})
    drawn = node(picture(club_document, Known("club", worst=worst)), screen)
    assert (str(drawn.worst[language]), len(drawn.worst[language].pages)) == (size, pages)


def test_a_gauge_is_of_the_gateway_where_the_screen_fits_worst(
    club_document: Document, specs: dict[str, ActionSpec], vocabulary: Vocabulary
) -> None:
    worst = fit.worst(club_document, specs, vocabulary, {"wide": Profile(), "narrow": Profile(septets_max=100)})
    assert {one.profile_name for (_, language), one in worst.items() if language == "en"} == {"narrow"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("You have {{ points | count('points') }}", ("You have ‹points›",), id="a fact"),
        pytest.param("{{ item.on | day }} {{ item.amount | signed }}", ("‹on› ‹amount›",), id="of a row"),
        pytest.param("{{ a if b == 'c' else a | signed(b) }}", ("‹a›",), id="a choice of forms"),
        pytest.param("a\n{% if until %}\ntill {{ until | day }}\n{% endif %}", ("a", "till ‹until›"), id="a condition"),
    ],
)
def test_facts_are_shown_by_their_names(text: str, lines: tuple[str, ...]) -> None:
    assert named(text) == lines


def test_a_text_is_shortened_and_wrapped_by_its_width() -> None:
    assert shortened("Подарки", 7) == "Подарки"
    assert shortened("Подарки", 6) == "Подар…"
    assert cells(shortened("点数余额", 7)) == 7
    assert wrapped(["У вас ‹points›", "и ещё очень много слов на экране"], 14, 3) == (
        "У вас ‹points›",
        "и ещё очень",
        "много слов на…",
    )
