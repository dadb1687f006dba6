"""Breaks of what is typed, dialled and kept."""

from collections.abc import Iterator

from gateway.datafile.kinds import Kind
from gateway.menu.kept import KEPT_MAX
from tests.unit.mutations.draft import GONE, USSD, Break, Draft

Breaks = Iterator[Break]


def an_input_that_is_not_declared(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        if "input" in screen:
            keys = ("screens", name, "input", "name")
            yield Break(USSD, keys, ((USSD, keys, "no_such_input"),))
    dialled = "*123*{no_such_input}#"
    yield Break(USSD, ("dial", dialled), ((USSD, ("dial", dialled), draft.menu["start"]),))


def an_input_that_nothing_asks_for(_: Draft) -> Breaks:
    keys = ("inputs", "pin")
    yield Break(USSD, keys, ((USSD, keys, {"digits": {"from": "4", "to": "4"}}),))


def an_input_as_short_as_a_key(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        if "input" in screen:
            edit = (USSD, ("inputs", screen["input"]["name"], "digits", "from"), "1")
            yield Break(USSD, ("screens", name, "input"), (edit,))
    for dialled, name in dialled_inputs(draft):
        yield Break(USSD, ("dial", dialled), ((USSD, ("inputs", name, "digits", "from"), "1"),))


def dialled_inputs(draft: Draft) -> Iterator[tuple[str, str]]:
    """Each dial string that ends with an input, and the input."""
    for dialled in draft.menu["dial"]:
        if "{" in dialled:
            yield dialled, dialled.partition("{")[2].partition("}")[0]


def two_inputs_of_one_length(draft: Draft) -> Breaks:
    for dialled, name in dialled_inputs(draft):
        other = dialled.replace(name, "pin")
        edits = (
            (USSD, ("inputs", "pin"), draft.menu["inputs"][name]),
            (USSD, ("dial", other), draft.menu["start"]),
        )
        yield Break(USSD, ("dial", other), edits)


def asking(draft: Draft) -> Iterator[tuple[str, str]]:
    """Each call that asks for something kept, and the argument."""
    for name, call in draft.calls.items():
        for argument, value in call.get("arguments", {}).items():
            if isinstance(value, str) and "{{" in value:
                yield name, argument


def a_kept_name_that_is_never_kept(draft: Draft) -> Breaks:
    for name, argument in asking(draft):
        keys = ("screens", name, "arguments", argument)
        yield Break(USSD, keys, ((USSD, keys, "{{ no_such_name }}"),))


def a_name_that_is_not_kept_on_a_way(draft: Draft) -> Breaks:
    for name, argument in asking(draft):
        edit = (USSD, ("dial", "*123*77#"), name)
        yield Break(USSD, ("screens", name, "arguments", argument), (edit,))


def a_kept_name_among_words(draft: Draft) -> Breaks:
    for name, argument in asking(draft):
        keys = ("screens", name, "arguments", argument)
        yield Break(USSD, keys, ((USSD, keys, f"no. {draft.calls[name]['arguments'][argument]}"),))


def keeping_what_nobody_brings(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        yield Break(USSD, (*at, "keep", 0), ((USSD, (*at, "keep"), ["no_such_fact"]),))
    for name, screen in draft.screens.items():
        if "go" in screen.get("each", {}):
            keys = ("screens", name, "each", "keep")
            yield Break(USSD, (*keys, 0), ((USSD, keys, ["no_such_field"]),))


def rows_that_keep_and_lead_nowhere(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        if "keep" in screen.get("each", {}):
            keys = ("screens", name, "each")
            yield Break(USSD, (*keys, "keep"), ((USSD, (*keys, "go"), GONE),))


def names_without_end(draft: Draft) -> Breaks:
    names = [f"name{place}" for place in range(KEPT_MAX + 1)]
    edits = [
        edit
        for place, name in enumerate(names)
        for edit in (
            (USSD, ("inputs", name), {"digits": {"from": str(21 + place), "to": str(21 + place)}}),
            (USSD, ("dial", f"*123*{{{name}}}#"), draft.menu["start"]),
        )
    ]
    dialled = {name for _, name in dialled_inputs(draft)}
    first_too_many = names[KEPT_MAX - len(dialled)]
    yield Break(USSD, ("dial", f"*123*{{{first_too_many}}}#"), tuple(edits))


def a_pattern_that_never_ends(draft: Draft) -> Breaks:
    for name in draft.menu["inputs"]:
        for pattern in ("[0-9]+", "[0-9]*", "(0|1){6}", "[0-9", "^[0-9]{6}$", "[0-9]{7,6}"):
            yield Break(USSD, ("inputs", name, "pattern"), ((USSD, ("inputs", name), {"pattern": pattern}),))


def a_pattern_of_more_than_is_kept(draft: Draft) -> Breaks:
    for name in draft.menu["inputs"]:
        yield Break(USSD, ("inputs", name, "pattern"), ((USSD, ("inputs", name), {"pattern": "[0-9]{41}"}),))


def dialling_what_is_no_digits(draft: Draft) -> Breaks:
    for dialled, name in dialled_inputs(draft):
        for kind in ({"text": {"from": "6", "to": "20"}}, {"number": {"from": "100", "to": "900"}}):
            yield Break(USSD, ("dial", dialled), ((USSD, ("inputs", name), kind),))


def a_failure_that_cannot_be(draft: Draft) -> Breaks:
    for name in draft.menu["inputs"]:
        keys = ("inputs", name, "failures", "no_match")
        yield Break(USSD, keys, ((USSD, keys, dict.fromkeys(draft.languages, "Так нельзя")),))


def a_failure_too_long_to_stand_above_its_screen(draft: Draft) -> Breaks:
    for name in draft.menu["inputs"]:
        for failure in ("not_a_number", "too_short", "too_long"):
            keys = ("inputs", name, "failures", failure)
            said = dict.fromkeys(draft.languages, "Коротко") | {"ru": "Наберите код ещё раз, " * 5}
            yield Break(USSD, (*keys, "ru"), ((USSD, keys, said),))


def speaking_of_what_was_not_typed(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        for asked in draft.menu["inputs"] if name != draft.menu["start"] else ():
            keys = ("screens", name, "text")
            said = {each: f"{words} {{{{ typed.{asked} }}}}" for each, words in screen["text"].items()}
            if name in {option["go"] for _, option in draft.all_options}:
                yield Break(USSD, (*keys, draft.languages[0]), ((USSD, keys, said),))


ASKING = {
    "an input that is not declared": (Kind.INPUT_UNKNOWN, an_input_that_is_not_declared),
    "an input that nothing asks for": (Kind.INPUT_UNUSED, an_input_that_nothing_asks_for),
    "an input as short as a key": (Kind.INPUT_MEETS_KEY, an_input_as_short_as_a_key),
    "two inputs of one length behind one code": (Kind.INPUTS_ALIKE, two_inputs_of_one_length),
    "a kept name that is never kept": (Kind.NEVER_KEPT, a_kept_name_that_is_never_kept),
    "a name that is not kept on one way": (Kind.NOT_KEPT_ON_A_WAY, a_name_that_is_not_kept_on_a_way),
    "a kept name among other words": (Kind.ARGUMENT_VALUE, a_kept_name_among_words),
    "keeping what nobody brings": (Kind.KEPT_UNKNOWN, keeping_what_nobody_brings),
    "rows that keep and lead nowhere": (Kind.KEPT_IN_VAIN, rows_that_keep_and_lead_nowhere),
    "a pattern that never ends": (Kind.PATTERN, a_pattern_that_never_ends),
    "a pattern of more than is kept": (Kind.KEPT_TOO_LONG, a_pattern_of_more_than_is_kept),
    "dialling what is no digits": (Kind.INPUT_NOT_DIALLED, dialling_what_is_no_digits),
    "a failure that cannot be": (Kind.FAILURE_UNKNOWN, a_failure_that_cannot_be),
    "what is said of a wrong input fits no screen": (
        Kind.FAILURE_TOO_LONG, a_failure_too_long_to_stand_above_its_screen,
    ),
    "speaking of what was not typed on some way": (Kind.NOT_KEPT_ON_A_WAY, speaking_of_what_was_not_typed),
    "more names than a session keeps": (Kind.KEPT_TOO_MANY, names_without_end),
}  # fmt: skip
