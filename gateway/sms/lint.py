"""Everything that is proved of keywords and of the texts that answer them, in the order in which one would read it.

Refuses to read files: `gateway check` gives it texts, the actions' declarations and the programme's words, and shows
what it finds.
"""

from collections.abc import Mapping

from gateway.datafile.findings import Finding
from gateway.outcome import ActionSpec
from gateway.sms.checks import clashes, cost, rows, texts
from gateway.sms.checks.cost import Cost
from gateway.sms.route_table import HELP, Document
from gateway.sms.texts import TextFile
from gateway.templates import Vocabulary


def lint(
    document: Document, files: tuple[TextFile, ...], specs: Mapping[str, ActionSpec], vocabulary: Vocabulary
) -> tuple[tuple[Finding, ...], tuple[Cost, ...]]:
    """All findings, by file and line, and what each text costs. Costs are of a pack whose rest has no errors."""
    findings = errors(document, files, specs, vocabulary)
    costs = () if findings else cost.costs(document, files, specs, vocabulary)
    findings += tuple(cost.check(costs))
    keywords = document.marks.file
    return tuple(sorted(findings, key=lambda each: (each.file != keywords, each.file, each.line, each.key))), costs


def errors(
    document: Document, files: tuple[TextFile, ...], specs: Mapping[str, ActionSpec], vocabulary: Vocabulary
) -> tuple[Finding, ...]:
    """What keeps keywords and texts from being served at all."""
    declared = {**specs, HELP.name: HELP}
    return tuple(
        dict.fromkeys(
            (
                *rows.check(document, declared, vocabulary.languages),
                *clashes.check(document),
                *texts.check(document, files, specs, vocabulary),
            )
        )
    )
