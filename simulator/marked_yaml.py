"""YAML as plain values that remember their lines. Every scalar is text, because `00` and `no` are answers too.

It refuses what people who do not program only write by mistake: aliases (an unquoted `*123#` is one) and a key
said twice. It knows nothing of dialogues.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic_core import ErrorDetails

from simulator.errors import DialogueFileError, Fault

FILE_BYTES_MAX = 256 * 1024  # a dialogue is read by people; the longest shipped one has 3 KB

Value = str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's content, and where each part of it stands."""

    file: Path
    value: Value
    lines: dict[tuple[str | int, ...], int]

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line of the value at `path`, or of the nearest thing around it that stands in the file."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def read(file: Path) -> Tree:
    """Read a file. Raises `DialogueFileError` with the line of what is wrong with it."""
    return read_text(_text(file), file)


def read_text(text: str, file: Path) -> Tree:
    """Read what stands, or might stand, in a file. Raises as `read` does."""
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.AliasToken):
                raise _error(file, token.start_mark.line, f'put codes in quotes: "*{token.value}…"')
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise _error(file, line, f"{error.problem}; {_HINT}") from None
    except yaml.YAMLError as error:
        raise _error(file, 0, f"not YAML: {error}") from None
    if node is None:
        raise _error(file, 0, "the file is empty; dialogues/README.md shows what belongs there")
    return Tree(file, _plain(file, node, (), lines), lines)


def fault(tree: Tree, details: ErrorDetails) -> Fault:
    """A model's complaint about a file, in words for whoever wrote it."""
    where, message = details["loc"], details["msg"].removeprefix("Value error, ")
    match details["type"]:
        case "extra_forbidden":
            message = f"no such word: {where[-1]}"
        case "missing":
            message = f"{where[-1]} is missing"
    place = " ".join(str(part + 1) if isinstance(part, int) else part for part in where)
    return Fault(tree.file, tree.line_of(where), f"{place}: {message}")


_HINT = 'text with : or # or a leading * belongs in quotes, such as dial: "*123#"'


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(FILE_BYTES_MAX + 1)
        if len(data) > FILE_BYTES_MAX:
            raise _error(file, 0, f"longer than {FILE_BYTES_MAX} bytes: split the dialogue")
        return data.decode()
    except OSError as error:
        raise _error(file, 0, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _error(file, 0, "is not UTF-8 text: save it as UTF-8") from None


def _plain(file: Path, node: yaml.Node, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> Value:
    """The node as text, list or dictionary. `setdefault`: a key's own line wins over its value's."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(file, item, (*path, index), lines) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Value] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in found:
                raise _error(file, key.start_mark.line, f"said twice, or not a word: {key.value!r}")
            lines[*path, key.value] = key.start_mark.line + 1
            found[key.value] = _plain(file, value, (*path, key.value), lines)
        return found
    return str(node.value)


def _error(file: Path, line: int, message: str) -> DialogueFileError:
    """A fault at a line counted from 0, as YAML counts."""
    return DialogueFileError((Fault(file, line + 1, message),))
