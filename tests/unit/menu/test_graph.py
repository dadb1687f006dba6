"""The menu as a picture."""

from gateway.menu.document import Document
from gateway.menu.graph import mermaid


def test_the_picture_has_every_screen_and_every_way(club_document: Document) -> None:
    drawn = mermaid(club_document)
    assert drawn.startswith("flowchart TD\n")
    for name in club_document.source.screens:
        assert f"screen_{name}" in drawn
    for line in (
        '  dial_0(["*123#"]) --> screen_home',
        '  screen_home[["balance"]]',
        '  screen_home -- "blocked" --> screen_blocked',
        '  screen_home_menu -- "2 История" --> screen_history',
    ):
        assert line in drawn.splitlines()
    assert '  screen_blocked(("blocked<br/>' in drawn


def test_a_menu_is_drawn_while_it_is_being_translated(club_document: Document) -> None:
    source = club_document.source.model_copy(update={"languages": ("de", "en")})
    drawn = mermaid(Document(source, club_document.marks))
    assert '  screen_home_menu -- "2 History" --> screen_history' in drawn.splitlines()


def test_rows_inputs_and_dialled_arguments_are_drawn(shop_document: Document) -> None:
    drawn = mermaid(shop_document).splitlines()
    for line in (
        '  dial_3(["*123*{gift_code}#"]) --> screen_redeem_dialled',
        '  screen_code -- "{gift_code}" --> screen_redeem',
        '  screen_rewards_list -- "1, 2, … of rewards" --> screen_quote',
    ):
        assert line in drawn
