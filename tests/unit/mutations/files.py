"""Breaks of any file: slips of YAML, of shape, and of the languages of its texts."""

import re
from collections.abc import Iterator, Mapping

from gateway.datafile.kinds import Kind
from gateway.datafile.marked import CHARACTERS_MAX
from tests.unit.mutations.draft import GONE, PROGRAMME, SMS, USSD, Break, Draft, Keys

Breaks = Iterator[Break]
LONG_WORD = re.compile(r"[а-яё]{4,}")
LATIN = str.maketrans("аеорсух", "aeopcyx")
CYRILLIC = str.maketrans("aeopcyx", "аеорсух")


def a_bracket_left_open(_: Draft) -> Breaks:
    for file in (PROGRAMME, USSD, SMS):
        yield Break(file, (), spoil=lambda text, _: (f"{text}zzz: [", text.count("\n") + 1))


def a_tab(_: Draft) -> Breaks:
    for file in (PROGRAMME, USSD):
        yield Break(file, (), spoil=lambda text, _: (f"{text}zzz:\n\tkey: 1\n", text.count("\n") + 2))


def a_key_twice(draft: Draft) -> Breaks:
    for name in (*draft.menu["screens"], "no such screen")[:-1]:
        keys: Keys = ("screens", name)

        def again(text: str, lines: Mapping[Keys, int], name: str = name) -> tuple[str, int]:
            all_lines = text.splitlines()
            after = len(all_lines) + 1
            end = next(
                (line for keys, line in sorted(lines.items(), key=lambda each: each[1])
                 if len(keys) == 1 and line > lines["screens",]), after,
            )  # fmt: skip
            all_lines.insert(end - 1, f'  "{name}": {{}}')
            return "\n".join(all_lines) + "\n", end

        yield Break(USSD, keys, spoil=again)


def an_anchor(draft: Draft) -> Breaks:
    start = draft.menu["start"]
    dialled = next(key for key, screen in draft.menu["dial"].items() if screen == start)

    def anchored(text: str, lines: Mapping[Keys, int]) -> tuple[str, int]:
        anchor = text.replace(f'"start": "{start}"', f'"start": &x "{start}"', 1)
        return anchor.replace(f'"{dialled}": "{start}"', f'"{dialled}": *x', 1), lines["dial", dialled]

    yield Break(USSD, ("dial", dialled), spoil=anchored)


def another_encoding(_: Draft) -> Breaks:
    for file in (PROGRAMME, USSD, SMS):
        yield Break(file, (), spoil=lambda _, __: ("# меню".encode("cp1251"), 1))


def without_end(_: Draft) -> Breaks:
    yield Break(USSD, (), spoil=lambda text, _: (text + "#" * CHARACTERS_MAX, 1))


def empty(_: Draft) -> Breaks:
    for file in (PROGRAMME, USSD, SMS):
        yield Break(file, (), spoil=lambda _, __: ("", 1))


def a_misspelt_key(draft: Draft) -> Breaks:
    for name, screen in draft.screens.items():
        keys = ("screens", name)
        yield Break(USSD, (*keys, "txet"), ((USSD, (*keys, "txet"), screen["text"]),))


