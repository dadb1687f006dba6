"""A language that is added to the shipped pack by files alone: the check proves it, asks for what it lacks, and a
version of the pack has it."""

from pathlib import Path

import pytest

from gateway import packs
from gateway.check import check_pack
from gateway.datafile import marked
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Value, dotted
from gateway.pack import Pack, compile_pack
from gateway.reloading import needs_a_start
from tests.unit.uzbek import WORDS, learnt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return learnt(packs.locate("bolshe"), tmp_path)


def told(folder: Path) -> list[str]:
    return [str(finding).removeprefix(f"{folder}/") for finding in check_pack(packs.locate(str(folder))).findings]


def compiled(folder: Path) -> Pack:
    return compile_pack(packs.locate(str(folder)).read())


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times"
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_check_finds_nothing_and_measures_its_sms(folder: Path) -> None:
    assert told(folder) == []
    assert "uz" in {cost.file.language for cost in check_pack(packs.locate(str(folder))).costs}


def test_it_is_a_language_of_all_that_is_served(folder: Path) -> None:
    pack = compiled(folder)
    assert pack.programme.languages == pack.menu.languages == ("ru", "en", "uz")
    assert pack.sms is not None
    assert pack.sms.texts.fill("points", "balance", "uz", {"points": 5, "points_expires_on": None}) == "Sizda 5 ball"


@pytest.mark.parametrize("name", WORDS)
def test_each_text_that_is_missing_is_asked_for_in_the_file_that_lacks_it(folder: Path, name: str) -> None:
    words = keys(marked.read(name, (folder / name).read_text(encoding="utf-8")).value)
    (folder / name).unlink()
    asked = [finding for finding in check_pack(packs.locate(str(folder))).findings if finding.kind is Kind.TEXT_MISSING]
    assert {(finding.file, finding.line) for finding in asked} == {(str(folder / name), 1)}
    needed = {key for key in words if not key.startswith(("parts.", "around."))}
    assert {finding.key.removesuffix(".uz") for finding in asked} == needed


def keys(value: Value) -> set[str]:
    """Where a language file has words."""
    found: set[str] = set()

    def walk(value: Value, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict) and not {"one", "en", "uz"} & value.keys():
            for key, each in value.items():
                walk(each, (*path, key))
        else:
            found.add(dotted(path))

    walk(value, ())
    return found


def test_a_text_too_long_is_told_where_it_is_written(folder: Path) -> None:
    edit(folder / "ussd.uz.yaml", "home_menu:\n    text: Sizda", "home_menu:\n    text: " + "Жуда " * 20 + "Sizda")
    [first, *_] = told(folder)
    assert first.startswith("ussd.uz.yaml:19: error: screens.home_menu.text: ")


def test_an_sms_of_its_own_is_asked_for(folder: Path) -> None:
    (folder / "texts/uz/history.empty.j2").unlink()
    assert any("nothing says so in 'uz': write uz/history.empty.j2" in each for each in told(folder))


def test_a_word_makes_a_version_and_is_served_without_a_restart(folder: Path) -> None:
    before, marked_before = compiled(folder), packs.locate(str(folder)).mark()
    edit(folder / "ussd.uz.yaml", "{text: Tarix}", "{text: Tarixim}")
    after = compiled(folder)
    assert before.menu.digest != after.menu.digest
    assert packs.locate(str(folder)).mark() != marked_before, "whoever looks at the files sees the change"
    assert needs_a_start(before, after) == ""


def test_the_language_itself_waits_for_a_restart(folder: Path, pack: Pack) -> None:
    assert needs_a_start(pack, compiled(folder)).startswith("programme.yaml: languages")
