"""What was counted of a menu, out of the files that tell it.

Two kinds: the coverage of dialogues (`simulator play --coverage-file`), by which a picture marks what nobody visited,
and the report on what subscribers do (`gateway report menu --json`), by which it shows how many went which way and who
left. Decides what such a file must have. Names that the menu does not have, as of an older version, harm nothing.
"""

from pydantic import BaseModel, NonNegativeInt, ValidationError

from gateway.errors import ConfigurationError
from gateway.menu.picture.model import Counts, Seen

KINDS = "the file of `simulator play --coverage-file`, or the output of `gateway report menu --json`"


class _Way(BaseModel):
    way: str
    taken: NonNegativeInt


class _Screen(BaseModel):
    screen: str
    shown: NonNegativeInt
    left: NonNegativeInt


class _File(BaseModel):
    """Both kinds have ways; a report has screens, coverage a version."""

    ways: list[_Way]
    screens: list[_Screen] = []
    version: str = ""


def counts(file: str, text: str, *, marks_missed: bool) -> Counts:
    """What a file has counted. Raises `ConfigurationError`."""
    try:
        read = _File.model_validate_json(text)
    except ValidationError:
        raise ConfigurationError(f"{file} has no counts of a menu: give {KINDS}") from None
    return Counts(
        ways={way.way: way.taken for way in read.ways},
        screens={screen.screen: Seen(screen.shown, screen.left) for screen in read.screens},
        marks_missed=marks_missed,
        version=read.version,
    )
