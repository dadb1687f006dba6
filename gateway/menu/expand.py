"""What people write once and use on several screens, written out where it is used.

Decides what may stand in place of an option and of a text: `{use: name}` of a fragment, an option with what differs
beside it. So nobody further on knows of fragments, and a fault of one is told where it is written and where it is used.
Refuses to judge what the fragments say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.datafile.findings import FaultyFileError, Finding, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Marked, Path, Value

FRAGMENTS = "fragments"
OPTIONS = "options"
TEXTS = "texts"
USE = "use"


def expanded(marks: Marked) -> tuple[Marked, tuple[Finding, ...]]:
    """The file with every fragment where it is used, and a finding for each that is used nowhere. Raises
    `FaultyFileError` for one that is not there."""
    if not isinstance(marks.value, dict):
        return marks, ()
    writer = _Writer(marks, _named(marks.value, OPTIONS), _named(marks.value, TEXTS))
    value: dict[str, Value] = {
        key: writer.written_out(each, (key,)) for key, each in marks.value.items() if key != FRAGMENTS
    }
    used = frozenset(writer.used)
    if FRAGMENTS in marks.value:
        value[FRAGMENTS] = writer.written_out(marks.value[FRAGMENTS], (FRAGMENTS,))
    if writer.findings:
        raise FaultyFileError(tuple(writer.findings))
    idle = [
        marks.finding(
            (FRAGMENTS, kind, name), Kind.FRAGMENT_UNUSED, "is used nowhere", f"write {{use: {name}}}, or remove it"
        )
        for kind, known in ((OPTIONS, writer.options), (TEXTS, writer.texts))
        for name in known
        if (kind, name) not in used
    ]
    return replace(marks, value=value, origins=writer.origins), tuple(idle)


def _named(value: Mapping[str, Value], kind: str) -> Mapping[str, Value]:
    """The fragments of a kind; none where their shape is wrong, which is told later."""
    fragments = value.get(FRAGMENTS)
    known = fragments.get(kind) if isinstance(fragments, dict) else None
    return known if isinstance(known, dict) else {}


@dataclass(slots=True)
class _Writer:
    """One pass over the values, which notes what came from where."""

    marks: Marked
    options: Mapping[str, Value]
    texts: Mapping[str, Value]
    origins: dict[Path, Path] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def written_out(self, value: Value, path: Path) -> Value:
        """A value with the fragments that it uses."""
        if isinstance(value, list):
            return [self._item(each, (*path, place)) for place, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.keys() == {USE}:
            return self._text(value[USE], path)
        return {key: self.written_out(each, (*path, key)) for key, each in value.items()}

    def _item(self, value: Value, path: Path) -> Value:
        if isinstance(value, dict) and USE in value and path[-2] == OPTIONS:
            return self._option(value, path)
        return self.written_out(value, path)

    def _text(self, name: Value, path: Path) -> Value:
        text = self._found(TEXTS, self.texts, name, path)
        if text is not None:
            self.origins[path] = (FRAGMENTS, TEXTS, str(name))
        return text

    def _option(self, value: dict[str, Value], path: Path) -> Value:
        """An option of a fragment, with what stands beside `use` in place of its own."""
        name = value[USE]
        shared = self._found(OPTIONS, self.options, name, path)
        own = {key: each for key, each in value.items() if key != USE}
        if not isinstance(shared, dict):
            return own
        for key in shared.keys() - own.keys():
            self.origins[*path, key] = (FRAGMENTS, OPTIONS, str(name), key)
        return {key: self.written_out(each, (*path, key)) for key, each in {**shared, **own}.items()}

    def _found(self, kind: str, known: Mapping[str, Value], name: Value, path: Path) -> Value:
        if not isinstance(name, str) or name not in known:
            told = f"there is no fragment {name!r} among the {kind}"
            advice = choices(str(name), list(known))
            self.findings.append(self.marks.finding((*path, USE), Kind.FRAGMENT_UNKNOWN, told, advice))
            return None
        self.used.add((kind, name))
        return known[name]
