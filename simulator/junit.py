"""Results of dialogues as JUnit XML, for whatever draws test reports: one test case a dialogue."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from simulator.errors import NotWritableError
from simulator.play import Result


def write(results: Sequence[Result], file: Path) -> None:
    """Write the report. Raises `NotWritableError`."""
    total_s = sum(result.took_s for result in results)
    failures = sum(not result.passed for result in results)
    counts = {"tests": str(len(results)), "failures": str(failures), "errors": "0", "time": f"{total_s:.3f}"}
    suite = ET.Element("testsuite", {"name": "dialogues", **counts})
    for result in results:
        dialogue = result.dialogue
        place = {"classname": dialogue.file.stem, "name": dialogue.title, "file": str(dialogue.file)}
        case = ET.SubElement(suite, "testcase", {**place, "time": f"{result.took_s:.3f}"})
        if not result.passed:
            case.set("line", str(result.line))
            first_line = result.failure.split("\n", 1)[0]
            ET.SubElement(case, "failure", {"message": first_line}).text = _printable(result.failure)
    suites = ET.Element("testsuites", counts)
    suites.append(suite)
    ET.indent(suites)
    try:
        ET.ElementTree(suites).write(file, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise NotWritableError(f"cannot write {file}: {error.strerror}") from None


def _printable(text: str) -> str:
    """Without the characters that XML 1.0 does not have (2.2): a screen may hold any."""
    return "".join(letter if letter in "\n\t" or letter >= " " else "\ufffd" for letter in text)
