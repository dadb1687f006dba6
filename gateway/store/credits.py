"""What staff give and take by hand, inside a request's transaction: movements, a day's limits, second pairs of eyes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import orjson

from gateway.ids import MemberId
from gateway.loyalty.writes import Adjust, ChooseLanguage, Refund, Reverse
from gateway.store.idempotent import Transaction
from gateway.store.items import Items
from gateway.store.ledger import Ledger
from gateway.store.statements import (
    APPROVAL_ASKED,
    APPROVAL_DECIDED,
    APPROVAL_TAKEN,
    APPROVAL_USED,
    APPROVALS_LIST,
    GIVEN_IN_DAY,
    MOVED_BY_STAFF,
    MOVEMENT_SEEN,
)

FIRST = 2**63 - 1
"""The place before the newest."""


class ApprovalKind(StrEnum):
    """What waits for a second pair of eyes."""

    CREDIT = "credit"
    CODES = "codes"


class ApprovalState(StrEnum):
    """`APPROVED`: gift codes that may now be issued, once. `DONE`: booked, or issued."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Approval:
    """What was asked for. `asked` is what the caller of `ask` gave."""

    kind: ApprovalKind
    state: ApprovalState
    member_id: MemberId | None
    asked: Mapping[str, Any]
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """The same as it is listed, with its number masked."""

    approval_id: int
    kind: str
    state: str
    msisdn: str | None
    asked: Mapping[str, Any]
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    comment: str


@dataclass(frozen=True, slots=True)
class Day:
    """What a key gives away in a day of the programme, of one unit, by credits or by codes."""

    key_name: str
    kind: ApprovalKind
    unit: str
    day: date


async def move(
    transaction: Transaction,
    items: Items,
    write: Adjust | Refund | Reverse | ChooseLanguage,
    actor: str,
    facts: Mapping[str, Any],
    at: datetime,
    pack_version_id: int,
) -> Mapping[str, Any]:
    """Book a movement, or a member's choice, with its line of the audit log; the primitive's outcome, refusals too."""
    item = orjson.dumps(items.of(write, at, pack_version_id)).decode()
    [row] = await transaction.fetch(MOVED_BY_STAFF, item, actor, json.dumps(facts))
    outcome: Mapping[str, Any] = orjson.loads(row["outcome"])
    return outcome


async def unit_of(transaction: Transaction, member_id: MemberId, transfer_id: int) -> str | None:
    """The unit of a member's movement; None when there is no such movement."""
    rows = await transaction.fetch(MOVEMENT_SEEN, member_id, transfer_id)
    return rows[0]["unit"] if rows else None


async def count(transaction: Transaction, day: Day, amount: int, most: int) -> bool:
    """Count against a day's limit; False, and nothing counted, where it would be more than that."""
    [row] = await transaction.fetch(GIVEN_IN_DAY, day.key_name, day.kind, day.unit, day.day, amount, most)
    return bool(row["counted"])


async def ask(
    transaction: Transaction,
    kind: ApprovalKind,
    member_id: MemberId | None,
    asked: Mapping[str, Any],
    key_name: str,
    at: datetime,
) -> int:
    """Let it wait for somebody else's word, under a number."""
    [row] = await transaction.fetch(APPROVAL_ASKED, kind, member_id, json.dumps(asked), key_name, at)
    return int(row["approval_id"])


async def take(transaction: Transaction, approval_id: int) -> Approval | None:
    """What was asked for under that number, for nobody else to decide until this transaction ends."""
    for row in await transaction.fetch(APPROVAL_TAKEN, approval_id):
        return Approval(
            ApprovalKind(row["kind"]),
            ApprovalState(row["state"]),
            row["member_id"],
            orjson.loads(row["asked"]),
            row["asked_by"],
            row["asked_at"],
        )
    return None


async def decide(
    transaction: Transaction, approval_id: int, state: ApprovalState, key_name: str, comment: str, at: datetime
) -> None:
    """Say yes or no to what this transaction took."""
    await transaction.fetch(APPROVAL_DECIDED, approval_id, state, key_name, comment, at)


async def use(transaction: Transaction, approval_id: int) -> None:
    """What this transaction took, approved, is done with it."""
    await transaction.fetch(APPROVAL_USED, approval_id)


async def listed(ledger: Ledger, states: Sequence[ApprovalState], before: int, count: int) -> list[ApprovalView]:
    """In these states, newest first, after a place. Raises what the ledger raises."""
    views = []
    for row in await ledger.looks((APPROVALS_LIST, (list(states), before, count))):
        facts = dict(row)
        sealed = [facts.pop(name) for name in ("number_cipher", "key_version", "number_digest")]
        asked = {name: value for name, value in orjson.loads(facts.pop("asked")).items() if name != "digest"}
        msisdn = None if sealed[0] is None else ledger.keys.shown(*sealed)
        views.append(ApprovalView(**facts, asked=asked, msisdn=msisdn))
    return views
