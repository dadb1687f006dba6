"""What may be shown on phones unasked: a menu's registry of pushes, beside that of dial strings."""

from dataclasses import dataclass
from enum import StrEnum


class PushKind(StrEnum):
    """Whether a subscriber must have agreed to it."""

    SERVICE = "service"
    ADVERTISING = "advertising"


@dataclass(frozen=True, slots=True)
class Push:
    """One push: the screen where its session begins."""

    screen: str
    kind: PushKind
