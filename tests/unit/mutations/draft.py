"""A shipped pack as plain values that a test may break in one place, and written out again as files.

Decides how a value is written so that the line of every key is known without asking the code that is tested.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway import packs
from gateway.datafile import marked
from gateway.loyalty import programme_file
from gateway.outcome import ActionSpec
from gateway.pack import action_specs

Keys = tuple[str | int, ...]
Value = Any
GONE = object()
"""In place of a new value: the key is taken out."""

PROGRAMME, USSD, PUBLISHED, SMS = "programme.yaml", "ussd.yaml", "published.yaml", "sms.yaml"


@dataclass(frozen=True)
class Draft:
    """A pack: its files of lines as values, its texts of SMS as they are, and what its actions declare."""

    name: str
    files: Mapping[str, Value]
    texts: Mapping[str, str]
    specs: Mapping[str, ActionSpec]

    @property
    def menu(self) -> Value:
        return self.files[USSD]

    @property
    def languages(self) -> list[str]:
        return list(self.menu["languages"])

    @property
    def screens(self) -> Mapping[str, Value]:
        return {name: each for name, each in self.menu["screens"].items() if "call" not in each}

    @property
    def calls(self) -> Mapping[str, Value]:
        return {name: each for name, each in self.menu["screens"].items() if "call" in each}

    def texts_by_language(self) -> Iterator[tuple[Keys, Mapping[str, str]]]:
        """Each text of the menu that is said in every language, with its place."""
        for name in ("back", "home", "next"):
            yield ("keys", name, "text"), self.menu["keys"][name]["text"]
        for name, text in self.menu["messages"].items():
            yield ("messages", name), text
        for name, screen in self.screens.items():
            yield ("screens", name, "text"), screen["text"]
            for at, option in self.options(name):
                yield (*at, "text"), option["text"]
            if "each" in screen:
                yield ("screens", name, "each", "text"), screen["each"]["text"]

    def options(self, screen: str) -> Iterator[tuple[Keys, Value]]:
        """The options of a screen."""
        for place, option in enumerate(self.screens[screen].get("options", ())):
            yield ("screens", screen, "options", place), option

    @property
    def all_options(self) -> list[tuple[Keys, Value]]:
        return [option for screen in self.screens for option in self.options(screen)]


@dataclass(frozen=True)
class Break:
    """One place that is broken: what is changed, and where the check must say so.

    `keys` need not exist afterwards: the line is then that of what should hold it. `spoil` changes the text of `file`
    where values cannot: it is given the text and the line of each key, and returns a text and the line to blame.
    """

    file: str
    keys: Keys
    edits: tuple[tuple[str, Keys, Value], ...] = ()
    spoil: Callable[[str, Mapping[Keys, int]], tuple[str | bytes, int]] | None = None
    texts: Mapping[str, object] = field(default_factory=dict)
    """Texts of SMS to write, or to take out, by their place in the pack's folder."""
    without: frozenset[str] = frozenset()
    """Files to leave out."""


def drafts() -> list[Draft]:
    """Every shipped pack."""
    return [_draft(name) for name in packs.shipped()]


def _draft(name: str) -> Draft:
    located = packs.locate(name)
    written = located.read()
    if located.published.exists():
        written[PUBLISHED] = located.published.read_text(encoding="utf-8")
    files = {file: marked.read(file, text).value for file, text in written.items() if file.endswith(".yaml")}
    texts = {file: text for file, text in written.items() if not file.endswith(".yaml")}
    return Draft(name, files, texts, action_specs(programme_file.load(PROGRAMME, written[PROGRAMME])))


def write(draft: Draft, broken: Break | None, folder: Path) -> int:
    """Write a pack into a folder, broken or not; the line to blame."""
    files = deepcopy(dict(draft.files))
    for file, keys, value in broken.edits if broken else ():
        _edit(files[file], keys, value)
    blamed = 1
    for file, value in files.items():
        if broken and file in broken.without:
            continue
        text, lines = written(value)
        content: str | bytes = text
        if broken and file == broken.file:
            blamed = _line(lines, broken.keys)
            if broken.spoil:
                content, blamed = broken.spoil(text, lines)
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    for place, text in {**draft.texts, **(broken.texts if broken else {})}.items():
        if isinstance(text, str) and SMS in files:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(text, encoding="utf-8")
    return blamed


def _edit(tree: Value, keys: Keys, value: Value) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {}) if isinstance(tree, dict) else tree[key]
    if value is GONE:
        del tree[keys[-1]]
    elif isinstance(tree, list) and keys[-1] == len(tree):
        tree.append(value)
    else:
        tree[keys[-1]] = value


def _line(lines: Mapping[Keys, int], keys: Keys) -> int:
    while keys and keys not in lines:
        keys = keys[:-1]
    return lines.get(keys, 1)


def written(value: Value) -> tuple[str, dict[Keys, int]]:
    """A value as YAML, one key or item on each line, and the line of each."""
    out: list[str] = []
    lines: dict[Keys, int] = {}
    _write(value, (), 0, out, lines)
    return "\n".join(out) + "\n", lines


def _write(value: Value, keys: Keys, depth: int, out: list[str], lines: dict[Keys, int]) -> None:
    pad = "  " * depth
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        head = f"{pad}{json.dumps(key, ensure_ascii=False)}:" if isinstance(value, dict) else f"{pad}-"
        if isinstance(each, dict | list) and each:
            out.append(head)
            lines[(*keys, key)] = len(out) + (0 if isinstance(value, dict) else 1)
            _write(each, (*keys, key), depth + 1, out, lines)
        else:
            empty = {dict: "{}", list: "[]", type(None): ""}.get(type(each))
            out.append(f"{head} {json.dumps(each, ensure_ascii=False) if empty is None else empty}".rstrip())
            lines[(*keys, key)] = len(out)
