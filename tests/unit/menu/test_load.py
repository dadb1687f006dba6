"""From a file to a menu that serves."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.datafile.findings import FaultyFileError
from gateway.datafile.marked import CHARACTERS_MAX
from gateway.errors import ConfigurationError
from gateway.menu.load import load
from gateway.menu.model import Menu, dial_parts
from gateway.menu.source import SCHEMA_FILE, schema_text
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary

ROOT = Path(__file__).parents[3]
TEXT = (Path(__file__).parent / "club.yaml").read_text(encoding="utf-8")

Specs = dict[str, ActionSpec]


def test_a_faulty_menu_is_a_configuration_error_with_every_place(specs: Specs, vocabulary: Vocabulary) -> None:
    with pytest.raises(FaultyFileError) as caught:
        load("ussd.yaml", TEXT.replace("go: help", "go: hepl"), specs, vocabulary)
    assert isinstance(caught.value, ConfigurationError)
    assert "ussd.yaml:43: error: screens.home_menu.options.3.go: there is no screen 'hepl'" in str(caught.value)
    assert "screens.help" in str(caught.value), "what became unreachable is told in the same breath"


def test_the_version_follows_words_and_not_comments(specs: Specs, vocabulary: Vocabulary, club: Menu) -> None:
    def digest(text: str, words: Vocabulary = vocabulary) -> str:
        return load("ussd.yaml", text, specs, words).digest

    assert digest("# another comment\n" + TEXT) == club.digest
    assert digest(TEXT.replace("Помощь", "Справка")) != club.digest
    renamed = replace(vocabulary, labels={**vocabulary.labels, "topup": {"ru": "платёж", "en": "payment"}})
    assert digest(TEXT, renamed) != club.digest


def test_unquoted_keys_stay_as_typed(specs: Specs, vocabulary: Vocabulary) -> None:
    menu = load("ussd.yaml", TEXT.replace('"00"', "00"), specs, vocabulary)
    assert menu.keys.home == "00"


def test_a_file_without_end_is_refused(specs: Specs, vocabulary: Vocabulary) -> None:
    with pytest.raises(FaultyFileError, match="longer than"):
        load("ussd.yaml", TEXT + "#" * CHARACTERS_MAX, specs, vocabulary)


@pytest.mark.parametrize(
    "text", ["", "- a\n- b\n", "just words", "[" * 40 + "]" * 40, "[" * 5_000, "a: {[b]: c}", "\x00"],
    ids=["empty", "a list", "words", "deep", "bottomless", "a key that is a list", "a control character"],
)  # fmt: skip
def test_what_is_no_menu_is_refused(text: str, specs: Specs, vocabulary: Vocabulary) -> None:
    with pytest.raises(FaultyFileError) as refusal:
        load("ussd.yaml", text, specs, vocabulary)
    assert "Source" not in str(refusal.value), "a person is told about the file, not about our classes"


@pytest.mark.parametrize("dialled", ["*123*1*2#", "*123#1#2#", "#123*1*2", "123*1#2", "*123**1*2##"])
def test_separators_are_all_one(dialled: str) -> None:
    assert dial_parts(dialled) == ("123", "1", "2")


def test_messages_speak_the_session_s_language(club: Menu) -> None:
    assert club.message("expired", "en").startswith("Time is up")
    assert club.message("expired", None).startswith("Время вышло")


def test_the_published_schema_is_the_one_in_use() -> None:
    regenerate = "from gateway.menu.source import schema_text; print(schema_text(), end='')"
    assert (ROOT / SCHEMA_FILE).read_text() == schema_text(), (
        f'the menu\'s file format changed: run .venv/bin/python -c "{regenerate}" > {SCHEMA_FILE}'
    )
