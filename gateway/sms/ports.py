"""What the conversation by SMS needs of the store: words and values, no SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.ids import IdempotencyKey, MemberId
from gateway.loyalty.ports import Result
from gateway.loyalty.writes import Write
from gateway.msisdn import Msisdn
from gateway.outcome import Fact
from gateway.sms.kinds import Kind


@dataclass(frozen=True, slots=True)
class PartOf:
    """Which part of a long text this is: `number`, from 1, of `total`."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Mo:
    """A text as it came. `identity` is what it has in common with its own repetitions, `content` the octets and their
    coding, as `sms.content` packs them; neither is ever logged. `is_named`: no other text ever has this identity."""

    smsc: str
    msisdn: Msisdn
    short_number: str
    identity: bytes
    content: bytes = field(repr=False)
    part: PartOf | None = None
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said: an outcome of a reply, with its facts. The text is made of it when it is sent."""

    reply: str
    outcome: str
    facts: Mapping[str, Fact]
    language: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """A slot of a link's window. `owner` names it, so that a message which was born with it is sent by nobody else
    until `lease_until` (machine time)."""

    owner: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A message that its owner may send now. `parts_taken` are known to have arrived at the SMSC."""

    message_id: int
    msisdn: Msisdn
    short_number: str
    kind: Kind
    reply: Reply
    pack_digest: str
    expires_at: datetime
    owner: str
    tries: int = 1
    doubts: int = 0
    parts_taken: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Taking:
    """A text to take, with its effect and its answers. `replies` has one for each result of `write` that was foreseen,
    `Result.READ` where there is none; None is silence. `limits` are pairs of seconds and how many answers of that reply
    a member gets in them. `content` is kept when a person must look at it."""

    member_id: MemberId
    key: IdempotencyKey
    mo: Mo
    write: Write | None
    replies: Mapping[Result, Reply | None]
    kind: Kind
    reservation: Reservation | None = None
    limits: tuple[tuple[int, int], ...] = ()
    parked: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a text, under which key. `same`: it had been taken before. `message` is to be sent at once by
    whoever reserved; `waits` says that a message waits in the outbox instead."""

    said: str
    key: IdempotencyKey | None = None
    same: bool = False
    message: Message | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A long text whose missing parts never came; `contents` are those that did."""

    member_id: MemberId
    mo: Mo
    contents: tuple[bytes, ...] = field(repr=False)


class Answer(StrEnum):
    """How the SMSC was answered about a text."""

    OK = "ok"
    NOT_NOW = "not_now"


class InboxPort(Protocol):
    """The store of texts. Each may raise `StoreUnavailableError` or `OverloadedError`."""

    async def take(self, taking: Taking, at: datetime) -> Taken | None:
        """Take a text once, with its effect and its answer. None: the facts were stale, decide again."""
        ...

    async def keep_part(
        self, member_id: MemberId, mo: Mo, part: PartOf, key: IdempotencyKey, at: datetime
    ) -> Sequence[bytes] | Taken | None:
        """Keep a part: all contents in their order when none is missing now, else None. `Taken`: the whole text had
        been taken before."""
        ...
