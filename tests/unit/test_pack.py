"""A pack that changes under a journal that stays: every movement of old can still be read."""

from collections.abc import Callable

import pytest

from gateway import packs
from gateway.actions.balance import LONGEST_AMOUNT
from gateway.check import check_pack
from gateway.errors import ConfigurationError
from gateway.loyalty.programme import AMOUNT_MAX
from gateway.menu import engine
from gateway.menu.engine import Call
from gateway.menu.model import Menu
from gateway.outcome import Outcome
from gateway.pack import Pack, compile_pack
from gateway.ussd.message import Profile


def renamed(pack: Pack) -> Menu:
    """The same pack after its rule `topup` was given another name."""
    files = {name: text.replace("rule: topup", "rule: payment") for name, text in pack.files.items()}
    return compile_pack(files).menu


def shown(menu: Menu, language: str, unit: str, reason: str) -> str:
    """The history of a member with one movement."""
    call = engine.begin(menu, Profile(), language, ("2",), "*123#")
    assert isinstance(call, Call)
    movement: dict[str, str | int | bool | None] = {"on": "2026-11-01", "amount": 5, "unit": unit, "reason": reason}
    step = engine.resume(menu, Profile(), call.state, Outcome("history", {"movements": [movement]}, language))
    assert not isinstance(step, Call)
    return step.text.splitlines()[1]


@pytest.mark.parametrize(
    ("menu_of", "reason"),
    [
        pytest.param(renamed, "topup", id="a rule that was taken out, in the menu of today"),
        pytest.param(lambda pack: pack.menu, "payment", id="a rule of today, in a menu that a session began with"),
    ],
)
def test_a_movement_of_another_version_is_shown(pack: Pack, menu_of: Callable[[Pack], Menu], reason: str) -> None:
    menu = menu_of(pack)
    assert shown(menu, "ru", "points", reason) == "01.11.26 +5 прочее"
    assert shown(menu, "en", "points", reason) == "1 Nov 26 +5 other"


def test_a_movement_in_a_unit_of_another_version_is_shown(pack: Pack) -> None:
    assert shown(pack.menu, "ru", "stars", "topup") == "01.11.26 +5 stars пополнение"


@pytest.mark.parametrize("name", packs.shipped())
def test_a_shipped_pack_has_nothing_to_find_at_its_longest(name: str) -> None:
    assert list(map(str, check_pack(packs.locate(name)))) == []


def test_screens_are_measured_with_more_than_one_posting_can_give() -> None:
    assert LONGEST_AMOUNT >= 10 * AMOUNT_MAX


def test_a_pack_that_cannot_be_looked_at_is_told_in_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="cannot be looked at: File name too long"):
        packs.locate("a" * 5_000)
