"""Where the screens of a picture stand. That nothing lies on anything is a property: tests/properties."""

from gateway.menu.document import Document, read
from gateway.menu.picture.boxes import Box
from gateway.menu.picture.layout import Layout, lay_out
from gateway.menu.picture.make import Known, picture
from gateway.menu.picture.model import Arrow, Kind, Node, Picture


def placed(document: Document) -> Layout:
    return lay_out(picture(document, Known("menu")), "ru")


def box(layout: Layout, name: str) -> Box:
    return next(one for one in layout.boxes if one.node.name == name)


def test_screens_stand_in_the_order_of_the_steps_from_the_start(club_document: Document) -> None:
    layout = placed(club_document)
    ranks = [box(layout, name).rank for name in ("home", "home_menu", "history", "history_list")]
    assert ranks == [0, 1, 2, 3], "*123*2# opens `history` too, which is two steps from the start all the same"
    edges = [box(layout, name).x for name in ("home", "home_menu", "history", "history_list")]
    assert edges == sorted(edges)


def test_what_only_a_dial_string_opens_begins_at_the_left_too(shop_document: Document) -> None:
    layout = placed(shop_document)
    assert box(layout, "redeem_dialled").rank == box(layout, "home").rank == 0
    assert box(layout, "redeem_dialled").tags == ("*123*{gift_code}#", "*9373*{gift_code}#")


def test_choices_go_down_as_their_screens_do(club_document: Document) -> None:
    layout = placed(club_document)
    choices = [route for route in layout.routes if route.arrow.source == "home_menu" and not route.returns]
    doors = [route.points[-1][1] for route in choices]
    assert [route.arrow.place for route in choices] == list(range(len(choices)))
    assert doors == sorted(doors), "no arrow of one screen crosses another"


def test_what_leads_back_names_its_screen_and_shares_a_lane(club_document: Document) -> None:
    layout = placed(club_document)
    back = [route for route in layout.routes if route.returns and route.arrow.target == "blocked"]
    assert {box(layout, route.arrow.source).choices[route.arrow.place].aside for route in back} == {"↩ blocked"}
    assert len(back) > 1
    assert len({route.points[2][1] for route in back}) == 1


def test_a_screen_that_nobody_comes_to_is_placed_all_the_same(small_text: str) -> None:
    alone = small_text + "  lost:\n    text: {ru: Никто, en: Nobody}\n"
    assert box(placed(read("small.yaml", alone)), "lost").rank == 0


def test_screens_of_a_column_are_put_so_that_few_arrows_cross() -> None:
    ways = {"start": "abc", "a": "xy", "b": "x", "c": "x"}
    arrows = [
        Arrow(source, place, target, {"ru": target}, f"{source}.options.{place + 1}")
        for source, targets in ways.items()
        for place, target in enumerate(targets)
    ]
    nodes = [Node(name, Kind.SCREEN, {"ru": ()}, {}) for name in ("start", *"abcxy")]
    layout = lay_out(Picture("crossed", "", ("ru",), "start", tuple(nodes), tuple(arrows)), "ru")
    assert box(layout, "y").bottom < box(layout, "x").y, "x is found first, and two more screens below lead to it"
