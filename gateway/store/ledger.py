"""The ledger's typed port over its SQL primitives, with the batches behind it.

Reads are set-based: many members in one statement. Writes that touch one member's rows leave together through
`write_batch`; the items of a busy member go by themselves over one slow track, so that nobody else waits for them.
"""

import asyncio
import json
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from gateway.batching import Coalescer, Limits
from gateway.errors import ConfigurationError, GatewayError, KeyReusedError, StoreUnavailableError
from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty.ports import (
    Decision,
    Earned,
    Enrolment,
    Event,
    Member,
    Movement,
    OpenQuote,
    OrderSeen,
    OrderState,
    Result,
    RewardSeen,
    Written,
)
from gateway.loyalty.rules import Earning
from gateway.loyalty.writes import Write
from gateway.msisdn import Msisdn
from gateway.store.items import Item, Items, Sender, earning_key, posting
from gateway.store.lines import Outcome, look_line, members_line, single_line, statements_line, writes_line
from gateway.store.schema import Agreed, Keys
from gateway.store.statements import (
    ENROL,
    ORDERS_LIST,
    PACK_VERSION,
    QUOTES_MEANT,
    REWARDS_SEEN,
)
from gateway.store.tracks import KeyRotatedError, Target, Track, TrackEvent

AGREE_EVERY_S = 5.0
"""How long a gateway writes under a version that is no longer in force: who rotates waits for twice that."""

WRITES_PER_BATCH_MAX = 60
"""A backend keeps 64 subtransactions in shared memory; past that every snapshot of the server pays."""

TRY_AGAIN = ("40", "53", "55P03", "55000")
"""SQLSTATEs, by their beginning, of an item that may succeed when sent again: deadlock, no resources, lock timeout, a
key that was rotated."""

CONTENDED = ("40P01", "40001")
"""SQLSTATEs of an item that lost against another batch (a deadlock over one event id, say): it goes alone, like a busy
one, and finds what the winner left."""

IDS = ("transfer_id", "hold_id", "order_id")
"""What an outcome may name."""


class WriteFailedError(GatewayError):
    """PostgreSQL refused one item for a reason that is a bug of ours; `sqlstate` and message say which."""

    code = "write_failed"


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """How many connections each kind of work has; `slow` ones wait for locked members, and nothing else does."""

    read: int
    write: int
    slow: int
    single: int


@dataclass(frozen=True, slots=True)
class PackVersion:
    """What this process decides by; every posting refers to it."""

    digest: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """What this process is, and must find in its database: the keys of what lies there, and whether it is a demo's.

    `grace_s` and `sender` are the programme's: see `store.items`.
    """

    keys: Keys
    pack: PackVersion
    demo: bool
    grace_s: int
    sender: Sender | None = None
    time_zone: str = "UTC"
    """The programme's, in which its days begin."""


