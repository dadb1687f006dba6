"""Breaks of a menu's screens: where they lead, what they ask, and how long they get."""

from collections.abc import Iterator

from gateway.datafile.kinds import Kind
from gateway.outcome import Fact
from tests.unit.mutations.draft import GONE, PUBLISHED, USSD, Break, Draft, Keys

Breaks = Iterator[Break]
NOWHERE = "no_such_screen"


def an_option_that_leads_nowhere(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        yield Break(USSD, (*at, "go"), ((USSD, (*at, "go"), NOWHERE),))


def an_outcome_that_leads_nowhere(draft: Draft) -> Breaks:
    for name, call in draft.calls.items():
        for outcome in call["on"]:
            keys = ("screens", name, "on", outcome)
            yield Break(USSD, keys, ((USSD, keys, NOWHERE),))


def a_dial_string_that_leads_nowhere(draft: Draft) -> Breaks:
    for dialled in draft.menu["dial"]:
        yield Break(USSD, ("dial", dialled), ((USSD, ("dial", dialled), NOWHERE),))


def a_screen_that_nobody_comes_to(draft: Draft) -> Breaks:
    for screen in draft.screens.values():
        if "each" not in screen and "{" not in "".join(screen["text"].values()) and "input" not in screen:
            yield Break(USSD, ("screens", "lost"), ((USSD, ("screens", "lost"), screen),))


def no_way_back(draft: Draft) -> Breaks:
    """The way back from every screen ends at the start: one that ends leaves nobody a way."""
    ends = [name for name, screen in draft.screens.items() if screen.get("ends") == "true"]
    for name in ends:
        yield Break(USSD, ("start",), ((USSD, ("start",), name),))
    start = draft.menu["start"]
    if start in draft.calls:
        edits = tuple((USSD, ("screens", start, "on", outcome), ends[0]) for outcome in draft.calls[start]["on"])
        yield Break(USSD, ("start",), edits)


def moving(draft: Draft) -> list[str]:
    """The calls that move points."""
    return [name for name, call in draft.calls.items() if draft.specs[call["call"]].moves_points]


def a_start_that_moves_points(draft: Draft) -> Breaks:
    for name in moving(draft):
        yield Break(USSD, ("start",), ((USSD, ("start",), name),))


def a_push_that_moves_points(draft: Draft) -> Breaks:
    for name in moving(draft):
        keys = ("pushes", "unasked")
        yield Break(USSD, (*keys, "screen"), ((USSD, keys, {"screen": name, "kind": "service"}),))


def points_behind_a_row(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        for call in moving(draft) if "go" in screen.get("each", {}) else ():
            keys = ("screens", name, "each", "go")
            yield Break(USSD, keys, ((USSD, keys, call),))


def a_circle_of_calls(draft: Draft) -> Breaks:
    for name, call in draft.calls.items():
        for outcome in call["on"]:
            keys = ("screens", name, "on")
            yield Break(USSD, keys, ((USSD, (*keys, outcome), name),))


def one_key_for_two_options(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        if at[-1]:
            first = draft.screens[str(at[1])]["options"][0]["key"]
            yield Break(USSD, (*at, "key"), ((USSD, (*at, "key"), first),))


def an_option_on_a_navigation_key(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        for key in draft.menu["keys"].values():
            yield Break(USSD, (*at, "key"), ((USSD, (*at, "key"), key["key"]),))


def navigation_keys_collide(draft: Draft) -> Breaks:
    keys = ("keys", "home", "key")
    yield Break(USSD, keys, ((USSD, keys, draft.menu["keys"]["back"]["key"]),))


def an_end_with_options(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        for key in ("options", "input"):
            if key in screen:
                yield Break(USSD, ("screens", name, key), ((USSD, ("screens", name, "ends"), "true"),))


def an_unknown_action(draft: Draft) -> Breaks:
    for name in draft.calls:
        yield Break(USSD, ("screens", name, "call"), ((USSD, ("screens", name, "call"), "no_such_action"),))


def an_outcome_without_a_screen(draft: Draft) -> Breaks:
    for name, call in draft.calls.items():
        for outcome in call["on"]:
            keys = ("screens", name, "on", outcome)
            yield Break(USSD, keys, ((USSD, keys, GONE),))


def an_outcome_that_never_comes(draft: Draft) -> Breaks:
    for name in draft.calls:
        keys = ("screens", name, "on", "never")
        yield Break(USSD, keys, ((USSD, keys, draft.menu["start"]),))


def a_call_without_its_arguments(draft: Draft) -> Breaks:
    for name, call in draft.calls.items():
        for argument in call.get("arguments", {}):
            keys = ("screens", name, "arguments", argument)
            yield Break(USSD, keys, ((USSD, keys, GONE),))


def an_argument_too_many(draft: Draft) -> Breaks:
    for name in draft.calls:
        keys = ("screens", name, "arguments", "colour")
        yield Break(USSD, keys, ((USSD, keys, "green"),))


def an_argument_of_an_unknown_value(draft: Draft) -> Breaks:
    for name, call in draft.calls.items():
        for argument, allowed in draft.specs[call["call"]].arguments.items():
            if allowed:
                keys = ("screens", name, "arguments", argument)
                yield Break(USSD, keys, ((USSD, keys, "nonsense"),))


def a_list_that_nobody_brings(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        if "each" in screen:
            keys = ("screens", name, "each", "list")
            yield Break(USSD, keys, ((USSD, keys, "no_such_list"),))


def dated(draft: Draft) -> Iterator[tuple[str, str]]:
    """Screens that a date comes to, which may be missing."""
    for call in draft.calls.values():
        for outcome, target in call["on"].items():
            facts: dict[str, Fact] = dict(draft.specs[call["call"]].outcomes[outcome])
            for fact in facts:
                if fact.endswith("_on") and target in draft.screens:
                    yield target, fact


def a_date_that_may_be_missing(draft: Draft) -> Breaks:
    for name, fact in dict(dated(draft)).items():
        keys: Keys = ("screens", name, "text")
        text = draft.screens[name]["text"]
        edits = tuple((USSD, (*keys, each), f"{words}\n{{{{ {fact} | day }}}}") for each, words in text.items())
        yield Break(USSD, (*keys, draft.languages[0]), edits)


def a_screen_too_long_in_one_language(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        for language, words in screen["text"].items():
            keys = ("screens", name, "text", language)
            long = words + (" слово" if language == "ru" else " word") * 50
            yield Break(USSD, keys, ((USSD, keys, long), (USSD, ("screens", name, "one_page"), "true")))


def a_screen_of_too_many_pages(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        for language, words in screen["text"].items() if screen.get("one_page") != "true" else ():
            keys = ("screens", name, "text", language)
            yield Break(USSD, keys, ((USSD, keys, words + " word" * ((1990 - len(words)) // 5)),))


def a_word_longer_than_a_page(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        for language, words in screen["text"].items() if screen.get("one_page") != "true" else ():
            keys = ("screens", name, "text", language)
            yield Break(USSD, keys, ((USSD, keys, f"{words} {'w' * 190}"),))


def an_option_longer_than_a_page(draft: Draft) -> Breaks:
    for at, option in draft.all_options:
        for language in option["text"] if draft.screens[str(at[1])].get("one_page") != "true" else ():
            yield Break(USSD, (*at, "text", language), ((USSD, (*at, "text", language), "choose " * 30),))


def a_message_longer_than_a_screen(draft: Draft) -> Breaks:
    for name, text in draft.menu["messages"].items():
        for language in text:
            keys = ("messages", name, language)
            yield Break(USSD, keys, ((USSD, keys, "sorry " * 32),))


def a_question_longer_than_a_screen(draft: Draft) -> Breaks:
    for language in draft.menu.get("resume", {}).get("question", {}):
        keys = ("resume", "question", language)
        yield Break(USSD, keys, ((USSD, keys, "again " * 32),))


def an_answer_with_a_key_of_another(draft: Draft) -> Breaks:
    resume = draft.menu.get("resume", {})
    if "anew" in resume:
        keys = ("resume", "anew", "key")
        for taken in (resume["go_on"]["key"], draft.menu["keys"]["home"]["key"]):
            yield Break(USSD, keys, ((USSD, keys, taken),))


def navigation_that_fills_a_page(draft: Draft) -> Breaks:
    for language in draft.languages:
        yield Break(USSD, ("keys",), ((USSD, ("keys", "next", "text", language), "ещё" * 25),))


def a_letter_that_costs_the_room(draft: Draft) -> Breaks:
    """A dash in a text of the 7-bit alphabet: it fits still, and has 80 units left of 182."""
    one_page = {name for name, screen in draft.screens.items() if screen.get("one_page") == "true"}
    for at, text in draft.texts_by_language():
        words = text.get("en", "")
        if 0 < len(words) < 70 and at[1] not in one_page and at[0] != "keys":
            yield Break(USSD, (*at, "en"), ((USSD, (*at, "en"), f"{words.rstrip()}—"),))


def a_letter_that_costs_the_room_of_every_screen(draft: Draft) -> Breaks:
    for name in ("back", "home", "next"):
        keys = ("keys", name, "text", "en")
        yield Break(USSD, keys, ((USSD, keys, "—"),))


def a_published_string_removed(draft: Draft) -> Breaks:
    dial = draft.menu["dial"]
    for dialled in draft.files[PUBLISHED]:
        others = [other for other, screen in dial.items() if other != dialled and screen == dial[dialled]]
        if others or dial[dialled] == draft.menu["start"]:
            yield Break(USSD, ("dial", dialled), ((USSD, ("dial", dialled), GONE),))


def a_published_string_that_means_something_else(draft: Draft) -> Breaks:
    for dialled, screen in draft.files[PUBLISHED].items():
        for other in ("help", draft.menu["start"]):
            if other != screen and other in draft.menu["screens"]:
                yield Break(USSD, ("dial", dialled), ((USSD, ("dial", dialled), other),))


def a_string_that_is_not_published(draft: Draft) -> Breaks:
    for dialled in draft.files[PUBLISHED]:
        yield Break(USSD, ("dial", dialled), ((PUBLISHED, (dialled,), GONE),))


def a_string_in_two_spellings(draft: Draft) -> Breaks:
    for dialled, screen in draft.menu["dial"].items():
        other = "#" + dialled[1:]
        yield Break(USSD, ("dial", other), ((USSD, ("dial", other), screen),))


def a_code_that_the_phone_keeps(draft: Draft) -> Breaks:
    for code in ("*21#", "*#06#", "*31*5#", "*371#", "*43#"):
        yield Break(USSD, ("dial", code), ((USSD, ("dial", code), draft.menu["start"]),))


def a_code_that_does_not_work_abroad(draft: Draft) -> Breaks:
    for code in ("*155#", "*199*2#", "*9373#"):
        edits = [(USSD, ("dial", code), draft.menu["start"])]
        if "roaming" in draft.menu:
            edits.append((USSD, ("roaming",), GONE))
        yield Break(USSD, ("dial", code), tuple(edits))


def a_fragment_that_nobody_wrote(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        yield Break(USSD, (*at, "use"), ((USSD, at, {"use": "no_such_fragment"}),))
        yield Break(USSD, (*at, "text", "use"), ((USSD, (*at, "text"), {"use": "no_such_fragment"}),))


def a_fragment_that_nobody_uses(draft: Draft) -> Breaks:
    for kind, value in (("options", draft.all_options[0][1]), ("texts", draft.all_options[0][1]["text"])):
        keys = ("fragments", kind, "idle")
        yield Break(USSD, keys, ((USSD, keys, value),))


def a_fault_of_a_fragment(draft: Draft) -> Breaks:
    for at, option in draft.all_options:
        keys = ("fragments", "options", "shared")
        edits = ((USSD, keys, {**option, "go": NOWHERE}), (USSD, at, {"use": "shared"}))
        yield Break(USSD, (*keys, "go"), edits)


SCREENS = {
    "a fragment that nobody wrote": (Kind.FRAGMENT_UNKNOWN, a_fragment_that_nobody_wrote),
    "a fragment that nobody uses": (Kind.FRAGMENT_UNUSED, a_fragment_that_nobody_uses),
    "an option of a fragment that leads nowhere": (Kind.SCREEN_UNKNOWN, a_fault_of_a_fragment),
    "an option that leads nowhere": (Kind.SCREEN_UNKNOWN, an_option_that_leads_nowhere),
    "an outcome that leads nowhere": (Kind.SCREEN_UNKNOWN, an_outcome_that_leads_nowhere),
    "a dial string that leads nowhere": (Kind.SCREEN_UNKNOWN, a_dial_string_that_leads_nowhere),
    "a screen that nobody comes to": (Kind.UNREACHABLE, a_screen_that_nobody_comes_to),
    "a start that ends, so that no screen has a way back": (Kind.NO_WAY_BACK, no_way_back),
    "a start that moves points": (Kind.POINTS_UNASKED, a_start_that_moves_points),
    "a push that moves points": (Kind.POINTS_UNASKED, a_push_that_moves_points),
    "points moved behind a row": (Kind.POINTS_UNASKED, points_behind_a_row),
    "a circle of calls": (Kind.CALLS_IN_A_CIRCLE, a_circle_of_calls),
    "one key for two options": (Kind.OPTION_KEY_TWICE, one_key_for_two_options),
    "an option on the key back, home or next": (Kind.NAVIGATION_KEY_TAKEN, an_option_on_a_navigation_key),
    "one key for back and home": (Kind.NAVIGATION_KEY_TAKEN, navigation_keys_collide),
    "an end that asks for something": (Kind.END_TAKES_INPUT, an_end_with_options),
    "an unknown action": (Kind.ACTION_UNKNOWN, an_unknown_action),
    "an outcome that is not handled": (Kind.OUTCOME_UNHANDLED, an_outcome_without_a_screen),
    "an outcome that never comes": (Kind.OUTCOME_UNKNOWN, an_outcome_that_never_comes),
    "a call without its arguments": (Kind.ARGUMENT_MISSING, a_call_without_its_arguments),
    "an argument too many": (Kind.ARGUMENT_UNKNOWN, an_argument_too_many),
    "an argument of an unknown value": (Kind.ARGUMENT_VALUE, an_argument_of_an_unknown_value),
    "a list that nobody brings": (Kind.LIST_UNKNOWN, a_list_that_nobody_brings),
    "a date that may be missing": (Kind.FACT_MAY_BE_MISSING, a_date_that_may_be_missing),
    "a screen too long in one language": (Kind.SCREEN_TOO_LONG, a_screen_too_long_in_one_language),
    "a screen of too many pages": (Kind.TOO_MANY_PAGES, a_screen_of_too_many_pages),
    "a word longer than a page": (Kind.WORD_TOO_LONG, a_word_longer_than_a_page),
    "an option longer than a page": (Kind.LINE_DIVIDED, an_option_longer_than_a_page),
    "a message longer than a screen": (Kind.MESSAGE_TOO_LONG, a_message_longer_than_a_screen),
    "a question longer than a screen": (Kind.QUESTION_TOO_LONG, a_question_longer_than_a_screen),
    "an answer to it with a key of another": (Kind.RESUME_KEY_TAKEN, an_answer_with_a_key_of_another),
    "navigation that fills a page": (Kind.NAVIGATION_TOO_LONG, navigation_that_fills_a_page),
    "a letter that forces UCS-2 on an English text": (Kind.STRAY_LETTER, a_letter_that_costs_the_room),
    "and one in its navigation": (Kind.STRAY_LETTER, a_letter_that_costs_the_room_of_every_screen),
    "a published string removed": (Kind.PUBLISHED_GONE, a_published_string_removed),
    "a published string that means something else": (
        Kind.PUBLISHED_CHANGED, a_published_string_that_means_something_else,
    ),
    "a string that is not published": (Kind.NOT_PUBLISHED, a_string_that_is_not_published),
    "a string in two spellings": (Kind.DIAL_TWICE, a_string_in_two_spellings),
    "a code that the phone keeps for itself": (Kind.RESERVED_CODE, a_code_that_the_phone_keeps),
    "a code that does not work abroad": (Kind.ROAMING, a_code_that_does_not_work_abroad),
}  # fmt: skip
