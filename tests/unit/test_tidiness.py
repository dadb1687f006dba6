"""The habits that a machine can check: sizes, leftovers, orphans, and decisions in their order."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "simulator")

FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 400

MAY_PRINT = frozenset({"cli.py", "terminal.py"})

LEFTOVER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
TEXTS = frozenset({".py", ".md", ".yaml", ".sql", ".lua", ".j2", ".toml"})

RULES = r"[A-Z]+\d+(, ?[A-Z]+\d+)*"
NEEDS_A_REASON = re.compile(
    rf"(#\s*noqa\b(:\s*{RULES})?|#\s*type:\s*ignore(\[[\w, -]+\])?|\btime\.sleep\(.*\)\s*)(?P<rest>.*)$"
)

FOUND_BY_NAME = (
    "simulator.dialects.",
    "gateway.actions.",
    "gateway.ussd.dialects.",
    "gateway.sms.dialects.",
    "gateway.store.migrations.",
)
"""Packages whose modules are found by listing the folder; nobody imports such a module by name."""


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def without_reason(line: str) -> bool:
    """Whether a line silences a check, or waits for the clock, and does not say why."""
    found = NEEDS_A_REASON.search(line)
    return found is not None and len(found["rest"].strip(" #-:")) < len("a reason")


EVERYTHING = sources("gateway", "simulator", "tests")
PRODUCT = sources(*PACKAGES)


@pytest.mark.parametrize("path", EVERYTHING, ids=named(EVERYTHING))
def test_sizes(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES_MAX, f"{lines} lines; a module has at most {MODULE_LINES_MAX}: divide it by subject"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES_MAX, f"{node.name} has {length} lines, at most {FUNCTION_LINES_MAX}"


@pytest.mark.parametrize("path", PRODUCT, ids=named(PRODUCT))
def test_modules_say_what_they_are_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "begin the module with what it decides and what it refuses to know"


@pytest.mark.parametrize("path", PRODUCT, ids=named(PRODUCT))
def test_only_command_lines_print(path: Path) -> None:
    if path.name in MAY_PRINT:
        return
    calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    printing = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert printing == [], f"log an event instead of printing, lines {printing}"


@pytest.mark.parametrize("path", EVERYTHING, ids=named(EVERYTHING))
def test_what_silences_a_check_says_why(path: Path) -> None:
    if path == Path(__file__):
        return
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    silent = [number for number, line in lines if without_reason(line)]
    assert silent == [], f"say why, on the same line as the exception: lines {silent}"


@pytest.mark.parametrize(
    ("line", "silent"),
    [
        pytest.param("x = 1  # noqa: S104", True, id="noqa"),
        pytest.param("x = 1  # noqa: S104, S105 - a container's own network", False, id="noqa with its reason"),
        pytest.param("x = 1  # type: ignore[arg-type]", True, id="type ignore"),
        pytest.param("x = 1  # type: ignore[arg-type]  # its stubs are wrong", False, id="type ignore with its reason"),
        pytest.param("time.sleep(1)", True, id="sleep"),
        pytest.param("time.sleep(1)  # the step itself is to wait", False, id="sleep with its reason"),
        pytest.param("sleepy = 1  # nothing", False, id="another word"),
    ],
)
def test_reasons_are_seen(line: str, silent: bool) -> None:
    assert without_reason(line) is silent


def test_nothing_is_left_for_later() -> None:
    paths = [path for path in ROOT.rglob("*") if path.suffix in TEXTS and path.is_file() and not hidden(path)]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFTOVER.search(line)
    ]
    assert found == [], f"finish it, or open an issue, and take the mark out: {found}"


def hidden(path: Path) -> bool:
    """Whether a file is not the project's: tools' folders, and data of a running demo."""
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") for part in parts) or parts[0] in {"var", "build", "dist"}


def references(path: Path) -> Iterator[str]:
    """Every module that a file imports, or names in a text (`python -m`, an entry point)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_module_is_used() -> None:
    used = {name for path in PRODUCT for name in references(path) if name != module_name(path)}
    used |= set(re.findall(r'= "([\w.]+):main"', (ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    orphans = [
        name
        for path in PRODUCT
        if path.name not in {"__init__.py", "__main__.py"}
        and (name := module_name(path)) not in used
        and not name.startswith(FOUND_BY_NAME)
    ]
    assert orphans == [], f"nothing runs these modules: use them or remove them: {orphans}"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "gateway" / "decisions").glob("[0-9]*.md"))]
    assert numbers == list(range(1, len(numbers) + 1)), f"decisions are 0001, 0002, …; there are {numbers}"