class Ledger:
    """Implements `loyalty.ports.LedgerPort` over PostgreSQL."""

    def __init__(self, target: Target, identity: Identity, counts: TrackCounts, notice: TrackEvent) -> None:
        self.keys = identity.keys.numbers
        self.store_keys = identity.keys
        self.time_zone = identity.time_zone
        self.items = Items(identity.keys.numbers, identity.keys.codes, identity.grace_s, identity.sender)
        self._identity = identity
        self._pack = identity.pack
        self._pack_version_id: int | None = None
        self._opening: asyncio.Task[int] | None = None
        self._tracks: list[Track] = []

        def tracks(count: int) -> list[Track]:
            """So many tracks of their own: a line never shares its connection."""
            made = [Track(target, notice) for _ in range(count)]
            self._tracks += made
            return made

        self.members = Coalescer("members", [members_line(track) for track in tracks(counts.read)], Limits())
        self.statements = Coalescer("statements", [statements_line(track) for track in tracks(1)], Limits())
        writes = [writes_line(track, wait=False) for track in tracks(counts.write)]
        self.writes = Coalescer("writes", writes, Limits(WRITES_PER_BATCH_MAX), _member_of)
        waits = [writes_line(track, wait=True) for track in tracks(counts.slow)]
        self.slow = Coalescer("slow", waits, Limits(WRITES_PER_BATCH_MAX, one_owner=True), _member_of)
        meets = [writes_line(track, wait=False) for track in tracks(counts.write)]
        self.shared = Coalescer("shared", meets, Limits(WRITES_PER_BATCH_MAX, one_owner=True), _shared_of)
        lonely = [writes_line(track, wait=True) for track in tracks(counts.slow)]
        self.alone = Coalescer("alone", lonely, Limits(batch_max=1), _member_of)
        self.looks = Coalescer("looks", [look_line(track) for track in tracks(counts.single)], Limits(batch_max=1))
        self.singles = Coalescer(
            "singles", [single_line(track) for track in tracks(counts.single)], Limits(batch_max=1)
        )

    @property
    def batches(self) -> tuple[Coalescer[Any, Any], ...]:
        """Where calls wait for each other."""
        return self.members, self.statements, self.writes, self.slow, self.shared, self.alone, self.looks, self.singles

    async def close(self) -> None:
        """Let what flies land, then close every connection."""
        for batch in self.batches:
            await batch.drain()
        for track in self._tracks:
            await track.close()

    async def agree(self) -> Agreed:
        """Make sure that the database is ours to serve, and learn which keys are in force; see `Keys.agree`.

        A process that may serve it no more, since a version came that it does not hold, serves nobody from then on.
        """

        async def fetch(statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
            return await self.looks((statement, arguments))

        try:
            return await self._identity.keys.agree(fetch, demo=self._identity.demo)
        except ConfigurationError:
            self._pack_version_id = None
            raise

    async def keep_agreeing(self) -> None:
        """Until cancelled: hear of keys that are rotated, and of a store that was away when we started."""
        while True:
            with suppress(GatewayError):
                await self.agree()
            await asyncio.sleep(AGREE_EVERY_S)

    async def open(self, at: datetime) -> int:
        """Agree with the database, and keep this process's pack there, before anything else is asked of it, once.

        The id of the pack. A store that was away when we started is opened by whoever comes first.
        """
        if self._pack_version_id is not None:
            return self._pack_version_id
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open(at))
        return await asyncio.shield(self._opening)

    async def adopt(self, pack: PackVersion, at: datetime) -> None:
        """Keep another version of the pack in the database, then let every posting refer to it. Raises what the store
        raises: then nothing has changed here."""
        await self.open(at)
        self._pack, self._pack_version_id = pack, await self._kept(pack, at)

    async def _open(self, at: datetime) -> int:
        """One opening for all who come meanwhile: a thousand of their own would wait for each other."""
        await self.agree()
        self._pack_version_id = await self._kept(self._pack, at)
        return self._pack_version_id

    async def _kept(self, pack: PackVersion, at: datetime) -> int:
        """The id under which the database keeps these files."""
        row = await self.one(PACK_VERSION, pack.digest, json.dumps(dict(pack.files)), at)
        return int(row["pack_version_id"])

    async def member(self, msisdn: Msisdn, at: datetime) -> Member | None:
        """See `LedgerPort.member`."""
        await self.open(at)
        return await self.members((self.keys.digests(msisdn), at))

    async def enrol(self, enrolment: Enrolment, at: datetime) -> MemberId:
        """See `LedgerPort.enrol`."""
        try:
            return await self._enrol(enrolment, at)
        except KeyRotatedError:
            await self.agree()
            return await self._enrol(enrolment, at)

    async def _enrol(self, enrolment: Enrolment, at: datetime) -> MemberId:
        row = await self.one(
            ENROL,
            self.keys.digests(enrolment.msisdn),
            self.keys.encrypt(enrolment.msisdn),
            self.keys.current,
            enrolment.language,
            list(enrolment.units),
            enrolment.terms_version,
            at,
        )
        return MemberId(row["member_id"])

    async def statement(self, member_id: MemberId, count: int) -> Sequence[Movement]:
        """See `LedgerPort.statement`."""
        return await self.statements((member_id, count))

    async def rewards(self, member_id: MemberId, asks: Sequence[tuple[str, datetime | None]]) -> Sequence[RewardSeen]:
        """See `LedgerPort.rewards`."""
        rows = await self.looks(
            (REWARDS_SEEN, (member_id, [reward for reward, _ in asks], [since for _, since in asks]))
        )
        return [RewardSeen(row["remaining"], row["vouchers"], row["thrown"], row["had"]) for row in rows]

    async def open_quote(
        self, member_id: MemberId, key: IdempotencyKey | None, short_number: str, at: datetime
    ) -> OpenQuote | None:
        """See `LedgerPort.open_quote`."""
        rows = await self.looks((QUOTES_MEANT, ([member_id], [key], [short_number], [at])))
        return OpenQuote(rows[0]["key"], rows[0]["reward"], rows[0]["unit"], rows[0]["price"]) if rows else None

    async def orders(self, member_id: MemberId, count: int) -> Sequence[OrderSeen]:
        """See `LedgerPort.orders`."""
        rows = await self.looks((ORDERS_LIST, (member_id, None, None, count)))
        return [OrderSeen(row["order_id"], row["reward"], OrderState(row["state"]), row["at"]) for row in rows]

    async def post(
        self, member_id: MemberId, earning: Earning, key: IdempotencyKey, channel: str, at: datetime
    ) -> Written:
        """See `LedgerPort.post`."""
        return written(await self.carry_out(posting(member_id, earning, key, channel, at, await self.open(at))))

    async def record_event(self, event: Event, decision: Decision, at: datetime) -> Written:
        """See `LedgerPort.record_event`."""
        prefix = f"event:{event.source}:{event.event_id}"
        pack = await self.open(at)
        body = [event.kind, event.msisdn, event.amount, event.occurred_at and event.occurred_at.isoformat()]
        body += [] if event.partner is None else [event.partner]  # other events are known by what they were known by
        outcome = await self.carry_out(
            {
                "primitive": "record_event",
                "member_id": decision.member_id,
                "source": event.source,
                "event_id": event.event_id,
                "request_digest": self._secret_digest(body),
                "type": event.kind,
                "amount": event.amount,
                "partner": event.partner,
                "occurred_at": (event.occurred_at or at).isoformat(),
                "at": at.isoformat(),
                "status_seen": decision.status_seen,
                "status_becomes": decision.status_becomes,
                "postings": [
                    posting(decision.member_id, earning, earning_key(prefix, earning), "event", at, pack)
                    for earning in decision.earnings
                ],
            }
        )
        return written(outcome)

    async def write(self, write: Write, at: datetime) -> Written:
        """See `LedgerPort.write`."""
        return written(await self.carry_out(self.items.of(write, at, await self.open(at))))

    async def carry_out(self, item: Item) -> Outcome:
        """One item of `write_batch`, with whatever leaves with it. Raises `WriteFailedError` for one that fails.

        What touches a shared row leaves with others of the same row only, and alone when its member is busy: so no
        transaction ever waits for a second shared row.
        """
        shared = "shared" in item
        outcome = await (self.shared if shared else self.writes)(item)
        if outcome["result"] == "busy" or outcome.get("sqlstate") in CONTENDED:
            outcome = await (self.alone if shared else self.slow)(item)
        if outcome["result"] == "alone":
            outcome = await self.alone(item)
        if outcome["result"] == "failed":
            message = f"{outcome['sqlstate']}: {outcome['message']}"
            again = outcome["sqlstate"].startswith(TRY_AGAIN)
            raise StoreUnavailableError(message) if again else WriteFailedError(message)
        return outcome

    async def one(self, statement: str, *arguments: object) -> asyncpg.Record:
        """The only row of a statement that is not worth a batch; it may be sent twice."""
        return await self.singles((statement, arguments))

    def _secret_digest(self, body: list[Any]) -> str:
        """A digest of a body that names a number: keyed, since a plain one could be reversed."""
        return self.keys.digest_of(json.dumps(body)).hex()


def written(outcome: Outcome) -> Written:
    """An outcome in the use cases' words. Raises `KeyReusedError`."""
    result = Result(outcome["result"])
    if result is Result.KEY_REUSED:
        raise KeyReusedError("this id was sent before with another content: what the first one did stands")
    earned = tuple(Earned(Unit(x["unit"]), Amount(x["amount"]), x["reason"]) for x in outcome.get("earned", ()))
    ids = {name: outcome[name] for name in IDS if outcome.get(name) is not None}
    return Written(result, "repeated" in outcome, earned, outcome.get("facts", {}), ids)


def _member_of(item: Item) -> Hashable:
    """Two of one gateway's tracks never contend for one member's lock."""
    member_id: MemberId = item["member_id"]
    return member_id


def _shared_of(item: Item) -> Hashable:
    shared: str = item["shared"]
    return shared
