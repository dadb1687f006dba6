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
from gateway.menu.model import dial_parts
from gateway.menu.numbering import free_numbers
from gateway.menu.source import DigitsSource, MenuSource, TextSource, dialled_input
from gateway.outcome import ActionSpec

ONE_TIME_KEY_LENGTH = 2  # digits; what the key of an option that moves points may grow to


def check(document: Document, specs: Mapping[str, ActionSpec]) -> Iterator[Finding]:
    """Every fault of inputs; all of them are errors."""
    yield from _declared(document)
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


def _typed(document: Document, specs: Mapping[str, ActionSpec]) -> Iterator[Finding]:
    source = document.source
    arrivals = reach.arrivals(source, specs)
    for name, screen in source.screens.items():
        if not isinstance(screen, TextSource) or screen.input is None or screen.input.name not in source.inputs:
            continue
        longest = _longest_key(screen, source, specs, arrivals.get(name, []))
        digits = source.inputs[screen.input.name].digits
        if digits.from_ <= longest:
            yield document.finding(
                ("screens", name, "input"),
                Kind.INPUT_MEETS_KEY,
                f"keys on this screen have up to {_told(longest)}, and a key wins over what is typed",
                f"let {screen.input.name!r} begin at {_told(longest + 1)}, under `inputs`",
            )


def _longest_key(
    screen: TextSource, source: MenuSource, specs: Mapping[str, ActionSpec], arrivals: list[reach.Arrival]
) -> int:
    """How long the keys on a screen get: navigation, options, one-time keys, and the number of the last row."""
    keys = {*source.keys.all, *(option.key for option in screen.options)}
    lengths = list(map(len, keys))
    if any(leads_to_points(option.go, source, specs) for option in screen.options):
        lengths.append(ONE_TIME_KEY_LENGTH)
    if screen.each is not None and screen.each.go is not None:
        listed = [arrival.facts.get(screen.each.list) for arrival in arrivals]
        most = max((len(rows) for rows in listed if isinstance(rows, list)), default=0)
        lengths += map(len, islice(free_numbers(keys), most))
    return max(lengths)


def _dialled(document: Document) -> Iterator[Finding]:
    source = document.source
    published = [(dialled, dialled_input(dialled)) for dialled in source.dial]
    known = [(dialled, name, source.inputs[name].digits) for dialled, name in published if name in source.inputs]
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


def _overlap(one: DigitsSource, other: DigitsSource) -> bool:
    return one.from_ <= other.to and other.from_ <= one.to


def _told(digits: int) -> str:
    return f"{digits} digit" + ("s" if digits > 1 else "")
