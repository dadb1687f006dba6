"""Proves that conditions ask of facts that will be there or of who dials, that each may be so and may not, and that
whatever is so, a screen has something to choose, and each key once.

Decides by going through every case that can occur (`cases`). Refuses to know how long the cases get (`fit`).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gateway.datafile.findings import Finding, Severity, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.menu.cases import CASES_MAX, Facts, cases, count, unfit
from gateway.menu.checks import reach
from gateway.menu.condition import Condition, ConditionError, parse
from gateway.menu.document import Document
from gateway.menu.source import OptionSource, TextSource
from gateway.menu.who import PILOT, TIER, is_who
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary
from gateway.wording import names

INSTEAD = "instead"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A condition of a screen, and where it stands; `instead` says that another screen is shown when it is so."""

    path: Path
    condition: Condition
    instead: bool


def check(document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Every fault of conditions; all of them are errors."""
    arrivals = _arrivals(document, specs, vocabulary)
    for name, screen in document.source.screens.items():
        if isinstance(screen, TextSource):
            found: list[_Placed] = []
            for path, when in _written(name, screen):
                try:
                    found.append(_Placed(path, parse(when), path[2] == INSTEAD))
                except ConditionError as error:
                    yield document.finding(path, Kind.CONDITION, str(error), error.advice)
            here = arrivals.get(name, [])
            unanswered = [*_unanswered(document, found, here), *_no_such_tier(document, found, vocabulary)]
            yield from unanswered
            if found and not unanswered:
                yield from _cases(document, name, screen, found, here)


def idle(document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Conditions that are always so, in a document without errors, and pilots that none asks for: they could be left
    out."""
    arrivals = _arrivals(document, specs, vocabulary)
    asked: set[str] = set()
    for name, screen in document.source.screens.items():
        for path, when in _written(name, screen) if isinstance(screen, TextSource) else ():
            condition = parse(when)
            asked |= condition.names
            every = [condition.holds(case) for arrival in arrivals[name] for case in cases([condition], arrival.facts)]
            if all(every):
                told = f"{when!r} is always so"
                yield document.finding(path, Kind.ALWAYS_SO, told, "leave `when` out", severity=Severity.WARNING)
    yield from _idle_pilots(document, asked)


def _idle_pilots(document: Document, asked: Collection[str]) -> Iterator[Finding]:
    for name in document.source.pilots:
        if PILOT + name not in asked:
            told, advice = "no condition asks for it", f"write `when: {PILOT}{name}` where it shall show, or remove it"
            yield document.finding(("pilots", name), Kind.PILOT_UNUSED, told, advice, severity=Severity.WARNING)


def _arrivals(
    document: Document, specs: Mapping[str, ActionSpec], vocabulary: Vocabulary
) -> Mapping[str, list[reach.Arrival]]:
    """Every way to each screen, with the facts that conditions may ask for: those of the way, and of who dials."""
    who = reach.askable(document.source, vocabulary)
    return {
        name: [reach.Arrival(one.came_by, {**who, **one.facts}) for one in arrivals]
        for name, arrivals in reach.arrivals(document.source, specs).items()
    }


def _written(name: str, screen: TextSource) -> Iterator[tuple[Path, str]]:
    """Each condition of a screen as the file has it."""
    path = ("screens", name)
    for place, other in enumerate(screen.instead):
        yield (*path, INSTEAD, place, "when"), other.when
    for place, option in enumerate(screen.options):
        if option.when is not None:
            yield (*path, "options", place, "when"), option.when
    if screen.input is not None and screen.input.when is not None:
        yield (*path, "input", "when"), screen.input.when


def _unanswered(document: Document, found: list[_Placed], arrivals: list[reach.Arrival]) -> Iterator[Finding]:
    """Questions that the facts of some way to the screen do not answer."""
    for each in found:
        for arrival in arrivals:
            unknown = sorted(each.condition.names - arrival.facts.keys())
            if strange := next(filter(is_who, unknown), None):
                yield document.finding(each.path, Kind.FACT_UNKNOWN, *_strange(strange, arrival.facts))
                continue
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


def _strange(name: str, facts: Facts) -> tuple[str, str]:
    """What is wrong with a question about who dials, and what to write."""
    kind, dot, _ = name.partition(".")
    known = sorted(fact for fact in facts if fact.startswith(kind + dot)) if dot else []
    where = "`pilots` of this file" if name.startswith(PILOT) else f"`{kind}s` of programme.yaml"
    there_are = f"{choices(name, known)}, or " if known else ""
    return f"there is no {name if dot else 'tier'}", f"{there_are}add it to {where}"


def _no_such_tier(document: Document, found: list[_Placed], vocabulary: Vocabulary) -> Iterator[Finding]:
    for each in found:
        for asked in each.condition.asked if vocabulary.tiers else ():
            if asked.name == TIER and isinstance(asked.with_, str) and asked.with_ not in vocabulary.tiers:
                told = f"the programme has no tier {asked.with_!r}"
                advice = choices(asked.with_, list(vocabulary.tiers))
                yield document.finding(each.path, Kind.CONDITION_UNFIT, told, advice)


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
    elsewhere = [each.condition for each in found if each.instead]
    here = [case for case in every if not any(other.holds(case) for other in elsewhere)]
    if every and not here:
        path = ("screens", name, INSTEAD)
        told = "in every case another screen is shown in its place"
        yield document.finding(path, Kind.NEVER_SHOWN, told, "leave one case to the screen itself")
    yield from _keys(document, name, screen, found, here)
    empty = next((case for case in here if _is_empty(screen, case)), None)
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
