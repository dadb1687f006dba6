"""The ranks hold: every module stands in one, the pure ones stay pure, and the simulator stays outside.

import-linter (`make check`) judges who imports whom; it says nothing of a module that its contract does not name.
"""

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LOWEST_SHELL = "gateway.observability"
"""Ranks 0 to 2 are the lines of the contract below this one."""

IMPURE = frozenset({"asyncio", "fastapi", "redis", "sqlmodel", "asyncpg", "socket", "time"})
CLOCKS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today"})
ENVIRONMENT = frozenset({"os.environ", "os.getenv", "os.environb"})

SIMULATOR_MAY_IMPORT = ("gateway.text", "gateway.smpp.pdu", "gateway.ussd.message")


def layers() -> list[list[str]]:
    """The contract's lines, top first, each as module names."""
    contract = ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    lines = contract["importlinter:contract:ranks"]["layers"].strip().splitlines()
    return [[name.strip(" ()") for name in line.replace(":", "|").split("|")] for line in lines]


def modules(package: str) -> dict[str, Path]:
    """Each module of a package by its dotted name."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def stands_in(module: str, names: list[str]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in names)


def pure_names() -> list[str]:
    lines = layers()
    shell = next(place for place, line in enumerate(lines) if LOWEST_SHELL in line)
    return [name for line in lines[shell + 1 :] for name in line]


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def impurities(source: str) -> set[str]:
    """What a module of ranks 0 to 2 must not do, as found in its source."""
    tree = ast.parse(source)
    found = {name.partition(".")[0] for name in imports(tree)} & IMPURE
    found |= set(imports(tree)) & ENVIRONMENT
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found |= {".".join(ast.unparse(node).split(".")[-2:])} & (CLOCKS | ENVIRONMENT)
    return found


def is_empty(path: Path) -> bool:
    """Whether a module has nothing but its docstring, as a package divided among ranks must."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def test_every_module_stands_in_a_rank() -> None:
    named = [name for line in layers() for name in line]
    homeless = [
        module
        for module, path in modules("gateway").items()
        if not stands_in(module, named) and not (path.name == "__init__.py" and is_empty(path))
    ]
    assert homeless == [], f"add these modules to a line of .importlinter, by docs/architecture.md: {homeless}"


def test_no_module_stands_in_two_ranks() -> None:
    named = [name for line in layers() for name in line]
    nested = [name for name in named if stands_in(name, [other for other in named if other != name])]
    assert nested == [], f"these stand below another name of .importlinter: {nested}"


PURE = {name: path for name, path in modules("gateway").items() if stands_in(name, pure_names())}


@pytest.mark.parametrize("path", PURE.values(), ids=PURE.keys())
def test_pure_modules_stay_pure(path: Path) -> None:
    found = impurities(path.read_text(encoding="utf-8"))
    assert not found, f"ranks 0-2 take what they need as arguments; {path.name} uses {', '.join(sorted(found))}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("import asyncio", {"asyncio"}, id="import"),
        pytest.param("from redis.asyncio import Redis", {"redis"}, id="import from a part"),
        pytest.param("import datetime\nx = datetime.datetime.now()", {"datetime.now"}, id="clock by its module"),
        pytest.param("x = datetime.now(UTC)", {"datetime.now"}, id="clock"),
        pytest.param("def f():\n    return date.today()", {"date.today"}, id="today"),
        pytest.param("x = os.environ['HOME']", {"os.environ"}, id="environment"),
        pytest.param("from os import getenv", {"os.getenv"}, id="environment by name"),
        pytest.param("from datetime import datetime\nx = at.date()", set(), id="time as a value"),
    ],
)
def test_impurities_are_seen(source: str, found: set[str]) -> None:
    assert impurities(source) == found


@pytest.mark.parametrize("path", modules("simulator").values(), ids=modules("simulator").keys())
def test_simulator_knows_the_product_from_outside(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [
        name for name in imports(tree) if name.startswith("gateway") and not stands_in(name, [*SIMULATOR_MAY_IMPORT])
    ]
    assert inside == [], f"the simulator may import {', '.join(SIMULATOR_MAY_IMPORT)}; {path.name} imports {inside}"
