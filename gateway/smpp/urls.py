"""Links as `GATEWAY_SMPP` writes them in one line: comma-separated URLs, `smpp://` or with TLS `smpps://`.

Decides what is read out of a URL. Refuses to repeat one in an error, since it holds a password, and to know what its
parameters mean: that is `settings`.
"""

from urllib.parse import SplitResult, unquote

from gateway.link_urls import parameters, taken_apart
from gateway.smpp.settings import PARAMETERS, PORT, Written, links_of

SCHEMES = ("smpp", "smpps")
FORM = "smpp://system_id:password@host:2775?smsc=main&window=50"


def read(text: str) -> tuple[Written, ...]:
    """What each URL says; nothing when there is none. Raises `ConfigurationError`."""
    urls = [item.strip() for item in text.split(",") if item.strip()]
    return tuple(_written(url, place) for place, url in enumerate(urls, 1))


def _written(url: str, place: int) -> Written:
    name = f"link {place}"
    where = f"GATEWAY_SMPP: {name}"
    parts = taken_apart(url, SCHEMES, f"{where}: write {FORM}", "smpp:// or smpps://")
    said = parameters(parts.query, PARAMETERS, where)
    return Written(name, where, links_of({**_account(parts), **said}, where), "smsc" in said)


def _account(parts: SplitResult) -> dict[str, object]:
    return {
        "host": parts.hostname,
        "port": parts.port if parts.port is not None else PORT,
        "tls": parts.scheme == "smpps",
        "system_id": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }
