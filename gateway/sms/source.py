"""The keyword file as people write it (menus/README.md), and its JSON Schema for editors.

Decides the file's shape, and nothing about whether its rows and the texts work together: that is `lint`.
"""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from gateway.datafile import shape
from gateway.datafile.shape import LANGUAGE, NAME

SCHEMA_FILE = "docs/schema/sms.schema.json"

ANY = "any"
"""In place of numbers: all of ours. In place of a reply, in a text's name: whichever has no text of its own."""

KEYWORD_LENGTH_MAX = 32  # what people type by heart is a third of it, and the work for near misses grows with it
ROWS_MAX = 100  # the index of near misses holds some hundred entries for each keyword
KEYWORDS_MAX = 10  # of one row in one language: spellings need no keywords of their own
TAKEN_DIGITS_MAX = 4  # of the number after a keyword: a catalogue has no ten thousand rewards, and a code has more
DIGITS_MAX = 32  # of a text of digits: a printed code has some 20
PARTS_MAX = 10  # 670 Russian characters: beyond, an SMS is the wrong place
HELP_PER_10_MINUTES = 5
HELP_PER_DAY = 20
HELP_MAX = 1_000
ANSWERS_PER_10_MINUTES = 20
ANSWERS_PER_DAY = 200
"""No person asks more often; newsletters say "text STOP to leave" in each message, and would be answered for ever."""
ANSWERS_MAX = 1_000_000

SHORT_NUMBER = r"^[0-9]{3,15}$"
NUMBER_OR_ANY = r"^(any|[0-9]{3,15})$"
KEYWORD = r"^\p{L}[\p{L}\p{M}\p{N}]+( [\p{L}\p{M}\p{N}]+)*$"  # \w would be Latin alone to editors
ANSWER = r"^[0-9]{1,3}$"
TEXT_NAME = r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}$"
PATTERNS = {
    **shape.PATTERNS,
    SHORT_NUMBER: 'a number in quotes, of 3 to 15 digits, such as "6111"',
    NUMBER_OR_ANY: 'any, or numbers in quotes, such as "6111" or ["6111", "1414"]',
    KEYWORD: "one or more words that begin with a letter, at least two letters, without punctuation",
    ANSWER: 'a number in quotes, of 1 to 3 digits, such as "1"',
    TEXT_NAME: "the name of a text, <reply>.<outcome>, such as history.empty",
}
"""What each pattern asks for, as findings say it."""

Name = Annotated[str, Field(pattern=NAME)]
Language = Annotated[str, Field(pattern=LANGUAGE)]
ShortNumber = Annotated[str, Field(pattern=SHORT_NUMBER)]
Keyword = Annotated[str, Field(pattern=KEYWORD, max_length=KEYWORD_LENGTH_MAX)]
Keywords = Annotated[tuple[Keyword, ...], Field(min_length=1, max_length=KEYWORDS_MAX)]
KeywordsByLanguage = Annotated[dict[Language, Keywords], Field(min_length=1)]
Length = Annotated[int, Field(ge=1, le=DIGITS_MAX)]
TextName = Annotated[str, Field(pattern=TEXT_NAME)]
Parts = Annotated[int, Field(ge=1, le=PARTS_MAX)]

TO_SHAPES = frozenset({"one", "each"})


def _to_shape(value: object) -> str:
    return "each" if isinstance(value, list | tuple) else "one"


To = Annotated[
    Annotated[Annotated[str, Field(pattern=NUMBER_OR_ANY)], Tag("one")]
    | Annotated[Annotated[tuple[ShortNumber, ...], Field(min_length=1)], Tag("each")],
    Discriminator(_to_shape),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HelpSource(_Part):
    """How often one phone gets help; beyond, silence, so that two robots do not talk for ever."""

    per_10_minutes: int = Field(default=HELP_PER_10_MINUTES, ge=1, le=HELP_MAX)
    per_day: int = Field(default=HELP_PER_DAY, ge=1, le=HELP_MAX)


class AnswersSource(_Part):
    """How often one phone gets one answer; beyond, silence, and what its texts do is done all the same."""

    per_10_minutes: int = Field(default=ANSWERS_PER_10_MINUTES, ge=1, le=ANSWERS_MAX)
    per_day: int = Field(default=ANSWERS_PER_DAY, ge=1, le=ANSWERS_MAX)


class DigitsSource(_Part):
    """A text of nothing but digits, so many of them, which are the argument `name`."""

    name: Name = Field(description="The argument that they are.")
    length_min: Length = Field(alias="from", description="How many digits there are at least.")
    length_max: Length = Field(alias="to", description="How many there are at most.")


WAYS = ("keywords", "digits", "answer")
"""What a row may hear: one of them."""


class RowSource(_Part):
    """One thing that people may text: to which numbers, in which words or digits, and what it does."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [way]} for way in WAYS]})

    to: To = Field(description="The numbers that hear it; any: all of ours.")
    keywords: KeywordsByLanguage = Field(default={}, description="The words that are texted.")
    takes: Name | None = Field(default=None, description="The argument that is the number after the keyword.")
    example: int = Field(
        default=1,
        ge=0,
        le=10**TAKEN_DIGITS_MAX - 1,
        description="The number with which a keyword that takes one is shown.",
    )
    digits: DigitsSource | None = Field(default=None, description="In place of keywords: a text of digits.")
    around: KeywordsByLanguage = Field(default={}, description="Words that may stand before or after the digits.")
    answer: Annotated[str, Field(pattern=ANSWER)] | None = Field(
        default=None, description="In place of keywords: a text that is this number."
    )
    call: Name = Field(description="The action, or help.")
    arguments: dict[Name, str] = Field(default={}, description="Values for the action.")
    reply: Name | None = Field(default=None, description="What the texts of the answer begin with; else the action.")
    generous: bool = Field(
        default=False, description="Executes in a sentence too, and with a slip of the fingers; never merely suggested."
    )


class SmsSource(_Part):
    """A whole keyword file."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Keywords of SMS")

    numbers: Annotated[tuple[ShortNumber, ...], Field(min_length=1, description="The short numbers that are ours.")]
    sender: ShortNumber | None = Field(
        default=None, description="The number from which we speak first, as of a voucher; else the first of numbers."
    )
    help: HelpSource = HelpSource()
    answers: AnswersSource = AnswersSource()
    rows: Annotated[tuple[RowSource, ...], Field(min_length=1, max_length=ROWS_MAX)]
    parts: dict[TextName, dict[Language, Parts]] = Field(
        default={}, description="What a text may cost at its longest, by language; what is not listed costs one SMS."
    )

    def numbers_of(self, row: RowSource) -> tuple[str, ...]:
        """The numbers that hear a row."""
        if isinstance(row.to, tuple):
            return row.to
        return self.numbers if row.to == ANY else (row.to,)

    def budget(self, name: str, language: str) -> int:
        """How many parts a text may cost at its longest."""
        by_language: Mapping[str, int] = self.parts.get(name, {})
        return by_language.get(language, 1)


def schema_text() -> str:
    """The JSON Schema of a keyword file, as `SCHEMA_FILE` holds it."""
    return json.dumps(SmsSource.model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