def a_key_left_out(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        yield Break(USSD, (*at, "go"), ((USSD, (*at, "go"), GONE),))
    for name in draft.screens:
        yield Break(USSD, ("screens", name, "text"), ((USSD, ("screens", name, "text"), GONE),))


def words_in_place_of_languages(draft: Draft) -> Breaks:
    for name in draft.screens:
        keys = ("screens", name, "text")
        yield Break(USSD, keys, ((USSD, keys, "Привет"),))


def neither_true_nor_false(draft: Draft) -> Breaks:
    for name in draft.screens:
        yield Break(USSD, ("screens", name, "ends"), ((USSD, ("screens", name, "ends"), "often"),))


def a_key_that_no_phone_has(draft: Draft) -> Breaks:
    for at, _ in draft.all_options:
        yield Break(USSD, (*at, "key"), ((USSD, (*at, "key"), "one"),))


def no_dial_string(draft: Draft) -> Breaks:
    yield Break(USSD, ("dial", "123"), ((USSD, ("dial", "123"), draft.menu["start"]),))


def languages_in_another_order(draft: Draft) -> Breaks:
    yield Break(USSD, ("languages",), ((USSD, ("languages",), draft.languages[::-1]),))


def a_language_fewer(draft: Draft) -> Breaks:
    yield Break(USSD, ("languages",), ((USSD, ("languages",), draft.languages[:1]),))


def a_text_missing_in_a_language(draft: Draft) -> Breaks:
    for at, text in draft.texts_by_language():
        for language in text if len(text) > 1 else ():
            yield Break(USSD, (*at, language), ((USSD, (*at, language), GONE),))


def a_text_in_a_language_that_nobody_speaks(draft: Draft) -> Breaks:
    for at, _ in draft.texts_by_language():
        yield Break(USSD, (*at, "de"), ((USSD, (*at, "de"), "Guten Tag"),))


def a_place_for_a_fact_missing_in_a_language(draft: Draft) -> Breaks:
    second = draft.languages[1]
    for at, text in draft.texts_by_language():
        if "{{" in text[second]:
            yield Break(USSD, (*at, second), ((USSD, (*at, second), "Words alone"),))


def another_fact_in_one_language(draft: Draft) -> Breaks:
    second = draft.languages[1]
    for at, text in draft.texts_by_language():
        yield Break(USSD, (*at, second), ((USSD, (*at, second), text[second] + " {{ nobody }}"),))


def a_fact_that_nobody_brings(draft: Draft) -> Breaks:
    for at, text in draft.texts_by_language():
        edits = tuple((USSD, (*at, each), f"{words} {{{{ nobody }}}}") for each, words in text.items())
        yield Break(USSD, (*at, draft.languages[0]), edits)


def a_place_for_a_fact_cut_short(draft: Draft) -> Breaks:
    for at, text in draft.texts_by_language():
        for language, words in text.items():
            yield Break(USSD, (*at, language), ((USSD, (*at, language), words + " {{ points"),))


def an_unknown_filter(draft: Draft) -> Breaks:
    for at, text in draft.texts_by_language():
        for language, words in text.items():
            yield Break(USSD, (*at, language), ((USSD, (*at, language), words + " {{ 1 | nonsense }}"),))


def a_latin_letter_in_a_cyrillic_word(draft: Draft) -> Breaks:
    for at, text in draft.texts_by_language():
        for language, words in text.items():
            for word in LONG_WORD.findall(words):
                at_letter = next((place for place, letter in enumerate(word) if letter in "аеорсух"), None)
                if at_letter is not None:
                    mixed = word[:at_letter] + word[at_letter].translate(LATIN) + word[at_letter + 1 :]
                    yield Break(USSD, (*at, language), ((USSD, (*at, language), words.replace(word, mixed, 1)),))


def a_cyrillic_letter_in_a_latin_word(draft: Draft) -> Breaks:
    for at, text in draft.texts_by_language():
        for language, words in text.items():
            if "{" not in words and "*" not in words and (found := re.search(r"\b[a-z]{4,}\b", words)):
                letter = next((each for each in found[0] if each in "aeopcyx"), None)
                if letter is not None:
                    mixed = found[0].replace(letter, letter.translate(CYRILLIC), 1)
                    changed = words.replace(found[0], mixed, 1)
                    yield Break(USSD, (*at, language), ((USSD, (*at, language), changed),))


def a_language_file_without_words(draft: Draft) -> Breaks:
    for place, rule in enumerate(draft.files[PROGRAMME]["earning"]):
        assert "uz" not in rule["label"], f"earning.{place} speaks Uzbek already"
        yield Break("programme.uz.yaml", ("earning", rule["rule"], "label"), texts={"programme.uz.yaml": ""})


def words_of_a_language_for_no_place(_: Draft) -> Breaks:
    for file in (PROGRAMME, USSD, SMS):
        own = file.replace(".yaml", ".uz.yaml")
        yield Break(own, ("nowhere",), texts={own: "nowhere: x"})


def words_of_a_language_for_no_option(draft: Draft) -> Breaks:
    for name in dict.fromkeys(str(at[1]) for at, _ in draft.all_options):
        words = f"screens: {{{name}: {{options: {{no_such_screen: {{text: x}}}}}}}}"
        keys = ("screens", name, "options", "no_such_screen")
        yield Break("ussd.uz.yaml", keys, texts={"ussd.uz.yaml": words})


def a_file_whose_name_is_misspelt(_: Draft) -> Breaks:
    for name in ("ussd.kk.yml", "menu.yaml", "sms.kazakh.yaml", "publish.yaml"):
        yield Break(name, (), texts={name: "a: b"})


FILES = {
    "a file whose name is misspelt": (Kind.FILE_UNKNOWN, a_file_whose_name_is_misspelt),
    "a bracket left open": (Kind.SYNTAX, a_bracket_left_open),
    "a tab in place of spaces": (Kind.SYNTAX, a_tab),
    "a key written twice": (Kind.KEY_TWICE, a_key_twice),
    "an anchor and its alias": (Kind.ANCHOR, an_anchor),
    "a file in another encoding": (Kind.UNREADABLE, another_encoding),
    "a file without end": (Kind.TOO_LARGE, without_end),
    "a file with nothing in it": (Kind.EMPTY_FILE, empty),
    "a misspelt key": (Kind.KEY_UNKNOWN, a_misspelt_key),
    "a key left out": (Kind.KEY_MISSING, a_key_left_out),
    "one text where each language needs its own": (Kind.WRONG_TYPE, words_in_place_of_languages),
    "neither true nor false": (Kind.WRONG_TYPE, neither_true_nor_false),
    "a key that no phone has": (Kind.WRONG_VALUE, a_key_that_no_phone_has),
    "a dial string without its signs": (Kind.WRONG_VALUE, no_dial_string),
    "languages in another order than the programme's": (Kind.LANGUAGES_DIFFER, languages_in_another_order),
    "a language fewer than the programme has": (Kind.LANGUAGES_DIFFER, a_language_fewer),
    "a text missing in a language": (Kind.TEXT_MISSING, a_text_missing_in_a_language),
    "a text in a language that nobody speaks": (Kind.LANGUAGE_UNKNOWN, a_text_in_a_language_that_nobody_speaks),
    "a language file without words": (Kind.TEXT_MISSING, a_language_file_without_words),
    "words of a language for no place": (Kind.KEY_UNKNOWN, words_of_a_language_for_no_place),
    "words of a language for no option": (Kind.KEY_UNKNOWN, words_of_a_language_for_no_option),
    "a place for a fact missing in one language": (Kind.FACTS_DIFFER, a_place_for_a_fact_missing_in_a_language),
    "another fact in one language": (Kind.FACTS_DIFFER, another_fact_in_one_language),
    "a fact that nobody brings": (Kind.FACT_UNKNOWN, a_fact_that_nobody_brings),
    "a place for a fact cut short": (Kind.TEMPLATE, a_place_for_a_fact_cut_short),
    "an unknown filter": (Kind.TEMPLATE, an_unknown_filter),
    "a Latin letter in a Cyrillic word": (Kind.MIXED_ALPHABETS, a_latin_letter_in_a_cyrillic_word),
    "a Cyrillic letter in a Latin word": (Kind.MIXED_ALPHABETS, a_cyrillic_letter_in_a_latin_word),
}
