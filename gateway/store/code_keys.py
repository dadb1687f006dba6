"""Gift codes at rest: only keyed digests, and never the codes.

A plain hash of a million values is reversible at once, so a digest is an HMAC. A bound code's is one of its member too:
the same six digits of two members have nothing in common. Codes cannot be digested again after a change of keys, since
nobody knows them: a version stays as long as a code of its time is alive.
"""

import hmac
from collections.abc import Mapping
from typing import Self

from gateway.ids import MemberId
from gateway.loyalty.codes import check_digit
from gateway.store import key_versions

HANDOVER_DIGITS = 9  # and their check digit; read out at a pick-up point
HANDOVER_CANDIDATES = 4
"""Codes drawn for one order. Where a million orders wait at pick-up points, one in a thousand needs the second, and one
in a million millions finds all four taken."""


class CodeKeys:
    """The keys by version. Until the database says which is in force, the highest is."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = dict(keys)
        self.settle(max(keys))

    @classmethod
    def parse(cls, text: str) -> Self:
        """See `key_versions.parse`."""
        return cls(key_versions.parse(text, "GATEWAY_CODE_KEY"))

    @property
    def versions(self) -> list[int]:
        """Those that are held, ascending."""
        return sorted(self._keys)

    def settle(self, in_force: int) -> None:
        """What the database says: the version to write under."""
        self.current = in_force
        self._ordered = key_versions.in_order(self._keys, in_force)

    def bound_digests(self, member_id: MemberId, gift_code: str) -> tuple[bytes, ...]:
        """By which a code is found that works for this member only; one a version, that in force first."""
        return self._digests(f"bound:{member_id}:{gift_code}")

    def bearer_digests(self, gift_code: str) -> tuple[bytes, ...]:
        """By which a code is found that works for whoever brings it; one a version, that in force first."""
        return self._digests(f"bearer:{gift_code}")

    def handovers(self, member_id: MemberId, key: str) -> tuple[str, ...]:
        """What a member may show at a pick-up point, nine digits and their check digit each: the first that opens no
        other order is the order's. The same for the same member and key of an order."""
        return tuple(self._handover(f"{nth}:{member_id}:{key}") for nth in range(HANDOVER_CANDIDATES))

    def handover_digests(self, handover: str) -> tuple[bytes, ...]:
        """By which an order is found that this opens; one a version, that in force first."""
        return self._digests(f"handover:{handover}")

    def checks(self) -> Mapping[int, bytes]:
        """What a database keeps of each version, to know it again."""
        return key_versions.checks(self._keys)

    def _handover(self, seed: str) -> str:
        drawn = int.from_bytes(hmac.digest(self._keys[self.current], f"handover of:{seed}".encode(), "sha256"))
        first = 10 ** (HANDOVER_DIGITS - 1)
        body = str(first + drawn % (9 * first))
        return body + check_digit(body)

    def _digests(self, text: str) -> tuple[bytes, ...]:
        """The texts of two purposes begin differently, so no digest of one is a digest of the other."""
        return tuple(key_versions.digest(key, text) for key in self._ordered)
