"""Breaks of keywords, of texts of SMS, and of the programme."""

import itertools
from collections.abc import Iterator

from gateway.datafile.kinds import Kind
from tests.unit.mutations.draft import GONE, PROGRAMME, SMS, Break, Draft

Breaks = Iterator[Break]


def rows(draft: Draft, key: str) -> Iterator[int]:
    """The rows that have a key."""
    return (place for place, row in enumerate(draft.files[SMS]["rows"]) if key in row)


def text_of(draft: Draft, place: int) -> Iterator[str]:
    """The texts that a row alone needs, by their places."""
    row = draft.files[SMS]["rows"][place]
    reply = row.get("reply", row["call"])
    for file in draft.texts:
        if file.split("/")[-1].startswith(f"{reply}."):
            yield file


def an_answer_over_its_number_of_parts(draft: Draft) -> Breaks:
    for file, text in draft.texts.items():
        yield Break(file, (), texts={file: text + " and so on" * 150})


def a_letter_that_costs_an_sms(draft: Draft) -> Breaks:
    for file, text in draft.texts.items():
        if "/en/" in file and len(text) < 60 and "{%" not in text:
            yield Break(file, (), texts={file: f"{text.rstrip()}—"})


def an_answer_that_has_no_text(draft: Draft) -> Breaks:
    for place in rows(draft, "keywords"):
        row = draft.files[SMS]["rows"][place]
        first = next(
            at for at, each in enumerate(draft.files[SMS]["rows"])
            if each.get("reply", each["call"]) == row.get("reply", row["call"])
        )  # fmt: skip
        for file in text_of(draft, place):
            outcome = file.split(".")[-2]
            if first == place and f"any.{outcome}" not in "".join(draft.texts) and outcome != "suggested":
                yield Break(SMS, ("rows", place, "call"), texts={file: None})


def a_text_that_nobody_says(_: Draft) -> Breaks:
    for language in ("ru", "en"):
        file = f"texts/{language}/nobody.ever.j2"
        yield Break(file, (), texts={file: "Hello"})


def a_text_of_sms_that_speaks_of_nothing(draft: Draft) -> Breaks:
    for file, text in draft.texts.items():
        yield Break(file, (), texts={file: text + "{{ nobody }}"})


def texts_without_keywords(_: Draft) -> Breaks:
    yield Break(SMS, (), without=frozenset({SMS}))


def a_number_twice(draft: Draft) -> Breaks:
    numbers = draft.files[SMS]["numbers"]
    for number in numbers:
        keys = ("numbers", len(numbers))
        yield Break(SMS, keys, ((SMS, keys, number),))


def a_number_that_is_not_ours(draft: Draft) -> Breaks:
    for place in rows(draft, "to"):
        if "generous" not in draft.files[SMS]["rows"][place]:
            keys = ("rows", place, "to")
            yield Break(SMS, keys, ((SMS, keys, "7777"),))
    yield Break(SMS, ("sender",), ((SMS, ("sender",), "7777"),))


def a_row_that_hears_nothing(draft: Draft) -> Breaks:
    for place in rows(draft, "keywords"):
        yield Break(SMS, ("rows", place), ((SMS, ("rows", place, "keywords"), GONE),))


def a_row_that_hears_two_things(draft: Draft) -> Breaks:
    for place in rows(draft, "keywords"):
        keys = ("rows", place, "answer")
        yield Break(SMS, keys, ((SMS, keys, "77"),))


def a_key_that_says_nothing(draft: Draft) -> Breaks:
    for place in rows(draft, "keywords"):
        if "takes" not in draft.files[SMS]["rows"][place]:
            keys = ("rows", place, "example")
            yield Break(SMS, keys, ((SMS, keys, "5"),))


def stop_heard_at_one_number_only(draft: Draft) -> Breaks:
    for place in rows(draft, "generous"):
        keys = ("rows", place, "to")
        yield Break(SMS, keys, ((SMS, keys, draft.files[SMS]["numbers"][0]),))


def one_keyword_for_two_things(draft: Draft) -> Breaks:
    wide = [place for place in rows(draft, "keywords") if draft.files[SMS]["rows"][place]["to"] == "any"]
    for one, other in itertools.pairwise(wide):
        word = draft.files[SMS]["rows"][one]["keywords"]["ru"][0]
        keys = ("rows", other, "keywords", "ru", 0)
        yield Break(SMS, keys, ((SMS, keys, word.upper()),))


def a_digit_beside_a_number(draft: Draft) -> Breaks:
    for place in rows(draft, "takes"):
        keys = ("rows", place, "keywords", "en", 0)
        yield Break(SMS, keys, ((SMS, keys, "Gift5"),))


