"""Who may call: proofs of gateways of USSD and SMS, and of API clients. Pure but for the clock that HMAC needs.

None of the dialects signs its callbacks, so the operator chooses the proofs; each that is configured must hold.
A demo without proofs answers this machine only, and nobody who comes through a proxy.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from gateway.settings import ApiKey, DialectAccess

HMAC_AGE_MAX_S = 300
"""How old a signed callback may be, and how far ahead: clocks differ, replays must not last."""
HOSTS_REMEMBERED_MAX = 1024
"""An operator's USSD gateways call from a handful of addresses."""
PROXY_HEADERS = ("forwarded", "x-forwarded", "x-real-ip", "via")
"""Beginnings of the names that proxies add."""
TIMESTAMP_HEADER = "x-gateway-timestamp"
SIGNATURE_HEADER = "x-gateway-signature"


@dataclass(frozen=True, slots=True)
class Caller:
    """A request as far as proofs go. `host` is the peer's address, never what a header claims."""

    host: str
    headers: Mapping[str, str]
    body: bytes
    path_secret: str = ""
    login: tuple[str, str] = ("", "")
    """User and password where the request itself has them, outside its headers."""


def is_local(caller: Caller) -> bool:
    """Whether the caller sits on this machine and speaks for itself."""
    address = _address(caller.host)
    return (
        address is not None
        and address.is_loopback
        and not any(header.startswith(PROXY_HEADERS) for header in caller.headers)
    )


def refusal(access: DialectAccess, caller: Caller, now_s: float, *, demo: bool) -> str | None:
    """Why this caller is not answered; None when every configured proof holds. Names the proof, never a value."""
    if not access.configured:
        if demo and is_local(caller):
            return None
        return f"no proof is configured: set {access.prefix}SECRET, _HMAC_KEY, _ALLOW, _USER or _API_KEY"
    checks = {
        "the secret in the path": access.secret is None or _same(caller.path_secret, access.secret.get_secret_value()),
        "the caller's address": not access.allow or _allowed(access.allow, caller.host),
        "user and password": access.user is None or _basic(access, caller),
        "the API key": access.api_key is None
        or _same(caller.headers.get("x-api-key", ""), access.api_key.get_secret_value()),
        "the HMAC signature": access.hmac_key is None or _signed(access, caller, now_s),
    }
    failed = [name for name, holds in checks.items() if not holds]
    return f"{failed[0]} does not hold" if failed else None


class ApiKeys:
    """The API's callers, found by a digest of their secret, so that no comparison tells how far it got."""

    def __init__(self, keys: tuple[ApiKey, ...], *, local_only: bool) -> None:
        self._by_digest = {_sha256(key.secret.get_secret_value()): key for key in keys}
        self._local_only = local_only

    def caller(self, caller: Caller) -> ApiKey | None:
        """The key in `X-API-Key`, if it is one of these. What it may do is in its scopes."""
        secret = caller.headers.get("x-api-key")
        key = self._by_digest.get(_sha256(secret)) if secret else None
        return None if key is None or (self._local_only and not is_local(caller)) else key


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@lru_cache(maxsize=HOSTS_REMEMBERED_MAX)
def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    # A socket that listens on `::` shows IPv4 callers as ::ffff:192.0.2.7.
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=HOSTS_REMEMBERED_MAX)
def _allowed(networks: tuple[IPv4Network | IPv6Network, ...], host: str) -> bool:
    address = _address(host)
    return address is not None and any(address in network for network in networks)


def _basic(access: DialectAccess, caller: Caller) -> bool:
    """Basic authentication, or the same two where the request itself has them."""
    user, password = caller.login
    if not user:
        scheme, _, token = caller.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        if scheme.lower() != "basic":
            return False
    wanted = access.password.get_secret_value() if access.password else ""
    return _same(user, access.user or "") & _same(password, wanted)


def _signed(access: DialectAccess, caller: Caller, now_s: float) -> bool:
    """`X-Gateway-Signature`: hexadecimal HMAC-SHA256 over timestamp, a full stop, and the body, or a GET's query."""
    timestamp = caller.headers.get(TIMESTAMP_HEADER, "")
    if access.hmac_key is None or not timestamp.isdecimal() or abs(now_s - int(timestamp[:12])) > HMAC_AGE_MAX_S:
        return False
    message = timestamp.encode() + b"." + caller.body
    wanted = hmac.digest(access.hmac_key.get_secret_value().encode(), message, "sha256").hex()
    return _same(caller.headers.get(SIGNATURE_HEADER, ""), wanted)
