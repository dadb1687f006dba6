"""Breaks of conditions: of what they ask, and of what is left when they are so."""

from collections.abc import Iterator

from gateway.datafile.kinds import Kind
from tests.unit.mutations.draft import PROGRAMME, USSD, Break, Draft, Keys

Breaks = Iterator[Break]


def hidden(keys: Keys, when: str) -> Break:
    """An option that is shown only when this is so."""
    return Break(USSD, (*keys, "when"), ((USSD, (*keys, "when"), when),))


def a_condition_cut_short(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        for when in ("points >", "points > 1 and", "(points > 1", "points => 1", "not", "points + 1 > 2"):
            yield hidden(at, when)


def a_condition_about_what_nobody_brings(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        yield hidden(at, "no_such_fact > 1")


def counted(draft: Draft) -> Iterator[tuple[Keys, str, str]]:
    """Options of screens that some call brings a number to, with the screen and the number."""
    for call in draft.calls.values():
        for outcome, target in call["on"].items():
            for fact, longest in draft.specs[call["call"]].outcomes[outcome].items():
                if target in draft.screens and isinstance(longest, int) and not isinstance(longest, bool):
                    for at, _ in draft.options(target):
                        yield at, target, fact


def a_number_that_is_not_compared(draft: Draft) -> Breaks:
    for at, _, fact in counted(draft):
        yield hidden(at, fact)
        yield hidden(at, f"{fact} == 'many'")


def a_condition_that_is_never_so(draft: Draft) -> Breaks:
    for at, _, fact in counted(draft):
        yield hidden(at, f"{fact} < 5 and {fact} > 7")


def a_condition_that_is_always_so(draft: Draft) -> Breaks:
    for at, _, fact in counted(draft):
        yield hidden(at, f"{fact} < 5 or {fact} >= 5")


def a_screen_on_which_nothing_is_left(draft: Draft) -> Breaks:
    for _, screen, fact in counted(draft):
        edits = tuple((USSD, (*at, "when"), f"{fact} >= 300") for at, _ in draft.options(screen))
        yield Break(USSD, ("screens", screen, "options"), edits)


def one_key_twice_in_one_case(draft: Draft) -> Breaks:
    for at, screen, fact in counted(draft):
        first = draft.screens[screen]["options"][0]
        if at[-1]:
            edits = ((USSD, (*at, "key"), first["key"]), (USSD, (*at, "when"), f"{fact} >= 300"))
            yield Break(USSD, (*at, "key"), edits)


def more_cases_than_anyone_keeps_apart(draft: Draft) -> Breaks:
    for screen in dict.fromkeys(screen for _, screen, _ in counted(draft)):
        numbers = dict.fromkeys(fact for _, where, fact in counted(draft) if where == screen)
        edits = []
        for (at, _), fact in zip(draft.options(screen), numbers, strict=False):
            edits.append((USSD, (*at, "when"), " or ".join(f"{fact} == {step * 3}" for step in range(1, 9))))
        if len(edits) > 2:
            yield Break(USSD, ("screens", screen), tuple(edits))


def texts(draft: Draft) -> list[str]:
    """Screens that are read, take an answer, and of which another could stand in place."""
    return [name for name in draft.screens if draft.screens[name].get("options")]


def in_place(draft: Draft, screen: str, when: str, show: str) -> tuple[str, Keys, object]:
    return USSD, ("screens", screen, "instead"), [{"when": when, "show": show}]


def a_call_in_place_of_a_screen(draft: Draft) -> Breaks:
    drawn = (USSD, ("pilots",), {"new": {"percent": "10"}})
    for screen in texts(draft):
        for call in draft.calls:
            yield Break(
                USSD,
                ("screens", screen, "instead", 0, "show"),
                (drawn, in_place(draft, screen, "pilot.new", call)),
            )


def a_third_screen_in_place_of_a_second(draft: Draft) -> Breaks:
    drawn = (USSD, ("pilots",), {"new": {"percent": "10"}})
    for screen, other, third in zip(texts(draft), texts(draft)[1:], texts(draft)[2:], strict=False):
        edits = (drawn, in_place(draft, screen, "pilot.new", other), in_place(draft, other, "pilot.new", third))
        yield Break(USSD, ("screens", screen, "instead", 0, "show"), edits)


def a_screen_that_nobody_sees(draft: Draft) -> Breaks:
    drawn = (USSD, ("pilots",), {"new": {"percent": "10"}})
    for screen, other in zip(texts(draft), texts(draft)[1:], strict=False):
        edits = (drawn, in_place(draft, screen, "pilot.new or not pilot.new", other))
        yield Break(USSD, ("screens", screen, "instead"), edits)


def a_pilot_that_nothing_asks_for(draft: Draft) -> Breaks:
    keys = ("pilots", "new")
    yield Break(USSD, keys, ((USSD, keys, {"percent": "10"}),))


def a_pilot_a_segment_and_a_tier_that_are_not_there(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        for when in ("pilot.lost", "segment.lost", "tier == 'gold'"):
            yield hidden(at, when)


def a_tier_that_is_misspelt(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        edits = ((PROGRAMME, ("tiers",), ["silver", "gold"]), (USSD, (*at, "when"), "tier == 'glod'"))
        yield Break(USSD, (*at, "when"), edits)


CONDITIONS = {
    "a call in place of a screen": (Kind.INSTEAD_UNFIT, a_call_in_place_of_a_screen),
    "a third screen in place of a second": (Kind.INSTEAD_UNFIT, a_third_screen_in_place_of_a_second),
    "a screen that nobody sees": (Kind.NEVER_SHOWN, a_screen_that_nobody_sees),
    "a pilot that nothing asks for": (Kind.PILOT_UNUSED, a_pilot_that_nothing_asks_for),
    "a question about a pilot, a segment or a tier that is not there": (
        Kind.FACT_UNKNOWN,
        a_pilot_a_segment_and_a_tier_that_are_not_there,
    ),
    "a tier that is misspelt": (Kind.CONDITION_UNFIT, a_tier_that_is_misspelt),
    "a condition that cannot be read": (Kind.CONDITION, a_condition_cut_short),
    "a condition about what nobody brings": (Kind.FACT_UNKNOWN, a_condition_about_what_nobody_brings),
    "a number that is compared with nothing, or with a word": (Kind.CONDITION_UNFIT, a_number_that_is_not_compared),
    "a condition that is never so": (Kind.NEVER_SO, a_condition_that_is_never_so),
    "a condition that is always so": (Kind.ALWAYS_SO, a_condition_that_is_always_so),
    "a screen on which nothing is left to choose": (Kind.NO_OPTION_LEFT, a_screen_on_which_nothing_is_left),
    "one key for two options in one case": (Kind.OPTION_KEY_TWICE, one_key_twice_in_one_case),
    "more cases than anyone keeps apart": (Kind.CONDITIONS_TOO_MANY, more_cases_than_anyone_keeps_apart),
}
