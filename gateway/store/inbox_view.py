"""Texts that a person must look at, as staff sees them: whose, to which number, and what they say.

The only place that shows a subscriber's words; they are on a terminal, and never in a log.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag

from gateway.sms import content
from gateway.store.numbers import NumberKeys
from gateway.store.statements import TEXTS_PARKED
from gateway.store.tracks import Target, Track


@dataclass(frozen=True, slots=True)
class TextView:
    """One text. `text` is None where the octets are none; `octets` are as they came, in hex."""

    inbox_id: int
    msisdn: str
    smsc: str
    short_number: str
    at: datetime
    text: str | None
    octets: str


async def parked(database_url: str, keys: NumberKeys, count: int) -> list[TextView]:
    """The newest parked texts. Raises what a track raises."""
    track = Track(Target(database_url, "gateway inbox"), lambda *_: None)
    try:
        rows = await track.fetch(TEXTS_PARKED, count)
    finally:
        await track.close()
    found = []
    for row in rows:
        try:
            whole = keys.unseal(row["content_cipher"], row["content_key_version"], row["identity"])
        except (InvalidTag, KeyError):
            whole = b"255 gsm7\n"  # nothing that can be shown
        found.append(
            TextView(
                row["inbox_id"],
                keys.shown(row["number_cipher"], row["key_version"], row["number_digest"]),
                row["smsc"],
                row["short_number"],
                row["at"],
                content.joined([whole]),
                whole.partition(b"\n")[2].hex(),
            )
        )
    return found