def the_name_of_the_shared_texts(draft: Draft) -> Breaks:
    for place in rows(draft, "keywords"):
        keys = ("rows", place, "reply")
        yield Break(SMS, keys, ((SMS, keys, "any"),))


def a_plural_form_missing(draft: Draft) -> Breaks:
    for unit, each in draft.files[PROGRAMME]["units"].items():
        for language, forms in each["names"].items():
            for category in forms:
                if (language, category) != ("ru", "other"):
                    keys = ("units", unit, "names", language, category)
                    yield Break(PROGRAMME, keys, ((PROGRAMME, keys, GONE),))


def a_plural_form_too_many(draft: Draft) -> Breaks:
    for unit, each in draft.files[PROGRAMME]["units"].items():
        for language in each["names"]:
            keys = ("units", unit, "names", language, "dual")
            yield Break(PROGRAMME, keys, ((PROGRAMME, keys, "балла"),))


def a_word_missing_in_a_language(draft: Draft) -> Breaks:
    for word, texts in draft.files[PROGRAMME]["words"].items():
        for language in texts:
            keys = ("words", word, language)
            yield Break(PROGRAMME, keys, ((PROGRAMME, keys, GONE),))


def a_rule_twice(draft: Draft) -> Breaks:
    rules = draft.files[PROGRAMME]["earning"]
    for place in range(1, len(rules)):
        keys = ("earning", place, "rule")
        yield Break(PROGRAMME, keys, ((PROGRAMME, keys, rules[0]["rule"]),))


def an_unknown_unit(draft: Draft) -> Breaks:
    for place in range(len(draft.files[PROGRAMME]["earning"])):
        keys = ("earning", place, "unit")
        yield Break(PROGRAMME, keys, ((PROGRAMME, keys, "no_such_unit"),))


def a_rule_that_gives_nothing(draft: Draft) -> Breaks:
    for place, rule in enumerate(draft.files[PROGRAMME]["earning"]):
        if "give" in rule and "per" not in rule:
            yield Break(PROGRAMME, ("earning", place), ((PROGRAMME, ("earning", place, "give"), GONE),))


def a_shelf_without_rewards(draft: Draft) -> Breaks:
    shelves = draft.files[PROGRAMME].get("categories", [])
    shelf = {"category": "empty_shelf", "label": dict.fromkeys(draft.languages, "Shelf")}
    yield Break(PROGRAMME, ("categories",), ((PROGRAMME, ("categories", len(shelves)), shelf),))


TEXTING = {
    "an SMS over its number of parts": (Kind.SMS_TOO_LONG, an_answer_over_its_number_of_parts),
    "a letter that forces UCS-2 on an English SMS": (Kind.STRAY_LETTER, a_letter_that_costs_an_sms),
    "an answer that has no text": (Kind.TEXT_MISSING, an_answer_that_has_no_text),
    "a text that nobody says": (Kind.TEXT_UNUSED, a_text_that_nobody_says),
    "a text of SMS that speaks of what nobody brings": (Kind.FACT_UNKNOWN, a_text_of_sms_that_speaks_of_nothing),
    "texts of SMS without keywords": (Kind.KEYWORDS_MISSING, texts_without_keywords),
    "a number twice": (Kind.NUMBER_TWICE, a_number_twice),
    "a number that is not ours": (Kind.NUMBER_UNKNOWN, a_number_that_is_not_ours),
    "a row that hears nothing": (Kind.ROW_HEARS_NOTHING, a_row_that_hears_nothing),
    "a row that hears two things": (Kind.ROW_HEARS_TWICE, a_row_that_hears_two_things),
    "a key of a row that says nothing": (Kind.ROW_KEY_IN_VAIN, a_key_that_says_nothing),
    "stop heard at one number only": (Kind.GENEROUS, stop_heard_at_one_number_only),
    "one keyword for two things": (Kind.KEYWORDS_ALIKE, one_keyword_for_two_things),
    "a digit in a keyword before a number": (Kind.KEYWORD_HAS_DIGIT, a_digit_beside_a_number),
    "a reply named as the shared texts are": (Kind.REPLY_TAKEN, the_name_of_the_shared_texts),
    "a plural form missing": (Kind.PLURALS_INCOMPLETE, a_plural_form_missing),
    "a plural form too many": (Kind.PLURAL_UNKNOWN, a_plural_form_too_many),
    "a word of the programme missing in a language": (Kind.TEXT_MISSING, a_word_missing_in_a_language),
    "a rule twice": (Kind.NAME_TWICE, a_rule_twice),
    "an unknown unit": (Kind.NAME_UNKNOWN, an_unknown_unit),
    "a rule that gives nothing": (Kind.RULE_IS_DEAD, a_rule_that_gives_nothing),
    "a shelf without rewards": (Kind.REWARD_UNFIT, a_shelf_without_rewards),
}
