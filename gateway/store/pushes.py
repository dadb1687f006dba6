"""Screens that are shown unasked, as the store keeps them: a queue that every process with a link takes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.exceptions import InvalidTag

from gateway.ids import MemberId
from gateway.menu.push import PushKind
from gateway.msisdn import Msisdn
from gateway.store.idempotent import Transaction
from gateway.store.ledger import Ledger
from gateway.store.statements import (
    PUSH_ANSWERED,
    PUSH_CONFIRMED,
    PUSH_MADE,
    PUSH_SEEN,
    PUSH_SETTLED,
    PUSHES_CLAIMED,
    PUSHES_TIDIED,
)

REASON_LENGTH_MAX = 200


class PushState(StrEnum):
    """Where a push stands. `SHOWN`: the gateway took it; `ANSWERED`: the subscriber did something about it;
    `IN_DOUBT`: nobody knows, and it is not shown again."""

    QUEUED = "queued"
    SENDING = "sending"
    SHOWN = "shown"
    ANSWERED = "answered"
    REFUSED = "refused"
    EXPIRED = "expired"
    IN_DOUBT = "in_doubt"
    NO_CONSENT = "no_consent"


@dataclass(frozen=True, slots=True)
class PushAsked:
    """What somebody wants shown. `smsc` is None where any may show it."""

    push: str
    kind: PushKind
    smsc: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PushTaken:
    """One that is ours to show, now."""

    push_id: int
    msisdn: Msisdn
    push: str
    language: str
    owner: str
    smsc: str | None = None
    """Whose links are to show it; None: any."""


@dataclass(frozen=True, slots=True)
class PushSettled:
    """What became of it. With `rest_until` (machine time) a queued one rests."""

    state: PushState
    reason: str = ""
    session: str | None = None
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PushView:
    """A push as staff sees it; the number is masked."""

    msisdn: str
    push: str
    kind: str
    smsc: str | None
    state: str
    reason: str
    at: datetime
    expires_at: datetime
    settled_at: datetime | None


class Pushes:
    """The queue. No statement of it is worth a batch: whoever has many to reach sends SMS."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def claim(
        self, smscs: Sequence[str], count: int, owner: str, lease_until: datetime, at: datetime
    ) -> Sequence[PushTaken]:
        """Take what may be shown over links of these names, at most `count`."""
        arguments = (list(smscs), count, owner, lease_until, datetime.now(UTC), at)
        taken = []
        for row in await self._ledger.looks((PUSHES_CLAIMED, arguments)):
            try:
                msisdn = self._ledger.keys.decrypt(row["number_cipher"], row["key_version"], row["number_digest"])
            except (InvalidTag, KeyError) as error:  # a number that no key of ours opens
                unread = PushSettled(PushState.REFUSED, f"cannot be read: {type(error).__name__}")
                await self._settle(row["push_id"], owner, unread, row["smsc"], at)
                continue
            taken.append(PushTaken(row["push_id"], msisdn, row["push"], row["language"], owner, row["smsc"]))
        return taken

    async def settle(self, push: PushTaken, settled: PushSettled, smsc: str, at: datetime) -> None:
        """Write down what became of it."""
        await self._settle(push.push_id, push.owner, settled, smsc, at)

    async def answered(self, push_id: int, at: datetime) -> None:
        """The subscriber went on from its screen."""
        await self._ledger.one(PUSH_ANSWERED, push_id, at)

    async def confirmed(self, msisdn: Msisdn, smsc: str, session: str, at: datetime) -> None:
        """A phone confirmed a notice."""
        await self._ledger.one(PUSH_CONFIRMED, list(self._ledger.keys.digests(msisdn)), smsc, session, at)

    async def tidy(self, at: datetime) -> None:
        """End what is too old, and what was left alone."""
        await self._ledger.one(PUSHES_TIDIED, datetime.now(UTC), at)

    async def _settle(self, push_id: int, owner: str, settled: PushSettled, smsc: str | None, at: datetime) -> None:
        reason, session = settled.reason[:REASON_LENGTH_MAX], settled.session
        arguments = (push_id, owner, settled.state, reason, smsc, session, settled.rest_until, at)
        await self._ledger.one(PUSH_SETTLED, *arguments)


async def made(transaction: Transaction, member_id: MemberId, asked: PushAsked, at: datetime) -> int:
    """A new push, in the transaction of whoever asks; its number."""
    [row] = await transaction.fetch(PUSH_MADE, member_id, asked.push, asked.kind, asked.smsc, at, asked.expires_at)
    return int(row["push_id"])


async def seen(ledger: Ledger, push_id: int) -> PushView | None:
    """How one stands."""
    for row in await ledger.looks((PUSH_SEEN, (push_id,))):
        fields = {name: row[name] for name in PushView.__dataclass_fields__ if name != "msisdn"}
        return PushView(ledger.keys.shown(row["number_cipher"], row["key_version"], row["number_digest"]), **fields)
    return None
