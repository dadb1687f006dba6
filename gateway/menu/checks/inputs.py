"""Proves that what may be typed or dialled is declared, is asked for somewhere, and is never mistaken for a key.

Refuses to know what becomes of it (`keeping`).
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, islice

from gateway.datafile.findings import Finding, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.menu.build import leads_to_points
from gateway.menu.checks import reach
from gateway.menu.document import Document
from gateway.menu.kept import KEPT_LENGTH_MAX
from gateway.menu.model import dial_parts
from gateway.menu.numbering import free_numbers
from gateway.menu.pattern import ADVICE, PatternError
from gateway.menu.pattern import parse as parse_pattern
from gateway.menu.source import InputSource, LengthSource, MenuSource, TextSource, dialled_input
from gateway.menu.typed import Amount, Digits, Failure, Matching, Number, OneOf, folded
from gateway.outcome import ActionSpec

ONE_TIME_KEY_LENGTH = 2  # digits; what the key of an option that moves points may grow to
KEYS_NAMED_MAX = 5  # enough to see which they are


def check(document: Document, specs: Mapping[str, ActionSpec]) -> Iterator[Finding]:
    """Every fault of inputs; all of them are errors."""
    yield from _declared(document)
    yield from _read(document)
    yield from _typed(document, specs)
    yield from _dialled(document)


def _asked(source: MenuSource) -> Iterator[tuple[Path, str]]:
    """Where inputs are asked for, and by which names."""
    for dialled in source.dial:
        name = dialled_input(dialled)
        if name is not None:
            yield ("dial", dialled), name
    for name, screen in source.screens.items():
        if isinstance(screen, TextSource) and screen.input is not None:
            yield ("screens", name, "input", "name"), screen.input.name


def _declared(document: Document) -> Iterator[Finding]:
    declared = document.source.inputs
    asked = list(_asked(document.source))
    for path, name in asked:
        if name not in declared:
            declaring = f"declare it, as `inputs: {{{name}: {{digits: {{from: 6, to: 6}}}}}}`"
            yield document.finding(
                path,
                Kind.INPUT_UNKNOWN,
                f"there is no input {name!r}",
                f"{choices(name, list(declared), 'none yet')}; {declaring}",
            )
    for name in declared:
        if name not in {used for _, used in asked}:
            yield document.finding(
                ("inputs", name),
                Kind.INPUT_UNUSED,
                "nothing asks for it",
                "name it in the `input` of a screen or in a dial string",
            )


def _read(document: Document) -> Iterator[Finding]:
    """Faults of what each input must be, and of what is said when it is not."""
    for name, asked in document.source.inputs.items():
        path = ("inputs", name)
        if asked.pattern is not None:
            yield from _pattern(document, (*path, "pattern"), asked.pattern)
        if asked.amount is not None and asked.amount.from_ < 0:
            yield document.finding(
                (*path, "amount", "from"), Kind.WRONG_VALUE, "nobody types less than nothing", "write 0 or more"
            )
        yield from _spellings(document, (*path, "choice"), asked)
        possible = asked.reading.failures if asked.reading else tuple(Failure)
        for failure in asked.failures:
            if failure not in possible:
                told = f"what is typed there is never {failure.value!r}"
                advice = choices(failure.value, [each.value for each in possible])
                yield document.finding((*path, "failures", failure.value), Kind.FAILURE_UNKNOWN, told, advice)


def _pattern(document: Document, path: Path, pattern: str) -> Iterator[Finding]:
    try:
        longest = len(parse_pattern(pattern).longest)
    except PatternError as error:
        yield document.finding(path, Kind.PATTERN, str(error), ADVICE)
        return
    if longest > KEPT_LENGTH_MAX:
        told = f"matches {longest} characters, and {KEPT_LENGTH_MAX} are kept"
        yield document.finding(path, Kind.KEPT_TOO_LONG, told, "let it be shorter")


def _spellings(document: Document, path: Path, asked: InputSource) -> Iterator[Finding]:
    """Words of a choice that stand for two values, or for none in a language."""
    stands_for: dict[str, str] = {}
    for value, language, word in asked.spellings:
        if stands_for.setdefault(folded(word), value) != value:
            told = f"{word!r} stands for {stands_for[folded(word)]!r} too"
            yield document.finding((*path, value, language), Kind.KEYWORDS_ALIKE, told, "choose another word")
    for value, by_language in (asked.choice or {}).items():
        for language in document.source.languages:
            if language not in by_language:
                told = f"no word in {language!r}"
                yield document.finding((*path, value, language), Kind.TEXT_MISSING, told, "write one")


def _typed(document: Document, specs: Mapping[str, ActionSpec]) -> Iterator[Finding]:
    source = document.source
    arrivals = reach.arrivals(source, specs)
    for name, screen in source.screens.items():
        if not isinstance(screen, TextSource) or screen.input is None or screen.input.name not in source.inputs:
            continue
        keys = _keys(screen, source, specs, arrivals.get(name, []))
        match source.inputs[screen.input.name].reading:
            case Digits(length_min=shortest):
                longest = max(map(len, keys))
                if shortest <= longest:
                    yield document.finding(
                        ("screens", name, "input"),
                        Kind.INPUT_MEETS_KEY,
                        f"keys on this screen have up to {_told(longest)}, and a key wins over what is typed",
                        f"let {screen.input.name!r} begin at {_told(longest + 1)}, under `inputs`",
                    )
            case Number() | Amount() | Matching() | OneOf() as reading:
                met = [key for key in keys if not isinstance(reading.read(key), Failure)]
                if met:
                    yield document.finding(
                        ("screens", name, "input"),
                        Kind.INPUT_MEETS_KEY,
                        f"a key wins over what is typed, and {', '.join(met[:KEYS_NAMED_MAX])} may be meant as both",
                        f"exclude it under `inputs`, choose another key{_one_page(screen, source, met)}",
                    )


def _one_page(screen: TextSource, source: MenuSource, met: list[str]) -> str:
    following = source.keys.next.key in met and not screen.one_page
    return ", or write `one_page: true`, which has no next page" if following else ""


def _keys(
    screen: TextSource, source: MenuSource, specs: Mapping[str, ActionSpec], arrivals: list[reach.Arrival]
) -> list[str]:
    """What is a key on a screen: navigation, options, one-time keys, and the number of each row."""
    following = [] if screen.one_page else [source.keys.next.key]
    options = [option.key for option in screen.options]
    keys = [source.keys.back.key, source.keys.home.key, *following, *options]
    if any(leads_to_points(option.go, source, specs) for option in screen.options):
        keys += map(str, range(1, 10**ONE_TIME_KEY_LENGTH))
    if screen.each is not None and screen.each.go is not None:
        listed = [arrival.facts.get(screen.each.list) for arrival in arrivals]
        most = max((len(rows) for rows in listed if isinstance(rows, list)), default=0)
        keys += islice(free_numbers({*source.keys.all, *options}), most)
    return list(dict.fromkeys(keys))


def _dialled(document: Document) -> Iterator[Finding]:
    source = document.source
    published = [(dialled, dialled_input(dialled)) for dialled in source.dial]
    inputs = [(dialled, name, source.inputs[name].digits) for dialled, name in published if name in source.inputs]
    for dialled, name, not_digits in inputs:
        if not_digits is None:
            told = f"{name!r} is not of digits, and nothing else can be dialled"
            yield document.finding(("dial", dialled), Kind.INPUT_NOT_DIALLED, told, "ask for it on a screen")
    known = [(dialled, name, digits) for dialled, name, digits in inputs if digits is not None]
    options = [screen.options for screen in source.screens.values() if isinstance(screen, TextSource)]
    keys = [*source.keys.all, *(option.key for listed in options for option in listed)]
    longest = max(map(len, keys))
    for dialled, name, digits in known:
        if digits.from_ <= longest:
            yield document.finding(
                ("dial", dialled),
                Kind.INPUT_MEETS_KEY,
                f"keys dialled ahead have up to {_told(longest)} and would be taken for {name!r}",
                f"let it begin at {_told(longest + 1)}, under `inputs`",
            )
    for (first, _, few), (second, _, many) in combinations(known, 2):
        if dial_parts(first)[:-1] == dial_parts(second)[:-1] and _overlap(few, many):
            yield document.finding(
                ("dial", second),
                Kind.INPUTS_ALIKE,
                f"takes numbers of the same length as {first!r}",
                "choose other digits or another code",
            )


def _overlap(one: LengthSource, other: LengthSource) -> bool:
    return one.from_ <= other.to and other.from_ <= one.to


def _told(digits: int) -> str:
    return f"{digits} digit" + ("s" if digits > 1 else "")
