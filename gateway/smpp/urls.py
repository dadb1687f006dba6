"""Links as `GATEWAY_SMPP` writes them in one line: comma-separated URLs, `smpp://` or with TLS `smpps://`.

Decides what is read out of a URL. Refuses to repeat one in an error, since it holds a password, and to know what its
parameters mean: that is `settings`.
"""

import re
from difflib import get_close_matches
from urllib.parse import SplitResult, unquote, urlsplit

from gateway.errors import ConfigurationError
from gateway.smpp.settings import PARAMETERS, PORT, Written, links_of

SCHEMES = ("smpp", "smpps")
FORM = "smpp://system_id:password@host:2775?smsc=main&window=50"
SIGNS = (
    "in a system_id or a password the signs : / ? # @ , % [ ] are written %3A %2F %3F %23 %40 %2C %25 %5B %5D, "
    "and a port is a number from 1 to 65535"
)
"""What most often makes a URL another one than was meant."""
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read(text: str) -> tuple[Written, ...]:
    """What each URL says; nothing when there is none. Raises `ConfigurationError`."""
    urls = [item.strip() for item in text.split(",") if item.strip()]
    return tuple(_written(url, place) for place, url in enumerate(urls, 1))


def _written(url: str, place: int) -> Written:
    name = f"link {place}"
    where = f"GATEWAY_SMPP: {name}"
    parts = _parts(url, where)
    said = _parameters(parts.query, where)
    return Written(name, where, links_of({**_account(parts), **said}, where), "smsc" in said)


def _parts(url: str, where: str) -> SplitResult:
    form = f"{where}: write {FORM}"
    misread = ConfigurationError(f"{form}; {SIGNS}")
    try:
        parts = urlsplit(url)
        _ = parts.port  # a property that raises
    except ValueError:
        raise misread from None
    if parts.scheme not in SCHEMES:
        raise ConfigurationError(f"{form}; it begins with smpp:// or smpps://, and a comma in it is written %2C")
    if parts.path not in {"", "/"} or parts.fragment or parts.netloc.count("@") != 1 or not parts.hostname:
        raise misread
    if _LONE_PERCENT.search(parts.netloc.rpartition("@")[0]):
        raise misread
    return parts


def _parameters(query: str, where: str) -> dict[str, object]:
    """What follows the question mark. A plus is a plus here, not a space."""
    said: dict[str, object] = {}
    for item in query.split("&") if query else ():
        name, equals, value = item.partition("=")
        name = unquote(name)
        if name not in PARAMETERS:
            raise ConfigurationError(f"{where}: {_unknown(name, len(said) + 1)}")
        if not equals or name in said:
            raise ConfigurationError(f"{where}: {name} is written once, as {name}=value")
        said[name] = unquote(value)
    return said


def _unknown(name: str, place: int) -> str:
    """The name is not repeated: behind a question mark in a password, it is the rest of the password."""
    near = get_close_matches(name, PARAMETERS, 1)
    return f"parameter {place} is unknown{f': is it {near[0]}?' if near else ''}; there are {', '.join(PARAMETERS)}"


def _account(parts: SplitResult) -> dict[str, object]:
    return {
        "host": parts.hostname,
        "port": parts.port if parts.port is not None else PORT,
        "tls": parts.scheme == "smpps",
        "system_id": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }
