"""How gift codes come to be over the API: what may be asked for, what needs another's word, the issue itself.

Decides what a batch is worth to its key's day: each code's amount, or its reward's price. What makes a batch safe is
`store.codes.refuse_unsafe`'s to say; here it is said in the API's words first.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from gateway.api.context import ApiContext
from gateway.api.credits import WaitingOut
from gateway.api.writing import Act, done, numbers_of, refused
from gateway.errors import BadRequestError
from gateway.loyalty.codes import LONG_DIGITS_MIN, SHORT_DIGITS, granted
from gateway.loyalty.programme import Programme
from gateway.msisdn import Msisdn
from gateway.store import credits as book
from gateway.store.codes import CodeBatch, Issuer
from gateway.store.credits import ApprovalKind, ApprovalState, Day
from gateway.store.gift_batches import Sheet
from gateway.store.idempotent import Answer

BATCH_COUNT_MAX = 10_000
"""Codes of one answer and of one transaction: a second's work. `gateway codes issue` makes a million, into a file."""


class Asked(Protocol):
    """A batch as it was asked for, its form checked."""

    campaign: str
    count: int | None
    msisdns: list[str] | None
    digits: int | None
    valid_days: int
    approval_id: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A batch that may be, as far as the programme goes. `worth` is in `unit`; `approval_id` is of another's word."""

    campaign: str
    grant_text: str
    grants: Mapping[str, Any]
    unit: str
    worth: int
    count: int
    numbers: Sequence[Msisdn]
    digits: int
    valid_days: int
    approval_id: int | None

    def facts(self) -> dict[str, Any]:
        """What another key is asked to look at."""
        return {
            "campaign": self.campaign,
            "grant": self.grant_text,
            "count": self.count,
            "bound": bool(self.numbers),
            "digits": self.digits,
            "valid_days": self.valid_days,
            "worth": self.worth,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued; its codes are on the sheet."""

    batch_id: int
    batch: CodeBatch


def wanted_of(context: ApiContext, asked: Asked, grant_text: str) -> Wanted:
    """What is wanted, if it can be. Raises `BadRequestError` and `BadNumberError` with what to send instead."""
    programme = context.programme
    if programme.codes is None:
        raise BadRequestError("the programme redeems no gift codes")
    grants = granted(grant_text, programme)
    numbers = numbers_of(context, asked.msisdns or (), "msisdns")
    if len(set(numbers)) < len(numbers):
        raise BadRequestError("msisdns: a number comes twice")
    if not numbers and asked.count is None:
        raise BadRequestError("how many? send `count`, or `msisdns` for one code for each")
    if numbers and asked.count not in (None, len(numbers)):
        raise BadRequestError(f"count: there are {len(numbers)} msisdns; leave it out")
    digits = asked.digits or (SHORT_DIGITS if numbers else LONG_DIGITS_MIN)
    if digits < LONG_DIGITS_MIN and (digits != SHORT_DIGITS or not numbers):
        raise BadRequestError(
            f"digits: {SHORT_DIGITS} for codes that are bound to `msisdns`; from {LONG_DIGITS_MIN} on for others"
        )
    count = len(numbers) or asked.count or 0
    unit, each = _worth(grants, programme)
    return Wanted(
        asked.campaign,
        grant_text,
        grants,
        unit,
        each * count,
        count,
        numbers,
        digits,
        asked.valid_days,
        asked.approval_id,
    )


async def issue(context: ApiContext, wanted: Wanted, sheet: Sheet, act: Act) -> Issued | Answer:
    """Issue onto an empty sheet, in the request's transaction; or answer why not, or that it waits."""
    sheet.clear()
    answer = await _allowed(context, wanted, act)
    if answer is not None:
        return answer
    batch = CodeBatch(
        key=act.key,
        campaign=wanted.campaign,
        grants=wanted.grants,
        digits=wanted.digits,
        count=wanted.count,
        numbers=wanted.numbers,
        language=context.programme.languages[0],
        valid_from=act.at,
        valid_until=_ends(context.programme, act.at, wanted.valid_days),
        issued_by=act.actor,
    )
    issuer = Issuer(act.transaction, context.ledger.store_keys, secrets.randbelow)
    sheet.batch_id = await issuer.issue(batch, sheet, act.at)
    return Issued(sheet.batch_id, batch)


async def _allowed(context: ApiContext, wanted: Wanted, act: Act) -> Answer | None:
    """None where the batch may be issued now: within the day of its key, or with another's word, which is used up."""
    facts = wanted.facts() | {"digest": _digest(context, wanted)}
    if wanted.approval_id is not None:
        return await _approved(wanted.approval_id, facts["digest"], act)
    today = act.at.astimezone(context.programme.zone).date()
    day = Day(act.client.name, ApprovalKind.CODES, wanted.unit, today)
    if await book.count(act.transaction, day, wanted.worth, context.limits.codes_day_max):
        return None
    approval_id = await book.ask(act.transaction, ApprovalKind.CODES, None, facts, act.client.name, act.at)
    return done(WaitingOut(approval_id=approval_id), 202)


async def _approved(approval_id: int, digest: str, act: Act) -> Answer | None:
    taken = await book.take(act.transaction, approval_id)
    if taken is None or taken.kind is not ApprovalKind.CODES or taken.asked_by != act.client.name:
        return refused(404, "no_approval", "this key asked for no gift codes under this number")
    if taken.state is not ApprovalState.APPROVED:
        return refused(409, "not_approved", f"it is {taken.state}")
    if taken.asked["digest"] != digest:
        return refused(409, "not_approved", "what was approved is another batch than this one")
    await book.use(act.transaction, approval_id)
    return None


def _digest(context: ApiContext, wanted: Wanted) -> str:
    """All that is asked for, keyed, for it names numbers."""
    numbers = hashlib.sha256("\n".join(wanted.numbers).encode()).hexdigest()
    return context.ledger.keys.digest_of(json.dumps([wanted.facts(), numbers])).hex()


def _worth(grants: Mapping[str, Any], programme: Programme) -> tuple[str, int]:
    """What one code gives away: the unit, and so many of it."""
    if "reward" not in grants:
        return grants["unit"], grants["amount"]
    reward = programme.reward(grants["reward"])
    assert reward is not None, "`granted` found it"
    return reward.unit, reward.price


def _ends(programme: Programme, at: datetime, days: int) -> datetime:
    """The first moment at which codes of so many days do not work: a midnight of the programme, so none is short."""
    last_day = at.astimezone(programme.zone).date() + timedelta(days=days)
    return datetime.combine(last_day + timedelta(days=1), time(), programme.zone)
