"""Numbers at rest: encrypted with versioned keys, and found by a keyed digest.

The ledger knows `member_id`; nothing but `member_number` and these keys leads from it to a number. A plain hash
of ten digits is reversible in minutes, so the digest is an HMAC.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import ConfigurationError
from gateway.msisdn import Msisdn, masked

KEY_BYTES = 32
DIGEST_BYTES = 16
NONCE_BYTES = 12
REMEMBERED_MAX = 8192
VERSION_MAX = 32_767  # member_number.key_version is a smallint


@dataclass(frozen=True, slots=True)
class NumberKeys:
    """The keys by version; the highest is in use. The digest key and the encryption key are derived from each."""

    digest_keys: Mapping[int, bytes] = field(repr=False)
    cipher_keys: Mapping[int, bytes] = field(repr=False)
    current: int
    digest: Callable[[str], bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "NumberKeys":
        """Read `version:64 hexadecimal digits`, comma-separated. Raises `ConfigurationError`, which shows no key."""
        try:
            items = [item.split(":") for item in text.strip().split(",")]
            masters = {int(version): bytes.fromhex(key) for version, key in items}
            if len(masters) < len(items) or any(len(key) != KEY_BYTES for key in masters.values()):
                raise ValueError
            if min(masters) < 1 or max(masters) > VERSION_MAX:
                raise ValueError
        except ValueError:
            raise ConfigurationError(
                f"GATEWAY_NUMBER_KEYS takes version:key, comma-separated, each version once, from 1 to {VERSION_MAX}, "
                "each key 64 hexadecimal digits: `openssl rand -hex 32` makes one"
            ) from None
        current = max(masters)
        digest_keys = {version: _derived(key, b"number digest") for version, key in masters.items()}

        # A dialling subscriber is looked up with every hop; the same few thousand numbers dial again and again.
        @lru_cache(maxsize=REMEMBERED_MAX)
        def digest(msisdn: str) -> bytes:
            return hmac.digest(digest_keys[current], msisdn.encode(), "sha256")[:DIGEST_BYTES]

        cipher_keys = {version: _derived(key, b"number cipher") for version, key in masters.items()}
        return cls(digest_keys, cipher_keys, current, digest)

    def digest_of(self, text: str) -> bytes:
        """A keyed digest of a text that speaks of a number, such as an event's body; not remembered."""
        return hmac.digest(self.digest_keys[self.current], text.encode(), "sha256")[:DIGEST_BYTES]

    def check(self) -> bytes:
        """What a database keeps to know its key again."""
        return self.digest_of("the key of this database")

    def encrypt(self, msisdn: Msisdn) -> bytes:
        """The number, sealed and bound to its digest."""
        return self.seal(msisdn.encode(), self.digest(msisdn))

    def decrypt(self, cipher: bytes, version: int, digest: bytes) -> Msisdn:
        """The number. Raises `cryptography.exceptions.InvalidTag` when the row is not what was written."""
        return Msisdn(self.unseal(cipher, version, digest).decode())

    def shown(self, cipher: bytes, version: int, digest: bytes) -> str:
        """The number, masked, for staff; `?` where no key of ours opens it."""
        try:
            return masked(self.decrypt(cipher, version, digest))
        except (InvalidTag, KeyError):
            return "?"

    def seal(self, content: bytes, bound_to: bytes) -> bytes:
        """Nonce, then AES-256-GCM over the content, with the current key; it opens only beside what it is bound to."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.cipher_keys[self.current]).encrypt(nonce, content, bound_to)

    def unseal(self, sealed: bytes, version: int, bound_to: bytes) -> bytes:
        """What was sealed with that version of the key. Raises `cryptography.exceptions.InvalidTag`."""
        return AESGCM(self.cipher_keys[version]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, hashlib.sha256)
