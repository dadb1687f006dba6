"""What the READMEs of extended directories promise: their examples are read by what reads the files, and the files that
they tell to write are those that the others of their kind have."""

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from gateway import packs
from gateway.check import check_pack
from gateway.datafile import marked
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Value
from gateway.loyalty import programme_file
from gateway.menu import document
from gateway.menu.source import MenuSource, TextSource
from gateway.sms import route_table
from gateway.ussd.dialects import names
from tests.unit.mutations.draft import written
from tests.unit.uzbek import learnt

ROOT = Path(__file__).parents[2]
MENUS = ROOT / "menus" / "README.md"
DIALECTS = ROOT / "gateway" / "ussd" / "dialects" / "README.md"
LANGUAGE = re.compile(r"# ((?:programme|ussd|sms)\.kk\.yaml)\n")
"""How the examples of language files begin."""


def examples() -> list[str]:
    """The YAML of the menus' README."""
    return [dedent(found) for found in re.findall(r"```yaml\n(.*?)```", MENUS.read_text(encoding="utf-8"), re.DOTALL)]


def read(text: str) -> dict[str, Value]:
    value = marked.read("README.md", text).value
    assert isinstance(value, dict)
    return value


def shipped(file: str) -> dict[str, Value]:
    return read(packs.locate("bolshe").read()[file])


def extended(file: str, parts: Mapping[str, Value]) -> str:
    """A file of the shipped pack with an example in it."""
    value = shipped(file)
    for key, part in parts.items():
        before = value.get(key)
        value[key] = {**before, **part} if isinstance(before, dict) and isinstance(part, dict) else part
    return written(value)[0]


MENU_EXAMPLES = [
    each for each in examples() if not LANGUAGE.match(each) and not {"numbers", "partners"} & read(each).keys()
]


@pytest.mark.parametrize("example", MENU_EXAMPLES, ids=lambda example: example.split(":")[0])
def test_an_example_is_of_the_shape_of_a_menu(example: str) -> None:
    parts = read(example)
    if parts.keys() <= TextSource.model_fields.keys():
        text: Value = {"ru": "Подарки", "en": "Gifts"}
        parts = {"screens": {"example": {"text": text, **parts}}}
    elif not parts.keys() <= MenuSource.model_fields.keys():
        parts = {"screens": parts}
    read_back = document.read("README.md", extended("ussd.yaml", parts)).source
    assert parts.keys() <= read_back.model_fields_set
    screens = parts.get("screens", {})
    assert isinstance(screens, dict)
    assert screens.keys() <= read_back.screens.keys()


def test_the_example_of_keywords_is_of_their_shape() -> None:
    [example] = [each for each in examples() if "numbers" in read(each)]
    rows = read(example)["rows"]
    assert isinstance(rows, list)
    table = route_table.read("README.md", extended("sms.yaml", read(example))).source
    assert [row.call for row in table.rows] == [row["call"] for row in rows if isinstance(row, dict)]


def test_the_example_of_a_partner_is_a_programme() -> None:
    [example] = [each for each in examples() if "partners" in read(each)]
    programme = programme_file.load("README.md", extended("programme.yaml", read(example)))
    assert programme.partner_codes


def test_the_examples_of_a_language_find_their_places(tmp_path: Path) -> None:
    folder = learnt(packs.locate("bolshe"), tmp_path)
    words = {found[1]: example for example in examples() if (found := LANGUAGE.match(example))}
    for file, example in words.items():
        (folder / file).write_text(example, encoding="utf-8")
    assert words.keys() == {"programme.kk.yaml", "ussd.kk.yaml"}
    findings = check_pack(packs.locate(str(folder))).findings
    assert {finding.kind for finding in findings} == {Kind.TEXT_MISSING}, "it is only not whole"


@pytest.mark.parametrize("name", names())
def test_a_dialect_has_the_files_that_its_readme_tells_to_write(name: str) -> None:
    promised = re.findall(r"^\| [^|]+ \| `([^`]*<name>[^`]*)` \|$", DIALECTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(promised) == 3
    assert [path for each in promised if not (ROOT / (path := each.replace("<name>", name))).is_file()] == []
