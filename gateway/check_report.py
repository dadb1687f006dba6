"""What `gateway check` found, told to people and to programs.

Decides the form alone: for people, each finding with the line of the file that it speaks of and what to write there;
for programs, one JSON document whose names stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.text import Text

from gateway.check import Checked
from gateway.datafile.findings import Finding, Severity

LINE_SHOWN_MAX = 110  # characters; a longer line would be broken by the terminal, and its place lost
COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def told(findings: Sequence[Finding]) -> Iterator[Text]:
    """The findings for people, in the order of the files."""
    for finding in findings:
        yield Text.assemble(
            (f"{finding.file}:{finding.line}", "bold"),
            ": ",
            (str(finding.severity), COLOURS[finding.severity]),
            ": ",
            (f"{finding.key}: " if finding.key else "", "cyan"),
            finding.where,
        )
        if line := _line(finding):
            yield Text(f"    {finding.line} | {line}", style="dim")
        if finding.advice:
            yield Text.assemble("    -> ", (finding.advice, "green"))


def _line(finding: Finding) -> str:
    """The line of the file, or nothing where there is none to show."""
    try:
        lines = Path(finding.file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    line = lines[finding.line - 1].strip() if finding.line <= len(lines) else ""
    return line if len(line) <= LINE_SHOWN_MAX else line[: LINE_SHOWN_MAX - 1] + "…"


def summary(findings: Sequence[Finding], faults: Sequence[str], warnings: Sequence[str]) -> str:
    """How many errors and warnings, of the pack and of the settings together."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    return f"{errors + len(faults)} errors, {len(findings) - errors + len(warnings)} warnings"


def document(pack: str, checked: Checked, faults: Sequence[str], warnings: Sequence[str]) -> dict[str, Any]:
    """Everything for programs. `ok` is what the exit code says; `kind` is one of `gateway.datafile.kinds`."""
    errors = sum(finding.severity is Severity.ERROR for finding in checked.findings) + len(faults)
    return {
        "pack": pack,
        "ok": errors == 0,
        "errors": errors,
        "warnings": len(checked.findings) + len(faults) + len(warnings) - errors,
        "settings": {"errors": list(faults), "warnings": list(warnings)},
        "findings": list(map(_finding, checked.findings)),
        "sms": [
            {
                "text": cost.file.name,
                "language": cost.file.language,
                "encoding": str(cost.measure.encoding),
                "length": cost.measure.length,
                "parts": cost.parts,
                "parts_max": cost.parts_max,
            }
            for cost in checked.costs
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    size = None
    if finding.size is not None:
        size = asdict(finding.size) | {"told": str(finding.size), "excess": finding.size.excess}
    return {
        "severity": str(finding.severity),
        "kind": str(finding.kind),
        "file": finding.file,
        "line": finding.line,
        "key": finding.key,
        "message": finding.message,
        "suggestion": finding.advice,
        "size": size,
        "letters": [asdict(letter) for letter in finding.letters],
        "used": asdict(finding.used) if finding.used else None,
    }
