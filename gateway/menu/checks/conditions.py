"""Proves that conditions ask of facts that will be there, that each may be so and may not, and that whatever is so, a
screen has something to choose, and each key once.

Decides by going through every case that can occur (`cases`). Refuses to know how long the cases get (`fit`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.datafile.findings import Finding, Severity, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.menu.cases import CASES_MAX, Facts, cases, count, unfit
from gateway.menu.checks import reach
from gateway.menu.condition import Condition, ConditionError, parse
from gateway.menu.document import Document
from gateway.menu.source import OptionSource, TextSource
from gateway.outcome import ActionSpec
from gateway.wording import names


@dataclass(frozen=True, slots=True)
class _Placed:
    """A condition of a screen, and where it stands; `option` is None for that of an input."""

    path: Path
    condition: Condition
    option: OptionSource | None


def check(document: Document, specs: Mapping[str, ActionSpec]) -> Iterator[Finding]:
    """Every fault of conditions; all of them are errors."""
    arrivals = reach.arrivals(document.source, specs)
    for name, screen in document.source.screens.items():
        if isinstance(screen, TextSource):
            found: list[_Placed] = []
            for path, when, option in _written(name, screen):
                try:
                    found.append(_Placed(path, parse(when), option))
                except ConditionError as error:
                    yield document.finding(path, Kind.CONDITION, str(error), error.advice)
            here = arrivals.get(name, [])
            unanswered = list(_unanswered(document, found, here))
            yield from unanswered
            if found and not unanswered:
                yield from _cases(document, name, screen, found, here)


def idle(document: Document, specs: Mapping[str, ActionSpec]) -> Iterator[Finding]:
    """Conditions that are always so, in a document without errors: they could be left out."""
    arrivals = reach.arrivals(document.source, specs)
    for name, screen in document.source.screens.items():
        for path, when, _ in _written(name, screen) if isinstance(screen, TextSource) else ():
            condition = parse(when)
            every = [condition.holds(case) for arrival in arrivals[name] for case in cases([condition], arrival.facts)]
            if all(every):
                told = f"{when!r} is always so"
                yield document.finding(path, Kind.ALWAYS_SO, told, "leave `when` out", severity=Severity.WARNING)


def _written(name: str, screen: TextSource) -> Iterator[tuple[Path, str, OptionSource | None]]:
    """Each condition of a screen as the file has it."""
    path = ("screens", name)
    for place, option in enumerate(screen.options):
        if option.when is not None:
            yield (*path, "options", place, "when"), option.when, option
    if screen.input is not None and screen.input.when is not None:
        yield (*path, "input", "when"), screen.input.when, None


def _unanswered(document: Document, found: list[_Placed], arrivals: list[reach.Arrival]) -> Iterator[Finding]:
    """Questions that the facts of some way to the screen do not answer."""
    for each in found:
        for arrival in arrivals:
            unknown = sorted(each.condition.names - arrival.facts.keys())
            if unknown:
                yield document.finding(
                    each.path,
                    Kind.FACT_UNKNOWN,
                    f"asks for {', '.join(unknown)}, but who comes {arrival.came_by} brings {names(arrival.facts)}",
                    choices(unknown[0], sorted(arrival.facts), "no facts"),
                )
                continue
            for asked in each.condition.asked:
                if fault := unfit(asked, arrival.facts):
                    yield document.finding(each.path, Kind.CONDITION_UNFIT, *fault)


def _cases(
    document: Document, name: str, screen: TextSource, found: list[_Placed], arrivals: list[reach.Arrival]
) -> Iterator[Finding]:
    """What is wrong in some case, told once, with the case."""
    conditions = [each.condition for each in found]
    if any(count(conditions, arrival.facts) > CASES_MAX for arrival in arrivals):
        told = f"its conditions tell more than {CASES_MAX} cases apart"
        yield document.finding(("screens", name), Kind.CONDITIONS_TOO_MANY, told, "ask for fewer facts on one screen")
        return
    every = [case for arrival in arrivals for case in cases(conditions, arrival.facts)]
    for each in found:
        if every and not any(map(each.condition.holds, every)):
            yield document.finding(
                each.path,
                Kind.NEVER_SO,
                f"{each.condition.source!r} is never so",
                "correct it, or remove what it hides",
            )
    yield from _keys(document, name, screen, found, every)
    empty = next((case for case in every if _is_empty(screen, case)), None)
    if empty is not None:
        told = f"nothing is left to choose when {_told(conditions, empty)}"
        yield document.finding(
            ("screens", name, "options"), Kind.NO_OPTION_LEFT, told, "add an option without `when`, or for that case"
        )


def _keys(
    document: Document, name: str, screen: TextSource, found: list[_Placed], every: list[Facts]
) -> Iterator[Finding]:
    """Options that have one key in one case. Those without conditions are told of by `structure`."""
    conditions = [each.condition for each in found]
    told: set[str] = set()
    for case in every:
        shown = [(place, option) for place, option in enumerate(screen.options) if _is_shown(option, case)]
        for key, times in Counter(option.key for _, option in shown).items():
            rivals = [(place, option) for place, option in shown if option.key == key]
            if times > 1 and key not in told and any(option.when for _, option in rivals):
                told.add(key)
                yield document.finding(
                    ("screens", name, "options", rivals[1][0], "key"),
                    Kind.OPTION_KEY_TWICE,
                    f"{key!r} is the key of option {rivals[0][0] + 1} too when {_told(conditions, case)}",
                    "choose another, or conditions that exclude each other",
                )


def _is_shown(option: OptionSource, case: Facts) -> bool:
    return option.when is None or parse(option.when).holds(case)


def _is_empty(screen: TextSource, case: Facts) -> bool:
    """Whether a screen that offers something has nothing for this case."""
    rows = screen.each is not None and screen.each.go is not None
    typed = screen.input is not None and (screen.input.when is None or parse(screen.input.when).holds(case))
    return not (rows or typed or any(_is_shown(option, case) for option in screen.options))


def _told(conditions: list[Condition], case: Facts) -> str:
    """A case as a person reads it: `points = 0, blocked = true`."""
    asked = dict.fromkeys(name for condition in conditions for each in condition.asked for name in each.names)
    return ", ".join(f"{name} = {_value(case.get(name))}" for name in asked)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case None | "":
            return "none"
        case _:
            return str(value)
