"""A menu as a map for whoever looks at it from outside: its screens, and the ways between them, with their lines.

Decides what is told of a way: its name, which counts have too, how it is taken, and where it leads. It has no texts.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChartedScreen:
    """A screen, and its line in the menu's file."""

    screen: str
    line: int


@dataclass(frozen=True, slots=True)
class ChartedWay:
    """A way, and the line that names its target. `told` is how it is taken, in words: `by 1 on home_menu`."""

    way: str
    told: str
    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole menu, in the order of the file."""

    screens: tuple[ChartedScreen, ...] = ()
    ways: tuple[ChartedWay, ...] = ()
