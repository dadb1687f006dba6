"""What a person who does not program is told about a slip of YAML: the line, and what to write there."""

import pytest

from gateway.datafile import marked
from gateway.datafile.findings import FaultyFileError


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param("a: b\nru: У вас: 5 баллов", 2, "put the text in quotes: it has a colon", id="a colon in a text"),
        pytest.param("a: {ru: Привет: мир, en: x}", 1, "it has a colon", id="a colon in braces"),
        pytest.param("a: {ru: Что?, en: x}", 1, "it has a question mark before a comma", id="a question in braces"),
        pytest.param("a:\n  b: 1\n c: 2", 3, "the spaces at the beginning", id="too few spaces"),
        pytest.param("a:\n  b: 1\n   c: 2", 3, "the spaces at the beginning", id="too many spaces"),
        pytest.param("a:\n  - b\n c: 2", 3, "the spaces at the beginning", id="too few spaces after a list"),
        pytest.param("- a\nb: c", 2, "the spaces at the beginning", id="a key among a list"),
        pytest.param("key\nb: c", 2, "write each key as `key: value`", id="a key without its colon"),
        pytest.param("a:\n\tb: 1", 2, "a tab: use spaces", id="a tab"),
        pytest.param("a: @x", 1, "put the text in quotes: it begins with @", id="an at sign"),
        pytest.param("a: %x", 1, "it begins with %", id="a per cent sign"),
        pytest.param("*123#: home", 1, "put it in quotes: it begins with *", id="a dial string without quotes"),
        pytest.param("a: &!", 1, "it begins with &", id="an ampersand"),
        pytest.param("a: - b", 1, "it begins with a dash", id="a dash"),
        pytest.param("a: > b", 1, "begin the text on the next line", id="a folded text on the same line"),
        pytest.param('a: b\nc: "x\nd: e', 2, "a quotation mark that opens here", id="a quote left open"),
        pytest.param('a: "\\d"', 1, "'single' quotes", id="a backslash"),
        pytest.param('a: "x" y', 1, "put the whole text in quotes", id="text after its quotes"),
        pytest.param("a: {{ points }} баллов", 1, "put the whole text in quotes", id="a place for a fact at first"),
        pytest.param("a: {ru: {{ points }} y}", 1, "put the whole text in quotes", id="and in braces"),
        pytest.param("a: {{ points }}", 1, "put the text in quotes", id="nothing but a place for a fact"),
        pytest.param("a: {b: c", 1, "a bracket that opens here", id="a brace left open"),
        pytest.param("x: y\na: {b: c\nd: e\n", 2, "a bracket that opens here", id="a brace left open above"),
        pytest.param("x: y\na: [b, c\nd: e\n", 2, "a bracket that opens here", id="a square one left open above"),
        pytest.param("---\na: b\n---\nc: d", 3, "begins a second file", id="two files in one"),
        pytest.param("a: b\nc: \x00", 2, "nobody sees (U+0000)", id="a control character"),
    ],
)
def test_a_slip_is_told_with_what_to_do(text: str, line: int, says: str) -> None:
    with pytest.raises(FaultyFileError) as refusal:
        marked.read("file.yaml", text)
    finding = refusal.value.findings[0]
    assert (finding.line, says in str(finding)) == (line, True), finding
