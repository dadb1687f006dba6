"""Exchange points for a reward, as it was quoted. Nothing else spends without a confirmation.

The order's key is the quote's: whoever confirms it again, by whatever mouth and however late, finds the first answer.
"""

from datetime import timedelta

from gateway.actions.balance import LONGEST_AMOUNT, LONGEST_DATE
from gateway.actions.quote import limit_since
from gateway.actions.rewards import longest_reward
from gateway.actions.verb import Call, Intent
from gateway.ids import Amount, IdempotencyKey, Unit
from gateway.loyalty.ports import Member, OpenQuote, Result, Status
from gateway.loyalty.programme import Fulfilment, Programme, Reward
from gateway.loyalty.writes import PlaceOrder, Told
from gateway.outcome import ActionSpec, Fact, Outcome

LATEST = "latest"
"""In place of a quote's key: the latest one that this number told the member."""
LONGEST_ORDER = 9_999_999_999
LONGEST_VOUCHER = "W" * 20

DELIVERED = "delivered"
ORDERED = "ordered"
READY = "ready"
ANSWERS = {
    Result.DELIVERED: DELIVERED,
    Result.ORDERED: ORDERED,
    Result.READY: READY,
    Result.INSUFFICIENT: "not_enough",
    Result.SOLD_OUT: "sold_out",
    Result.LIMIT: "limit",
    Result.CLOSED: "closed",
    Result.BLOCKED: "blocked",
    Result.NO_QUOTE: "no_quote",
}


def declare(programme: Programme) -> ActionSpec:
    """`delivered` (a voucher is under way by SMS), `ordered` (it is being delivered), `ready` (to be collected), each
    with `reward`, `order`, `balance`; or why not. The argument `quote` is a quote's key, or `latest`."""
    if not programme.rewards:
        return ActionSpec("exchange", {"blocked": {}}, arguments={"quote": ()}, moves_points=True)
    asked: dict[str, Fact] = {"reward": longest_reward(programme)}
    done = asked | {"order": LONGEST_ORDER, "balance": LONGEST_AMOUNT}
    outcomes: dict[str, dict[str, Fact]] = dict.fromkeys((DELIVERED, ORDERED, READY), done)
    refused: dict[str, dict[str, Fact]] = dict.fromkeys(("not_enough", "sold_out", "limit", "closed"), asked)
    return ActionSpec(
        "exchange",
        outcomes | refused | {"no_quote": {}, "blocked": {}},
        arguments={"quote": ()},
        moves_points=True,
        told={
            "order.voucher": done | {"voucher": LONGEST_VOUCHER},
            "order.ready": done | {"handover": "9" * 10, "until": LONGEST_DATE},
            "order.delivered": done,
            "order.refused": done,
            "order.expired": done,
        },
    )


async def run(call: Call) -> Outcome | Intent:
    """Confirm a quote: what was said it costs is what it costs."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    wanted = call.arguments["quote"]
    key = None if wanted == LATEST else IdempotencyKey(wanted)
    quote = await call.loyalty.ledger.open_quote(member.member_id, key, call.short_number, call.at)
    if quote is None:
        return Outcome("no_quote", language=member.language)
    reward = call.loyalty.programme.reward(quote.reward)
    if reward is None:
        return Outcome("closed", {"reward": quote.reward}, member.language)
    facts: dict[str, Fact] = {"reward": reward.reward}
    answers = {
        result: Outcome(name, {} if name in {"no_quote", "blocked"} else facts, member.language)
        for result, name in ANSWERS.items()
    }
    return Intent(_order(call, member, reward, quote), answers, frozenset({Result.DELIVERED, Result.READY}))


def _order(call: Call, member: Member, reward: Reward, quote: OpenQuote) -> PlaceOrder:
    limit = reward.per_member
    return PlaceOrder(
        member_id=member.member_id,
        reward=reward.reward,
        fulfilment=reward.fulfilment.value,
        unit=Unit(quote.unit),
        price=Amount(quote.price),
        quote_key=quote.key,
        channel=call.channel,
        key=IdempotencyKey(f"order:{quote.key}"),
        counted=reward.counted,
        limit_count=None if limit is None else limit.count,
        limit_since=limit_since(reward, call.at),
        due_at=None if reward.due_days is None else call.at + timedelta(days=reward.due_days),
        terms=reward.terms,
        told=told(call, member, reward),
    )


def told(call: Call, member: Member, reward: Reward) -> dict[str, Told]:
    """What goes by SMS with an order of this reward, by result: the voucher, or the code that opens it."""
    facts: dict[str, Fact] = {"reward": reward.reward}
    if reward.fulfilment is Fulfilment.VOUCHER:
        return {DELIVERED: Told("voucher", "order", "voucher", facts, member.language)}
    if reward.fulfilment is Fulfilment.PICK_UP and reward.due_days is not None:
        last = (call.at + timedelta(days=reward.due_days)).astimezone(call.loyalty.programme.zone)
        until = {"until": last.date().isoformat()}
        return {READY: Told("voucher", "order", "ready", facts | until, member.language, ("handover",))}
    return {}
