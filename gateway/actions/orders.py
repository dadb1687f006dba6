"""Where is my gift: the latest orders, and how far each has come."""

from gateway.actions.balance import LONGEST_DATE
from gateway.actions.exchange import LONGEST_ORDER
from gateway.actions.rewards import longest_reward
from gateway.actions.verb import Call
from gateway.loyalty.ports import OrderState, Status
from gateway.loyalty.programme import Programme
from gateway.outcome import ActionSpec, Outcome

ORDERS_MAX = 3

WORDS = {
    OrderState.PLACED: "order_placed",
    OrderState.CALLING: "order_placed",
    OrderState.WAITING: "order_placed",
    OrderState.READY: "order_ready",
    OrderState.PARKED: "order_parked",
    OrderState.DELIVERED: "order_delivered",
    OrderState.REFUSED: "order_refused",
    OrderState.EXPIRED: "order_expired",
}
"""The programme's word (`words`) for each state: a subscriber need not know by whom an order is being delivered."""

Row = dict[str, str | int | bool | None]


def declare(programme: Programme) -> ActionSpec:
    """`orders`: the last three, newest first, each with `order`, `reward`, `state` (a word), `on`; or `empty`."""
    row: Row = {
        "order": LONGEST_ORDER,
        "reward": longest_reward(programme),
        "state": max(WORDS.values(), key=len),
        "on": LONGEST_DATE,
    }
    return ActionSpec("orders", {"orders": {"orders": [row] * ORDERS_MAX}, "empty": {}, "blocked": {}})


async def run(call: Call) -> Outcome:
    """The member's latest orders, by the programme's calendar."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    orders = await call.loyalty.ledger.orders(member.member_id, ORDERS_MAX)
    zone = call.loyalty.programme.zone
    rows: list[Row] = [
        {
            "order": one.order_id,
            "reward": one.reward,
            "state": WORDS[one.state],
            "on": one.at.astimezone(zone).date().isoformat(),
        }
        for one in orders
    ]
    if not rows:
        return Outcome("empty", language=member.language)
    return Outcome("orders", {"orders": rows}, member.language)
