"""Everything that is proved of a menu, in the order in which a person would read it.

Refuses to read files: `gateway check` gives it texts, the actions' declarations, the dialects' profiles and the
programme's words, and shows what it finds.
"""

from collections.abc import Mapping

from gateway.datafile.findings import Finding
from gateway.menu.checks import conditions, dial, fit, inputs, keeping, structure, texts
from gateway.menu.document import Document
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary
from gateway.ussd.message import Profile


def lint(
    document: Document,
    specs: Mapping[str, ActionSpec],
    vocabulary: Vocabulary,
    profiles: Mapping[str, Profile],
    published: Mapping[str, str],
) -> tuple[Finding, ...]:
    """All findings, by line. Lengths are looked at only when the rest has no errors: they would be of another menu."""
    findings = errors(document, specs, vocabulary)
    if not findings:
        findings = (*conditions.idle(document, specs, vocabulary), *fit.check(document, specs, vocabulary, profiles))
    findings += tuple(dial.check(document, published))
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.key)))


def errors(document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """What keeps a menu from being served at all: faults of structure, of inputs, of what is kept, and of texts."""
    return tuple(
        dict.fromkeys(
            (
                *document.idle,
                *structure.check(document, specs, vocabulary.languages),
                *inputs.check(document, specs),
                *keeping.check(document, specs),
                *conditions.check(document, specs, vocabulary),
                *texts.check(document, specs, vocabulary),
            )
        )
    )
