"""Numbers at rest: encrypted with versioned keys, and found by a keyed digest.

The ledger knows `member_id`; nothing but `member_number` and these keys leads from it to a number. A plain hash
of ten digits is reversible in minutes, so the digest is an HMAC. A number is looked for under every version that is
held, since a rotation digests them again one after another; what a request said is digested under one key for ever, so
that a repeat is known whatever was rotated meanwhile (decision 0015).
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.msisdn import Msisdn, masked
from gateway.store import key_versions

NONCE_BYTES = 12
REMEMBERED_MAX = 8192
REQUEST_KEY = b"the key of requests"
"""What the sealed key of requests is bound to."""


class NumberKeys:
    """The keys by version. Until the database says which is in force, the highest is."""

    def __init__(self, masters: Mapping[int, bytes]) -> None:
        self.current = max(masters)
        self._digest_keys = {version: _derived(key, b"number digest") for version, key in masters.items()}
        self._ciphers = {version: AESGCM(_derived(key, b"number cipher")) for version, key in masters.items()}
        self._request_key: bytes | None = None
        self.digests: Callable[[str], tuple[bytes, ...]] = lambda _: ()
        """By which a number is found: one a version, that in force first."""
        self.put_in_force(self.current)

    @classmethod
    def parse(cls, text: str) -> "NumberKeys":
        """See `key_versions.parse`."""
        return cls(key_versions.parse(text, "GATEWAY_NUMBER_KEYS"))

    @property
    def versions(self) -> list[int]:
        """Those that are held, ascending."""
        return sorted(self._digest_keys)

    def checks(self) -> Mapping[int, bytes]:
        """What a database keeps of each version, to know it again."""
        return key_versions.checks(self._digest_keys)

    def proposal(self) -> tuple[bytes, int]:
        """The key of requests, sealed, and the version it is sealed with; a new one where the database has none yet."""
        return self.seal(self._request_key or self._digest_keys[self.current], REQUEST_KEY), self.current

    def settle(self, in_force: int, request_key: bytes, request_key_version: int) -> None:
        """What the database says: the version to write under, and its sealed key of requests."""
        try:
            self._request_key = self.unseal(request_key, request_key_version, REQUEST_KEY)
        except (InvalidTag, KeyError):
            raise ConfigurationError(
                f"GATEWAY_NUMBER_KEYS: version {request_key_version} does not open this database's key of requests"
            ) from None
        if in_force != self.current:
            self.put_in_force(in_force)

    def digest_of(self, text: str) -> bytes:
        """A keyed digest of what was asked, such as an event's body: the same whatever is rotated.

        Raises `StoreUnavailableError` before the database has said its key.
        """
        if self._request_key is None:
            raise StoreUnavailableError("PostgreSQL has not been reached since this process began")
        return key_versions.digest(self._request_key, text)

    def encrypt(self, msisdn: Msisdn) -> bytes:
        """The number, sealed and bound to its digest under the version in force."""
        return self.seal(msisdn.encode(), self.digests(msisdn)[0])

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
        """Nonce, then AES-256-GCM over the content, under the version in force; it opens only beside what it is bound
        to."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._ciphers[self.current].encrypt(nonce, content, bound_to)

    def unseal(self, sealed: bytes, version: int, bound_to: bytes) -> bytes:
        """What was sealed with that version of the key. Raises `cryptography.exceptions.InvalidTag`."""
        return self._ciphers[version].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)

    def put_in_force(self, version: int) -> None:
        """Write under this version from now on."""
        self.current = version
        keys = key_versions.in_order(self._digest_keys, version)

        # A dialling subscriber is looked up with every hop; the same few thousand numbers dial again and again.
        @lru_cache(maxsize=REMEMBERED_MAX)
        def digests(msisdn: str) -> tuple[bytes, ...]:
            return tuple(key_versions.digest(key, msisdn) for key in keys)

        self.digests = digests


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, hashlib.sha256)
