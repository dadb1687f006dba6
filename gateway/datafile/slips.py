"""Slips of YAML, said to people who do not program: which line to look at, and what to write there.

Decides by the reader's own words and by what stands before the place where it gave up. Refuses to know what the
file is about.
"""

import re

import yaml
from yaml.reader import ReaderError

QUOTE_COLON = "put the text in quotes: it has a colon"
INDENT = (
    "the spaces at the beginning do not match the lines above: begin this line exactly under its neighbours, and "
    "write each key as `key: value`"
)
WHOLE_IN_QUOTES = (
    "a text ends before its line does: put the whole text in quotes, once; it needs them when it begins with {{ or "
    "holds quotes"
)

SLIPS = (
    (r"character '\\t'", "a tab: use spaces, two for each level"),
    (r"character '(.)' that cannot start", r"put the text in quotes: it begins with \1"),
    (r"scanning an alias", "put it in quotes: it begins with *"),
    (r"scanning an anchor", "put it in quotes: it begins with &"),
    (r"sequence entries", "put the text in quotes: it begins with a dash"),
    (r"scanning a block scalar", "begin the text on the next line, with two more spaces before it"),
    (r"escape", r"put the text in 'single' quotes: in double ones \\ begins a sign of its own"),
    (r"single document", "a line of --- begins a second file: remove it"),
    (r"mapping values", QUOTE_COLON),
    (r"but got ':'", QUOTE_COLON),
    (r"but got '\?'", "put the text in quotes: it has a question mark before a comma"),
    (r"but (got|found)", WHOLE_IN_QUOTES),
)
"""What the reader says, and what to do about it; the first that is found is told."""


def told(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line of a slip, from 1, and what to do there."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, f"a character that nobody sees (U+{ord(text[error.position]):04X}): remove it"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return 1, f"not YAML: {error}"
    said = f"{error.context or ''} {error.problem or ''}"
    place, opened = error.problem_mark, error.context_mark
    if opened is not None and ("quoted scalar" in said and "end of stream" in said):
        return opened.line + 1, "a quotation mark that opens here is never closed: close it"
    if opened is not None and "flow" in said and (opened.line != place.line or "<stream end>" in said):
        return opened.line + 1, "a bracket that opens here is not closed before a line that needs it closed: close it"
    line = place.line + 1
    before = ([*text.splitlines(), ""])[place.line][: place.column]
    if _is_indented_wrong(said, before):
        return line, INDENT
    for pattern, advice in SLIPS:
        if found := re.search(pattern, said):
            return line, found.expand(advice)
    return line, f"not YAML: {error.problem}"


def _is_indented_wrong(said: str, before: str) -> bool:
    """A line that begins in the wrong column: the reader stops at its first word, or at the colon of its first key."""
    if "expected <block end>" in said:
        return not before.strip()
    return "mapping values" in said and ": " not in before
