"""A language that a pack learns from files of its own, as `ussd.kk.yaml` beside `ussd.yaml`: no other changes.

Decides how a language file finds its places: it has the keys of the file beside it, and where that one has words by
language, it has the words. A line of a list is named by what it is about, never by its place, since options may be
moved. So nobody further on knows of language files, and a fault of a word, or its absence, is told where it is to be
written. Refuses to know what the words are for, and whether all of them are there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gateway.datafile import marked
from gateway.datafile.findings import FaultyFileError, Finding, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Marked, Path, Spot, Value, dotted

ALONE: Mapping[str, str] = MappingProxyType({})
"""Nothing stands beside a file."""
LANGUAGE_FILE = re.compile(r"^(?:.*/)?(?:programme|ussd|sms)\.([a-z]{2,3})\.yaml$")
LANGUAGES = "languages"
NAMED_BY: Mapping[str, str] = {
    "options": "go",
    "rows": "keywords",
    "earning": "rule",
    "partners": "partner",
    "categories": "category",
    "rewards": "reward",
}
"""By list: the key that names its lines in a language file. A row of keywords is named by the first of them, in the
language that is first; one without keywords by what it calls."""
MAY_BE_NEW = "parts"
"""Where a language may have what the others do not need."""


def language_of(file: str) -> str | None:
    """The language that a file adds; None for any other file."""
    found = LANGUAGE_FILE.match(file)
    return found[1] if found else None


def read(file: str, text: str, beside: Mapping[str, str] = ALONE) -> Marked:
    """The values of `text` with the words of each language that a file `beside` it adds. Raises `FaultyFileError`.

    A language that only another file of the pack adds is one here too: all of its words are missing then.
    """
    marks = marked.read(file, text)
    for language in sorted({found for name in beside if (found := language_of(name))}):
        own = f"{file.removesuffix('.yaml')}.{language}.yaml"
        words = marked.read(own, beside.get(own, ""))
        marks = _Learning(marks, words, language, _spoken(marks.value)).learnt()
    return marks


def _spoken(value: Value) -> tuple[str, ...]:
    """The languages of a file: those that it lists, or those of its first keywords."""
    if not isinstance(value, dict):
        return ()
    listed = value.get(LANGUAGES)
    if isinstance(listed, list):
        return tuple(each for each in listed if isinstance(each, str))
    rows = value.get("rows")
    words = [row.get("keywords") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(next((each for each in words if isinstance(each, dict)), ()))


@dataclass(slots=True)
class _Learning:
    """One pass over a file beside the words of one language, which notes where each of them stands."""

    marks: Marked
    words: Marked
    language: str
    spoken: tuple[str, ...]
    elsewhere: dict[Path, Spot] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def learnt(self) -> Marked:
        """The file with the words in their places."""
        value = self._value(self.marks.value, self.words.value, (), ())
        if self.findings:
            raise FaultyFileError(tuple(self.findings))
        if isinstance(value, dict) and isinstance(value.get(LANGUAGES), list) and self.language not in self.spoken:
            self._note((LANGUAGES, len(self.spoken)), ())
            value[LANGUAGES] = [*self.spoken, self.language]
        return replace(self.marks, value=value, elsewhere={**self.marks.elsewhere, **self.elsewhere})

    def _value(self, value: Value, words: Value, path: Path, at: Path) -> Value:
        if isinstance(value, dict) and value and value.keys() <= set(self.spoken):
            return self._said(value, words, path, at)
        if isinstance(value, dict):
            return self._keys(value, words, path, at)
        if isinstance(value, list):
            return self._list(value, words, path, at)
        if words is not None:
            self._fault(at, Kind.WRONG_VALUE, "is the same in every language", "remove it")
        return value

    def _said(self, value: dict[str, Value], words: Value, path: Path, at: Path) -> Value:
        """What is said in each language. A language may change what the others say where that speaks of it: the option
        that leads to it, for one."""
        self._note((*path, self.language), at)
        if words is None:
            return value
        if isinstance(words, dict) and words and words.keys() <= {*self.spoken, self.language}:
            for each in words:
                self._note((*path, each), (*at, each))
            return {**value, **words}
        return {**value, self.language: words}

    def _keys(self, value: dict[str, Value], words: Value, path: Path, at: Path) -> Value:
        own = self._mapping(words, at)
        new: dict[str, Value] = {}
        for key in own.keys() - value.keys():
            if path == (MAY_BE_NEW,):
                self._note((*path, key, self.language), (*at, key))
                new[key] = {self.language: own[key]}
            else:
                told = f"stands in no such place of {self.marks.file.rpartition('/')[2]}"
                self._fault((*at, key), Kind.KEY_UNKNOWN, told, choices(key, list(value)))
        learnt = {key: self._value(each, own.get(key), (*path, key), (*at, key)) for key, each in value.items()}
        return {**learnt, **new}

    def _list(self, value: list[Value], words: Value, path: Path, at: Path) -> Value:
        names = [self._name(each, str(path[-1])) for each in value]
        own = self._mapping(words, at)
        for key in own.keys() - set(names):
            told = f"no line of {dotted(path)!r} has this name"
            known = list(dict.fromkeys(filter(None, names)))
            self._fault((*at, key), Kind.KEY_UNKNOWN, told, choices(key, known))
        for key, each in own.items():
            if isinstance(each, list) and len(each) > names.count(key) > 0:
                told = f"there are only {names.count(key)} lines of this name"
                self._fault((*at, key, names.count(key)), Kind.KEY_UNKNOWN, told, "remove it")
        learnt: list[Value] = []
        for place, (each, name) in enumerate(zip(value, names, strict=True)):
            one, below = own.get(name), (*at, name)
            if isinstance(one, list):
                nth = names[:place].count(name)
                one, below = (one[nth] if nth < len(one) else None), (*below, nth)
            learnt.append(self._value(each, one, (*path, place), below))
        return learnt

    def _name(self, line: Value, kind: str) -> str:
        """What a line of a list is called; empty where lines of this kind have no names."""
        if not isinstance(line, dict) or kind not in NAMED_BY:
            return ""
        name = line.get(NAMED_BY[kind])
        if kind == "options" and name is None:
            name = self._shared(line.get("use"))
        if isinstance(name, dict):
            name = next(iter(_first(name.get(self.spoken[0] if self.spoken else ""))), None)
        return name if isinstance(name, str) else str(line.get("call") or "")

    def _shared(self, fragment: Value) -> Value:
        """Where the option of a fragment leads."""
        value: Value = self.marks.value
        for key in ("fragments", "options", fragment, "go"):
            value = value.get(str(key)) if isinstance(value, dict) else None
        return value

    def _mapping(self, words: Value, at: Path) -> dict[str, Value]:
        if words is None or isinstance(words, dict):
            return words or {}
        self._fault(at, Kind.WRONG_TYPE, "must hold lines of `key: value`", "put each two spaces further in")
        return {}

    def _note(self, path: Path, at: Path) -> None:
        self.elsewhere[path] = Spot(self.words.file, self.words.line(at), dotted(at))

    def _fault(self, at: Path, kind: Kind, told: str, advice: str) -> None:
        self.findings.append(self.words.finding(at, kind, told, advice))


def _first(words: Value) -> Iterator[Value]:
    yield from words if isinstance(words, list) else ()
