"""What a way of the menu is called by whoever walks it, counts it or draws it: `home_menu.options.1` the first option
of a screen, `rewards_list.each` its rows, `ask_gift_code.input`, `home_menu.instead.1`, `home.on.balance`,
`dial *123*1#`, `push welcome`, `start`.

Decides names that hold while texts, keys and conditions change: an option is called by its place in the file, since
its key is another one where a repeat cannot be told from a new hop. A space, which no screen's name has, keeps apart
what opens a menu.
"""

from collections.abc import Sequence

from gateway.datafile.marked import Path

START = "start"
"""The way to the start that any string leads which is not published, and the home key."""


def way_name(path: Path) -> str:
    """The name of a way that leaves a screen, whose target stands at this path of the file."""
    parts = path[1:-1] if path[-1] in {"go", "show"} else path[1:]
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in parts)


def outcome_name(call: str, outcome: str) -> str:
    """The same of an outcome: each hop makes one."""
    return f"{call}.on.{outcome}"


def dialled_name(parts: Sequence[str]) -> str:
    """The name of a published string, by its parts: however it is separated, it is the same one."""
    return f"dial *{'*'.join(parts)}#"


def push_name(push: str) -> str:
    """The name of a push."""
    return f"push {push}"
