"""What known SMSCs ask of every ESME: settings under a name, each with the document that says so (`profiles.yaml`).

Decides nothing: a profile is where a link's settings begin. Whether they are right is `settings`' matter, as it is for
what people write.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gateway.datafile import marked

FILE = Path(__file__).with_name("profiles.yaml")

Said = Annotated[str, Field(min_length=1)]


class Profile(BaseModel):
    """One SMSC. `settings` are written as a link's are; `document` is who says so, and `says` what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: Said
    says: Said
    settings: Annotated[dict[str, str], Field(min_length=1)]


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile by its name."""
    read = marked.read(FILE.name, FILE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Profile]).validate_python(read.value)


def settings_of(name: str) -> Mapping[str, str]:
    """The settings of a profile. Raises `ValueError` that lists those there are."""
    found = profiles().get(name)
    if found is None:
        raise ValueError(f"is none of those that are known: {', '.join(sorted(profiles()))}")
    return found.settings
