"""The menu file as people write it (menus/README.md), and its JSON Schema for editors.

Decides the file's shape, and nothing about whether the screens work together: that is `lint`. Language codes,
screen names and texts stay plain here.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

SCHEMA_FILE = "docs/schema/ussd.schema.json"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Key = Annotated[str, Field(pattern=r"^[0-9]{1,3}$", description="What a subscriber presses.")]
DIAL_STRING = r"^[*#]{1,3}[0-9]+([*#][0-9]+)*#$"
DialString = Annotated[str, Field(pattern=DIAL_STRING)]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
ByLanguage = Annotated[dict[Language, Words], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NavigationKey(_Part):
    """A key that means the same on every screen, and the word beside it."""

    key: Key
    text: ByLanguage


class Navigation(_Part):
    """The three keys of every screen."""

    back: NavigationKey
    home: NavigationKey
    next: NavigationKey


class Messages(_Part):
    """What is said outside the screens."""

    wrong_choice: ByLanguage = Field(description="Put above the screen again after a key that it does not have.")
    unavailable: ByLanguage = Field(description="Said when the store does not answer. Ends the session.")
    expired: ByLanguage = Field(description="Said when a session has ended or is not known. Ends the session.")


class OptionSource(_Part):
    """One line to choose, and the screen it leads to."""

    key: Key
    text: ByLanguage
    go: Name


class EachSource(_Part):
    """One line for each row of a list among the facts; the text calls the row `item`."""

    list: Name
    text: ByLanguage


class TextSource(_Part):
    """A screen that is read."""

    text: ByLanguage
    each: EachSource | None = None
    options: tuple[OptionSource, ...] = ()
    ends: bool = Field(default=False, description="The session ends with this screen.")
    one_page: bool = Field(default=False, description="The check fails when the longest facts need a second page.")


class CallSource(_Part):
    """A screen that is never seen: it asks the programme, and the outcome chooses the next screen."""

    call: Name
    arguments: dict[Name, Words | ByLanguage] = Field(
        default={}, description="Values for the action; one, or one per language that the subscriber reads."
    )
    on: Annotated[dict[Name, Name], Field(min_length=1, description="The screen for each outcome.")]


def _shape(value: object) -> str:
    if isinstance(value, CallSource):
        return "call"
    return "call" if isinstance(value, Mapping) and "call" in value else "text"


ScreenSource = Annotated[Annotated[TextSource, Tag("text")] | Annotated[CallSource, Tag("call")], Discriminator(_shape)]


class MenuSource(_Part):
    """A whole menu file."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="A USSD menu")

    languages: Annotated[tuple[Language, ...], Field(min_length=1, description="The first is the default.")]
    start: Name = Field(description="The screen of a dial string that is not listed, and of the home key.")
    roaming: Literal["accepted"] | None = Field(
        default=None, description="Silences the warning about codes that do not work abroad."
    )
    dial: Annotated[dict[DialString, Name], Field(min_length=1)] = Field(
        description="Published strings. They are tied to screens and never to the order of options."
    )
    keys: Navigation
    messages: Messages
    screens: Annotated[dict[Name, ScreenSource], Field(min_length=1)]


def schema_text() -> str:
    """The JSON Schema of a menu file, as `SCHEMA_FILE` holds it."""
    return json.dumps(MenuSource.model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
