"""`gateway orders`: what was ordered and how far it has come, and staff's word on what no machine can decide."""

import dataclasses
import uuid
from typing import Annotated

import typer
from rich.table import Table

from gateway.cli_ground import EXIT_FAULTS, Count, Desk, Json, Reason, at_desk, out, print_json, say
from gateway.errors import BadRequestError
from gateway.fulfilment.fate import DELIVERED, LATER, REFUSED
from gateway.ids import IdempotencyKey
from gateway.loyalty.codes import Form, well_formed
from gateway.loyalty.ports import OrderState, Result
from gateway.loyalty.programme import Fulfilment
from gateway.loyalty.writes import SettleOrder, Told
from gateway.msisdn import canonical
from gateway.settings import Repeats
from gateway.store import orders_view
from gateway.store.orders_view import UNSETTLED, OrderToSettle, OrderView

HANDED_OVER = "handed over"

app = typer.Typer(no_args_is_help=True, help="Orders for rewards.")

OrderId = Annotated[int, typer.Argument(help="A number from `gateway orders list`.", show_default=False)]
NotDelivered = Annotated[
    bool, typer.Option("--not-delivered", help="You have made sure that the billing does not have it.")
]


@app.command("list")
def list_orders(
    state: Annotated[list[OrderState] | None, typer.Option(help="Only these; may be given several times.")] = None,
    msisdn: Annotated[str | None, typer.Option(help="Only this number's, whatever their state.")] = None,
    count: Count = 50,
    as_json: Json = False,
) -> None:
    """List orders: without more, those that are not over."""

    async def read(desk: Desk) -> list[OrderView]:
        number = None if msisdn is None else canonical(msisdn, desk.config.region)
        states = state or (list(UNSETTLED) if number is None else None)
        return await orders_view.listed(desk.ledger, states, number, desk.at, count)

    found = at_desk(read)
    if as_json:
        print_json({"orders": [dataclasses.asdict(one) for one in found]})
        return
    table = Table(
        "order", "for billing", "of", "reward", "price", "by", "state", "tries", "at", "due", "reason", box=None
    )
    for one in found:
        table.add_row(
            str(one.order_id), one.reference, one.msisdn, one.reward, f"{one.price} {one.unit}", one.fulfilment,
            f"{one.state}, doubtful" if one.doubtful else one.state, str(one.tries),
            one.at.isoformat(timespec="minutes"), one.due_at.isoformat(timespec="minutes") if one.due_at else "",
            one.reason,
        )  # fmt: skip
    out.print(table)
    say(f"{len(found)} orders")


@app.command()
def deliver(order_id: OrderId, reason: Reason) -> None:
    """Say that an order was delivered: its points are spent. Exit 1 when it is over already, or being delivered."""
    _report(order_id, at_desk(lambda desk: _settle(desk, order_id, DELIVERED, reason)))


@app.command()
def refuse(order_id: OrderId, reason: Reason) -> None:
    """Say that an order will not be delivered: its points go back. Exit 1 when it is over already."""
    _report(order_id, at_desk(lambda desk: _settle(desk, order_id, REFUSED, reason)))


@app.command()
def retry(order_id: OrderId, reason: Reason, not_delivered: NotDelivered = False) -> None:
    """Let the billing deliver a parked order once more. Exit 1 when it is not parked."""

    async def write(desk: Desk) -> str:
        if not not_delivered and desk.config.billing_repeats is Repeats.NEVER:
            raise BadRequestError(
                "this billing takes no order twice (GATEWAY_BILLING_REPEATS): find out there whether it has this one; "
                "then `deliver`, `refuse`, or `retry --not-delivered`"
            )
        return await _settle(desk, order_id, LATER, reason, doubtful=not not_delivered)

    _report(order_id, at_desk(write))


@app.command("hand-over")
def hand_over(code: Annotated[str, typer.Argument(help="What the member shows, ten digits.")]) -> None:
    """Hand over what a member collects: the code opens the order, once. Exit 1 when it opens none."""
    typed = "".join(filter(str.isdigit, code))

    async def write(desk: Desk) -> tuple[int, str] | None:
        order_id = await orders_view.of_handover(desk.ledger, typed, desk.actor, desk.at)
        return None if order_id is None else (order_id, await _settle(desk, order_id, DELIVERED, HANDED_OVER))

    done = at_desk(write)
    if done is None:
        slip = "" if well_formed(typed) is Form.LONG else ", as its check digit says too: one of its digits is wrong"
        say(f"this code opens no order{slip}")
        raise typer.Exit(EXIT_FAULTS)
    _report(*done)


async def _settle(desk: Desk, order_id: int, becomes: str, reason: str, *, doubtful: bool = False) -> str:
    """What came of it: `becomes`, or where the order stands that is left alone."""
    order = await orders_view.seen(desk.ledger, order_id)
    if becomes == LATER and order.fulfilment != Fulfilment.BILLING:
        raise BadRequestError(f"order {order_id} is delivered by hand: say `deliver` or `refuse`")
    written = await orders_view.settle(
        desk.ledger, _settlement(order, becomes, reason, doubtful=doubtful), desk.actor, desk.at
    )
    if written.result is not Result.SETTLED:
        return becomes
    now = await orders_view.seen(desk.ledger, order_id)
    over = f" since {now.settled_at.isoformat(timespec='minutes')}" if now.settled_at else ""
    return f"left alone: it is {now.state}{over}"


def _settlement(order: OrderToSettle, becomes: str, reason: str, *, doubtful: bool) -> SettleOrder:
    """Staff's word. The member is told how it ended."""
    told = None
    if becomes in {DELIVERED, REFUSED}:
        told = Told("result", "order", becomes, {"reward": order.reward}, order.language)
    key = IdempotencyKey(f"order:{order.order_id}:{uuid.uuid4().hex}:{becomes}")
    return SettleOrder(order.member_id, order.order_id, becomes, reason, "staff", key, doubtful=doubtful, told=told)


def _report(order_id: int, became: str) -> None:
    if became in {DELIVERED, REFUSED, LATER}:
        say(f"order {order_id}: {'to be delivered again' if became == LATER else became}")
        return
    say(f"order {order_id} is {became}")
    raise typer.Exit(EXIT_FAULTS)
