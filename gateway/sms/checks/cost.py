"""Proves that no answer costs more SMS than it may, with the longest facts, and says which letter is to blame.

Decides the worst case: facts as `wording.longest_facts` varies them, units and labels in their longest form, parts
marked by the longer of the two headers. Refuses to know links: some mark parts with fewer octets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.datafile.findings import Finding, Severity, Size
from gateway.datafile.kinds import Kind
from gateway.outcome import ActionSpec
from gateway.sms.checks.texts import answers
from gateway.sms.route_table import Document
from gateway.sms.texts import TextFile
from gateway.templates import Vocabulary
from gateway.text.segments import Encoding, Measure, measure
from gateway.text.sms import split
from gateway.wording import longest_facts, strangers, strangers_told, without_strangers

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

    @property
    def size(self) -> Size:
        """Against what the parts hold that it may take."""
        whole, part = (160, 152) if self.measure.encoding is Encoding.GSM7 else (70, 66)
        room = whole if self.parts_max == 1 else part * self.parts_max
        return Size(self.measure.length, room, self.measure.encoding)


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
        letters = strangers(cost.worst)
        blame = f" — {strangers_told(letters)}" if letters else ""
        told = f"takes {cost.parts} SMS at its longest ({cost.measure.length} in {cost.measure.encoding})"
        if cost.parts > cost.parts_max:
            advice = f"shorten it by {cost.size.excess}, or allow more under `parts`, beside its keywords"
            yield cost.file.finding(
                Kind.SMS_TOO_LONG,
                f"{told} and may take {cost.parts_max}{blame}",
                f"{without_strangers(letters)}, or {advice}" if letters else advice,
                size=cost.size,
                letters=letters,
            )
        elif letters:
            yield cost.file.finding(
                Kind.STRAY_LETTER,
                f"{told}{blame}: without it, an SMS holds twice as much",
                without_strangers(letters),
                severity=Severity.WARNING,
                size=cost.size,
                letters=letters,
            )
