"""A pack as a whole: one version of all its files, checked together; it changes under a journal that stays."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import packs
from gateway.actions.balance import LONGEST_AMOUNT
from gateway.check import check_pack
from gateway.datafile.findings import FaultyFileError, Severity
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
    checked = check_pack(packs.locate(name))
    assert list(map(str, checked.findings)) == []
    assert checked.costs, "the pack's SMS are measured"


@pytest.fixture
def own_pack(tmp_path: Path) -> Path:
    """An operator's own folder: the shipped pack, written out."""
    for name, text in packs.locate("bolshe").read().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_of_one_s_own_is_the_same_pack(own_pack: Path, pack: Pack) -> None:
    assert compile_pack(packs.locate(str(own_pack)).read()).menu.digest == pack.menu.digest


def test_a_word_of_an_sms_makes_a_version(own_pack: Path, pack: Pack) -> None:
    (own_pack / "texts/ru/history.empty.j2").write_text("Пусто", encoding="utf-8")
    assert compile_pack(packs.locate(str(own_pack)).read()).menu.digest != pack.menu.digest


def test_a_pack_without_keywords_answers_by_ussd_only(pack: Pack) -> None:
    compiled = compile_pack({name: pack.files[name] for name in ("programme.yaml", "ussd.yaml")})
    assert compiled.sms is None
    assert compiled.menu.screens.keys() == pack.menu.screens.keys()


def test_a_pack_that_lacks_a_text_does_not_serve(pack: Pack) -> None:
    files = {name: text for name, text in pack.files.items() if name != "texts/en/history.empty.j2"}
    with pytest.raises(FaultyFileError, match=r"sms\.yaml:\d+: error: rows\.\d+\.call: 'history' may answer 'empty'"):
        compile_pack(files)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param("sms.yaml", None, "sms.yaml:1: error: is missing, and the pack has texts", id="no keywords"),
        pytest.param(
            "sms.yaml",
            b"rows: [",
            "sms.yaml:1: error: cannot be read as YAML: a bracket that opens here",
            id="keywords cut short",
        ),
        pytest.param("texts/ru/help.shown.j2", "Привет".encode("cp1251"), "1: error: not UTF-8", id="a text in cp1251"),
        pytest.param("texts/ru/help.shown.j2", b"{{", "help.shown.j2:1: error: not a template", id="a bracket open"),
        pytest.param("programme.yaml", b"", "programme.yaml:1: error: the file is empty", id="no programme"),
    ],
)
def test_a_check_tells_what_is_wrong_with_keywords_and_texts(
    own_pack: Path, name: str, content: bytes | None, told: str
) -> None:
    (own_pack / name).unlink() if content is None else (own_pack / name).write_bytes(content)
    checked = check_pack(packs.locate(str(own_pack)))
    assert [str(finding) for finding in checked.findings if told in str(finding)], checked.findings
    assert checked.costs == ()


def test_a_text_too_long_is_told_and_measured(own_pack: Path) -> None:
    (own_pack / "texts/en/help.shown.j2").write_text("Help " * 50, encoding="utf-8")
    checked = check_pack(packs.locate(str(own_pack)))
    errors = [finding.message for finding in checked.findings if finding.severity is Severity.ERROR]
    assert ["takes 2 SMS" in message for message in errors] == [True]
    assert [cost.parts for cost in checked.costs if cost.file.file.endswith("en/help.shown.j2")] == [2]


def test_screens_are_measured_with_more_than_one_posting_can_give() -> None:
    assert LONGEST_AMOUNT >= 10 * AMOUNT_MAX


def test_a_pack_that_cannot_be_looked_at_is_told_in_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="cannot be looked at: File name too long"):
        packs.locate("a" * 5_000)
