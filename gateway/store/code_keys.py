"""Gift codes at rest: only keyed digests, and never the codes.

A plain hash of a million values is reversible at once, so a digest is an HMAC. A bound code's is one of its member too:
the same six digits of two members have nothing in common. Codes cannot be digested again after a change of keys, since
nobody knows them: a version stays as long as a code of its time is alive.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.errors import ConfigurationError
from gateway.ids import MemberId
from gateway.loyalty.codes import check_digit

KEY_BYTES = 32
DIGEST_BYTES = 16
VERSION_MAX = 32_767  # gift_code.key_version is a smallint
HANDOVER_DIGITS = 9  # and their check digit; read out at a pick-up point
HANDOVER_CANDIDATES = 4
"""Codes drawn for one order. Where a million orders wait at pick-up points, one in a thousand needs the second, and one
in a million millions finds all four taken."""


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """The keys by version, newest first; the highest is in use."""

    keys: Mapping[int, bytes] = field(repr=False)
    current: int

    @classmethod
    def parse(cls, text: str) -> "CodeKeys":
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
                f"GATEWAY_CODE_KEY takes version:key, comma-separated, each version once, from 1 to {VERSION_MAX}, "
                "each key 64 hexadecimal digits: `openssl rand -hex 32` makes one"
            ) from None
        return cls({version: keys[version] for version in sorted(keys, reverse=True)}, max(keys))

    def bound_digests(self, member_id: MemberId, gift_code: str) -> tuple[bytes, ...]:
        """By which a code is found that works for this member only; one a version, newest first."""
        return self._digests(f"bound:{member_id}:{gift_code}")

    def bearer_digests(self, gift_code: str) -> tuple[bytes, ...]:
        """By which a code is found that works for whoever brings it; one a version, newest first."""
        return self._digests(f"bearer:{gift_code}")

    def handovers(self, member_id: MemberId, key: str) -> tuple[str, ...]:
        """What a member may show at a pick-up point, nine digits and their check digit each: the first that opens no
        other order is the order's. The same for the same member and key of an order."""
        return tuple(self._handover(f"{nth}:{member_id}:{key}") for nth in range(HANDOVER_CANDIDATES))

    def handover_digests(self, handover: str) -> tuple[bytes, ...]:
        """By which an order is found that this opens; one a version, newest first."""
        return self._digests(f"handover:{handover}")

    def checks(self) -> Mapping[int, bytes]:
        """What a database keeps of each version, to know it again."""
        return dict(zip(self.keys, self._digests("the key of this database"), strict=True))

    def _handover(self, seed: str) -> str:
        drawn = int.from_bytes(hmac.digest(self.keys[self.current], f"handover of:{seed}".encode(), "sha256"))
        first = 10 ** (HANDOVER_DIGITS - 1)
        body = str(first + drawn % (9 * first))
        return body + check_digit(body)

    def _digests(self, text: str) -> tuple[bytes, ...]:
        """The texts of two purposes begin differently, so no digest of one is a digest of the other."""
        message = text.encode()
        return tuple(hmac.digest(key, message, "sha256")[:DIGEST_BYTES] for key in self.keys.values())
