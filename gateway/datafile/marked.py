"""YAML as plain values that remember their lines.

Decides how forgiving the file is with people who do not program: every scalar is the text that was typed, so an
unquoted `00` stays `00`, and the keys `on` and `no` stay words (YAML 1.1 makes them 0, true and false). Refuses
what would hide a fault: a key that is written twice, and anchors. Refuses to know what the values mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import yaml

from gateway.datafile import slips
from gateway.datafile.findings import FaultyFileError, Finding, Letter, Severity, Size, Use
from gateway.datafile.kinds import Kind

Path = tuple[str | int, ...]
Value = str | None | list["Value"] | dict[str, "Value"]

DEPTH_MAX = 12  # a menu needs 7; deeper is a slip of indentation
CHARACTERS_MAX = 500_000  # some two thousand screens: the largest menu that anyone could still find their way in


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in another file."""

    file: str
    line: int
    key: str


@dataclass(frozen=True, slots=True)
class Marked:
    """The values of a file, and the line of each path in it. `origins` says of what was written out in a place where
    the file has it, `elsewhere` of what another file has, or should have."""

    file: str
    value: Value
    lines: Mapping[Path, int]
    origins: Mapping[Path, Path] = field(default_factory=dict)
    elsewhere: Mapping[Path, Spot] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of `path`, or of its nearest ancestor that is in the file."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def finding(
        self,
        path: Path,
        kind: Kind,
        message: str,
        advice: str = "",
        *,
        severity: Severity = Severity.ERROR,
        size: Size | None = None,
        letters: tuple[Letter, ...] = (),
    ) -> Finding:
        """A finding at `path`, which need not exist: the line is then that of what should hold it."""
        at = self.origin(path)
        used = Use(self.line(path), dotted(path)) if at != path else None
        spot = self._spot(at)
        return Finding(spot.file, spot.line, spot.key, kind, message, advice, severity, size, letters, used)

    def _spot(self, path: Path) -> Spot:
        """Where a person writes what stands at `path`."""
        for length in range(len(path), 0, -1):
            if (spot := self.elsewhere.get(path[:length])) is not None:
                return replace(spot, key=dotted((spot.key, *path[length:])))
        return Spot(self.file, self.line(path), dotted(path))

    def origin(self, path: Path) -> Path:
        """Where the file has what stands at `path`."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return (*self.origins[path[:length]], *path[length:])
        return path


def read(file: str, text: str) -> Marked:
    """The values of `text`. Raises `FaultyFileError` when it is no YAML, or YAML that hides a fault."""
    if len(text) > CHARACTERS_MAX:
        raise _refused(file, 1, Kind.TOO_LARGE, f"longer than {CHARACTERS_MAX} characters", "split the pack")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        line, advice = slips.told(error, text)
        raise _refused(file, line, Kind.SYNTAX, "cannot be read as YAML", advice) from error
    except RecursionError as error:
        raise _refused(file, 1, Kind.SYNTAX, "nested without end", "check the brackets") from error
    walk = _Walk(file)
    value = walk.value(node, ())
    if walk.findings:
        raise FaultyFileError(tuple(walk.findings))
    return Marked(file, value, walk.lines)


def _refused(file: str, line: int, kind: Kind, message: str, advice: str) -> FaultyFileError:
    return FaultyFileError((Finding(file, line, "", kind, message, advice),))


class _Walk:
    """One pass over the nodes, which collects values, lines and faults."""

    def __init__(self, file: str) -> None:
        self.lines: dict[Path, int] = {}
        self.findings: list[Finding] = []
        self._file = file
        self._seen: set[int] = set()

    def value(self, node: yaml.Node | None, path: Path) -> Value:
        """The plain value of a node, recorded under its path."""
        if node is None:
            return None
        line = self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._fault(line, path, Kind.ANCHOR, "an anchor and its alias", "write the value out in both places")
            return None
        self._seen.add(id(node))
        if len(path) > DEPTH_MAX:
            self._fault(line, path, Kind.SYNTAX, f"nested deeper than {DEPTH_MAX} levels", "check the indentation")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, place)) for place, child in enumerate(node.value)]
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> Value:
        values: dict[str, Value] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                advice = "put the text in quotes: a text that begins with a bracket needs them"
                self._fault(line, path, Kind.SYNTAX, "a key in brackets", advice)
                continue
            key = str(key_node.value)
            if key in values:
                first = self.lines[(*path, key)]
                message = f"{key!r} is written twice; the first is on line {first}"
                self._fault(line, (*path, key), Kind.KEY_TWICE, message, "keep one")
                continue
            self.lines[(*path, key)] = line
            values[key] = self.value(value_node, (*path, key))
        return values

    def _fault(self, line: int, path: Path, kind: Kind, message: str, advice: str) -> None:
        self.findings.append(Finding(self._file, line, dotted(path), kind, message, advice))


def dotted(path: Path) -> str:
    """A path as findings show it."""
    return ".".join(map(str, path))
