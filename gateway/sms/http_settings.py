"""Links to SMS gateways over HTTP, as `GATEWAY_SMS` writes them: comma-separated URLs whose scheme is the dialect,
`kannel://user:password@host:13013?smsc=main`.

Decides what may be said of a link and within which limits, and which links may stand side by side. Refuses to repeat a
URL in an error, since it holds a password. Names of parameters are names of `HttpLinkSettings`' fields.
"""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from gateway.errors import ConfigurationError
from gateway.link_urls import parameters, taken_apart
from gateway.msisdn import REGIONS
from gateway.smpp.settings import SECONDS_MAX, SMSC_DEFAULT, TPS_MAX
from gateway.sms.dialects import dialect, names
from gateway.sms.dialects.wire import Dialect, HttpLinkSettings

LINKS_MAX = 16
WINDOW_MAX = 200
"""Of one link: each is a connection at the other side."""
WINDOW = 10
CONNECT_S = 5.0
STANDS_IN_AFTER_S = 60.0
RESPONSE_S = 10.0
"""A gateway that needs longer is too slow to be of use, and its messages are in doubt."""
SMSC = r"^[a-z0-9][a-z0-9_-]{0,31}$"
FORM = "kannel://user:password@host:13013?smsc=main"
COMMON = frozenset(
    {"smsc", "region", "window", "tps", "connect_s", "response_s", "path", "tls", "ca"}
    | {"stands_in_for", "stands_in_after_s"}
)


def _printable(value: str) -> str:
    """What may stand in a header."""
    return value if value.isascii() and value.isprintable() else _wrong("takes printable ASCII characters")


def _region(value: str) -> str:
    return value if value in REGIONS else _wrong("takes a country by two letters (ISO 3166), as KZ")


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if right and not (parts.query or parts.fragment or "%" in value):
        return _printable(value)
    return _wrong("takes where the gateway finds us, as http://10.0.0.5:8080/sms/kannel/receipts, without ? # %")


def _wrong(what: str) -> str:
    raise ValueError(what)


Word = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]
Seconds = Annotated[float, Field(gt=0, le=SECONDS_MAX)]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a URL may say, with its limits."""

    dialect: str
    host: str
    port: Annotated[int, Field(ge=1, le=65_535)]
    user: Word
    password: Word
    path: Annotated[str, Field(pattern=r"^/"), AfterValidator(_printable)]
    tls: bool
    smsc: Annotated[str, Field(pattern=SMSC)] = SMSC_DEFAULT
    region: Annotated[str, AfterValidator(_region)] | None = None
    window: Annotated[int, Field(ge=1, le=WINDOW_MAX)] = WINDOW
    tps: Annotated[int, Field(ge=0, le=TPS_MAX)] = 0
    connect_s: Seconds = CONNECT_S
    response_s: Seconds = RESPONSE_S
    ca: str | None = None
    stands_in_for: Annotated[str, Field(pattern=SMSC)] | None = None
    stands_in_after_s: Seconds = STANDS_IN_AFTER_S
    route: Word | None = None
    receipts_url: Annotated[str, AfterValidator(_web_address)] | None = None


_SAID = TypeAdapter(_Said)


def parse(text: str, others: Iterable[str] = ()) -> tuple[HttpLinkSettings, ...]:
    """The links of `GATEWAY_SMS`; none when it is empty. `others` are the names that links of SMPP have. Raises
    `ConfigurationError`."""
    urls = [item.strip() for item in text.split(",") if item.strip()]
    if len(urls) > LINKS_MAX:
        raise ConfigurationError(f"GATEWAY_SMS: {len(urls)} links; one process holds at most {LINKS_MAX}")
    written = [_written(url, place) for place, url in enumerate(urls, 1)]
    _tell_apart(written, frozenset(others))
    return tuple(each.link for each in written)


def trusted(link: HttpLinkSettings) -> ssl.SSLContext:
    """By which certificates a link's gateway is judged. Raises `ConfigurationError` for a file that holds none."""
    try:
        return ssl.create_default_context(cafile=link.ca)
    except OSError as error:
        raise ConfigurationError(
            f"GATEWAY_SMS: {link.shown}: ca: no certificates can be read from that file: {error.strerror}"
        ) from None


@dataclass(frozen=True, slots=True)
class _Written:
    """One URL, and whether it says which account it is."""

    place: int
    link: HttpLinkSettings
    names_smsc: bool


def _tell_apart(written: list[_Written], others: frozenset[str]) -> None:
    """No name for two accounts: a receipt would be looked for among the other's messages, whose ids are alike."""
    for one in written:
        if one.link.smsc in others:
            raise ConfigurationError(
                f"GATEWAY_SMS: link {one.place}: {one.link.smsc} is the name of a link of GATEWAY_SMPP, by default "
                "perhaps: write smsc= in each, names of their own"
            )
    _stand_ins_stand(written, others)
    for one, other in combinations(written, 2):
        where = f"GATEWAY_SMS: link {other.place}"
        if one.link.shown == other.link.shown:
            raise ConfigurationError(f"{where}: is link {one.place} again: one link has as many as window= says")
        same = one.link.smsc == other.link.smsc
        if same and not (one.names_smsc and other.names_smsc and one.link.dialect == other.link.dialect):
            raise ConfigurationError(
                f"{where}: is another account than link {one.place}, and {one.link.smsc} is the name of both: write "
                "smsc= in each, names of their own, or the same for two hosts of one gateway"
            )


def _stand_ins_stand(written: list[_Written], others: frozenset[str]) -> None:
    """Whoever stands in for an account sees its links, of SMPP or of HTTP, in its own process."""
    names = others | {each.link.smsc for each in written}
    for each in written:
        absent = each.link.stands_in_for
        if absent and (absent == each.link.smsc or absent not in names):
            raise ConfigurationError(
                f"GATEWAY_SMS: link {each.place}: stands_in_for: {absent} is the name of no other link of this process"
            )


def _written(url: str, place: int) -> _Written:
    where = f"GATEWAY_SMS: link {place}"
    begins = " or ".join(f"{name}://" for name in names())
    parts = taken_apart(url, names(), f"{where}: write {FORM}", begins)
    spoken = dialect(parts.scheme)
    said = parameters(parts.query, sorted(COMMON | spoken.parameters), where, f"{spoken.name} has")
    try:
        link = _SAID.validate_python({**_account(parts, spoken), **said})
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {_sentence(fault['msg'])}" for fault in error.errors())
        raise ConfigurationError(f"{where}: {faults}") from None
    if link.connect_s > link.response_s:
        raise ConfigurationError(
            f"{where}: connect_s is at most response_s, which is what a message's lease is made of"
        )
    return _Written(place, _settings(link), "smsc" in said)


def _settings(said: _Said) -> HttpLinkSettings:
    return HttpLinkSettings(
        said.dialect,
        said.host,
        said.port,
        said.user,
        said.password,
        said.path,
        said.tls,
        said.smsc,
        said.region,
        said.window,
        said.tps,
        said.connect_s,
        said.response_s,
        said.ca,
        said.route or "",
        said.receipts_url or "",
        said.stands_in_for or "",
        said.stands_in_after_s,
    )


def _account(parts: SplitResult, spoken: Dialect) -> Mapping[str, object]:
    return {
        "dialect": spoken.name,
        "host": parts.hostname,
        "port": parts.port if parts.port is not None else spoken.port,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "path": spoken.path,
        "tls": spoken.tls,
    }


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "must be")
