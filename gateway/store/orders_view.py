"""Orders as staff sees them, and what staff may say of one. Numbers come out masked; each act is audited.

What staff says of an order goes the way that an adapter's word goes: one primitive captures, releases and tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from gateway.errors import BadRequestError
from gateway.ids import MemberId
from gateway.loyalty.ports import OrderState, Written
from gateway.loyalty.writes import SettleOrder
from gateway.msisdn import Msisdn
from gateway.store.ledger import Ledger, written
from gateway.store.numbers import NumberKeys
from gateway.store.statements import AUDITED, ORDER_OF_HANDOVER, ORDER_SEEN, ORDER_SETTLED_BY, ORDERS_LIST

UNSETTLED = (OrderState.PLACED, OrderState.CALLING, OrderState.WAITING, OrderState.READY, OrderState.PARKED)
"""Not over: somebody or something has to do with them."""


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order. `reference` is by what the operator's billing knows it; `doubtful`: it may have been delivered."""

    order_id: int
    reference: str
    msisdn: str
    reward: str
    fulfilment: str
    state: str
    doubtful: bool
    reason: str
    price: int
    unit: str
    channel: str
    at: datetime
    due_at: datetime | None
    settled_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class OrderToSettle:
    """What must be known of an order to say how it ended."""

    order_id: int
    member_id: MemberId
    reward: str
    fulfilment: str
    state: OrderState
    language: str
    settled_at: datetime | None


async def listed(
    ledger: Ledger, states: Sequence[OrderState] | None, msisdn: Msisdn | None, at: datetime, count: int
) -> list[OrderView]:
    """The newest orders: in these states, of this number, or both. Raises `BadRequestError` for a number of nobody."""
    member_id = None
    if msisdn is not None:
        member = await ledger.members((ledger.keys.digests(msisdn), at))
        if member is None:
            raise BadRequestError("no member has this number")
        member_id = member.member_id
    rows = await ledger.looks((ORDERS_LIST, (member_id, states, None, count)))
    return [
        OrderView(
            row["order_id"],
            row["reference"],
            _shown(ledger.keys, row["number_cipher"], row["key_version"], row["number_digest"]),
            row["reward"],
            row["fulfilment"],
            row["state"],
            row["doubtful"],
            row["reason"],
            row["price"],
            row["unit"],
            row["channel"],
            row["at"],
            row["due_at"],
            row["settled_at"],
            row["tries"],
        )
        for row in rows
    ]


async def seen(ledger: Ledger, order_id: int) -> OrderToSettle:
    """The order of that number. Raises `BadRequestError` when there is none."""
    for row in await ledger.looks((ORDER_SEEN, (order_id,))):
        return OrderToSettle(**dict(row) | {"state": OrderState(row["state"])})
    raise BadRequestError(f"there is no order {order_id}: `gateway orders list` lists them")


async def settle(ledger: Ledger, settlement: SettleOrder, actor: str, at: datetime) -> Written:
    """Say how an order ended, or that it is to be tried again, with its line in the audit log.

    `Result.SETTLED` says that it could not be: it is over, or is being delivered at this moment.
    """
    item = ledger.items.of(settlement, at, await ledger.open(at))
    row = await ledger.one(ORDER_SETTLED_BY, orjson.dumps(item).decode(), actor)
    return written(orjson.loads(row["outcome"]))


async def of_handover(ledger: Ledger, handover: str, actor: str, at: datetime) -> int | None:
    """The order that a hand-over code opens, or the latest that it would have opened; None, and a line in the audit
    log, when there was never one."""
    digests = list(ledger.items.code_keys.handover_digests(handover))
    for row in await ledger.looks((ORDER_OF_HANDOVER, (digests,))):
        order_id: int = row["order_id"]
        return order_id
    await ledger.one(AUDITED, at, actor, "refuse_handover", "handover", "{}")
    return None


def _shown(keys: NumberKeys, cipher: bytes | None, version: int | None, digest: bytes | None) -> str:
    """A number, masked; `?` where it is nobody's any more, or no key of ours opens it."""
    if cipher is None or version is None or digest is None:
        return "?"
    return keys.shown(cipher, version, digest)
