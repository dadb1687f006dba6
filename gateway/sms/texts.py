"""The texts of SMS: one file for each answer and language, named `<language>/<reply>.<outcome>.j2`.

Decides which text says an outcome: its own, or `any.<outcome>.j2` where the reply has none, since "your number is
blocked" need not be written for each keyword. Refuses to know who asks, and whether all the texts are there (`lint`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from gateway.datafile.findings import Finding, Letter, Severity, Size
from gateway.datafile.kinds import Kind
from gateway.outcome import Fact
from gateway.sms.source import ANY
from gateway.templates import Text, Vocabulary

SUFFIX = ".j2"


@dataclass(frozen=True, slots=True)
class TextFile:
    """One file. `file` is how findings call it; `name` is `<reply>.<outcome>`."""

    file: str
    language: str
    name: str
    source: str

    def finding(
        self,
        kind: Kind,
        message: str,
        advice: str,
        line: int = 1,
        *,
        severity: Severity = Severity.ERROR,
        size: Size | None = None,
        letters: tuple[Letter, ...] = (),
    ) -> Finding:
        """A finding in this file."""
        return Finding(self.file, line, "", kind, message, advice, severity, size, letters)


def text_files(files: Mapping[str, str]) -> tuple[TextFile, ...]:
    """The texts among a pack's files, by name and language."""
    found = [
        TextFile(file, place.parent.name, place.stem, source)
        for file, source in files.items()
        if (place := PurePath(file)).suffix == SUFFIX
    ]
    return tuple(sorted(found, key=lambda text: (text.name, text.language)))


def name_of(reply: str, outcome: str, written: frozenset[str]) -> str:
    """The text that says an outcome, among those that are written."""
    own = f"{reply}.{outcome}"
    shared = f"{ANY}.{outcome}"
    return shared if own not in written and shared in written else own


class Texts:
    """The texts of one version of a pack, compiled."""

    def __init__(self, texts: tuple[TextFile, ...], vocabulary: Vocabulary) -> None:
        self._default = vocabulary.languages[0]
        self._written = frozenset(text.name for text in texts)
        self._texts: dict[tuple[str, str], Text] = {
            (text.name, text.language): vocabulary.compilers[text.language].compile(text.source) for text in texts
        }

    def fill(self, reply: str, outcome: str, language: str, facts: Mapping[str, Fact]) -> str:
        """What is said, the same facts to the same letters. In the pack's default language where it does not speak
        `language`. Raises `KeyError` for an outcome that has no text, which `lint` does not let pass."""
        name = name_of(reply, outcome, self._written)
        text = self._texts.get((name, language)) or self._texts[name, self._default]
        return text.fill(facts)
