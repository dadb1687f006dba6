"""Secrets by version, as `GATEWAY_NUMBER_KEYS` and `GATEWAY_CODE_KEY` give them.

A process holds versions; which of them is in force, so that new rows are written under it, is the database's to say
(decision 0015).
"""

import hmac
from collections.abc import Mapping

from gateway.errors import ConfigurationError

KEY_BYTES = 32
DIGEST_BYTES = 16
VERSION_MAX = 32_767
"""The columns of versions are smallints."""


def parse(text: str, variable: str) -> Mapping[int, bytes]:
    """Read `version:64 hexadecimal digits`, comma-separated. Raises `ConfigurationError`, which shows no key."""
    try:
        items = [item.split(":") for item in text.strip().split(",")]
        keys = {int(version): bytes.fromhex(key) for version, key in items}
        if len(keys) < len(items) or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError
        if min(keys) < 1 or max(keys) > VERSION_MAX:
            raise ValueError
    except ValueError:
        raise ConfigurationError(
            f"{variable} takes version:key, comma-separated, each version once, from 1 to {VERSION_MAX}, each key "
            "64 hexadecimal digits: `openssl rand -hex 32` makes one"
        ) from None
    return keys


def in_order(keys: Mapping[int, bytes], in_force: int) -> list[bytes]:
    """That of the version in force first, by which most is found; then the others, newest first."""
    others = sorted(keys.keys() - {in_force}, reverse=True)
    return [keys[version] for version in (in_force, *others)]


def digest(key: bytes, text: str) -> bytes:
    """A keyed digest of `DIGEST_BYTES`: HMAC-SHA-256 (RFC 2104), truncated as its section 5 allows."""
    return hmac.digest(key, text.encode(), "sha256")[:DIGEST_BYTES]


def checks(keys: Mapping[int, bytes]) -> Mapping[int, bytes]:
    """What a database keeps of each version, to know it again."""
    return {version: digest(key, "the key of this database") for version, key in keys.items()}
