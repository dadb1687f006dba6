"""Proves that no answer costs more SMS than it may, with the longest facts, and says which letter is to blame.

Decides the worst case: facts as `wording.longest_facts` varies them, units and labels in their longest form, parts
marked by the longer of the two headers. Refuses to know links: some mark parts with fewer octets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.datafile.findings import Finding, Severity
from gateway.outcome import ActionSpec
from gateway.sms.checks.texts import answers
from gateway.sms.route_table import Document
from gateway.sms.texts import TextFile
from gateway.templates import Vocabulary
from gateway.text.segments import Measure, measure
from gateway.text.sms import split
from gateway.wording import longest_facts, strangers_told

HEADER_OCTETS_MAX = 7
"""With a 16-bit reference, which is a setting of the link: parts of 152 septets or 66 units."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one text takes at its longest: `worst` is that form of it."""

    file: TextFile
    worst: str
    measure: Measure
    parts: int
    parts_max: int


def costs(
    document: Document, texts: tuple[TextFile, ...], specs: Mapping[str, ActionSpec], vocabulary: Vocabulary
) -> tuple[Cost, ...]:
    """Each text that is said, in the order of the files, of a pack without errors."""
    longest = vocabulary.longest()
    found = []
    for file in texts:
        text = longest.compilers[file.language].compile(file.source)
        forms = [
            text.fill(facts)
            for answer in answers(document, texts, specs, file.language)
            if answer.text == file.name
            for facts in longest_facts(answer.facts)
        ]
        worst = max(forms, key=lambda form: (_parts(form), measure(form).length))
        parts_max = document.source.budget(file.name, file.language)
        found.append(Cost(file, worst, measure(worst), _parts(worst), parts_max))
    return tuple(found)


def _parts(text: str) -> int:
    return len(split(text, HEADER_OCTETS_MAX))


def check(all_costs: tuple[Cost, ...]) -> Iterator[Finding]:
    """Texts that cost too much, and texts that pay for one letter."""
    for cost in all_costs:
        size = f"takes {cost.parts} SMS at its longest ({cost.measure.length} in {cost.measure.encoding})"
        strangers = strangers_told(cost.worst)
        blame = f" — {strangers}" if strangers else ""
        if cost.parts > cost.parts_max:
            yield cost.file.finding(
                f"{size} and may take {cost.parts_max}: shorten it, or allow more under `parts` in sms.yaml{blame}"
            )
        elif strangers:
            yield cost.file.finding(f"{size}{blame}: without it, an SMS holds twice as much", severity=Severity.WARNING)
