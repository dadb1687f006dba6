"""A link written as a URL, `scheme://user:password@host:port?name=value&…`, taken apart.

Decides what such a URL may look like at all. Refuses to repeat one in an error, since it holds a password, and to know
what its parameters mean.
"""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from urllib.parse import SplitResult, unquote, urlsplit

from gateway.errors import ConfigurationError

SIGNS = (
    "in a system_id or a password the signs : / ? # @ , % [ ] are written %3A %2F %3F %23 %40 %2C %25 %5B %5D, "
    "and a port is a number from 1 to 65535"
)
"""What most often makes a URL another one than was meant."""
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def taken_apart(url: str, schemes: Collection[str], form: str, begins: str) -> SplitResult:
    """The parts of a URL of one of these schemes. `form` tells how it is written, `begins` how it begins. Raises
    `ConfigurationError`."""
    misread = ConfigurationError(f"{form}; {SIGNS}")
    try:
        parts = urlsplit(url)
        _ = parts.port  # a property that raises
    except ValueError:
        raise misread from None
    if parts.scheme not in schemes:
        raise ConfigurationError(f"{form}; it begins with {begins}, and a comma in it is written %2C")
    if parts.path not in {"", "/"} or parts.fragment or parts.netloc.count("@") != 1 or not parts.hostname:
        raise misread
    if _LONE_PERCENT.search(parts.netloc.rpartition("@")[0]):
        raise misread
    return parts


def parameters(query: str, known: Sequence[str], where: str, there_are: str = "there are") -> dict[str, object]:
    """What follows the question mark; a plus is a plus here, not a space. Raises `ConfigurationError`, which does not
    repeat a name that is unknown: behind a question mark in a password, it is the rest of the password."""
    said: dict[str, object] = {}
    for item in query.split("&") if query else ():
        name, equals, value = item.partition("=")
        name = unquote(name)
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f": is it {near[0]}?" if near else ""
            raise ConfigurationError(
                f"{where}: parameter {len(said) + 1} is unknown{hint}; {there_are} {', '.join(known)}"
            )
        if not equals or name in said:
            raise ConfigurationError(f"{where}: {name} is written once, as {name}=value")
        said[name] = unquote(value)
    return said
