"""Proves that rows, numbers, languages and actions fit together: an action gets its arguments, each once.

Refuses to know which rows are alike to who texts (`clashes`), the answers' texts (`texts`) and lengths (`cost`).
"""

from collections.abc import Iterator, Mapping

from gateway.datafile.findings import Finding, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.outcome import ActionSpec
from gateway.sms.route_table import Document
from gateway.sms.source import ANY, WAYS, RowSource
from gateway.wording import mixture

Specs = Mapping[str, ActionSpec]

BELONGS = {"takes": "keywords", "example": "takes", "generous": "keywords", "around": "digits"}
"""Keys of a row that say something about another key of it."""


def check(document: Document, specs: Specs, languages: tuple[str, ...]) -> Iterator[Finding]:
    """Every fault of the rows; all of them are errors. `languages` are the programme's, the default first."""
    numbers = document.source.numbers
    for place, number in enumerate(numbers):
        if number in numbers[:place]:
            yield document.marks.finding(("numbers", place), Kind.NUMBER_TWICE, f"{number} is listed twice", "keep one")
    if document.source.sender not in {None, *numbers}:
        fault = "is not among our `numbers`, and what people answer to it must reach us"
        yield document.marks.finding(("sender",), Kind.NUMBER_UNKNOWN, fault, f"write one of {', '.join(numbers)}")
    for place, row in enumerate(document.source.rows):
        at = ("rows", place)
        yield from _numbers(document, row, at)
        yield from _ways(document, row, at)
        yield from _words(document, row, at, languages)
        yield from _call(document, row, at, specs)


def _numbers(document: Document, row: RowSource, at: Path) -> Iterator[Finding]:
    for number in document.source.numbers_of(row):
        if number not in document.source.numbers:
            yield document.marks.finding(
                (*at, "to"),
                Kind.NUMBER_UNKNOWN,
                f"{number} is not among our `numbers`",
                "list it there, or name one that is",
            )
    if row.generous and row.to != ANY:
        yield document.marks.finding(
            (*at, "to"),
            Kind.GENEROUS,
            "a generous row must be heard at every number, and not be suggested at some",
            "write `to: any`",
        )


def _ways(document: Document, row: RowSource, at: Path) -> Iterator[Finding]:
    """A row hears one kind of text, and says nothing of the others."""
    written = [way for way in WAYS if way in row.model_fields_set]
    if not written:
        yield document.marks.finding(at, Kind.ROW_HEARS_NOTHING, "no text is heard", f"write one of {', '.join(WAYS)}")
    for way in written[1:]:
        yield document.marks.finding(
            (*at, way), Kind.ROW_HEARS_TWICE, f"the row has {written[0]} already", "write a row of its own for it"
        )
    for key, other in BELONGS.items():
        if key in row.model_fields_set and other not in row.model_fields_set:
            yield document.marks.finding(
                (*at, key), Kind.ROW_KEY_IN_VAIN, f"says nothing in a row without {other}", "remove it"
            )
    if row.generous and row.takes:
        yield document.marks.finding(
            (*at, "takes"),
            Kind.GENEROUS,
            "a generous row executes in a sentence, where no number stands after its word",
            "remove one",
        )
    if row.digits and row.digits.length_min > row.digits.length_max:
        yield document.marks.finding((*at, "digits", "from"), Kind.WRONG_VALUE, "is more than `to`", "exchange them")


def _words(document: Document, row: RowSource, at: Path, languages: tuple[str, ...]) -> Iterator[Finding]:
    """Each language of the programme has its keywords. Words around digits may be of some languages only."""
    for language in languages if row.keywords else ():
        if language not in row.keywords:
            yield document.marks.finding(
                (*at, "keywords", language), Kind.TEXT_MISSING, f"no keyword in {language!r}", "write one"
            )
    for key, by_language in (("keywords", row.keywords), ("around", row.around)):
        for language, words in by_language.items():
            if language not in languages:
                yield document.marks.finding(
                    (*at, key, language),
                    Kind.LANGUAGE_UNKNOWN,
                    f"the programme does not speak {language!r}",
                    "remove it, or list the language in programme.yaml",
                )
            for place, word in enumerate(words):
                for found in filter(None, map(mixture, word.split())):
                    yield document.marks.finding(
                        (*at, key, language, place),
                        Kind.MIXED_ALPHABETS,
                        str(found),
                        found.advice,
                        letters=found.letters,
                    )
                if (row.takes or row.digits) and any(map(str.isnumeric, word)):
                    yield document.marks.finding(
                        (*at, key, language, place),
                        Kind.KEYWORD_HAS_DIGIT,
                        f"{word!r} has a digit, which could not be told from those beside the word",
                        "change it",
                    )


def _call(document: Document, row: RowSource, at: Path, specs: Specs) -> Iterator[Finding]:
    if row.reply == ANY:
        yield document.marks.finding(
            (*at, "reply"),
            Kind.REPLY_TAKEN,
            f"`{ANY}` begins the texts that all replies share",
            "choose another name",
        )
    spec = specs.get(row.call)
    if spec is None:
        fault = f"there is no action {row.call!r}"
        yield document.marks.finding((*at, "call"), Kind.ACTION_UNKNOWN, fault, choices(row.call, sorted(specs)))
        return
    yield from _arguments(document, row, at, spec)


def _arguments(document: Document, row: RowSource, at: Path, spec: ActionSpec) -> Iterator[Finding]:
    texted = dict(_texted(row, at))
    for argument in spec.arguments:
        if argument not in row.arguments and argument not in texted:
            yield document.marks.finding(
                (*at, "arguments", argument),
                Kind.ARGUMENT_MISSING,
                f"{row.call!r} needs it",
                "add a value, or let it be texted",
            )
    for argument, path in [*((name, (*at, "arguments", name)) for name in row.arguments), *texted.items()]:
        if argument not in spec.arguments:
            fault = f"{row.call!r} takes no such argument {argument!r}"
            yield document.marks.finding(path, Kind.ARGUMENT_UNKNOWN, fault, choices(argument, list(spec.arguments)))
    for argument, value in row.arguments.items():
        allowed = spec.arguments.get(argument)
        if argument in texted:
            yield document.marks.finding(
                (*at, "arguments", argument), Kind.ARGUMENT_VALUE, "is texted too", "remove the value"
            )
        elif allowed and value not in allowed:
            yield document.marks.finding(
                (*at, "arguments", argument),
                Kind.ARGUMENT_VALUE,
                f"{row.call!r} does not know {value!r}",
                f"write {' or '.join(allowed)}",
            )
    for argument, path in texted.items():
        if allowed := spec.arguments.get(argument):
            yield document.marks.finding(
                path,
                Kind.ARGUMENT_VALUE,
                f"{row.call!r} does not know any number",
                f"write {' or '.join(allowed)} under arguments",
            )


def _texted(row: RowSource, at: Path) -> Iterator[tuple[str, Path]]:
    """The argument that the text brings, and where the row says so."""
    if row.takes:
        yield row.takes, (*at, "takes")
    if row.digits:
        yield row.digits.name, (*at, "digits", "name")
