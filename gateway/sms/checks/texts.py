"""Proves that each answer, and each message that an action sends of its own, has a text in each language, that texts
speak of facts that will be there, and no text idles.

Refuses to know how long they are (`cost`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.datafile.findings import Finding, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.outcome import ActionSpec, Fact
from gateway.sms.route_table import HELP, Document, help_spec
from gateway.sms.texts import SUFFIX, TextFile, name_of
from gateway.templates import Text, TextError, Vocabulary
from gateway.wording import IF_MISSING, different_facts, longest_facts, mixed_words, names


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that may have to be said, with its longest facts, and the text that says it. `path` is of what makes it
    necessary, and `why` says so."""

    path: Path
    call: str
    outcome: str
    facts: Mapping[str, Fact]
    text: str
    why: str


def answers(
    document: Document, texts: tuple[TextFile, ...], specs: Mapping[str, ActionSpec], language: str
) -> Iterator[Answer]:
    """Everything that must be said in one language: by the rows, by `help` for whatever no row hears, and by actions,
    whether a row calls them or a menu."""
    written = frozenset(text.name for text in texts)
    yield from _of_rows(document, {**specs, HELP.name: help_spec(document.source, language)}, written)
    for spec in specs.values():
        yield from _of_action(spec, written)


def _of_rows(document: Document, declared: Mapping[str, ActionSpec], written: frozenset[str]) -> Iterator[Answer]:
    rows = [
        (("rows", place, "call"), row.call, row.reply or row.call) for place, row in enumerate(document.source.rows)
    ]
    for path, call, reply in (*rows, (("help",), HELP.name, HELP.name)):
        for outcome, facts in declared[call].outcomes.items() if call in declared else ():
            why = f"{call!r} may answer {outcome!r}"
            yield Answer(path, call, outcome, facts, name_of(reply, outcome, written), why)


def _of_action(spec: ActionSpec, written: frozenset[str]) -> Iterator[Answer]:
    """What goes by SMS whoever called: messages of the action's own, and the result of a screen that nobody saw."""
    for name, facts in spec.told.items():
        reply, _, outcome = name.partition(".")
        why = f"{spec.name!r} sends {name!r} of its own"
        yield Answer(("rows",), spec.name, outcome, facts, name_of(reply, outcome, written), why)
    for outcome, facts in spec.outcomes.items() if spec.moves_points else ():
        why = f"{spec.name!r} may answer {outcome!r} on a screen, whose result goes by SMS when the session dies"
        yield Answer(("rows",), spec.name, outcome, facts, name_of(spec.name, outcome, written), why)


def check(
    document: Document, texts: tuple[TextFile, ...], specs: Mapping[str, ActionSpec], vocabulary: Vocabulary
) -> Iterator[Finding]:
    """Every fault of the texts' contents; all of them are errors."""
    compiled: Compiled = {}
    for file in texts:
        try:
            text = _compile(file, vocabulary)
        except TextError as error:
            yield file.finding(Kind.TEMPLATE, str(error), "correct it", error.line)
            continue
        compiled.setdefault(file.name, {})[file.language] = (file, text)
        for found in mixed_words(text):
            yield file.finding(Kind.MIXED_ALPHABETS, str(found), found.advice, letters=found.letters)
    for by_language in compiled.values():
        same = {language: text for language, (_, text) in by_language.items()}
        yield from (by_language[language][0].finding(*fault) for language, fault in different_facts(same))
    needed = [
        (answer, language) for language in vocabulary.languages for answer in answers(document, texts, specs, language)
    ]
    yield from _missing(document, texts, needed)
    yield from _idle(document, texts, needed)
    for answer, language in needed:
        if language in compiled.get(answer.text, {}):
            yield from _unfit(*compiled[answer.text][language], answer)


Compiled = dict[str, dict[str, tuple[TextFile, Text]]]
"""By name, by language."""


def _compile(file: TextFile, vocabulary: Vocabulary) -> Text:
    if file.language not in vocabulary.languages:
        raise TextError(f"the programme does not speak {file.language!r}: name the folder after a language of it")
    text = vocabulary.compilers[file.language].compile(file.source)
    if not text.source:
        raise TextError("is empty: write a text")
    return text


def _missing(document: Document, texts: tuple[TextFile, ...], needed: list[tuple[Answer, str]]) -> Iterator[Finding]:
    """Rows may share a text: the first one that needs it is told."""
    written = {(file.name, file.language) for file in texts}
    for answer, language in needed:
        if (answer.text, language) not in written:
            written.add((answer.text, language))
            yield document.marks.finding(
                answer.path,
                Kind.TEXT_MISSING,
                f"{answer.why}, and nothing says so in {language!r}",
                f"write {language}/{answer.text}{SUFFIX}",
            )


def _idle(document: Document, texts: tuple[TextFile, ...], needed: list[tuple[Answer, str]]) -> Iterator[Finding]:
    said = {answer.text for answer, _ in needed}
    for file in texts:
        if file.name not in said:
            yield file.finding(
                Kind.TEXT_UNUSED,
                "no row answers with this text, and no action sends it",
                f"remove it, or name it <reply>.<outcome>.j2 after a row's; {choices(file.name, sorted(said))}",
            )
    for name, by_language in document.source.parts.items():
        for language in by_language:
            if (name, language) not in {(file.name, file.language) for file in texts}:
                yield document.marks.finding(
                    ("parts", name, language), Kind.TEXT_UNUSED, "there is no such text", "remove it"
                )


def _unfit(file: TextFile, text: Text, answer: Answer) -> Iterator[Finding]:
    """A text may speak only of what its answer brings, and must do so whatever the facts are."""
    unknown = sorted(text.placeholders - set(answer.facts))
    if unknown:
        brings = names(answer.facts)
        yield file.finding(
            Kind.FACT_UNKNOWN,
            f"speaks of {', '.join(unknown)}, but {answer.call!r} answers {answer.outcome!r} with {brings}",
            choices(unknown[0], sorted(answer.facts)),
        )
        return
    try:
        for facts in longest_facts(answer.facts):
            text.fill(facts)
    except TextError as error:
        yield file.finding(Kind.FACT_MAY_BE_MISSING, str(error), IF_MISSING)
